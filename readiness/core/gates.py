"""Gates: from what was observed to MET, NOT_MET or UNKNOWN, in the one order of proof.

A measurement is proven before it is judged: was it ever measured, did the source answer, is there data, is every
value a number, how old is the newest sample, is there enough traffic, is there something to compare with. Only then
does the criterion count, for every series, and for the whole window.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from readiness.core.conditions import GateSpec
from readiness.core.criteria import (
    Criteria,
    comparand_judges,
    criteria_hold,
    needs_comparand,
    parse_criteria,
)
from readiness.core.criteria_words import describe_criteria, format_value
from readiness.core.facts import ConditionFacts
from readiness.core.quantities import format_duration
from readiness.core.sustained import proves_from, window_shortfall
from readiness.core.types import Assessment, GateObservation, Outcome, Reading, SeriesValue, Trouble

_LONGEST_QUOTED = 80
Doubt = tuple[str, str]
"""Why a measurement proves nothing: a reason code and what was found, in words."""


def gate_criteria(spec: GateSpec) -> Criteria:
    """Parse the criteria of a gate, in the unit of its query."""
    return _parsed(spec.expect, spec.unit)


_parsed = lru_cache(maxsize=4096)(parse_criteria)


@lru_cache(maxsize=4096)
def gate_requirement(spec: GateSpec) -> str:
    """Say what a gate requires: the limit, and for how long."""
    limit = describe_criteria(gate_criteria(spec), spec.unit, comparand_title(spec))
    if spec.for_phase and spec.at_least is not None:
        return f"{limit}, for {spec.at_least * 100:g} % of the phase"
    return f"{limit}, for {format_duration(spec.hold_for)}" if spec.hold_for else limit


def comparand_title(spec: GateSpec) -> str:
    """Name what a relative gate compares with, as people call it."""
    against = spec.against
    if against is None:
        return ""
    if against.previous:
        return against.title or "the last accepted result"
    return against.title or (f"baseline {against.baseline}" if against.baseline else "the other query")


def assess_gate(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge a gate as a success condition at `now`."""
    spec, path = facts.condition.gate, facts.condition.path
    if spec is None:
        raise ValueError(f"{path} is not a gate")
    required = gate_requirement(spec)
    if doubt := measurement_doubt(spec, facts.gate, now):
        return Assessment(path, Outcome.UNKNOWN, *doubt, required)
    seen = proven(facts.gate)
    worst, held = worst_series(spec, seen)
    found = describe_series(worst, spec, comparand_value(seen, worst.labels)) + _beside(spec, seen, worst)
    expires_at = freshest_until(spec, seen)
    if not held:
        return Assessment(path, Outcome.NOT_MET, "GATE_BREACHED", found, required)
    if shortfall := window_shortfall(spec, seen, proves_from(facts)):
        return Assessment(path, Outcome.NOT_MET, "GATE_NOT_SUSTAINED", f"{found}; {shortfall}", required)
    return Assessment(path, Outcome.MET, "", found, required, expires_at)


def proven(observation: GateObservation | None) -> GateObservation:
    """Return an observation that `measurement_doubt` has found no doubt in."""
    if observation is None:
        raise ValueError("an observation without doubt cannot be absent")
    return observation


def measurement_doubt(spec: GateSpec, seen: GateObservation | None, now: datetime) -> Doubt | None:
    """Give the first doubt in a measurement, or None when it may be judged."""
    if seen is None:
        return "GATE_NEVER_MEASURED", "never measured"
    return next(_doubts(spec, seen, now), None)


def has_data(spec: GateSpec, seen: GateObservation, now: datetime) -> bool:
    """Say whether the query itself answers with fresh numbers, however far they reach back and whatever is beside."""
    reading = replace(seen.reading, looks_back=timedelta(0))
    return next(_reading_doubts(spec, spec.query, reading, now), None) is None


def _doubts(spec: GateSpec, seen: GateObservation, now: datetime) -> Iterator[Doubt]:
    yield from _reading_doubts(spec, spec.query, seen.reading, now)
    yield from _traffic_doubts(spec, seen, now)
    yield from _comparand_doubts(spec, seen, now)


