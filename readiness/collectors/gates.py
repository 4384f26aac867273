"""Gates: everything one gate is judged from, asked from Prometheus in one go.

Nothing is decided here. A reading carries the values, the age of its oldest selector, the series that went missing and
how far the history reaches; a window carries how the criterion fared. Trouble with any of the questions is trouble
with the reading, because evidence that could not be completed proves nothing. The raw answers that an observation
names by their digests come along.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.prometheus_answers import Answer, Exchange
from readiness.collectors.questions import Asking, Question, together
from readiness.collectors.readings import Notes, ask_reading, tainted
from readiness.core.conditions import GateSpec
from readiness.core.criteria import Criteria
from readiness.core.gates import gate_criteria, worst_series
from readiness.core.selectors import Selector, newest_sample_query, query_selectors
from readiness.core.types import GateObservation, Reading, Trouble, Window
from readiness.core.windows import Lines, Point, Stretch, drop_stale, fold_window, window_stretch

A_MINUTE = timedelta(minutes=1)
TRAIL_LENGTH = timedelta(hours=6)
TRAIL_STEP = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class GateAsked:
    """A gate as it is asked about now.

    `success_from` is the start of the run that a success window proves, `abort` says that it is an abort trigger,
    `compared` is the recorded number (in the query's unit) that a relative criterion compares with.
    """

    spec: GateSpec
    success_from: datetime | None = None
    abort: bool = False
    compared: float | None = None
    with_trail: bool = False


@dataclass(frozen=True, slots=True)
class GateCollected:
    """A gate's observation, the trail of its worst series for a small chart, and the raw answers that it names."""

    observation: GateObservation
    trail: tuple[Point, ...] = ()
    answers: tuple[Exchange, ...] = field(default=(), compare=False)


def collect_gate(batch: PrometheusBatch, asked: GateAsked) -> GateCollected:
    """Ask everything that one gate is judged from."""
    return collect_gates(batch, [asked])[0]


def collect_gates(batch: PrometheusBatch, asked: Sequence[GateAsked]) -> list[GateCollected]:
    """Ask everything that several gates are judged from, side by side; what two of them ask is asked once."""
    return batch.settle(together([_ask_gate(Notes(batch.source.key, batch.now), each) for each in asked]))


def _ask_gate(notes: Notes, asked: GateAsked) -> Asking[GateCollected]:
    spec = asked.spec
    other = spec.against.query if spec.against else None
    queries = [spec.query, *([other] if other else []), *([spec.enough.query] if spec.enough else [])]
    readings = yield from together([ask_reading(notes, query) for query in queries])
    observation = GateObservation(
        reading=readings[0],
        comparand=readings[1] if other else None,
        traffic=readings[-1] if spec.enough else None,
    )
    sampled_at = _oldest(observation.reading, observation.comparand)
    if sampled_at is not None:
        observation = yield from _with_window(notes, asked, observation, sampled_at)
    trail = (yield from _ask_trail(notes, spec, observation)) if asked.with_trail else ()
    return GateCollected(observation, trail, notes.named_by(observation))


def _oldest(*readings: Reading | None) -> datetime | None:
    """The newest sample of the oldest reading; None when one has trouble or no sample."""
    asked = [reading for reading in readings if reading is not None]
    moments = [r.sampled_at for r in asked if r.sampled_at is not None and r.trouble is Trouble.NONE]
    return min(moments) if len(moments) == len(asked) else None


# ------------------------------------------------------------------------------------- the window


def _with_window(
    notes: Notes, asked: GateAsked, observation: GateObservation, sampled_at: datetime
) -> Asking[GateObservation]:
    spec, criteria = asked.spec, gate_criteria(asked.spec)
    if asked.abort and not spec.hold_for and not spec.for_phase:
        return replace(observation, window=_window_now(observation, criteria, sampled_at, asked.compared))
    stretch = window_stretch(spec, sampled_at, asked.success_from, asked.abort)
    if stretch is None:
        return observation
    queries = _compared_queries(spec)
    selectors = [newest_sample_query(selector) for selector in _all_selectors(queries)]
    answers = yield [Question(query, stretch) for query in (*queries, *selectors)]
    reading = observation.reading
    for answer in answers:
        reading = tainted(notes, reading, answer)
    observation = replace(observation, reading=reading)
    if reading.trouble is not Trouble.NONE:
        return observation
    window = _folded(asked, criteria, stretch, answers)
    return replace(observation, window=replace(window, answer=notes.keep(answers[0])))


def _compared_queries(spec: GateSpec) -> tuple[str, ...]:
    return (spec.query, spec.against.query) if spec.against and spec.against.query else (spec.query,)


def _all_selectors(queries: Iterable[str]) -> tuple[Selector, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(query_selectors(query) for query in queries)))


def _folded(asked: GateAsked, criteria: Criteria, stretch: Stretch, answers: Sequence[Answer]) -> Window:
    count = len(_compared_queries(asked.spec))
    comparand: Lines | float | None = answers[1].lines if count > 1 else asked.compared
    newest = [tuple(chain.from_iterable(answer.lines.values())) for answer in answers[count:]]
    lines = drop_stale(answers[0].lines, newest, asked.spec.max_age)
    return fold_window(lines, comparand, criteria, stretch, asked.abort)


def _window_now(
    observation: GateObservation, criteria: Criteria, sampled_at: datetime, compared: float | None
) -> Window:
    """The window of an abort trigger without `for`: the one moment of its newest sample, folded like any other."""
    moment = sampled_at.astimezone(UTC).replace(microsecond=0)
    lines = {series.labels: (Point(moment, series.value),) for series in observation.reading.values}
    other = observation.comparand
    comparand = compared if other is None else {s.labels: (Point(moment, s.value),) for s in other.values}
    return fold_window(lines, comparand, criteria, Stretch(moment, moment, A_MINUTE), abort=True)


# ------------------------------------------------------------------------------------- the trail


def _ask_trail(notes: Notes, spec: GateSpec, observation: GateObservation) -> Asking[tuple[Point, ...]]:
    """Six hours of the worst series at sixty steps; empty when there is nothing to show."""
    if not observation.reading.values or observation.reading.trouble is not Trouble.NONE:
        return ()
    end_at = notes.now.replace(microsecond=0)
    (answer,) = yield (Question(spec.query, Stretch(end_at - TRAIL_LENGTH + TRAIL_STEP, end_at, TRAIL_STEP)),)
    worst, _ = worst_series(spec, observation)
    return answer.lines.get(worst.labels, ())
