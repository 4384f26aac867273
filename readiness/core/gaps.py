"""Gaps: what is missing, what is still open of it, and how much work the open ones are."""

from collections.abc import Iterable
from dataclasses import dataclass

from readiness.core.facts import ConditionFacts, GapFacts, TaskFacts
from readiness.core.plan import Gap
from readiness.core.types import Assessment, Outcome

ALL_PHASES = "all"
SEVERITIES = ("blocking", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class GapState:
    """What is open of a gap: its tasks not done, and its conditions not met.

    `waived` ones do not keep it open, and neither do `attested` ones: those met by a person's word alone.
    """

    gap: Gap
    open_tasks: tuple[TaskFacts, ...]
    open_conditions: tuple[ConditionFacts, ...]
    closed: bool
    waived: tuple[ConditionFacts, ...] = ()
    attested: tuple[ConditionFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conditions of a gap (its tasks, where it has none) are done, and by what that is known.

    `claimed` counts all that somebody or something says is done; `attested` those of them that a person's word alone
    meets, `proven` those that evidence meets.
    """

    claimed: int
    attested: int
    proven: int
    total: int

    @property
    def only_claimed(self) -> int:
        """Count what is said to be done, and neither proven nor attested."""
        return self.claimed - self.attested - self.proven


def gap_blocks(gap: Gap, phase: str) -> bool:
    """Say whether a gap must be closed before a phase is entered. Severity is weight and does not count."""
    return ALL_PHASES in gap.blocks or phase in gap.blocks


def gap_weight(gap: Gap) -> int:
    """Order gaps by how heavy they are: blocking is 0; what the vocabulary does not know is lightest."""
    return SEVERITIES.index(gap.severity) if gap.severity in SEVERITIES else len(SEVERITIES)


def gap_state(facts: GapFacts, assessments: dict[str, Assessment]) -> GapState:
    """Find what is open. A gap with neither tasks nor conditions is open until a person closes it."""
    open_tasks = tuple(task for task in facts.tasks if task.closed_by is None)
    met = (Outcome.MET, Outcome.WAIVED)
    outcomes = [(c, assessments[c.condition.path].outcome) for c in facts.conditions]
    open_conditions = tuple(c for c, outcome in outcomes if outcome not in met)
    waived = tuple(c for c, outcome in outcomes if outcome is Outcome.WAIVED)
    attested = tuple(c for c, outcome in outcomes if outcome is Outcome.MET and assessments[c.condition.path].attested)
    measurable = bool(facts.tasks or facts.conditions)
    closed = not open_tasks and not open_conditions if measurable else facts.closed_by is not None
    return GapState(facts.gap, open_tasks, open_conditions, closed, waived, attested)


def tally_gap(facts: GapFacts, state: GapState) -> Tally:
    """Count what is claimed, attested and proven: with all tasks closed every condition is claimed.

    What is waived is neither, and a task or a gap that a person closed is their word.
    """
    if not facts.conditions:
        done = len(facts.tasks) - len(state.open_tasks) if facts.tasks else int(state.closed)
        return Tally(done, done, 0, max(len(facts.tasks), 1))
    said_done = bool(facts.tasks) and not state.open_tasks
    unproven = (*state.open_conditions, *state.waived)
    unclaimed = len(state.waived) + sum(not said_done and not each.claims for each in state.open_conditions)
    total = len(facts.conditions)
    attested = len(state.attested)
    return Tally(total - unclaimed, attested, total - len(unproven) - attested, total)


def gap_estimate(gap: Gap) -> tuple[float, float]:
    """Give a gap's effort in working days, lower and upper end: its own estimate, else the sum of its tasks'."""
    if gap.estimate is not None:
        return gap.estimate
    return total_effort(task.estimate for task in gap.tasks)


def total_effort(estimates: Iterable[tuple[float, float] | None]) -> tuple[float, float]:
    """Add ranges up as given, in working days."""
    known = [estimate for estimate in estimates if estimate is not None]
    return sum(low for low, _ in known), sum(high for _, high in known)
