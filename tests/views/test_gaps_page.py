"""The gaps page: how much work is left, in which order, what is claimed, proven, contradicted, and untracked."""

from datetime import timedelta

import pytest

from readiness.core.types import Finding, Question, Trouble
from readiness.core.verdict import evaluate_verdict
from readiness.models import AuditEntry, StoredForecast
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan, load_rollout
from readiness.services.forecasts import refresh_forecast
from readiness.services.gaps import close_gap_task
from readiness.services.items import claim_item
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from tests.factories import (
    NOW,
    PEOPLE,
    PLANS,
    act_as,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_check,
    shell_act,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
DUAL = "/rollouts/dual-memory/gaps/"
QUICK = "/rollouts/quickstart/gaps/"
BASELINE = "commands/check:scenarios/m17_baseline.toml"
LAST, TEAM, STRANGER = PEOPLE["release-manager"], PEOPLE["backend-lead"], "Stan Falk"


@pytest.fixture
def dual(at_the_moment):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    judge(rollout)
    return rollout


def forecast(rollout):
    """Judge and forecast, as the worker does, away from where a day ends for half of the runs."""
    judge(rollout)
    refresh_forecast(rollout.key, NOW + timedelta(hours=2))


# ------------------------------------------------------------------------------------- the forecast


def test_the_effort_of_what_blocks_is_added_up_as_given(dual, read):
    effort = read(DUAL).context["page"].forecast.effort
    assert effort.startswith("8 gaps are open: 14 to 18 days of effort.")
    assert "5 of them block phase 0, 9 to 13 days of effort together." in effort


def test_the_page_says_first_by_when_the_gaps_are_closed(dual, read):
    forecast(dual)
    card = read(DUAL).context["page"].forecast
    assert card.sentence == "Ready by Mon 15 Dec, more likely than not"
    strong = [row for row in card.odds if row.strong]
    said = ", ".join(f"{row.words} by {row.day}" for row in strong)
    assert card.lead == f"{said}: every gap that blocks phase 0 is closed. The first estimate was Mon 15 Dec."
    assert [row.share for row in strong] == sorted(row.share for row in strong)
    assert strong[0].share >= 0.5
    assert strong[-1].share >= 0.95
    assert card.odds_title == "Odds of being ready by"
    assert card.rules.startswith("5,000 simulated runs.")


def test_before_the_first_forecast_the_page_says_so(dual, read):
    page = read(DUAL).context["page"]
    assert (page.forecast.sentence, page.forecast.odds) == ("No forecast yet", ())
    assert page.dates.rows == page.turns.rows == ()
    assert [row.when for row in page.order.rows] == ["not known"] * 5


def test_a_forecast_that_this_version_cannot_read_is_none(dual, read):
    forecast(dual)
    StoredForecast.objects.update(payload={"made": "otherwise"})
    assert read(DUAL).context["page"].forecast.sentence == "No forecast yet"
    assert read("/rollouts/dual-memory/").context["page"].forecast.sentence == "No forecast yet"
    assert read("/").context["page"].rollouts.rows[0].ready == ""


def test_what_nobody_has_estimated_leaves_no_date_and_says_what_would_tell(at_the_moment, read):
    text = (PLANS / "dual-memory.yaml").read_text()
    text = text.replace("    estimate: 3-4d\n", "").replace("infrastructure, estimate: 3-4d}", "infrastructure}")
    forecast(make_rollout(text))
    page = read(DUAL).context["page"]
    assert page.forecast.sentence == "No date can be known: “Load testing infrastructure” has no estimate"
    assert page.forecast.lead == "What is estimated alone takes until Mon 15 Dec at least, more likely than not."
    (line,) = page.forecast.unknowns
    assert (line.title, line.note) == (
        "“Load testing infrastructure” has no estimate",
        "A range in the plan, such as 2-3d, would tell",
    )
    assert {row.half for row in page.dates.rows} == {""}
    board = read("/rollouts/dual-memory/").context["page"].forecast
    assert (board.sentence, board.days) == ("No date can be known", ())
    assert board.note == "“Load testing infrastructure” has no estimate."
    assert read("/").context["page"].rollouts.rows[0].ready == "No date"


def test_several_unknown_things_are_counted_and_listed(dual, read):
    for gap, task, who in (("runtime-flags", "017", "Ben Okafor"), ("dashboards", "020", "Elif Kaya")):
        close_gap_task("dual-memory", gap, task, act_as(make_person(who)), NOW)
    forecast(dual)
    card = read(DUAL).context["page"].forecast
    assert card.sentence == "No date can be known, for 2 reasons"
    assert [line.title for line in card.unknowns] == [
        "“Monitoring dashboards incomplete” is claimed and not proven",
        "“No runtime feature flags” is claimed and not proven",
    ]


def test_what_is_claimed_and_proven_is_drawn_from_what_was_counted(at_the_moment, read):
    dual = make_rollout((PLANS / "dual-memory.yaml").read_text(), now=NOW - timedelta(days=3))
    judge(dual, NOW - timedelta(days=3))
    observe_check(dual, "checks/check:config-features", now=NOW - timedelta(days=2))
    judge(dual, NOW - timedelta(days=2))
    close_gap_task("dual-memory", "configuration", "021", act_as(make_person("Ben Okafor")), NOW)
    forecast(dual)
    chart = read(DUAL).context["page"].forecast.burn_up
    assert [(point.claimed, point.proven, point.total) for point in chart.points] == [
        (0, 0, 39),
        (1, 1, 39),
        (3, 0, 39),
    ]
    assert chart.points[-1].at == NOW
    assert chart.summary.startswith("Criteria of the gaps that block phase 0: 0 of 39 proven, 3 only claimed.")


def test_every_phase_has_its_dates(dual, read):
    forecast(dual)
    dates = read(DUAL).context["page"].dates
    assert [row.title for row in dates.rows][:2] == ["Phase 0, pre-deployment validation", "Phase 1, shadow mode"]
    assert dates.rows[-1].title == "Close the rollout"
    assert dates.rows[-2].note == "100 % of traffic"
    assert dates.granted == "It takes for granted that 29 conditions that nobody has estimated are met by then."
    assert dates.note == f"100 % of traffic by {dates.rows[-2].half}, more likely than not"


def test_work_is_ordered_along_the_calendar_with_the_critical_path(dual, read):
    forecast(dual)
    order = read(DUAL).context["page"].order
    rows = {row.title: row for row in order.rows}
    flags, variants = rows["No runtime feature flags"], rows["Kubernetes deployment variants missing"]
    configuration = rows["Configuration management inadequate"]
    assert flags.ends_at <= variants.begins_at
    assert flags.ends_at <= configuration.begins_at, "one owner does one thing at a time"
    assert [row.title for row in order.rows if row.critical] == [flags.title, variants.title]
    assert order.path == "Critical path: Runtime feature flag system → Kubernetes deployment variants"
    assert order.note == "“Kubernetes deployment variants missing” decides the date in over 99 % of the runs"
    assert (variants.when, variants.when_note) == ("Mon 15 Dec", "2–3 days left")
    assert "The significance test is two-tailed and the cohort unstable per user" not in rows


LONGER = (PLANS / "dual-memory.yaml").read_text().replace("2-3d", "2-3.5d")


def test_what_changed_since_yesterday_is_told(at_the_moment, read):
    rollout = make_rollout(LONGER, now=NOW - timedelta(days=4))
    judge(rollout, NOW - timedelta(days=4))
    close_gap_task("dual-memory", "load-testing", "019", act_as(make_person("Dev Patel")), NOW)
    forecast(rollout)
    turns = read(DUAL).context["page"].turns
    assert [(row.sentence, row.note, row.state) for row in turns.rows] == [
        ("A day ago it was Mon 15 Dec", "", ""),
        ("Closed: Load testing infrastructure", "Load testing infrastructure missing, Dev Patel", "Closed"),
    ]


def test_a_date_that_moved_says_by_how_much(at_the_moment, read):
    rollout = make_rollout(LONGER, now=NOW - timedelta(days=4))
    text = LONGER.replace("estimate: 3-4d", "estimate: 8-9d")
    import_plan(read_plan(text), text, shell_act(), NOW - timedelta(hours=1))
    forecast(rollout)
    page = read(DUAL).context["page"]
    assert page.turns.rows[0].sentence == "3 days later than a day ago: Mon 15 Dec"
    assert read("/rollouts/dual-memory/").context["page"].forecast.note.endswith(page.turns.rows[0].sentence + ".")


def test_a_rollout_of_today_has_no_day_before(dual, read):
    forecast(dual)
    turns = read(DUAL).context["page"].turns
    assert (turns.rows, turns.empty) == ((), "There is no day before to compare with")


# ------------------------------------------------------------------------------------- gaps


def test_a_task_closed_without_proof_is_claimed_and_then_contradicted(at_the_moment, read):
    rollout = make_rollout()
    observe_check(rollout, "checks/check:rollback-script", finding=Finding.MISSING, detail="ops/rollback.sh is missing")
    row = read(QUICK).context["page"].gaps.rows[0]
    assert (row.state, row.proven, row.claimed, row.total) == ("Open", 0, 0, 2)
    close_gap_task(rollout.key, "way-back", "1", act_as(make_person("Elif Kaya")), NOW)
    page = read(QUICK).context["page"]
    assert (page.gaps.rows[0].state, page.gaps.rows[0].claimed) == ("Contradicted", 2)
    (card,) = page.cards
    assert (card.claim, card.claim_note) == ("Done. 1 task closed.", "Elif Kaya, 09:30 UTC on 8 Dec")
    assert (card.evidence, card.evidence_note) == (
        "0 of 2 proven.",
        "ops/rollback.sh is missing and Not claimed".lower(),
    )
    assert card.tasks[0].state == "Contradicted"


def test_a_gap_closes_when_its_tasks_are_done_and_its_conditions_met(at_the_moment, read):
    rollout, elif_kaya = make_rollout(), act_as(make_person("Elif Kaya"))
    observe_check(rollout, "checks/check:rollback-script")
    close_gap_task(rollout.key, "way-back", "1", elif_kaya, NOW)
    claim_item(rollout.key, "gap:way-back/closed_when/item:way-back-known", elif_kaya, NOW)
    page = read(QUICK).context["page"]
    assert (page.forecast.effort, page.gaps.rows[0].state) == ("No gap is open.", "Closed")
    assert page.cards[0].tasks[0].closed_by == "Elif Kaya"


def test_a_missing_file_that_no_gap_tracks_stands_apart(dual, read):
    for check, path in (
        ("script-restore", "scripts/restore_backup.sh"),
        ("script-integrity", "scripts/verify_data_integrity.sh"),
    ):
        observe_check(dual, f"checks/check:{check}", finding=Finding.MISSING, detail=f"{path} does not exist")
    observe_check(dual, "checks/check:backup-runbook", finding=Finding.MISSING, detail="docs/x does not exist")
    observe_check(dual, "checks/check:script-soak", finding=Finding.MISSING, detail="tracked by a gap")
    rows = {row.title: row for row in read(DUAL).context["page"].untracked}
    assert rows["“Restore data from backup” can’t run"].count == 2
    assert rows["Backup and restore runbook"].say == "docs/x does not exist"
    assert len(rows) == 2


def test_a_file_that_only_a_command_names_stands_apart_until_it_is_there(dual, read):
    path = "commands/check:scenarios/m17_baseline.toml"
    observe_check(dual, path, finding=Finding.MISSING, detail="scenarios/m17_baseline.toml does not exist")
    (row,) = read(DUAL).context["page"].untracked
    assert row.say == ("scenarios/m17_baseline.toml does not exist. A command of “Pre-deployment validation” names it")
    assert [each.title for each in read("/rollouts/dual-memory/verdict/").context["page"].untracked] == [row.title]
    observe_check(dual, path)
    assert read(DUAL).context["page"].untracked == ()


@pytest.fixture
def missing(dual):
    observe_check(dual, BASELINE, finding=Finding.MISSING, detail="scenarios/m17_baseline.toml does not exist")
    return dual


TYPED = {"title": "No scenarios", "severity": "blocking", "owner": "backend-lead", "blocks": "canary"}


def make_url(read, who):
    (row,) = read(DUAL, who).context["page"].untracked
    return row.make_url


def test_whoever_may_import_a_plan_makes_it_a_gap(missing, read, client):
    url = make_url(read, LAST)
    assert "What is missing" in read(url, LAST).text
    before = AuditEntry.objects.count()
    assert client.post(url, TYPED).status_code == 303
    assert AuditEntry.objects.filter(seq__gte=before, action="plan.imported").count() == 1
    plan = load_plan(load_rollout("dual-memory"))
    gap = plan.gaps[-1]
    assert (gap.key, gap.title, gap.owner, gap.blocks) == ("no-scenarios", "No scenarios", "backend-lead", ("canary",))
    assert [condition.check.settings["path"] for condition in gap.closed_when] == ["scenarios/m17_baseline.toml"]
    assert load_rollout("dual-memory").plan.number == 2
    observe_check(missing, "checks/check:no-scenarios-1", finding=Finding.MISSING)
    assert read(DUAL, LAST).context["page"].untracked == ()
    assert client.get(url).status_code == 404


def test_a_missing_alert_rule_is_made_a_gap_too(dual, read, client):
    rule = "alert-errors"
    tracked = {c.key for gap in load_plan(dual).gaps for c in gap.closed_when}
    assert rule not in tracked
    observe_check(dual, f"checks/check:{rule}", finding=Finding.MISSING, detail="no rule is called so")
    (row,) = read(DUAL, LAST).context["page"].untracked
    assert (row.title, row.say) == ("Alert rule: recall errors", "No rule is called so")
    assert client.post(row.make_url, TYPED).status_code == 303
    assert [c.key for c in load_plan(load_rollout("dual-memory")).gaps[-1].closed_when] == [rule]
    assert read(DUAL, LAST).context["page"].untracked == ()


@pytest.mark.parametrize("person", [TEAM, STRANGER])
def test_nobody_else_makes_it_a_gap(missing, read, client, person):
    assert make_url(read, person) == ""
    url = f"{DUAL}new/?path=scenarios/m17_baseline.toml"
    assert "You may not import a plan here" in read(url, person).text
    assert client.post(url, TYPED).status_code == 403
    assert load_rollout("dual-memory").plan.number == 1


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"title": ""}, "Say what is missing"),
        ({"owner": "nobody"}, "Choose one of the list"),
        ({"blocks": "never"}, "Choose one of the list"),
    ],
)
def test_what_does_not_do_is_said_and_nothing_changes(missing, read, client, said, message):
    url = make_url(read, LAST)
    answer = client.post(url, TYPED | said)
    assert (answer.status_code, message in answer.content.decode()) == (422, True)
    assert load_rollout("dual-memory").plan.number == 1