def _reading_doubts(spec: GateSpec, query: str | None, reading: Reading, now: datetime) -> Iterator[Doubt]:
    yield from _other_query_doubts(spec, query, reading)
    if reading.trouble is Trouble.NOT_CONFIGURED:
        yield "SOURCE_NOT_CONFIGURED", reading.message
    if reading.trouble is Trouble.SOURCE_ERROR:
        yield "GATE_SOURCE_ERROR", reading.message
    if reading.warnings:
        yield "GATE_SOURCE_ERROR", f"{reading.source} gave a partial answer: {min(reading.warnings)}"
    yield from _data_doubts(reading)
    if not all(math.isfinite(series.value) for series in reading.values):
        odd = min((s for s in reading.values if not math.isfinite(s.value)), key=lambda s: s.labels)
        yield "GATE_NOT_A_NUMBER", f"{odd.labels or 'the query'} is {odd.value}"
    yield from _age_doubts(reading, spec.max_age, now)


def _other_query_doubts(spec: GateSpec, query: str | None, reading: Reading) -> Iterator[Doubt]:
    """An answer to another question is none, however good it looks."""
    if reading.query != query:
        yield "GATE_OTHER_QUERY", f"the plan asks {_quoted(query)}, and this is an answer to {_quoted(reading.query)}"
    if reading.source != spec.source:
        yield "GATE_OTHER_QUERY", f"the plan asks {spec.source}, and this is an answer of {reading.source}"


def _quoted(query: str | None) -> str:
    text = query or "nothing"
    return text if len(text) <= _LONGEST_QUOTED else f"{text[:_LONGEST_QUOTED]}…"


def _data_doubts(reading: Reading) -> Iterator[Doubt]:
    if not reading.values:
        yield "GATE_NO_DATA", f"{reading.source} has no series for the query"
    if reading.lost_series:
        yield "GATE_NO_DATA", f"{min(reading.lost_series)} reported within the last hour and is gone"
    if reading.sampled_at is None:
        yield "GATE_NO_DATA", "no sample behind the query"
    if reading.looks_back and (reading.covers_from is None or _uncovered(reading) > timedelta(0)):
        covered = timedelta(0) if reading.covers_from is None else reading.asked_at - reading.covers_from
        words = f"history covers {format_duration(max(covered, timedelta(0)))}"
        yield "GATE_NO_DATA", f"{words} of {format_duration(reading.looks_back)}"


def _uncovered(reading: Reading) -> timedelta:
    if reading.covers_from is None:
        return reading.looks_back
    return reading.covers_from - (reading.asked_at - reading.looks_back)


def _age_doubts(reading: Reading, max_age: timedelta, now: datetime) -> Iterator[Doubt]:
    if reading.sampled_at is None:
        return
    age = now - reading.sampled_at
    if age > max_age:
        words = f"no sample for {format_duration(age)}; older than {format_duration(max_age)} does not count"
        yield "GATE_STALE", words
    if age < -max_age:
        yield "GATE_STALE", f"its newest sample is {format_duration(-age)} ahead of the clock"


def _traffic_doubts(spec: GateSpec, seen: GateObservation, now: datetime) -> Iterator[Doubt]:
    if spec.enough is None:
        return
    if seen.traffic is None:
        yield "GATE_TOO_LITTLE_TRAFFIC", "traffic was not measured"
        return
    for code, found in _reading_doubts(spec, spec.enough.query, seen.traffic, now):
        yield code, f"traffic: {found}"
    total = sum(series.value for series in seen.traffic.values)
    if not total >= spec.enough.at_least:
        yield "GATE_TOO_LITTLE_TRAFFIC", f"traffic is {total:g}; at least {spec.enough.at_least:g} is needed"


def comparand_doubt(spec: GateSpec, seen: GateObservation, now: datetime) -> Doubt | None:
    """Give the first doubt in what a gate compares with, or None; an absolute gate compares with nothing."""
    return next(_comparand_doubts(spec, seen, now), None)


