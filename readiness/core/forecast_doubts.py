"""What a forecast cannot know, and how many working days it has to look ahead."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from readiness.core.forecast_types import Doubt, ForecastInputs, GapWork, Leg, RunningLeg, Unknown
from readiness.core.schedule import with_ancestors

FARTHEST = timedelta(days=3653)
_DAY = timedelta(days=1)


def doubts_of(inputs: ForecastInputs) -> tuple[Unknown, ...]:
    """Find what nobody has said of the work that phases wait for, and the experiments whose planned time is over."""
    found = [unknown for gap in waited_for(inputs) for unknown in _gap_doubts(gap)]
    return (*found, *(_undecided(inputs)))


def waited_for(inputs: ForecastInputs) -> list[GapWork]:
    """Give the gaps that a phase waits for; work on the others is done in what time is left."""
    gaps = {gap.key: gap for gap in inputs.gaps}
    needed = with_ancestors([key for leg in inputs.legs for key in leg.gaps], gaps)
    return [gaps[key] for key in sorted(needed)]


def _gap_doubts(gap: GapWork) -> Iterator[Unknown]:
    if gap.closed:
        return
    tasks = [task for task in gap.tasks if not task.closed]
    if not tasks:
        yield Unknown(Doubt.UNPROVEN if gap.tasks else Doubt.NO_ESTIMATE, gap.key)
    for task in sorted(tasks, key=lambda task: task.key):
        if task.estimate is None:
            yield Unknown(Doubt.NO_ESTIMATE, gap.key, task.key)
        if not task.owner:
            yield Unknown(Doubt.NO_OWNER, gap.key, task.key)


def _undecided(inputs: ForecastInputs) -> Iterator[Unknown]:
    """An experiment that could have been decided at a look already: which later one decides it, nobody knows."""
    running = inputs.running
    for trial in running.trials if running else ():
        if running is not None and running.entered_at + trial.lasts + trial.looks_every < inputs.at:
            yield Unknown(Doubt.UNDECIDED, trial.key)


def is_too_far(inputs: ForecastInputs) -> bool:
    """Say whether the estimates, the dwell or the planned start reach further than ten years."""
    start = inputs.planned_start
    far_start = start is not None and start - inputs.at.date() > FARTHEST
    return far_start or _work_days(inputs) > FARTHEST / _DAY or _phase_days(inputs) > FARTHEST / _DAY


def working_days_needed(inputs: ForecastInputs) -> int:
    """Give a number of working days within which everything ends, however the lengths fall."""
    start = inputs.planned_start
    ahead = (start - inputs.at.date()).days if start is not None else 0
    return ceil(_work_days(inputs) + _phase_days(inputs)) + max(ahead, 0) + 3


def _work_days(inputs: ForecastInputs) -> float:
    return sum(task.estimate[1] for gap in inputs.gaps for task in gap.tasks if task.estimate is not None)


def _phase_days(inputs: ForecastInputs) -> float:
    running = (inputs.running,) if inputs.running else ()
    return sum(_longest(leg) / _DAY + 3 for leg in (*inputs.legs, *running))


def _longest(leg: Leg | RunningLeg) -> timedelta:
    waits = [trial.lasts + trial.looks_every for trial in leg.trials]
    uncounted = leg.uncounted if isinstance(leg, RunningLeg) else timedelta(0)
    return max([leg.dwell + uncounted, leg.dwell_at_most + uncounted, *waits])
