"""Why a gate is what it is: the steps of its judgement, what each found and needed. The first that fails decides."""

from dataclasses import replace
from datetime import datetime, timedelta

from readiness.core.assess import assess_condition
from readiness.core.conditions import Condition, GateSpec
from readiness.core.criteria import needs_comparand
from readiness.core.criteria_words import format_value
from readiness.core.gates import comparand_title, comparand_value, describe_series, gate_criteria, worst_series
from readiness.core.quantities import format_duration
from readiness.core.reasons import REASONS
from readiness.core.types import Assessment, GateObservation, Window
from readiness.queries.gates import limit_words, seen_of, spec_of
from readiness.queries.pages.gates import TraceCard, TraceStep
from readiness.queries.pages.parts import Region
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, lower_first, rough_length, upper_first

STEPS = ("Answered", "Fresh", "Enough", "Value", "Duration")
FAILS_AT = {
    "GATE_NEVER_MEASURED": "Answered",
    "GATE_OTHER_QUERY": "Answered",
    "SOURCE_NOT_CONFIGURED": "Answered",
    "GATE_SOURCE_ERROR": "Answered",
    "GATE_NO_DATA": "Answered",
    "GATE_NOT_A_NUMBER": "Answered",
    "GATE_STALE": "Fresh",
    "GATE_TOO_LITTLE_TRAFFIC": "Enough",
    "GATE_NO_BASELINE": "Enough",
    "GATE_BREACHED": "Value",
    "GATE_NOT_SUSTAINED": "Duration",
}
"""At which step the judgement ended, by the code that the core gave."""


def fill_trace(scene: Scene, condition: Condition) -> TraceCard:
    """Retell the judgement of a gate, as it is without a waiver."""
    assessment = assess_condition(replace(scene.facts_of(condition), waiver=None), scene.now)
    return trace_card(scene.region("trace"), spec_of(condition), seen_of(scene, condition), assessment, scene.now)


def trace_card(
    region: Region, spec: GateSpec, seen: GateObservation | None, assessment: Assessment, now: datetime
) -> TraceCard:
    """Retell a judgement: what each step found at that moment, and needed."""
    asked = [step for step in STEPS if _is_asked(step, spec)]
    failed = FAILS_AT.get(assessment.code, "")
    end = asked.index(failed) if failed in asked else len(asked)
    steps = tuple(_step(step, n - end, spec, seen, assessment, now) for n, step in enumerate(asked))
    word = REASONS[assessment.code].word.lower() if assessment.code else "passing"
    title = f"Why it’s {word}" if word != "no data" else "Why there is no data"
    return TraceCard(region, title, steps, seen.reading.asked_at if seen else None)


def _is_asked(step: str, spec: GateSpec) -> bool:
    if step == "Enough":
        return spec.enough is not None or needs_comparand(gate_criteria(spec))
    return step != "Duration" or spec.for_phase or bool(spec.hold_for)


def _step(
    step: str, beyond: int, spec: GateSpec, seen: GateObservation | None, assessment: Assessment, now: datetime
) -> TraceStep:
    """`beyond` is 0 at the step that failed, negative before it, positive after it."""
    needed = _needed(step, spec)
    if beyond > 0 or (seen is None and beyond):
        return TraceStep("Not due", step, "Not judged", needed)
    if beyond == 0:
        shortfall = assessment.found.rpartition("; ")[2] if step == "Duration" else assessment.found
        return TraceStep(REASONS[assessment.code].word, step, upper_first(shortfall), needed)
    return TraceStep("Met", step, _found(step, spec, seen, now) if seen else "", needed)


def _found(step: str, spec: GateSpec, seen: GateObservation, now: datetime) -> str:
    reading = seen.reading
    if step == "Answered":
        within = f" in {took_words(reading.took)}" if reading.took else ""
        count = count_of(len(reading.values), "series", "series")
        return f"{upper_first(reading.source)} answered{within} with {count}"
    if step == "Fresh" and reading.sampled_at is not None:
        return f"Newest sample is {rough_length(now - reading.sampled_at)} old"
    if step == "Enough":
        return _enough(spec, seen)
    if step == "Value":
        worst, _ = worst_series(spec, seen)
        return describe_series(worst, spec, comparand_value(seen, worst.labels))
    return _held(spec, seen.window)


def took_words(took: timedelta) -> str:
    """How long a source needed, in whole milliseconds: 41 ms."""
    return format_duration(timedelta(milliseconds=max(1, round(took / timedelta(milliseconds=1)))))


def _enough(spec: GateSpec, seen: GateObservation) -> str:
    parts = []
    if spec.enough is not None and seen.traffic is not None:
        parts.append(f"Traffic is {sum(series.value for series in seen.traffic.values):g}")
    if needs_comparand(gate_criteria(spec)):
        parts.append(f"{upper_first(comparand_title(spec))} is {format_value(comparand_value(seen), spec.unit)}")
    return ", ".join(parts)


def _held(spec: GateSpec, window: Window | None) -> str:
    if window is None:
        return "Not judged"
    if spec.for_phase and window.held_share is not None:
        return f"Held for {window.held_share * 100:.2f} % of the phase"
    held = window.end_at - window.held_since if window.held_since else timedelta(0)
    return f"Held for {rough_length(held)} or longer"


def _needed(step: str, spec: GateSpec) -> str:
    if step == "Answered":
        return "an answer with data, all of it numbers"
    if step == "Fresh":
        return f"at most {format_duration(spec.max_age)}"
    if step == "Enough":
        traffic = f"traffic of at least {spec.enough.at_least:g}" if spec.enough else ""
        compared = f"a value of {lower_first(comparand_title(spec))}" if needs_comparand(gate_criteria(spec)) else ""
        return ", ".join(filter(None, [traffic, compared]))
    if step == "Value":
        return limit_words(spec)
    if spec.for_phase:
        return f"{(spec.at_least if spec.at_least is not None else 1) * 100:g} % of the phase"
    return format_duration(spec.hold_for)
