"""Warnings about polls: conditions that nobody polled owns, and signatures that count too short, too long, or not."""

from collections.abc import Iterator
from datetime import timedelta

from readiness.core.conditions import Condition
from readiness.core.gaps import gap_blocks
from readiness.core.material import is_live
from readiness.core.plan import Phase, Plan, SignOffRule
from readiness.core.plan_document import CLOSE, Path
from readiness.core.plan_fault import Fault, listed_words
from readiness.core.quantities import compact_duration

SHORTEST_SIGNATURE = timedelta(hours=1)
LONGEST_SIGNATURE = timedelta(days=30)
LONGEST_VOID_AFTER = timedelta(days=1)


def poll_warnings(plan: Plan) -> Iterator[Fault]:
    """Every poll that probably does not mean what it says."""
    yield from _owner_warnings(plan)
    before: Phase | None = None
    for at, phase in _polled_phases(plan):
        if phase.sign_off is not None:
            yield from _length_warnings((*at, "sign_off"), phase.sign_off)
            yield from _void_warnings((*at, "sign_off"), phase.sign_off, list(_covered(plan, before, phase)))
        before = phase


def _polled_phases(plan: Plan) -> Iterator[tuple[Path, Phase]]:
    yield from ((("phases", index), phase) for index, phase in enumerate(plan.phases))
    if plan.close is not None:
        yield (CLOSE,), plan.close


def _owner_warnings(plan: Plan) -> Iterator[Fault]:
    """Once for each owner of conditions that a poll covers without polling them: these belong to `last`."""
    missed: dict[str, list[str]] = {}
    before: Phase | None = None
    for phase in (*plan.phases, *((plan.close,) if plan.close else ())):
        polled = {*phase.sign_off.roles, phase.sign_off.last} if phase.sign_off else set()
        for condition in _covered(plan, before, phase):
            if condition.owner not in polled:
                places = missed.setdefault(condition.owner or "", [])
                places += [phase.key] if phase.key not in places else []
        before = phase
    for owner, places in missed.items():
        if owner:
            sentence = f"{owner} owns conditions of {listed_words(places)} and is not polled there; "
        else:
            sentence = f"Some conditions of {listed_words(places)} have no owner; "
        sentence += "the role that answers last answers for them."
        yield Fault(("roles", owner) if owner else ("phases",), sentence, owner, at_key=True)


def _covered(plan: Plan, before: Phase | None, phase: Phase) -> Iterator[Condition]:
    """What the poll to enter a phase covers."""
    yield from before.succeed if before else ()
    yield from phase.enter
    for gap in plan.gaps:
        if gap_blocks(gap, phase.key):
            yield from gap.closed_when


def _length_warnings(at: Path, rule: SignOffRule) -> Iterator[Fault]:
    """Signatures that run out before the others have signed, or that speak of what was weeks ago."""
    counts = compact_duration(rule.valid_for)
    if rule.valid_for < SHORTEST_SIGNATURE:
        sentence = f"A signature counts for {counts}, and everybody polled must sign within that; write 1h at least."
        yield Fault((*at, "valid_for"), sentence, counts, compact_duration(SHORTEST_SIGNATURE))
    if rule.valid_for > LONGEST_SIGNATURE:
        sentence = f"A signature still counts after {counts}, long after what was seen for it; write 30d at most."
        yield Fault((*at, "valid_for"), sentence, counts, compact_duration(LONGEST_SIGNATURE))


def _void_warnings(at: Path, rule: SignOffRule, covered: list[Condition]) -> Iterator[Fault]:
    """A breach that voids signatures at its first look, or in effect never."""
    after, here = compact_duration(rule.void_after), (*at, "void_after")
    if rule.void_after >= rule.valid_for:
        sentence = (
            f"A breach voids signatures after {after}, and they count for {compact_duration(rule.valid_for)} at most, "
            "so none ever does; write a shorter time."
        )
        yield Fault(here, sentence, after, compact_duration(rule.valid_for))
    elif rule.void_after > LONGEST_VOID_AFTER:
        sentence = f"A gate may be breached for {after} before a signature over it is void; write 1d at most."
        yield Fault(here, sentence, after, compact_duration(LONGEST_VOID_AFTER))
    slowest = max((each for each in covered if is_live(each)), key=_every, default=None)
    if slowest is not None and rule.void_after < 2 * _every(slowest):
        least, every = compact_duration(2 * _every(slowest)), compact_duration(_every(slowest))
        sentence = (
            f"A breach voids signatures after {after}, which holds less than two looks at {slowest.key}, taken every "
            f"{every}; write {least} at least."
        )
        yield Fault(here, sentence, after, least)


def _every(condition: Condition) -> timedelta:
    spec = condition.gate or condition.check
    return spec.every if spec is not None else timedelta(0)
