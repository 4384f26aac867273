"""Gates: everything one gate is judged from, asked from Prometheus in one go.

Nothing is decided here. A reading carries the values, the age of its oldest selector, the series that went missing and
how far the history reaches; a window carries how the criterion fared. Trouble with any of the questions is trouble
with the reading, because evidence that could not be completed proves nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from readiness.collectors.prometheus import PrometheusBatch, moment_of
from readiness.collectors.prometheus_answers import Answer
from readiness.core.conditions import GateSpec
from readiness.core.criteria import Criteria, parse_criteria
from readiness.core.gates import worst_series
from readiness.core.selectors import (
    Selector,
    UnreadableQuery,
    answers_one_series,
    first_sample_query,
    last_sample_query,
    newest_sample_query,
    query_selectors,
    reaches_query,
)
from readiness.core.types import GateObservation, Reading, Trouble, Window
from readiness.core.windows import Lines, Point, Stretch, drop_stale, fold_window, window_stretch

LOST_WITHIN = timedelta(hours=1)
LOST_STEP = timedelta(minutes=1)
TRAIL_LENGTH = timedelta(hours=6)
TRAIL_STEP = timedelta(minutes=6)


@dataclass(frozen=True, slots=True)
class GateCollected:
    """A gate's observation, and the trail of its worst series for a small chart."""

    observation: GateObservation
    trail: tuple[Point, ...] = ()


def collect_gate(
    batch: PrometheusBatch, spec: GateSpec, *, success_from: datetime | None, abort: bool, baseline: float | None,
    with_trail: bool,
) -> GateCollected:  # fmt: skip
    """Ask everything that `spec` is judged from.

    `success_from` is the start of the run that a success window proves, `abort` says that the spec is an abort trigger,
    `baseline` is the recorded number (in the query's unit) that a relative criterion compares with.
    """
    reading = collect_reading(batch, spec.query)
    comparand = collect_reading(batch, spec.against.query) if spec.against and spec.against.query else None
    traffic = collect_reading(batch, spec.enough.query) if spec.enough else None
    observation = GateObservation(reading=reading, comparand=comparand, traffic=traffic)
    sampled_at = _oldest(reading, comparand)
    if sampled_at is not None:
        observation = _with_window(batch, spec, observation, (sampled_at, success_from, abort, baseline))
    return GateCollected(observation, _trail(batch, spec, observation) if with_trail else ())


def _oldest(*readings: Reading | None) -> datetime | None:
    """The newest sample of the oldest reading; None when one has trouble or no sample."""
    asked = [reading for reading in readings if reading is not None]
    moments = [r.sampled_at for r in asked if r.sampled_at is not None and r.trouble is Trouble.NONE]
    return min(moments) if len(moments) == len(asked) else None


# ------------------------------------------------------------------------------------- one query


def collect_reading(batch: PrometheusBatch, query: str) -> Reading:
    """The answer of one query with all that proves it: sample age, missing series, reach of its history."""
    answer = batch.ask(query)
    reading = Reading(
        query=query,
        source=batch.source.key,
        asked_at=batch.now,
        trouble=answer.trouble,
        message=answer.message,
        values=answer.values,
        warnings=answer.warnings,
    )
    if reading.trouble is not Trouble.NONE:
        return reading
    try:
        selectors = query_selectors(query)
    except UnreadableQuery as problem:
        return replace(reading, trouble=Trouble.SOURCE_ERROR, message=str(problem))
    reading = _with_age(batch, reading, selectors)
    reading = _with_history(batch, reading, selectors)
    return reading if answers_one_series(query) else _with_lost_series(batch, reading)


def _with_age(batch: PrometheusBatch, reading: Reading, selectors: Iterable[Selector]) -> Reading:
    """The query is as old as its oldest selector; one that has no sample leaves it without any age."""
    moments = []
    for selector in selectors:
        answer = _newest_sample(batch, selector)
        reading = _tainted(reading, answer)
        moments.append(moment_of(answer))
    known = [moment for moment in moments if moment is not None]
    return replace(reading, sampled_at=min(known)) if known and len(known) == len(moments) else reading


def _newest_sample(batch: PrometheusBatch, selector: Selector) -> Answer:
    answer = batch.ask(newest_sample_query(selector))
    if answer.values or answer.trouble is not Trouble.NONE or selector.of_absence:
        return answer
    return batch.ask(last_sample_query(selector))