def test_what_a_command_names_is_not_untracked_while_its_source_gives_no_answer(dual, read):
    path = "commands/check:scenarios/m17_baseline.toml"
    observe_check(dual, path, finding=Finding.MISSING, trouble=Trouble.SOURCE_ERROR)
    assert read(DUAL).context["page"].untracked == ()


def test_what_is_missing_and_only_named_by_a_command_decides_nothing(dual):
    before = {reason.code + reason.key for reason in answers(dual)}
    observe_check(dual, "commands/check:scripts/engram_diagnostics.sh", finding=Finding.MISSING)
    assert {reason.code + reason.key for reason in answers(dual)} == before


def answers(rollout):
    return evaluate_verdict(load_facts(rollout, Question.ENTER), Question.ENTER, NOW).reasons


def test_only_who_may_close_a_task_is_led_to_it(dual, read):
    cards = {who: read(DUAL, who).context["page"].cards[0] for who in ("Ben Okafor", "Chloe Martin", "Ivo Marsh")}
    assert [bool(card.tasks[0].close_url) for card in cards.values()] == [True, False, False]


@pytest.mark.parametrize("count", [1, 3])
def test_gaps_take_the_same_queries_whatever_they_list(count, client, at_the_moment, django_assert_num_queries):
    rollout = make_small_rollout(count)
    start_phase(rollout, "prepare")
    forecast(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(25):
        client.get("/rollouts/small/gaps/")
