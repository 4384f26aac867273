"""The phases of a forecast: each begins when its gaps are closed, the one before is over and its poll is answered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, time
from itertools import accumulate, repeat
from math import ceil
from operator import add

from readiness.core.forecast_runs import Runs, closed_at
from readiness.core.forecast_types import Leg, Milestone, Trial, Unknown
from readiness.core.schedule import Column, latest, with_ancestors
from readiness.core.workdays import OPENS

POLL_DAYS = 1.0
_DAY_S = 86_400.0


def phases_begun(found: Runs, unknowns: Sequence[Unknown]) -> list[Milestone]:
    """Give the day on which each phase can begin. One date that is not known leaves none that comes after it known."""
    blamed, known = {unknown.key for unknown in unknowns}, True
    running = found.inputs.running
    trials = {trial.key for trial in running.trials} if running else set()
    ended, milestones = _running_ended(found), []
    for leg in found.inputs.legs:
        needed = with_ancestors(leg.gaps, found.gaps)
        known = known and not blamed & (needed | trials)
        begun = _begun(found, leg, closed_at(found, needed), ended)
        milestones.append(milestone_of(found, leg.phase, map(found.time.day_begun, begun), known))
        ended = _leg_ended(found, leg, begun)
    return milestones


def milestone_of(found: Runs, key: str, days: Iterable[int], known: bool) -> Milestone:
    """Count in how many runs a milestone is reached by the end of each day."""
    counted = sorted(Counter(days).items())
    reached = accumulate(count for _, count in counted)
    return Milestone(key, known, tuple(zip([found.time.days[day] for day, _ in counted], reached, strict=True)))


def _begun(found: Runs, leg: Leg, closed: Column, ended: Column) -> Column:
    """When a phase begins, in working time; the first of all not before its planned start."""
    poll = POLL_DAYS if leg.polled else 0.0
    earliest, inputs = found.now, found.inputs
    if inputs.planned_start is not None and inputs.running is None and leg is inputs.legs[0]:
        opens = datetime.combine(inputs.planned_start, OPENS, inputs.calendar.zone).timestamp()
        earliest = max(earliest, found.time.work_at(opens) - poll)
    ready = map(max, map(add, closed, repeat(found.now)), found.time.works_at(ended), repeat(earliest))
    return [work + poll for work in ready]


def _leg_ended(found: Runs, leg: Leg, begun: Column) -> Column:
    """When a phase is over, as POSIX seconds: it has dwelt, and its experiments have been looked at."""
    begins = found.time.begins_at(begun)
    return _looked_at(found, list(map(add, begins, found.dwells[leg.phase])), begins, leg.trials)


def _running_ended(found: Runs) -> Column:
    """When the running phase is over; now without one."""
    running, now = found.inputs.running, found.inputs.at.timestamp()
    if running is None:
        return [now] * found.runs
    entered = running.entered_at.timestamp()
    counts_from = entered + running.uncounted.total_seconds()
    ends = [max(now, counts_from + span) for span in found.dwells[running.phase]]
    return _looked_at(found, ends, [entered] * found.runs, running.trials)


def _looked_at(found: Runs, ended: Column, begins: Column, trials: Sequence[Trial]) -> Column:
    """Put off the end to the first look at each experiment that has run as long as it must, and never to the past."""
    now, zone = found.inputs.at.timestamp(), found.inputs.calendar.zone
    midnight = datetime.combine(found.inputs.calendar.day_of(found.inputs.at), time(0), zone).timestamp() % _DAY_S
    for trial in trials:
        every, lasts = trial.looks_every.total_seconds(), trial.lasts.total_seconds()
        shift = midnight + trial.looks_at.total_seconds()
        looks = [ceil((max(second + lasts, now) - shift) / every) * every + shift for second in begins]
        ended = latest([ended, looks], found.runs)
    return ended
