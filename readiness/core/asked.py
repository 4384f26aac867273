"""What a plan asks, place by place: nobody who changes it can be the one whose signature covers it.

Each condition asks something, with what proves it; and each phase does as a whole, which changes with its list of
conditions, with its abort triggers, with what entering it starts, and with who signs.
"""

from collections.abc import Iterator
from itertools import pairwise

from readiness.core.canonical import digest_of
from readiness.core.codec import to_plain
from readiness.core.conditions import Condition
from readiness.core.gaps import gap_blocks
from readiness.core.material import condition_definition
from readiness.core.phases import plan_sequence
from readiness.core.plan import Phase, Plan
from readiness.core.starts import start_digest
from readiness.core.watchlist import find_definition


def asked_places(plan: Plan) -> dict[str, str]:
    """The digest of what is asked: of each condition by its path, and of each phase by `phase_place`."""
    sequence = plan_sequence(plan)
    befores: dict[str, Phase | None] = {after.key: before for before, after in pairwise(sequence)}
    phases = {phase_place(phase.key): _question(plan, phase, befores.get(phase.key)) for phase in sequence}
    return {condition.path: _asks(plan, condition) for condition in _conditions(plan)} | phases


def phase_place(phase: str) -> str:
    """Name a phase as a whole, as no condition is named."""
    return f"phases/{phase}"


def changed_conditions(old: Plan, new: Plan) -> tuple[Condition, ...]:
    """The conditions that a new version asks otherwise than the old one, or for the first time."""
    was, becomes = asked_places(old), asked_places(new)
    return tuple(c for c in _conditions(new) if was.get(c.path) != becomes[c.path])


def changed_phases(old: Plan, new: Plan) -> tuple[Phase, ...]:
    """The phases that a new version changes as a whole: who changes one has a part in every condition of it."""
    was, becomes = asked_places(old), asked_places(new)
    places = ((phase, phase_place(phase.key)) for phase in plan_sequence(new))
    return tuple(phase for phase, place in places if was.get(place) != becomes[place])


def _conditions(plan: Plan) -> Iterator[Condition]:
    for phase in plan_sequence(plan):
        yield from (*phase.enter, *phase.succeed, *phase.abort)
    for gap in plan.gaps:
        yield from gap.closed_when


def _asks(plan: Plan, condition: Condition) -> str:
    proofs = condition.item.proved_by if condition.item is not None else ()
    found = (find_definition(plan, key) for key in proofs)
    definitions = [condition_definition(proof) for proof in found if proof is not None]
    return digest_of([condition_definition(condition), *definitions])


def _question(plan: Plan, phase: Phase, before: Phase | None) -> str:
    """What entering a phase rests on beside what its conditions ask."""
    gaps = [gap for gap in plan.gaps if gap_blocks(gap, phase.key)]
    left = before.succeed if before is not None else ()
    paths = [c.path for c in (*left, *phase.enter)] + [c.path for gap in gaps for c in gap.closed_when]
    triggers = (*phase.abort, *(before.abort if before is not None else ()))
    return digest_of(
        {
            "conditions": to_plain(sorted(paths)),
            "triggers": to_plain(sorted(condition_definition(trigger) for trigger in triggers)),
            "gaps": to_plain(sorted((gap.key, [task.key for task in gap.tasks]) for gap in gaps)),
            "starts": start_digest(plan, phase),
            "dwell": to_plain(before.dwell) if before is not None else "",
            "sign_off": to_plain(phase.sign_off),
        }
    )
