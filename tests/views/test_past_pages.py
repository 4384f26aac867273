"""The computation and the phases as of a moment: what was known then, in words that no later reading changes."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from readiness.core.types import Question
from readiness.models import AuditEntry, Blob, Hold, Override, Waiver
from readiness.queries.kept_verdicts import load_verdict_at
from readiness.queries.plans import load_plan
from readiness.services.holds import call_hold, lift_hold
from readiness.services.items import claim_item, withdraw_claim
from readiness.services.overrides import ask_override, confirm_override
from readiness.services.phases import roll_back_phase
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import import_plan
from readiness.services.waivers import Terms, ask_waiver, grant_waiver
from tests.factories import (
    NOW,
    PLANS,
    act_as,
    fire,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_all,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ROLLOUT = "/rollouts/quickstart/"
VERDICT, PREPARE, CANARY = f"{ROLLOUT}verdict/", f"{ROLLOUT}phases/prepare/", f"{ROLLOUT}phases/canary/"
PAGES = [ROLLOUT, VERDICT, PREPARE, CANARY]
READ_IT = "prepare/enter/item:runbook-read"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def told(at_the_moment):
    """A rollout that was judged with nothing, held and with a claim, and with both taken back; give the entries."""
    make_person("Ana Ruiz")
    rollout = make_rollout()
    judge(rollout)
    call_hold(rollout.key, act_as(make_person("Ben Okafor")), NOW, reason="the backup fails")
    claim_item(rollout.key, READ_IT, act_as(make_person("Elif Kaya")), NOW)
    judge(rollout, NOW + MINUTE)
    lift_hold(rollout.key, Hold.objects.get().pk, act_as(make_person("Ben Okafor")), NOW, reason="it works again")
    withdraw_claim(rollout.key, READ_IT, act_as(make_person("Elif Kaya")), NOW)
    judge(rollout, NOW + 2 * MINUTE)
    return list(AuditEntry.objects.filter(action="verdict.changed").order_by("seq").values_list("seq", flat=True))


def newest():
    return AuditEntry.objects.order_by("-seq").first().seq


def main_of(answer):
    html = answer.content.decode()
    return html[html.index('<main id="main"') : html.index("</main>")]


def rows_of(page):
    return {row.title: row for card in page.checklists for group in card.groups for row in group.rows}


# ------------------------------------------------------------------------------------- how it was computed


def test_the_rules_are_retold_from_the_facts_of_then(told, read):
    def held(seq):
        (computation,) = read(f"{VERDICT}?as_of={seq}").context["page"].computations
        return next(line.note for line in computation.rules if "hold" in line.title)

    assert [held(seq) for seq in told] == ["Holds", "1 held", "Holds"]


def test_a_computation_of_then_names_its_entry_and_gives_the_same_answer_again(told, read):
    (computation,) = read(f"{VERDICT}?as_of={told[1]}").context["page"].computations
    assert f"--as-of {told[1]} --policy sha256:" in computation.command
    assert computation.repeated.state == "Valid"
    assert {fact.label for fact in computation.facts} == {"Facts", "Rules", "Plan", "Result", "Since"}
    assert next(fact.at for fact in computation.facts if fact.label == "Since") == NOW + MINUTE


def test_changes_after_the_moment_are_not_listed(told, read):
    page = read(f"{VERDICT}?as_of={told[1]}").context["page"]
    assert [row.url for row in page.changes.rows] == [f"{ROLLOUT}audit/{seq}/" for seq in (told[1], told[0])]


def test_before_anything_was_judged_there_is_nothing_to_retell(told, read):
    answer = read(f"{VERDICT}?as_of={told[0] - 1}")
    assert answer.context["page"].computations == ()
    assert "Nothing had been judged yet" in answer.text


def test_a_computation_without_its_facts_says_so(told, read):
    Blob.objects.filter(pk=load_verdict_at("quickstart", Question.ENTER, told[1]).judged.facts).delete()
    answer = read(f"{VERDICT}?as_of={told[1]}")
    (computation,) = answer.context["page"].computations
    assert (computation.rules, computation.repeated.state) == ((), "No data")
    assert "are not kept here" in answer.context["page"].travel.trouble


# ------------------------------------------------------------------------------------- a phase


def test_a_phase_shows_the_claims_of_then(told, read):
    pages = [rows_of(read(f"{PREPARE}?as_of={seq}").context["page"])["I have read the runbook"] for seq in told]
    assert [(row.state, row.claimed_by) for row in pages] == [
        ("Unclaimed", ""),
        ("Attested", "Elif Kaya"),
        ("Unclaimed", ""),
    ]


def test_what_the_kept_facts_do_not_tell_of_is_not_judged(told, read):
    page = read(f"{CANARY}?as_of={told[1]}").context["page"]
    assert [group.title for card in page.checklists for group in card.groups] == ["Not judged then"]
    assert {row.word for row in rows_of(page).values()} == {"Not judged"}
    assert (page.verdict.word, page.verdict.detail) == ("NO-GO", "Nobody had judged it by then")
    assert {row.state for row in (*page.exit.rows, *page.aborts.rows)} <= {"Not due", "Not armed"}


def test_the_next_phase_has_the_answer_of_then_and_its_poll(told, read):
    page = read(f"{PREPARE}?as_of={told[1]}").context["page"]
    assert page.verdict.evaluated_at == NOW + MINUTE
    assert "Held" in [row.state for row in page.verdict.reasons]
    assert [line.state for line in page.poll] == ["No answer", "Waits"]
    assert read(f"{CANARY}?as_of={told[1]}").context["page"].poll == ()


def test_a_running_phase_shows_whether_it_may_go_on_and_what_could_stop_it(at_the_moment, read):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    observe_all(rollout)
    judge(rollout)
    page = read(f"{CANARY}?as_of={newest()}").context["page"]
    assert (page.verdict.word, page.verdict.sentence) == ("GO", "Canary runs")
    assert {row.state for row in page.aborts.rows} == {"Armed"}
    assert {row.state for row in page.exit.rows} == {"Passing", "Not sustained"}
    assert {row.sampled_at for row in (*page.exit.rows, *page.aborts.rows)} == {None}
    assert rows_of(page)["The service says it is healthy"].word == "Not judged"


def test_a_run_is_shown_as_the_entries_through_then_left_it(at_the_moment, read):
    rollout, elif_kaya = make_rollout(), act_as(make_person("Elif Kaya"))
    judge(rollout)
    before = newest()
    ask_override(rollout.key, "prepare", elif_kaya, NOW, reason="it burns")
    confirm_override(rollout.key, Override.objects.get().pk, act_as(make_person("Hugo Lind")), NOW)
    judge(rollout, NOW + MINUTE)
    entered = newest()
    level = load_plan(rollout).rollbacks[0].key
    roll_back_phase(rollout.key, level, elif_kaya, NOW + MINUTE, reason="too slow")
    judge(rollout, NOW + 2 * MINUTE)
    runs = [read(f"{PREPARE}?as_of={seq}").context["page"].runs for seq in (before, entered, newest())]
    assert [[(run.title, run.state) for run in each] for each in runs] == [
        [],
        [("Run 1", "Running")],
        [("Run 1", "Rolled back"), ("Run 2", "Running")],
    ]
    assert runs[2][0].note == "Begun by Hugo Lind, from 2025-12-08 09:30 UTC until 2025-12-08 09:31 UTC"


def test_a_waiver_of_then_is_shown_without_time_left(at_the_moment, read):
    rollout, path = make_rollout(), "prepare/enter/item:capacity"
    terms = Terms("No load expected", "Alert at 80 %", NOW + timedelta(days=2))
    ask_waiver(rollout.key, path, terms, act_as(make_person("Ben Okafor")), NOW)
    grant_waiver(rollout.key, Waiver.objects.get().pk, act_as(make_person("Hugo Lind")), NOW)
    judge(rollout)
    answer = read(f"{PREPARE}?as_of={newest()}")
    row = rows_of(answer.context["page"])["Payment provider agreed to the load"]
    assert (row.state, row.waiver.name, row.waiver.measure) == ("Waived", "Hugo Lind", "Alert at 80 %")
    assert " left" not in answer.text


def test_a_phase_that_the_plan_of_then_did_not_have_is_said(told, client):
    text = (PLANS / "quickstart.yaml").read_text()
    text = text.replace("key: canary", "key: trickle").replace("[canary, full]", "[trickle, full]")
    import_plan(read_plan(text), text, act_as(make_person("Ana Ruiz")), NOW)
    client.force_login(make_person("Ana Ruiz"))
    answer = client.get(f"{ROLLOUT}phases/trickle/", {"as_of": told[1]})
    assert answer.status_code == 404
    assert f"The plan that was in force at entry {told[1]}" in answer.content.decode()
    assert client.get(CANARY, {"as_of": told[1]}).status_code == 200
    assert client.get(CANARY).status_code == 404


# ------------------------------------------------------------------------------------- every page of the past


@pytest.mark.parametrize("page", PAGES)
def test_nothing_acts_or_polls_and_every_way_keeps_the_moment(told, read, page):
    html = read(f"{page}?as_of={told[1]}").content.decode()
    head = html[html.index('<section class="head"') : html.index("</main>")]
    assert re.findall(r'method="post"|hx-[a-z]+=|data-title|id="live"', head) == []
    now = urlsplit(page).path
    ways = {way for way in re.findall(r'href="([^"#]+)', head) if way != now}
    kept = [way for way in ways if way.startswith(ROLLOUT)]
    assert f"{ROLLOUT}?as_of={told[1]}" in kept
    for way in kept:
        assert "as_of=" in way or "/plan/1/" in way or "/audit/" in way, way


@pytest.mark.parametrize("page", PAGES)
def test_it_reads_the_same_whenever_it_is_read(told, client, page):
    seen, reader = [], make_person("Ana Ruiz")
    for later in (timedelta(days=30), timedelta(days=31)):
        with time_machine.travel(NOW + later, tick=False):
            client.force_login(reader)
            html = main_of(client.get(f"{page}?as_of={told[1]}"))
        seen.append(re.sub(r'<section class="card" aria-labelledby="compared-h">.*?</section>', "", html, flags=re.S))
    assert seen[0] == seen[1]
    assert re.findall(r"data-at|data-until| ago<", seen[0]) == []


@pytest.mark.parametrize("page", PAGES)
def test_who_may_act_who_may_not_and_a_stranger_read_the_same(told, client, page):
    seen = set()
    for who in ("Elif Kaya", "Ben Okafor", "Zoe Stranger"):
        client.force_login(make_person(who))
        seen.add(main_of(client.get(f"{page}?as_of={told[1]}")))
    assert len(seen) == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("yesterday", 400, "is neither an entry&#x27;s number nor a time. Write 1204, or 2025-12-08T09:30Z."),
        ("99999", 404, "There is no entry 99,999 yet. The record goes from entry 0 to entry"),
        ("2999-01-01", 404, "2999-01-01 00:00 UTC is still to come"),
        ("2001-01-01 10:00", 404, "The record does not go back to 2001-01-01 10:00 UTC. It begins with entry 0"),
        ("0", 404, "The record of this rollout does not go back to entry 0"),
    ],
)
def test_a_moment_outside_says_what_is_allowed_and_leaves_the_way_on(told, client, page, asked, status, said):
    client.force_login(make_person("Ana Ruiz"))
    answer = client.get(page, {"as_of": asked})
    html = answer.content.decode()
    assert (answer.status_code, said in html) == (status, True)
    assert f'action="{page}"' in html
    assert "NO-GO</span>" not in main_of(answer)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_of_now_asks_for_a_moment_without_script(told, read, page):
    html = read(page).content.decode()
    form = re.search(r'<form class="[^"]*menu-body" method="get" action="([^"]+)">', html)
    assert form.group(1) == page
    assert 'name="as_of"' in html


def test_pages_that_show_only_now_do_not_ask(told, read):
    for page in ("gates/", "gaps/", "people/", "plan/"):
        assert "data-travel" not in read(ROLLOUT + page).content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("page", "queries"), [("verdict/", 32), ("phases/canary/", 31), ("phases/prepare/", 31)])
def test_it_takes_the_same_queries(count, page, queries, client, at_the_moment, django_assert_num_queries):
    rollout = make_small_rollout(count)
    run = start_phase(rollout, "canary")
    for n in range(count):
        fire(run, f"canary/abort/gate:gate-{n}/<= 3/0s")
        call_hold(rollout.key, act_as(make_person("Sam Sre")), NOW, reason=f"because {n}")
        judge(rollout, NOW + timedelta(seconds=n))
    seq = newest()
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(queries):
        assert client.get(f"/rollouts/small/{page}?as_of={seq}").status_code == 200
