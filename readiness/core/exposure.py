"""Exposure: the share that a phase asks for, and whether the share that is observed agrees with it.

A flag with `observed` names a query for the share in effect. It is measured like an abort trigger whose limit is the
asked share and its tolerance: a difference beyond it for 60 s speaks against going on, and so does not knowing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from readiness.core.conditions import Condition, ConditionKind, ConditionList, GateSpec
from readiness.core.criteria_words import format_value
from readiness.core.facts import ExposureFacts, FlagFacts
from readiness.core.gates import freshest_until, measurement_doubt, proven, worst_series
from readiness.core.plan import Phase, Plan, RollbackLevel
from readiness.core.plan_document import mapping_of, written_text
from readiness.core.plan_ways import PREVIOUS_PHASE, share_in
from readiness.core.quantities import format_duration, parse_share
from readiness.core.types import GateObservation

WHOLE_BP: Final = 10_000
DIFFERS_AFTER: Final = timedelta(seconds=60)
TOLERANCE: Final = 0.01
_SHARES = {"on": 1.0, "off": 0.0}
Trouble = tuple[str, str]


def asked_share(plan: Plan, phase: Phase | None, flag: str) -> float:
    """Give the share, 0 to 1, that a phase asks for of a flag; without a phase the flag's default."""
    default = written_text(mapping_of(plan.flags.get(flag)), "default", "off")
    text = share_in(plan, phase, flag) if phase is not None else default
    return _share(text)


def asked_bp(plan: Plan, phase: Phase | None, flag: str) -> int:
    """Give the share that a phase asks for of a flag, in basis points of all."""
    return round(asked_share(plan, phase, flag) * WHOLE_BP)


def held_words(flag: FlagFacts) -> str:
    """Say below what a flag is held, by whom and since when: `0 % by Ada since 14:02 UTC on 8 Dec: “…”`."""
    said = exposure_words(flag.most_bp)
    if flag.lowered_at is None:
        return f"{said}, and nobody has raised it since more is asked for"
    who = f"{said} by {flag.by.name}" if flag.by is not None else said
    when = f"{who} since {flag.lowered_at:%H:%M} UTC on {flag.lowered_at.day} {flag.lowered_at:%b}"
    return f"{when}: “{flag.reason}”" if flag.reason else when


def share_after(flag: FlagFacts, level: RollbackLevel) -> int:
    """Give the most that may be served once a way back has been taken; `flag` is as its target asks for it.

    What the level sets counts, and `previous_phase` is what the target asks for. What it does not set is never raised.
    """
    said = level.sets.get(flag.flag)
    if said is None:
        return min(flag.most_bp, flag.asked_bp)
    return flag.asked_bp if said == PREVIOUS_PHASE else round(_share(said) * WHOLE_BP)


def _share(text: str) -> float:
    return _SHARES[text] if text in _SHARES else parse_share(text)


def served_bp(flag: FlagFacts) -> int:
    """Give the share that is served: never more than is asked for, and never more than was allowed."""
    return min(flag.asked_bp, flag.most_bp)


def exposure_words(share_bp: int) -> str:
    """Say a share: 5 %."""
    return f"{share_bp / 100:g} %"


def observed_flags(plan: Plan, phase: Phase | None, served: Mapping[str, int] | None = None) -> tuple[Condition, ...]:
    """Give what measures the share of each flag that names a query for it, with its share as the limit.

    `served` gives the shares in force, in basis points; what it does not name is what the phase asks for.
    """
    shares = {key: asked_bp(plan, phase, key) for key in plan.flags} | dict(served or {})
    return tuple(
        _condition(plan, key, shares[key] / WHOLE_BP) for key, said in plan.flags.items() if said.get("observed")
    )


def _condition(plan: Plan, flag: str, asked: float) -> Condition:
    said = mapping_of(plan.flags[flag])
    observed = mapping_of(said["observed"])
    tolerance = _tolerance(written_text(observed, "tolerance"))
    limits = (f">= {_percent(asked - tolerance)}", f"<= {_percent(asked + tolerance)}")
    spec = GateSpec(
        source=written_text(observed, "source"),
        query=written_text(observed, "query"),
        unit="ratio",
        expect=(limits,),
        hold_for=DIFFERS_AFTER,
    )
    title = written_text(said, "title", flag)
    place = f"flag:{flag}"
    path = f"{place}/observed/gate:{flag}"
    return Condition(path, ConditionKind.GATE, flag, title, None, place, ConditionList.ABORT, gate=spec)


def _tolerance(text: str) -> float:
    """How far a share may be off, 0 to 1: `1pp` as the plan writes it, or 1 % of all when it says nothing."""
    return parse_share(text.replace("pp", "%")) if text else TOLERANCE


def _percent(share: float) -> str:
    return f"{round(max(0.0, min(1.0, share)) * 100, 6):g}%"


def exposure_trouble(exposure: ExposureFacts, entered_at: datetime, now: datetime) -> Trouble | None:
    """Say why the observed share speaks against going on: (code, found); None when it agrees, or not for long yet.

    What a query looks back over before the phase was entered shows the share of before, and does not count.
    """
    spec, seen = _spec(exposure), exposure.facts.gate
    if doubt := measurement_doubt(spec, seen, now):
        return "EXPOSURE_UNOBSERVED", doubt[1]
    measured = proven(seen)
    series, agrees = worst_series(spec, measured)
    lasted = _differs_for(measured, entered_at)
    if agrees or lasted < DIFFERS_AFTER:
        return None
    return "EXPOSURE_DIFFERS", f"{format_value(series.value, 'ratio')} observed for {format_duration(lasted)}"


def _differs_for(seen: GateObservation, entered_at: datetime) -> timedelta:
    if seen.window is None or seen.window.breached_since is None:
        return timedelta(0)
    return seen.window.end_at - max(seen.window.breached_since, entered_at + seen.reading.looks_back)


def exposure_until(exposure: ExposureFacts) -> datetime | None:
    """Say until when the observed share may be believed."""
    return freshest_until(_spec(exposure), exposure.facts.gate) if exposure.facts.gate is not None else None


def _spec(exposure: ExposureFacts) -> GateSpec:
    spec = exposure.facts.condition.gate
    if spec is None:
        raise TypeError(f"{exposure.flag} is not observed by a query")
    return spec
