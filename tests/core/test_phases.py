"""Phases: one table of moves, no phase skipped, a way back from each."""

import pytest

from readiness.core.phases import TRANSITIONS, Move, MoveNotAllowed, RunState, next_state, phase_after, roll_back_target
from readiness.core.plan import Phase, Plan

PLAN = Plan(
    "shop",
    "Shop",
    "sha256:x",
    phases=tuple(Phase(key, str(n), key) for n, key in enumerate(("prepare", "canary", "full"))),
    close=Phase("close", "", "Close"),
)


@pytest.mark.parametrize("state", RunState)
@pytest.mark.parametrize("move", Move)
def test_what_the_table_does_not_allow_is_refused(state, move):
    if move in TRANSITIONS[state]:
        assert next_state(state, move) is TRANSITIONS[state][move]
    else:
        with pytest.raises(MoveNotAllowed, match=f"a run that is {state.value} cannot"):
            next_state(state, move)


def test_phases_follow_each_other_and_the_close_is_last():
    order = [None, "prepare", "canary", "full"]
    assert [phase_after(PLAN, key).key for key in order] == ["prepare", "canary", "full", "close"]
    assert phase_after(PLAN, "close") is None


@pytest.mark.parametrize(
    ("running", "to", "target"),
    [
        ("canary", "previous", "prepare"),
        ("prepare", "previous", "prepare"),
        ("full", "prepare", "prepare"),
        ("prepare", "canary", "prepare"),
        ("canary", "canary", "canary"),
    ],
)
def test_a_rollback_never_leads_forward(running, to, target):
    assert roll_back_target(PLAN, running, to) == target
