"""From a plan and what has been closed to what a forecast rests on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from readiness.core.conditions import Condition
from readiness.core.forecast_types import ForecastInputs, GapWork, Leg, RunningLeg, TaskWork, Trial
from readiness.core.gaps import gap_blocks, gap_weight
from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Gap, Phase, Plan
from readiness.core.plan_document import mapping_of, optional_duration
from readiness.core.quantities import parse_duration
from readiness.core.workdays import Calendar

_BLOCKS, _BLOCK = 24, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorkState:
    """How a rollout stands at a moment: its plan, what is closed, and what runs.

    `tasks` are (gap, task) closed by people; `gaps` are closed as a verdict counts it. `polled` says that the poll of
    the next phase is still to be answered; `undecided` names the experiments of the running phase that are.
    """

    at: datetime
    plan: Plan
    tasks: frozenset[tuple[str, str]] = frozenset()
    gaps: frozenset[str] = frozenset()
    running: str = ""
    entered_at: datetime | None = None
    uncounted: timedelta = timedelta(0)
    polled: bool = True
    undecided: frozenset[str] = frozenset()
    over: bool = False


def forecast_inputs(state: WorkState) -> ForecastInputs:
    """Give what the forecast of a rollout rests on, for work that goes on from the moment of the state."""
    plan = state.plan
    running = find_phase(plan, state.running) if state.running else None
    return ForecastInputs(
        seed=plan.key,
        at=state.at,
        calendar=Calendar(plan.timezone, plan.workdays, tuple(sorted(plan.holidays))),
        gaps=tuple(sorted((gap_work(plan, gap, state) for gap in plan.gaps), key=lambda gap: gap.key)),
        legs=() if state.over else _legs(plan, running, state.polled),
        planned_start=plan.planned_start,
        running=_running_leg(running, state) if running is not None and not state.over else None,
    )


def gap_work(plan: Plan, gap: Gap, state: WorkState) -> GapWork:
    """Give the work of one gap. An estimate of the whole gap counts where its tasks have none, until it is closed."""
    tasks = tuple(_task_work(gap, task.key, state, task.owner, task.estimate, task.after) for task in gap.tasks)
    if all(task.estimate is None for task in gap.tasks) and gap.estimate is not None:
        done = bool(tasks) and all(task.closed for task in tasks)
        tasks = (TaskWork("", gap.owner or "", gap.estimate, closed=done),)
    return GapWork(
        key=gap.key,
        tasks=tuple(sorted(tasks, key=lambda task: task.key)),
        after=tuple(sorted(gap.after)),
        place=_first_blocked(plan, gap),
        weight=gap_weight(gap),
        closed=gap.key in state.gaps and all((gap.key, task.key) in state.tasks for task in gap.tasks),
    )


def _task_work(
    gap: Gap,
    key: str,
    state: WorkState,
    owner: str | None,
    estimate: tuple[float, float] | None,
    after: Collection[str],
) -> TaskWork:
    return TaskWork(key, owner or gap.owner or "", estimate, tuple(sorted(after)), (gap.key, key) in state.tasks)


def _first_blocked(plan: Plan, gap: Gap) -> int:
    """Number the first phase that a gap blocks; 0 as well for one that blocks none, but others may wait for."""
    keys = [*(phase.key for phase in plan.phases), CLOSE]
    return next((number for number, key in enumerate(keys) if gap_blocks(gap, key)), 0)


# ------------------------------------------------------------------------------------- phases


def _legs(plan: Plan, running: Phase | None, polled: bool) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    phase = phase_after(plan, running.key if running else None)
    while phase is not None:
        legs.append(_leg(plan, phase))
        phase = phase_after(plan, phase.key)
    return (replace(legs[0], polled=legs[0].polled and polled), *legs[1:]) if legs else ()


def _leg(plan: Plan, phase: Phase) -> Leg:
    return Leg(
        phase=phase.key,
        gaps=tuple(sorted(gap.key for gap in plan.gaps if gap_blocks(gap, phase.key))),
        polled=phase.sign_off is not None,
        dwell=phase.dwell,
        dwell_at_most=phase.late_after or phase.dwell,
        trials=_trials(phase),
    )


def _running_leg(phase: Phase, state: WorkState) -> RunningLeg:
    return RunningLeg(
        phase=phase.key,
        entered_at=state.entered_at or state.at,
        dwell=phase.dwell,
        dwell_at_most=phase.late_after or phase.dwell,
        uncounted=state.uncounted,
        trials=tuple(trial for trial in _trials(phase) if trial.key in state.undecided),
    )


def _trials(phase: Phase) -> tuple[Trial, ...]:
    found = [_trial(phase, c, c.experiment.settings) for c in phase.succeed if c.experiment is not None]
    return tuple(sorted(found, key=lambda trial: trial.key))


def _trial(phase: Phase, condition: Condition, said: Mapping[str, object]) -> Trial:
    """An experiment as the plan states it; without a minimum it runs for 24 blocks, looked at each night."""
    by_share, looks = mapping_of(said.get("durations")), mapping_of(said.get("looks"))
    needed = by_share.get(phase.traffic, said.get("min_duration"))
    lasts = parse_duration(str(needed)) if needed else _BLOCKS * (optional_duration(said, "block") or _BLOCK)
    every = optional_duration(looks, "every") or timedelta(days=1)
    at = time.fromisoformat(str(looks.get("at", "02:00")))
    return Trial(condition.key, lasts, every, timedelta(hours=at.hour, minutes=at.minute))
