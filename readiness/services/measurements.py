"""Measurements: keep each with all that it was judged from, and the raw answers it rests on for as long as they tell.

Every measurement is kept for two days. One that tells something new, because the outcome changed or nothing was told
for five minutes, is kept for as long as the operator says. What a verdict rests on is copied to where all evidence is.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from django.conf import settings

from readiness.collectors.gates import GateCollected
from readiness.core.codec import Plain
from readiness.core.conditions import GateSpec
from readiness.core.gates import worst_series
from readiness.core.types import Assessment, GateObservation
from readiness.models import Blob, Measurement, RawAnswer, Rollout

TELLING_EVERY = timedelta(minutes=5)
EACH_KEPT_FOR = timedelta(days=2)
FASTEST = 1


@dataclass(frozen=True, slots=True)
class Made:
    """A measurement that was made and judged: what it asked, what it saw as that is kept, whether it tells anything."""

    path: str
    definition: str
    spec: GateSpec
    found: GateCollected
    seen: Plain
    assessment: Assessment
    telling: bool


def keep_measurements(rollout: Rollout, made: Iterable[Made]) -> None:
    """Keep what was measured, and what the sources said."""
    rows: list[Measurement] = []
    answers: dict[str, RawAnswer] = {}
    for each in made:
        until = each.found.observation.reading.asked_at + (_told_for() if each.telling else EACH_KEPT_FOR)
        rows.append(_measurement(rollout, each, until))
        for answer in each.found.answers:
            known = answers.get(answer.digest)
            if known is None:
                packed = zlib.compress(answer.data, FASTEST)
                answers[answer.digest] = RawAnswer(digest=answer.digest, packed=packed, kept_until=until)
            else:
                known.kept_until = max(known.kept_until, until)
    Measurement.objects.bulk_create(rows)
    RawAnswer.objects.bulk_create(answers.values(), ignore_conflicts=True)


def _told_for() -> timedelta:
    return timedelta(days=settings.KEEP_MEASUREMENTS_DAYS)


def _measurement(rollout: Rollout, made: Made, until: datetime) -> Measurement:
    seen, assessment = made.found.observation, made.assessment
    reading = seen.reading
    worst = worst_series(made.spec, seen)[0] if reading.values else None
    return Measurement(
        rollout=rollout,
        path=made.path,
        source=reading.source,
        query=reading.query,
        asked_at=reading.asked_at,
        sampled_at=reading.sampled_at,
        value=worst.value if worst is not None and isfinite(worst.value) else None,
        outcome=assessment.outcome,
        code=assessment.code,
        found=assessment.found,
        worst=worst.labels if worst is not None else "",
        warnings=list(reading.warnings),
        took=reading.took,
        seen=made.seen,
        definition=made.definition,
        kept_until=until,
    )


def keep_answers_for_ever(observations: Iterable[GateObservation]) -> None:
    """Copy the raw answers that observations name to where they are never removed: a verdict rests on them."""
    named = {digest for seen in observations for digest in _named(seen)}
    rows = RawAnswer.objects.filter(pk__in=named - set(Blob.objects.filter(pk__in=named).values_list("pk", flat=True)))
    blobs = []
    for row in rows:
        data = zlib.decompress(row.packed)
        blobs.append(Blob(digest=row.digest, data=data, size_bytes=len(data), media_type="application/json"))
    Blob.objects.bulk_create(blobs, ignore_conflicts=True)


def _named(seen: GateObservation) -> Iterator[str]:
    parts = (seen.reading, seen.comparand, seen.traffic, seen.window)
    return (part.answer for part in parts if part is not None and part.answer)
