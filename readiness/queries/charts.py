"""The chart of one gate: its line over a range, its limit, what happened meanwhile, and how it was judged."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite

from readiness.core.conditions import Condition, GateSpec
from readiness.queries.audit import Entry
from readiness.queries.gates import gate_quantity, limit_words, seen_of, spec_of, worse_side
from readiness.queries.histories import Bucket, load_buckets, load_trail
from readiness.queries.pages.gates import ChartEvent, ChartPoint, GateChart
from readiness.queries.scenes import Scene
from readiness.queries.words import phase_length, rough_length

RANGES = {"1h": timedelta(hours=1), "6h": timedelta(hours=6), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
USUAL_RANGE = "6h"
POINTS = 180
CELLS = 36
TELLING = {
    "phase.entered": "phase entered",
    "phase.rolled_back": "rolled back",
    "phase.aborted": "aborted",
    "plan.imported": "new plan",
    "baseline.recorded": "baseline",
}


def chart_range(scene: Scene) -> timedelta:
    """Give the range that the reader asked for."""
    return RANGES.get(scene.address.option, RANGES[USUAL_RANGE])


def make_chart(scene: Scene, condition: Condition, entries: Sequence[Entry]) -> GateChart | None:
    """Draw a gate over the range; nothing when there is no sample in it."""
    spec, length = spec_of(condition), chart_range(scene)
    begin, step = scene.now - length, length / POINTS
    buckets = load_buckets(scene.rollout, condition.path, begin, step, worse_side(spec))
    points = (*_earlier(scene, condition, begin, buckets), *_points(buckets, step))
    if not any(point.value is not None for point in points):
        return None
    value = gate_quantity(spec, seen_of(scene, condition))
    words = f"{condition.title}, last {phase_length(length)}"
    return GateChart(
        points=points,
        limit=value.marks[0] if value and value.marks else None,
        worse=worse_side(spec),
        unit=spec.unit,
        starts_at=begin,
        ends_at=scene.now,
        title=words,
        summary=f"{words}. It must be {limit_words(spec)}.",
        events=_events(entries, begin),
        strip=_strip(buckets),
        strip_note=_strip_note(spec, buckets, step),
    )


def _points(buckets: Sequence[Bucket], step: timedelta) -> list[ChartPoint]:
    """One point a bucket, and a hole where two buckets are further apart than a few steps."""
    points: list[ChartPoint] = []
    for bucket in buckets:
        at = bucket.at + step / 2
        if points and at - points[-1].at > 4 * step:
            points.append(ChartPoint(points[-1].at + step, None))
        points.append(ChartPoint(at, bucket.value))
    return points


def _earlier(scene: Scene, condition: Condition, begin: datetime, buckets: Sequence[Bucket]) -> list[ChartPoint]:
    """What the source remembers from before the first measurement."""
    first_at = buckets[0].at if buckets else scene.now
    trail = load_trail(scene.rollout, condition.path)
    return [ChartPoint(at, value) for at, value in trail if begin <= at < first_at and isfinite(value)]


def _events(entries: Sequence[Entry], begin: datetime) -> tuple[ChartEvent, ...]:
    found = (entry for entry in reversed(entries) if entry.action in TELLING and entry.at >= begin)
    return tuple(ChartEvent(entry.at, TELLING[entry.action]) for entry in found)


def _strip(buckets: Sequence[Bucket]) -> str:
    """One letter a cell: b when anything in it was breached or unknown, w when not yet long enough, else m."""
    size = max(1, -(-len(buckets) // CELLS))
    cells = [buckets[i : i + size] for i in range(0, len(buckets), size)]
    return "".join(_letter(cell) for cell in cells)


def _letter(cell: Sequence[Bucket]) -> str:
    if any(bucket.failed for bucket in cell):
        return "b"
    return "w" if any(bucket.waiting for bucket in cell) else "m"


def _strip_note(spec: GateSpec, buckets: Sequence[Bucket], step: timedelta) -> str:
    if not buckets:
        return ""
    span = buckets[-1].at + step - buckets[0].at
    return f"Evaluations over {rough_length(span)}"
