"""The order of work, and the work laid out along it: an owner does one task at a time, after all that it waits for.

The order is fixed before any length is known, and rests only on what a gap itself says and on what it waits for. So the
layout is a longest path: shorter work never ends later, more work never ends earlier, and no order of writing matters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, repeat
from operator import add
from typing import TypeAlias

from readiness.core.forecast_types import GapWork, TaskWork

Column: TypeAlias = "list[float]"
"""One number for each simulated run."""
JobKey: TypeAlias = tuple[str, str]
"""A gap and one of its tasks."""


@dataclass(frozen=True, slots=True)
class Job:
    """An open task, and what it waits for: whole gaps, and tasks of its own gap."""

    key: JobKey
    owner: str
    estimate: tuple[float, float] | None
    gaps: tuple[str, ...]
    tasks: tuple[JobKey, ...]

    def waits_for(self, other: "Job") -> bool:
        """Say whether it waits for another one, or its owner does that one before."""
        same_owner = bool(self.owner) and other.owner == self.owner
        return same_owner or other.key in self.tasks or other.key[0] in self.gaps


@dataclass(frozen=True, slots=True)
class Slot:
    """When a job begins and ends in each run, in working days from now."""

    begins: Column
    ends: Column


@dataclass(frozen=True, slots=True)
class Layout:
    """When each job begins and ends, and when the last job of each gap does."""

    slots: Mapping[JobKey, Slot]
    gaps: Mapping[str, Column]


def order_of_work(gaps: Iterable[GapWork]) -> tuple[Job, ...]:
    """Put the open tasks in the order in which their owners do them.

    Gaps that block an earlier phase come first, then those that wait for fewer others, then the heavier; within a gap
    the tasks that wait for fewer others. No gap comes before one that it waits for.
    """
    by_key = {gap.key: gap for gap in gaps}
    depths, places = _depths({gap.key: gap.after for gap in by_key.values()}), _places(by_key)
    ordered = sorted(by_key.values(), key=lambda gap: (places[gap.key], depths[gap.key], gap.weight, gap.key))
    jobs: list[Job] = []
    for gap in ordered:
        tasks = {task.key: task for task in gap.tasks}
        for task in _in_order(gap):
            own = tuple((gap.key, key) for key in task.after if key in tasks and not tasks[key].closed)
            jobs.append(Job((gap.key, task.key), task.owner, task.estimate, gap.after, own))
    return tuple(jobs)


def with_ancestors(keys: Iterable[str], gaps: Mapping[str, GapWork]) -> frozenset[str]:
    """Give the gaps named and every gap that they wait for."""
    found: set[str] = set()
    todo = [key for key in keys if key in gaps]
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo.extend(other for other in gaps[key].after if other in gaps)
    return frozenset(found)


def _in_order(gap: GapWork) -> list[TaskWork]:
    depths = _depths({task.key: task.after for task in gap.tasks})
    return sorted(_open_tasks(gap), key=lambda task: (depths[task.key], task.key))


def _open_tasks(gap: GapWork) -> list[TaskWork]:
    return [] if gap.closed else [task for task in gap.tasks if not task.closed]


def _places(gaps: Mapping[str, GapWork]) -> dict[str, int]:
    """Give each gap the latest first phase of itself and of what it waits for."""
    return {key: max(gaps[each].place for each in with_ancestors([key], gaps)) for key in gaps}


def _depths(after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Count, for each thing, the links of the longest chain that leads to it."""
    waits = {key: {other for other in others if other in after} for key, others in after.items()}
    depths: dict[str, int] = {}
    depth = 0
    while free := [key for key, others in waits.items() if key not in depths and others <= depths.keys()]:
        depths |= dict.fromkeys(free, depth)
        depth += 1
    return {key: depths.get(key, len(waits)) for key in waits}


def lay_out(jobs: Sequence[Job], lengths: Mapping[JobKey, Column], runs: int) -> Layout:
    """Lay the jobs out in their order. `lengths` gives each job's length in each run."""
    slots: dict[JobKey, Slot] = {}
    gaps: dict[str, Column] = {}
    free: dict[str, Column] = {}
    for gap, group in groupby(jobs, key=lambda job: job.key[0]):
        for job in group:
            waits = [gaps[key] for key in job.gaps if key in gaps] + [slots[key].ends for key in job.tasks]
            begins = latest([*waits, *([free[job.owner]] if job.owner in free else [])], runs)
            slots[job.key] = Slot(begins, list(map(add, begins, lengths[job.key])))
            if job.owner:
                free[job.owner] = slots[job.key].ends
        gaps[gap] = latest([slot.ends for key, slot in slots.items() if key[0] == gap], runs)
    return Layout(slots, gaps)


def latest(columns: Sequence[Column], runs: int) -> Column:
    """Give the latest of several moments in each run; now where there is none."""
    if len(columns) > 1:
        return list(map(max, *columns))
    return columns[0] if columns else list(repeat(0.0, runs))


def critical_path(jobs: Sequence[Job], lengths: Mapping[JobKey, float], gaps: Iterable[str]) -> tuple[JobKey, ...]:
    """Give the chain of jobs that decides when these gaps are closed, in order of work, for given lengths."""
    slots = lay_out(jobs, {key: [length] for key, length in lengths.items()}, 1).slots
    wanted = set(gaps)
    here = max((job for job in jobs if job.key[0] in wanted), key=lambda job: slots[job.key].ends[0], default=None)
    path: list[JobKey] = []
    while here is not None:
        path.append(here.key)
        here = _blocker(here, jobs, slots)
    return tuple(reversed(path))


def _blocker(job: Job, jobs: Sequence[Job], slots: Mapping[JobKey, Slot]) -> Job | None:
    """Give the job whose end lets this one begin; None when it begins now."""
    begins, before = slots[job.key].begins[0], jobs[: jobs.index(job)]
    let_go = [other for other in reversed(before) if job.waits_for(other)]
    return next((other for other in let_go if begins and slots[other.key].ends[0] == begins), None)
