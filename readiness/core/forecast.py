"""The forecast: when the gaps are closed, when each phase can begin, and how likely that is by which day.

Many runs are simulated. In each, every open task takes a random length from its estimate (triangular, the middle most
likely), the tasks are laid out along the order of work, and the phases follow: the last gap closed, one working day for
the poll, then the dwell in days of 24 hours, a range of it triangular too, and the looks of its experiments. A closed
task takes no time. What nobody has estimated takes none either, and makes every date that rests on it unknown.

Each task draws from a stream of its own, so that closing or adding one leaves the lengths of all others as they were.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import ceil
from operator import eq
from random import Random

from readiness.core.forecast_doubts import doubts_of, is_too_far, waited_for, working_days_needed
from readiness.core.forecast_phases import milestone_of, phases_begun
from readiness.core.forecast_runs import Runs, closed_at
from readiness.core.forecast_types import Doubt, Forecast, ForecastInputs, GapSpan, Milestone, Unknown
from readiness.core.schedule import Column, Job, JobKey, critical_path, lay_out, order_of_work, with_ancestors
from readiness.core.workdays import WorkingTime, second_as_moment

RUNS = 5_000
MIDDLE, LATE = 0.5, 0.95


def simulate_forecast(inputs: ForecastInputs, runs: int = RUNS) -> Forecast:
    """Simulate the work and the phases. Pure: the same inputs and number of runs give the same forecast."""
    unknowns = doubts_of(inputs)
    if not inputs.legs:
        return Forecast(inputs.at, runs, unknowns=unknowns)
    if is_too_far(inputs):
        return Forecast(inputs.at, runs, unknowns=(*unknowns, Unknown(Doubt.TOO_FAR)))
    jobs = order_of_work(waited_for(inputs))
    found = _run(inputs, jobs, runs)
    needed = with_ancestors(inputs.legs[0].gaps, found.gaps)
    path = critical_path(jobs, {job.key: sum(job.estimate or (0.0, 0.0)) / 2 for job in jobs}, needed)
    milestones = (*_gaps_closed(found, needed, unknowns), *phases_begun(found, unknowns))
    return Forecast(inputs.at, runs, milestones, _spans(found, needed, path), path, unknowns)


def _run(inputs: ForecastInputs, jobs: Sequence[Job], runs: int) -> Runs:
    """Draw every length and lay the work out."""
    lengths = {job.key: _drawn(f"{inputs.seed}/{'/'.join(job.key)}", job.estimate, runs) for job in jobs}
    phases = (*inputs.legs, *((inputs.running,) if inputs.running else ()))
    dwells = {
        leg.phase: _drawn(
            f"{inputs.seed}//{leg.phase}", (leg.dwell.total_seconds(), leg.dwell_at_most.total_seconds()), runs
        )
        for leg in phases
    }
    first = inputs.calendar.day_of(inputs.at)
    time = WorkingTime(inputs.calendar, first, working_days_needed(inputs))
    gaps = {gap.key: gap for gap in inputs.gaps}
    return Runs(inputs, runs, gaps, lay_out(jobs, lengths, runs), dwells, time, time.work_at(inputs.at.timestamp()))


def _drawn(name: str, ends: tuple[float, float] | None, runs: int) -> Column:
    """Draw from the triangle between two ends; the mean of two even draws is exactly that."""
    low, high = ends or (0.0, 0.0)
    if high <= low:
        return [low] * runs
    half, draw = (high - low) / 2, Random(name).random  # noqa: S311 # nosec B311 - it must repeat itself
    return [low + half * (draw() + draw()) for _ in range(runs)]


def _gaps_closed(found: Runs, needed: frozenset[str], unknowns: Sequence[Unknown]) -> tuple[Milestone, ...]:
    """The day by which every gap that blocks the next phase is closed; nothing when none is open."""
    blamed = {unknown.key for unknown in unknowns}
    if not found.work.gaps.keys() & needed and not blamed & needed:
        return ()
    days = [found.time.day_ended(found.now + end) for end in closed_at(found, needed)]
    return (milestone_of(found, "", days, not blamed & needed),)


def _spans(found: Runs, needed: frozenset[str], path: Sequence[JobKey]) -> tuple[GapSpan, ...]:
    """The work on each open gap, in order of work."""
    whole, critical = closed_at(found, needed), {gap for gap, _ in path}
    return tuple(_span(found, key, whole if key in needed else [], key in critical) for key in found.work.gaps)


def _span(found: Runs, key: str, whole: Column, critical: bool) -> GapSpan:
    begins = _earliest([slot.begins for (gap, _), slot in found.work.slots.items() if gap == key])
    last = found.work.gaps[key]
    ends, begins_at = sorted(last), _moment(found, sorted(begins), MIDDLE, found.time.begins_at)
    return GapSpan(
        key=key,
        begins_at=begins_at,
        ends_at=max(begins_at, _moment(found, ends, MIDDLE, found.time.ends_at)),
        ends_late_at=max(begins_at, _moment(found, ends, LATE, found.time.ends_at)),
        decides=sum(map(eq, last, whole)) / found.runs,
        critical=critical,
    )


def _earliest(columns: Sequence[Column]) -> Column:
    return list(map(min, *columns)) if len(columns) > 1 else columns[0]


def _moment(found: Runs, ordered: Column, share: float, to_moments: Callable[[list[float]], list[float]]) -> datetime:
    value = ordered[ceil(share * found.runs) - 1]
    return second_as_moment(to_moments([found.now + value])[0])