def _with_history(batch: PrometheusBatch, reading: Reading, selectors: Iterable[Selector]) -> Reading:
    """Whether the samples of every selector reach back as far as the query reads them; the shortest history counts.

    `looks_back` is that of the selector named by `covers_from`, so that "covers 6 of 24 h" speaks of one thing.
    """
    backwards = [s for s in selectors if s.looks_back and not s.of_absence]
    shortest: tuple[timedelta, timedelta, datetime | None] | None = None
    for selector in sorted(backwards, key=lambda s: s.looks_back):
        reading, begins_at = _beginning(batch, reading, selector)
        lacks = selector.looks_back if begins_at is None else begins_at - (batch.now - selector.looks_back)
        if shortest is None or lacks >= shortest[0]:
            shortest = lacks, selector.looks_back, begins_at
    return reading if shortest is None else replace(reading, looks_back=shortest[1], covers_from=shortest[2])


def _beginning(batch: PrometheusBatch, reading: Reading, selector: Selector) -> tuple[Reading, datetime | None]:
    reaches = batch.ask(reaches_query(selector))
    reading = _tainted(reading, reaches)
    if reaches.values:
        return reading, batch.now - selector.looks_back
    first = batch.ask(first_sample_query(selector))
    return _tainted(reading, first), moment_of(first)


def _with_lost_series(batch: PrometheusBatch, reading: Reading) -> Reading:
    end_at = batch.now.replace(microsecond=0)
    answer = batch.ask_range(reading.query, Stretch(end_at - LOST_WITHIN, end_at, LOST_STEP))
    present = {series.labels for series in reading.values}
    lost = tuple(sorted(labels for labels in answer.lines if labels not in present))
    return replace(_tainted(reading, answer), lost_series=lost)


def _tainted(reading: Reading, answer: Answer) -> Reading:
    """Carry trouble and warnings of a side question into the reading that rests on it."""
    warnings = reading.warnings + tuple(w for w in answer.warnings if w not in reading.warnings)
    if reading.trouble is Trouble.NONE and answer.trouble is not Trouble.NONE:
        return replace(reading, trouble=answer.trouble, message=answer.message, warnings=warnings)
    return replace(reading, warnings=warnings)


# ------------------------------------------------------------------------------------- the window

WindowAsk = tuple[datetime, datetime | None, bool, float | None]
"""Newest sample, start of the run, whether it is an abort trigger, baseline."""


def _with_window(
    batch: PrometheusBatch, spec: GateSpec, observation: GateObservation, ask: WindowAsk
) -> GateObservation:
    sampled_at, success_from, abort, baseline = ask
    criteria = parse_criteria(spec.expect, spec.unit)
    if abort and not spec.hold_for and not spec.for_phase:
        return replace(observation, window=_window_now(observation, criteria, sampled_at, baseline))
    stretch = window_stretch(spec, sampled_at, success_from, abort)
    if stretch is None:
        return observation
    asked = [batch.ask_range(spec.query, stretch)]
    if spec.against and spec.against.query:
        asked.append(batch.ask_range(spec.against.query, stretch))
    sampled = [batch.ask_range(newest_sample_query(s), stretch) for s in _all_selectors(spec)]
    reading = observation.reading
    for answer in chain(asked, sampled):
        reading = _tainted(reading, answer)
    observation = replace(observation, reading=reading)
    if reading.trouble is not Trouble.NONE:
        return observation
    comparand: Lines | float | None = asked[1].lines if len(asked) > 1 else baseline
    newest = [tuple(chain.from_iterable(answer.lines.values())) for answer in sampled]
    lines = drop_stale(asked[0].lines, newest, spec.max_age)
    return replace(observation, window=fold_window(lines, comparand, criteria, stretch, abort))


def _all_selectors(spec: GateSpec) -> tuple[Selector, ...]:
    against = query_selectors(spec.against.query) if spec.against and spec.against.query else ()
    return tuple(dict.fromkeys(chain(query_selectors(spec.query), against)))


def _window_now(
    observation: GateObservation, criteria: Criteria, sampled_at: datetime, baseline: float | None
) -> Window:
    """The window of an abort trigger without `for`: the one moment of its newest sample, folded like any other."""
    moment = sampled_at.astimezone(UTC).replace(microsecond=0)
    lines = {series.labels: (Point(moment, series.value),) for series in observation.reading.values}
    other = observation.comparand
    comparand = baseline if other is None else {s.labels: (Point(moment, s.value),) for s in other.values}
    return fold_window(lines, comparand, criteria, Stretch(moment, moment, LOST_STEP), abort=True)


# ------------------------------------------------------------------------------------- the trail


def _trail(batch: PrometheusBatch, spec: GateSpec, observation: GateObservation) -> tuple[Point, ...]:
    """Six hours of the worst series at sixty steps; empty when there is nothing to show."""
    if not observation.reading.values or observation.reading.trouble is not Trouble.NONE:
        return ()
    end_at = batch.now.replace(microsecond=0)
    answer = batch.ask_range(spec.query, Stretch(end_at - TRAIL_LENGTH + TRAIL_STEP, end_at, TRAIL_STEP))
    worst, _ = worst_series(spec, observation)
    return answer.lines.get(worst.labels, ())
