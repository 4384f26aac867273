"""The gaps page: how much work is left, in which order, what is claimed, proven, contradicted, and untracked."""

import pytest

from readiness.core.types import Finding, Question, Trouble
from readiness.core.verdict import evaluate_verdict
from readiness.queries.facts import load_facts
from readiness.services.gaps import close_gap_task
from readiness.services.items import claim_item
from tests.factories import (
    NOW,
    PLANS,
    act_as,
    judge,
    make_person,
    make_rollout,
    make_small_rollout,
    observe_check,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
DUAL = "/rollouts/dual-memory/gaps/"
QUICK = "/rollouts/quickstart/gaps/"


@pytest.fixture
def dual(at_the_moment):
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    judge(rollout)
    return rollout


def test_the_effort_of_what_blocks_is_added_up_as_given(dual, read):
    page = read(DUAL).context["page"]
    assert page.sentence == "8 gaps are open: 14 to 18 days of effort"
    assert page.lead.startswith("5 of them block phase 0, 9 to 13 days of effort together.")


def test_work_is_ordered_by_what_it_waits_for_and_who_does_it(dual, read):
    rows = {row.title: row for row in read(DUAL).context["page"].order.rows}
    flags, variants = rows["No runtime feature flags"], rows["Kubernetes deployment variants missing"]
    configuration = rows["Configuration management inadequate"]
    assert (flags.starts, flags.ends, flags.ends_at_most) == (0, 2, 3)
    assert (variants.starts, variants.ends, variants.ends_at_most) == (2, 4, 6)
    assert (configuration.starts, configuration.ends_at_most) == (2, 4), "one owner does one thing at a time"
    assert "The significance test is two-tailed and the cohort unstable per user" not in rows


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
    assert (page.sentence, page.gaps.rows[0].state) == ("No gap is open", "Closed")
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
    judge(rollout)
    client.force_login(make_person("Lea Lead"))
    with django_assert_num_queries(21):
        client.get("/rollouts/small/gaps/")
