"""Windows: how a criterion fared over a stretch of time, folded from range answers. Pure.

A step of the stretch holds when every series that reported holds; it is breached when any of them breaks the
criterion; otherwise it is a hole: nothing reported, a series skipped the step, a value that is not a number, or nothing
to compare with. A hole never holds.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from readiness.core.conditions import GateSpec
from readiness.core.criteria import Criteria, comparand_judges, criteria_hold
from readiness.core.types import Window

SHORTEST_STEP_S = 1
LONGEST_STEP_S = 60
STEPS_PER_WINDOW = 60
MOST_STEPS = 10_000
BRIDGED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a moment; the value may be NaN."""

    at: datetime
    value: float


Lines = Mapping[str, tuple[Point, ...]]
"""Several series over time: the labels of each, and its points in order."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A grid of whole seconds that ends exactly at `end_at` and does not begin before `start_at`."""

    start_at: datetime
    end_at: datetime
    step: timedelta

    @property
    def first_at(self) -> datetime:
        """The earliest step of the grid."""
        return self.end_at - (self.steps - 1) * self.step

    @property
    def steps(self) -> int:
        """How many steps the grid has."""
        return (self.end_at - self.start_at) // self.step + 1

    def moments(self) -> tuple[datetime, ...]:
        """Every step, from the first to the end."""
        return tuple(self.end_at - self.step * back for back in range(self.steps - 1, -1, -1))


class StepState(Enum):
    """What one step shows."""

    HOLDS = "holds"
    BREACHES = "breaches"
    HOLE = "hole"


def choose_step(span: timedelta, length: timedelta | None = None) -> timedelta:
    """The step for a window of `span`: a sixtieth of it, in whole seconds, at least 1 s and at most 60 s.

    `length` is the whole stretch when it is longer than the window. Prometheus answers at most 11,000 steps, so beyond
    10,000 the step grows with the stretch.
    """
    seconds = min(LONGEST_STEP_S, max(SHORTEST_STEP_S, math.ceil(span.total_seconds() / STEPS_PER_WINDOW)))
    fewest = math.ceil((length or span).total_seconds() / MOST_STEPS)
    return timedelta(seconds=max(seconds, fewest))


def window_stretch(spec: GateSpec, sampled_at: datetime, success_from: datetime | None, abort: bool) -> Stretch | None:
    """The stretch to ask for, ending at the newest sample; None when the gate has no window or its run has not begun.

    Prometheus repeats a series for five minutes after its last sample, so nothing beyond `sampled_at` is evidence. A
    success window begins no earlier than the run it proves (`success_from`); an abort window looks back twice its
    length and five minutes more, so that a breach before a hole is seen.
    """
    end_at = _next_second(sampled_at)
    if spec.for_phase:
        return _phase_stretch(end_at, success_from)
    if not spec.hold_for:
        return None
    step = choose_step(spec.hold_for)
    start_at = end_at - 2 * spec.hold_for - BRIDGED if abort else end_at - spec.hold_for - step
    if success_from is not None and not abort:
        start_at = max(start_at, success_from)
    return Stretch(start_at, end_at, step) if start_at <= end_at else None


def _phase_stretch(end_at: datetime, success_from: datetime | None) -> Stretch | None:
    if success_from is None or success_from > end_at:
        return None
    length = end_at - success_from
    return Stretch(success_from, end_at, choose_step(length, length))


def _next_second(moment: datetime) -> datetime:
    return datetime.fromtimestamp(math.ceil(moment.timestamp()), UTC)


def drop_stale(lines: Lines, newest: Sequence[Sequence[Point]], max_age: timedelta) -> Lines:
    """Leave out points that rested on samples older than `max_age` at the time.

    `newest` has one line a selector, with the Unix time of its newest sample at each step. What remains is what a
    reader at that time would have believed, so a window after a restart equals one that was watched.
    """
    fresh = [{p.at for p in line if p.at.timestamp() - p.value <= max_age.total_seconds()} for line in newest]
    return {labels: tuple(p for p in line if all(p.at in f for f in fresh)) for labels, line in lines.items()}


