"""What has to be observed now: every gate and check that the running and the next phase, a gap or a command rests on.

A check is observed once, however many lists ask for it, unless a list changes what it asks. A gate is observed for
each place, because each place has its own limit and window; where it is only defined, as rarely as it stays fresh.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from readiness.core.canonical import digest_of
from readiness.core.codec import to_plain
from readiness.core.conditions import CheckSpec, Condition, ConditionKind, ConditionList, GateSpec
from readiness.core.exposure import observed_flags
from readiness.core.phases import find_phase
from readiness.core.plan import Phase, Plan
from readiness.core.watches import watch_conditions

SLOW = timedelta(minutes=1)
MOST_DEFINITIONS = 2**14


@dataclass(frozen=True, slots=True)
class Watched:
    """One thing to observe: under which path, how often, and in which role."""

    path: str
    condition: Condition
    every: timedelta
    abort: bool
    of_running: bool

    @property
    def source(self) -> str:
        """The key of the source that is asked."""
        spec = self.condition.gate or self.condition.check
        return spec.source if spec is not None else ""


def observation_path(plan: Plan, condition: Condition) -> str:
    """Name the observation that a condition is judged by."""
    if condition.kind is not ConditionKind.CHECK:
        return condition.path
    same = (c.path for c in plan.checks if c.key == condition.key and c.check == condition.check)
    return next(same, condition.path)


def observed_definition(condition: Condition) -> str:
    """Digest what is measured or looked at for a gate or check, so that what was seen of another query is known.

    Owner and title change nothing of it. It is worked out once for each object.
    """
    spec = condition.gate or condition.check
    known = _OBSERVED.get(id(spec))
    if known is not None and known[0] is spec:
        return known[1]
    if len(_OBSERVED) >= MOST_DEFINITIONS:
        _OBSERVED.clear()
    definition = digest_of(to_plain(spec))
    _OBSERVED[id(spec)] = spec, definition
    return definition


_OBSERVED: dict[int, tuple[GateSpec | CheckSpec | None, str]] = {}


def find_definition(plan: Plan, key: str) -> Condition | None:
    """Find what `proved_by` names: a check, gate, drill, experiment or review of that key."""
    lists = (plan.checks, plan.gates, plan.drills, plan.experiments, plan.reviews)
    return next((c for conditions in lists for c in conditions if c.key == key), None)


def watchlist(
    plan: Plan, running: str | None, following: str | None, served: Mapping[str, int] | None = None
) -> tuple[Watched, ...]:
    """Give everything to observe while `running` runs and `following` is next; each path once.

    `served` are the shares of flags in force, in basis points.
    """
    found: dict[str, Watched] = {}
    shares = observed_flags(plan, find_phase(plan, running) if running else None, served)
    for condition, of_running in _wanted(plan, running, following, shares):
        watched = _watched(plan, condition, of_running)
        if watched is not None and watched.path not in found:
            found[watched.path] = watched
    return tuple(found.values())


def _wanted(
    plan: Plan, running: str | None, following: str | None, shares: tuple[Condition, ...]
) -> Iterator[tuple[Condition, bool]]:
    phases = [(find_phase(plan, key), key == running) for key in (running, following) if key]
    for phase, of_running in phases:
        for condition in (*watch_conditions(plan, phase), *_conditions_of(phase)):
            yield condition, of_running
            yield from ((proof, of_running) for proof in _proofs(plan, condition))
    for gap in plan.gaps:
        for condition in gap.closed_when:
            yield condition, False
            yield from ((proof, False) for proof in _proofs(plan, condition))
    yield from ((condition, True) for condition in shares)
    # What verifies a rollback must hold since it began, which is since the phase it led to was entered.
    yield from ((level.verify, True) for level in plan.rollbacks if level.verify is not None)
    yield from ((condition, False) for condition in (*plan.gates, *plan.checks, *plan.implied))


def _conditions_of(phase: Phase | None) -> tuple[Condition, ...]:
    return (*phase.abort, *phase.succeed, *phase.enter) if phase is not None else ()


def _proofs(plan: Plan, condition: Condition) -> Iterator[Condition]:
    for key in condition.item.proved_by if condition.item is not None else ():
        if (proof := find_definition(plan, key)) is not None:
            yield proof


def _watched(plan: Plan, condition: Condition, of_running: bool) -> Watched | None:
    path, abort = observation_path(plan, condition), condition.list is ConditionList.ABORT
    if condition.gate is not None:
        default = condition.list is ConditionList.PROOF
        slow = max(condition.gate.every, min(SLOW, condition.gate.max_age))
        every = slow if default else condition.gate.every
        return Watched(path, condition, every, abort, of_running)
    if condition.check is not None:
        return Watched(path, condition, condition.check.every, False, of_running)
    return None
