"""Gaps: what closes one, what of it is claimed and proven, and how its estimates add up."""

import pytest

from readiness.core.gaps import (
    Tally,
    gap_blocks,
    gap_estimate,
    gap_state,
    gap_weight,
    tally_gap,
    total_effort,
)
from readiness.core.plan import Gap, GapTask
from readiness.core.types import Assessment, Finding, Outcome
from tests.core.builders import ANA, make_check, make_claim, make_evidence, make_gap, make_item


def state_of(facts, **outcomes):
    """The state of a gap whose conditions came to these outcomes, by their key."""
    judged = {
        c.condition.path: Assessment(c.condition.path, Outcome(outcomes.get(c.condition.key.replace("-", "_"), "MET")))
        for c in facts.conditions
    }
    return gap_state(facts, judged)


def tally(facts, **outcomes):
    return tally_gap(facts, state_of(facts, **outcomes))


CHECK, ITEM = make_check(key="script"), make_item(key="shown")


@pytest.mark.parametrize(
    ("facts", "outcomes", "closed"),
    [
        (make_gap(CHECK, done_tasks=1), {}, True),
        (make_gap(CHECK, done_tasks=1, open_tasks=1), {}, False),
        (make_gap(CHECK, done_tasks=1), {"script": "NOT_MET"}, False),
        (make_gap(CHECK, done_tasks=1), {"script": "UNKNOWN"}, False),
        (make_gap(CHECK, done_tasks=1), {"script": "WAIVED"}, True),
        (make_gap(done_tasks=2), {}, True),
        (make_gap(open_tasks=1), {}, False),
        (make_gap(CHECK), {}, True),
        (make_gap(), {}, False),
        (make_gap(closed_by=ANA), {}, True),
        (make_gap(CHECK, closed_by=ANA), {"script": "NOT_MET"}, False),
        (make_gap(open_tasks=1, closed_by=ANA), {}, False),
    ],
)
def test_a_gap_closes_with_its_tasks_and_conditions_and_without_either_only_by_a_person(facts, outcomes, closed):
    assert state_of(facts, **outcomes).closed is closed


def test_what_is_open_is_named():
    found = state_of(make_gap(CHECK, ITEM, done_tasks=1, open_tasks=2), shown="UNKNOWN")
    assert [task.key for task in found.open_tasks] == ["t0", "t1"]
    assert [each.condition.key for each in found.open_conditions] == ["shown"]


def test_severity_is_weight_and_blocks_decides():
    low = Gap("g", "G", "low", None, ("canary",))
    assert (gap_blocks(low, "canary"), gap_blocks(low, "full")) == (True, False)
    assert gap_blocks(Gap("g", "G", "low", None, ("all",)), "anything")
    assert not gap_blocks(Gap("g", "G", "blocking", None, ()), "canary")
    assert [gap_weight(Gap("g", "G", word, None, ())) for word in ("blocking", "high", "medium", "low", "new")] == [
        0,
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize(
    ("facts", "outcomes", "expected"),
    [
        (make_gap(CHECK, ITEM, open_tasks=1), {"script": "NOT_MET", "shown": "UNKNOWN"}, Tally(0, 0, 0, 2)),
        (make_gap(CHECK, ITEM, open_tasks=1), {"shown": "UNKNOWN"}, Tally(1, 0, 1, 2)),
        (make_gap(CHECK, ITEM, done_tasks=1), {"script": "NOT_MET", "shown": "UNKNOWN"}, Tally(2, 0, 0, 2)),
        (
            make_gap(CHECK, make_item(make_claim(make_evidence()), key="shown"), open_tasks=1),
            {"script": "NOT_MET", "shown": "NOT_MET"},
            Tally(1, 0, 0, 2),
        ),
        (make_gap(done_tasks=1, open_tasks=2), {}, Tally(1, 1, 0, 3)),
        (make_gap(), {}, Tally(0, 0, 0, 1)),
        (make_gap(closed_by=ANA), {}, Tally(1, 1, 0, 1)),
    ],
)
def test_what_is_proven_is_claimed_and_closing_every_task_claims_every_condition(facts, outcomes, expected):
    assert tally(facts, **outcomes) == expected


def test_what_a_persons_word_meets_is_counted_apart_from_what_evidence_proves():
    facts = make_gap(CHECK, ITEM, done_tasks=1)
    judged = {c.condition.path: Assessment(c.condition.path, Outcome.MET) for c in facts.conditions}
    word = facts.conditions[1].condition.path
    judged[word] = Assessment(word, Outcome.MET, attested=True)
    counted = tally_gap(facts, gap_state(facts, judged))
    assert (counted, counted.only_claimed) == (Tally(2, 1, 1, 2), 0)


def test_a_finding_that_contradicts_leaves_a_claim_standing_unproven():
    found = make_gap(make_check(Finding.MISSING, key="script"), done_tasks=1)
    assert tally(found, script="NOT_MET") == Tally(1, 0, 0, 1)


def test_estimates_add_up_as_given_and_what_has_none_adds_nothing():
    tasks = (GapTask("1", "One", None, (1, 2)), GapTask("2", "Two", None, (0.5, 1)), GapTask("3", "Three", None))
    assert gap_estimate(Gap("g", "G", "low", None, (), tasks=tasks)) == (1.5, 3)
    assert gap_estimate(Gap("g", "G", "low", None, (), estimate=(2, 3), tasks=tasks)) == (2, 3)
    assert total_effort([(2, 3), None, (2, 3), (3, 4), (1, 2), (1, 1)]) == (9, 13)
