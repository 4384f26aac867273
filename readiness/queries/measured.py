"""One measurement: what a gate was at a moment, why, and what its source said, for as long as that is kept."""

import json
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from readiness.core.canonical import digest_bytes
from readiness.core.codec import from_plain
from readiness.core.conditions import Condition
from readiness.core.criteria_words import format_value
from readiness.core.gates import gate_requirement
from readiness.core.quantities import format_duration
from readiness.core.reasons import REASONS
from readiness.core.types import Assessment, GateObservation, Outcome
from readiness.core.watchlist import observed_definition
from readiness.models import Blob, Measurement, Observation, RawAnswer
from readiness.queries.conditions import gate_conditions
from readiness.queries.gates import PASSING, spec_of
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.pages.gates import MeasurementPage, RawAnswerCard
from readiness.queries.pages.parts import Fact, Region
from readiness.queries.places import place_words
from readiness.queries.scenes import Scene
from readiness.queries.traces import took_words, trace_card
from readiness.queries.words import moment_words, upper_first

NOT_KEPT = "not kept any more"


def _of_gate(scene: Scene, key: str) -> QuerySet[Measurement]:
    """The measurements of a gate, wherever the plan has it or had it."""
    paths = Observation.objects.filter(rollout=scene.rollout).values_list("path", flat=True)
    own = [path for path in paths if path.partition("gate:")[2].split("/")[0] == key]
    return Measurement.objects.filter(rollout=scene.rollout, path__in=own)


def find_measurement(scene: Scene, key: str, pk: int) -> Measurement | None:
    """Give a measurement of a gate by its number."""
    return _of_gate(scene, key).filter(pk=pk).first()


def measurement_at(scene: Scene, key: str, at: datetime) -> Measurement | None:
    """Give what a gate was measured as at a moment, or last before it: of several places the one that was not met."""
    newest = _of_gate(scene, key).filter(asked_at__lte=at).order_by("-asked_at").first()
    if newest is None:
        return None
    same = list(_of_gate(scene, key).filter(asked_at=newest.asked_at).order_by("path"))
    return next((each for each in same if each.outcome != Outcome.MET), newest)


def make_measurement(scene: Scene, row: Measurement) -> MeasurementPage:
    """Show one measurement."""
    condition = _condition(scene, row)
    seen = from_plain(GateObservation, row.seen) if row.seen else None
    required = gate_requirement(spec_of(condition)) if condition is not None else ""
    judged = Assessment(row.path, Outcome(row.outcome), row.code, row.found, required)
    trace = None
    if condition is not None and seen is not None:
        trace = trace_card(Region("trace", ""), spec_of(condition), seen, judged, row.asked_at)
    known = condition or next(iter(gate_conditions(scene.plan, scene.address.about)), None)
    earlier, later = _beside(row)
    return MeasurementPage(
        head=fill_head(scene),
        name=known.title if known is not None else scene.address.about,
        state=REASONS[row.code].word if row.code in REASONS else PASSING,
        sentence=_sentence(row, required),
        where=upper_first(place_words(scene, condition)) if condition is not None else row.path,
        at=row.asked_at,
        figures=tuple(_figures(row, condition)),
        query=row.query,
        answers=tuple(_answers(seen)),
        bar=fill_bar(scene),
        trace=trace,
        warnings=tuple(str(warning) for warning in row.warnings),
        note="" if trace else _why_no_trace(row, condition),
        url=scene.url("gate", scene.address.about),
        earlier_url=scene.url("measurement", scene.address.about, earlier) if earlier else "",
        later_url=scene.url("measurement", scene.address.about, later) if later else "",
    )


def _condition(scene: Scene, row: Measurement) -> Condition | None:
    """The condition that was measured, where the plan still asks just that."""
    found = (c for c in gate_conditions(scene.plan, scene.address.about) if c.path == row.path)
    return next((c for c in found if observed_definition(c) == row.definition), None)


def _why_no_trace(row: Measurement, condition: Condition | None) -> str:
    if condition is None and row.seen:
        return "The plan asks something else now, so the steps of this judgement are not retold."
    return "It was made before its steps were kept."


def _sentence(row: Measurement, required: str) -> str:
    return ". ".join(filter(None, [upper_first(row.found), f"It must be {required}" if required else ""])) + "."


def _beside(row: Measurement) -> tuple[int | None, int | None]:
    """The measurements of the same place before and after this one."""
    same = Measurement.objects.filter(rollout_id=row.rollout_id, path=row.path).values_list("pk", flat=True)
    earlier = same.filter(asked_at__lt=row.asked_at).order_by("-asked_at").first()
    return earlier, same.filter(asked_at__gt=row.asked_at).order_by("asked_at").first()


def _figures(row: Measurement, condition: Condition | None) -> Iterator[Fact]:
    unit = spec_of(condition).unit if condition is not None else ""
    yield Fact("Value", format_value(row.value, unit), row.worst)
    if row.sampled_at is not None:
        yield Fact("Newest sample", f"{format_duration(max(row.asked_at - row.sampled_at, timedelta(0)))} old")
    yield Fact("Source", row.source, f"needed {took_words(row.took)}" if row.took else "")
    if row.kept_until is not None:
        yield Fact("Kept until", moment_words(row.kept_until))


# ------------------------------------------------------------------------------------- what the source said


def _answers(seen: GateObservation | None) -> Iterator[RawAnswerCard]:
    if seen is None:
        return
    parts = (
        ("The query", seen.reading.answer),
        ("What it is compared with", seen.comparand.answer if seen.comparand else ""),
        ("The traffic", seen.traffic.answer if seen.traffic else ""),
        ("How long it has held", seen.window.answer if seen.window else ""),
    )
    for title, digest in parts:
        if digest:
            yield _answer(title, digest)


def _answer(title: str, digest: str) -> RawAnswerCard:
    data = _kept_answer(digest)
    if data is None:
        return RawAnswerCard(title, NOT_KEPT, digest)
    if digest_bytes(data) != digest:
        return RawAnswerCard(title, "it is no longer what was kept under this digest", digest)
    told = json.loads(data)
    asked = f"{told['asked']}?{' '.join(f'{key}={value}' for key, value in told['params'].items())}"
    said = told.get("trouble") or told["body"] or f"{told['size']:,} bytes, too long to be kept"
    note = f"status {told['status']}, {told['size']:,} bytes, {told['took_ms']} ms" if told["status"] else "no answer"
    return RawAnswerCard(title, note, digest, f"{asked}\n\n{said}")


def _kept_answer(digest: str) -> bytes | None:
    kept = Blob.objects.filter(pk=digest).values_list("data", flat=True).first()
    if kept is not None:
        return bytes(kept)
    packed = RawAnswer.objects.filter(pk=digest).values_list("packed", flat=True).first()
    return zlib.decompress(packed) if packed is not None else None
