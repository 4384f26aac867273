"""Baselines: what later values are compared with, under which name it is kept, and how far it has drifted.

A baseline is recorded by a person. The last accepted result is kept by the board when a phase is entered with GO: what
each gate was at that moment. Either may creep, each step small, so the drift against the first one is told as well.
"""

from collections.abc import Sequence
from math import isfinite

from readiness.core.conditions import Against, GateSpec

ACCEPTED = "previous"
"""The name that accepted results are kept under; an item may record the first one under it."""


def baseline_key(against: Against | None) -> str:
    """Give the name of the baseline that is compared with; empty when it is another query, or nothing."""
    if against is None:
        return ""
    return ACCEPTED if against.previous else against.baseline or ""


def compares_with_accepted(spec: GateSpec | None) -> bool:
    """Say whether a gate compares with the last accepted result."""
    return spec is not None and baseline_key(spec.against) == ACCEPTED


def drift_of(before: float, after: float) -> float | None:
    """Say how far a value is from one before, as a share of that; None where nothing can be a share of it."""
    if not before or not isfinite(before) or not isfinite(after):
        return None
    return (after - before) / abs(before)


def cumulative_drift(values: Sequence[float]) -> float | None:
    """Say how far the last of several baselines is from the first: five times +9 % is +54 %."""
    return drift_of(values[0], values[-1]) if len(values) > 1 else None
