"""What the simulated runs have in common: what was drawn and laid out, and the working time that it is counted in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from readiness.core.forecast_types import ForecastInputs, GapWork
from readiness.core.schedule import Column, Layout, latest
from readiness.core.workdays import WorkingTime


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs, column by column. `dwells` are seconds by phase; `now` is the forecast's moment in working time."""

    inputs: ForecastInputs
    runs: int
    gaps: Mapping[str, GapWork]
    work: Layout
    dwells: Mapping[str, Column]
    time: WorkingTime
    now: float
    closed: dict[frozenset[str], Column] = field(default_factory=dict)  # found so far


def closed_at(found: Runs, gaps: frozenset[str]) -> Column:
    """Give when all of these gaps are closed in each run, in working days from now."""
    if gaps not in found.closed:
        found.closed[gaps] = latest([ends for gap, ends in found.work.gaps.items() if gap in gaps], found.runs)
    return found.closed[gaps]