def fold_window(
    points: Lines, comparand: Lines | float | None, criteria: Criteria, stretch: Stretch, abort: bool = False
) -> Window:
    """Fold the steps of `stretch` into a Window.

    The held run ends at the last step and any hole breaks it ("a gap in it restarts the clock"). The breached run ends
    at the newest step with data; for an abort trigger holes between two breaches belong to it. `comparand` is a
    constant, or lines: a single one judges every series, several are matched by labels.
    """
    moments = stretch.moments()
    states = step_states(points, comparand, criteria, moments)
    held = sum(state is StepState.HOLDS for state in states)
    return Window(
        start_at=stretch.start_at,
        end_at=stretch.end_at,
        held_since=_held_since(moments, states),
        breached_since=_breached_since(moments, states, abort),
        held_share=held / len(states) if states else None,
    )


def _held_since(moments: Sequence[datetime], states: Sequence[StepState]) -> datetime | None:
    since = None
    for moment, state in zip(reversed(moments), reversed(states), strict=True):
        if state is not StepState.HOLDS:
            break
        since = moment
    return since


def _breached_since(moments: Sequence[datetime], states: Sequence[StepState], abort: bool) -> datetime | None:
    since = None
    for moment, state in zip(reversed(moments), reversed(states), strict=True):
        if state is StepState.BREACHES:
            since = moment
        elif state is StepState.HOLDS or (since is not None and not abort):
            break
    return since


def step_states(
    points: Lines, comparand: Lines | float | None, criteria: Criteria, moments: Sequence[datetime]
) -> tuple[StepState, ...]:
    """The state of each step, over all series."""
    columns = [
        _line_states(line, _comparand_at(comparand, labels), criteria, moments) for labels, line in points.items()
    ]
    if not columns:
        return (StepState.HOLE,) * len(moments)
    return tuple(_joined(states) for states in zip(*columns, strict=True))


def _joined(states: Sequence[StepState | None]) -> StepState:
    for worst in (StepState.BREACHES, StepState.HOLE, StepState.HOLDS):
        if worst in states:
            return worst
    return StepState.HOLE


def _line_states(
    line: Sequence[Point], comparand: Mapping[datetime, float] | float | None, criteria: Criteria,
    moments: Sequence[datetime],
) -> list[StepState | None]:  # fmt: skip
    """One series, step by step; None before its first point and after its last, where it was not there."""
    values = {point.at: point.value for point in line}
    born, gone = (min(values), max(values)) if values else (None, None)

    def state(moment: datetime) -> StepState | None:
        if born is None or gone is None or not born <= moment <= gone:
            return None
        against = comparand.get(moment) if isinstance(comparand, Mapping) else comparand
        return _judged(values.get(moment), against, criteria)

    return [state(moment) for moment in moments]


def _judged(value: float | None, comparand: float | None, criteria: Criteria) -> StepState:
    if value is None or not math.isfinite(value) or not comparand_judges(criteria, comparand):
        return StepState.HOLE
    return StepState.HOLDS if criteria_hold(criteria, value, comparand) else StepState.BREACHES


def _comparand_at(comparand: Lines | float | None, labels: str) -> Mapping[datetime, float] | float | None:
    if not isinstance(comparand, Mapping):
        return comparand
    matching = list(comparand.values()) if len(comparand) == 1 else list(_same_labels(comparand, labels))
    return {point.at: point.value for point in matching[0]} if len(matching) == 1 else None


def _same_labels(lines: Lines, labels: str) -> Iterator[tuple[Point, ...]]:
    wanted = label_part(labels)
    return (line for other, line in lines.items() if label_part(other) == wanted)


def label_part(labels: str) -> str:
    """The labels of a series without its metric name: `up{job="a"}` gives `{job="a"}`."""
    _, brace, rest = labels.partition("{")
    return brace + rest