def _comparand_doubts(spec: GateSpec, seen: GateObservation, now: datetime) -> Iterator[Doubt]:
    criteria = gate_criteria(spec)
    if not needs_comparand(criteria):
        return
    title = comparand_title(spec)
    if seen.comparand is not None:
        other = spec.against.query if spec.against is not None else None
        for code, found in _reading_doubts(spec, other, seen.comparand, now):
            yield code, f"{title}: {found}"
    else:
        yield from _baseline_doubts(spec, seen)
    for series in sorted(seen.reading.values, key=lambda s: s.labels):
        value = comparand_value(seen, series.labels)
        if value is None:
            yield "GATE_NO_BASELINE", f"{title} has nothing for {series.labels or 'the query'}"
        elif not comparand_judges(criteria, value):
            yield "GATE_NO_BASELINE", f"{title} is 0, which nothing can be a share of"


def _baseline_doubts(spec: GateSpec, seen: GateObservation) -> Iterator[Doubt]:
    title = comparand_title(spec) or "a baseline"
    if spec.against is not None and spec.against.query is not None:
        yield "GATE_NO_BASELINE", f"{title} was not measured"
    if seen.baseline is None:
        accepted = spec.against is not None and spec.against.previous
        found = "nothing has been accepted yet" if accepted else f"{title} is not recorded"
        yield "GATE_NO_BASELINE", found
    elif seen.baseline.query != spec.query:
        yield "GATE_NO_BASELINE", f"{title} was recorded of another query; record it again"


def comparand_value(seen: GateObservation, labels: str = "") -> float | None:
    """Give the number that a series compares with: the baseline, the other query's only series, or the one alike."""
    if seen.comparand is None:
        return seen.baseline.value if seen.baseline is not None else None
    values = seen.comparand.values
    if len(values) == 1:
        return values[0].value
    return next((series.value for series in values if series.labels == labels), None)


def worst_series(spec: GateSpec, seen: GateObservation) -> tuple[SeriesValue, bool]:
    """Give the series that decides, and whether every series holds the criterion."""
    criteria = gate_criteria(spec)
    breaching = [
        s for s in seen.reading.values if not criteria_hold(criteria, s.value, comparand_value(seen, s.labels))
    ]
    ordered = sorted(breaching or seen.reading.values, key=lambda s: (s.value, s.labels))
    return ordered[-1 if _grows_worse(spec) else 0], not breaching


def _grows_worse(spec: GateSpec) -> bool:
    return not spec.expect[0][0].lstrip().startswith(">")


def describe_series(series: SeriesValue, spec: GateSpec, comparand: float | None = None) -> str:
    """Say a value so that one sees on which side of its limit it lies, and which series it is when it has labels."""
    value = format_value(series.value, spec.unit, gate_criteria(spec), comparand)
    return f"{value} ({series.labels})" if series.labels else value


def _beside(spec: GateSpec, seen: GateObservation, series: SeriesValue) -> str:
    """Name the other side of a comparison with its value."""
    if not needs_comparand(gate_criteria(spec)):
        return ""
    return f" against {format_value(comparand_value(seen, series.labels), spec.unit)} of {comparand_title(spec)}"


def freshest_until(spec: GateSpec, seen: GateObservation) -> datetime | None:
    """Say until when this measurement counts: the age limit of the oldest sample that it rests on."""
    traffic = seen.traffic if spec.enough is not None else None
    return _oldest_until(spec, seen.reading, _comparand(spec, seen), traffic)


def comparand_until(spec: GateSpec, seen: GateObservation) -> datetime | None:
    """Say until when the other side of a comparison counts; None when there is none, or it is a recorded value."""
    return _oldest_until(spec, _comparand(spec, seen))


def _comparand(spec: GateSpec, seen: GateObservation) -> Reading | None:
    return seen.comparand if needs_comparand(gate_criteria(spec)) else None


def _oldest_until(spec: GateSpec, *readings: Reading | None) -> datetime | None:
    moments = [r.sampled_at for r in readings if r is not None and r.sampled_at is not None]
    return min(moments) + spec.max_age if moments else None
