"""For how long a gate has held, of the time that counts: what ends a phase is proven in its own run."""

from datetime import datetime, timedelta

from readiness.core.conditions import ConditionList, GateSpec
from readiness.core.facts import ConditionFacts
from readiness.core.quantities import format_duration
from readiness.core.types import GateObservation, Window


def proves_from(facts: ConditionFacts) -> datetime | None:
    """Say from when a window counts: what ends a phase is proven in its own run, whenever it was collected."""
    return facts.run_started_at if facts.condition.list is ConditionList.SUCCEED else None


def window_shortfall(spec: GateSpec, seen: GateObservation, counts_from: datetime | None) -> str:
    """Say what is missing of the time that a criterion must have held; empty when nothing is."""
    if spec.for_phase:
        return _share_shortfall(spec, seen, counts_from)
    if not spec.hold_for:
        return ""
    held = held_for(seen.window, counts_from)
    if held >= spec.hold_for:
        return ""
    return f"holds for {format_duration(held)} of the required {format_duration(spec.hold_for)}"


def held_for(window: Window | None, counts_from: datetime | None) -> timedelta:
    """Say how long a criterion has held without a break, of the time that counts."""
    if window is None or window.held_since is None:
        return timedelta(0)
    return max(window.end_at - max(window.held_since, counts_from or window.held_since), timedelta(0))


def _share_shortfall(spec: GateSpec, seen: GateObservation, counts_from: datetime | None) -> str:
    needed = 1.0 if spec.at_least is None else spec.at_least
    window = seen.window
    if window is None or window.held_share is None:
        return "the phase has not begun"
    if counts_from is not None and window.start_at < counts_from:
        return "not measured since this run began"
    share = window.held_share
    return "" if share >= needed else f"held for {share * 100:.2f} % of the phase; {needed * 100:g} % is required"
