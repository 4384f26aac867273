"""The phase state machine, as a table. What is not in the table is not allowed."""

from enum import StrEnum
from typing import Final

from readiness.core.facts import IncompleteFacts
from readiness.core.plan import Phase, Plan
from readiness.core.types import Question

CLOSE: Final = "close"


class RunState(StrEnum):
    """Where one run of a phase stands."""

    NOT_ENTERED = "not_entered"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled_back"
    ABORTED = "aborted"


class Move(StrEnum):
    """What can be done to a run."""

    ENTER = "enter"
    LEAVE = "leave"
    ROLL_BACK = "roll_back"
    ABORT = "abort"


TRANSITIONS: Final[dict[RunState, dict[Move, RunState]]] = {
    RunState.NOT_ENTERED: {Move.ENTER: RunState.RUNNING},
    RunState.RUNNING: {
        Move.LEAVE: RunState.SUCCEEDED,
        Move.ROLL_BACK: RunState.ROLLED_BACK,
        Move.ABORT: RunState.ABORTED,
    },
    RunState.SUCCEEDED: {},
    RunState.ROLLED_BACK: {},
    RunState.ABORTED: {},
}


class MoveNotAllowed(Exception):
    """The run is not in a state from which this can be done."""


def next_state(state: RunState, move: Move) -> RunState:
    """Follow the table; raise MoveNotAllowed where it has no entry."""
    if move not in TRANSITIONS[state]:
        raise MoveNotAllowed(f"a run that is {state.value} cannot {move.value.replace('_', ' ')}")
    return TRANSITIONS[state][move]


def find_phase(plan: Plan, key: str) -> Phase | None:
    """Find a phase by its key; `close` is the one after the last."""
    return next((phase for phase in plan_sequence(plan) if phase.key == key), None)


def phase_after(plan: Plan, key: str | None) -> Phase | None:
    """Give the phase to enter after `key` (the first when nothing runs); None when the rollout is closed."""
    sequence = plan_sequence(plan)
    if key is None:
        return sequence[0] if sequence else None
    keys = [phase.key for phase in sequence]
    position = keys.index(key) + 1
    return sequence[position] if position < len(sequence) else None


def asked_phases(plan: Plan, running: str | None, closed: bool) -> dict[Question, str]:
    """Name the phase that each question is about while `running` runs; nothing is asked of what is closed."""
    following = None if closed or (running and find_phase(plan, running) is None) else phase_after(plan, running)
    asked = {Question.CONTINUE: running, Question.ENTER: following.key if following is not None else None}
    return {question: phase for question, phase in asked.items() if phase is not None}


def incomplete_before(plan: Plan, running: str | None, asked: str) -> tuple[IncompleteFacts, ...]:
    """Name what stands before entering `asked` while `running` runs; nothing when it is the next phase."""
    following = phase_after(plan, running)
    if following is not None and following.key == asked:
        return ()
    sequence = plan_sequence(plan)
    keys = [phase.key for phase in sequence]
    here, there = keys.index(running) if running else 0, keys.index(asked)
    if there <= here:
        return (_behind(sequence[there], running, following),)
    return tuple(_ahead(phase, running) for phase in sequence[here:there])


def _ahead(phase: Phase, running: str | None) -> IncompleteFacts:
    found = "runs and has not been completed" if phase.key == running else "has not been completed"
    return IncompleteFacts(phase.key, phase.title, found, "It is completed first; no phase is skipped")


def _behind(asked: Phase, running: str | None, following: Phase | None) -> IncompleteFacts:
    others = f"; {following.title} is" if following is not None else ""
    found = "runs already, so it isn’t the next phase" if asked.key == running else "isn’t the next phase"
    return IncompleteFacts(asked.key, asked.title, found + others, "A rollback makes it the next phase again")


def roll_back_target(plan: Plan, running: str, to: str) -> str:
    """Name the phase that runs after a rollback: a key, or `previous` (the first phase has none before it)."""
    keys = [phase.key for phase in plan.phases]
    position = keys.index(running) if running in keys else len(keys)
    if to == "previous":
        return keys[max(position - 1, 0)]
    return keys[min(keys.index(to), max(position, 0))] if to in keys else keys[0]


def plan_sequence(plan: Plan) -> tuple[Phase, ...]:
    """Give the phases in their order, and the close after the last."""
    return (*plan.phases, plan.close) if plan.close is not None else plan.phases
