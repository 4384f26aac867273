"""Work: how a rollout stands now, how it stood a day before and when it began, for its forecast."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from readiness.core.forecast_types import ForecastInputs, GapTurn, Turn
from readiness.core.forecast_work import WorkState, forecast_inputs
from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Phase, Plan
from readiness.core.types import Outcome, Question
from readiness.models import GapClosure, GapCount, PhaseRun, PlanVersion, Rollout, SignOff, StoredVerdict
from readiness.queries.plans import load_plan, load_plan_version

A_DAY, A_MINUTE = timedelta(hours=24), timedelta(minutes=1)
MET = (Outcome.MET, Outcome.WAIVED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a forecast is asked: about now, about the facts of a day before, about the beginning; and what happened."""

    now: ForecastInputs
    yesterday: ForecastInputs | None
    first: ForecastInputs
    turns: tuple[GapTurn, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What is stored of the work of a rollout, with when each of it began and ended to count."""

    rollout: Rollout
    versions: Sequence[PlanVersion]
    runs: Sequence[PhaseRun]
    closures: Sequence[GapClosure]
    counts: Sequence[GapCount]
    sign_offs: Sequence[SignOff]


def load_asked(rollout: Rollout, now: datetime) -> Asked:
    """Read what the forecast of a rollout rests on. Work goes on from the beginning of the hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    history = _load_history(rollout, hour - A_DAY)
    version = _version_at(history, hour - A_DAY)
    first = history.versions[0]
    before = _state(history, load_plan_version(version), hour - A_DAY, hour - A_DAY) if version else None
    turns = _turns(history, max(hour - A_DAY, first.imported_at))
    return Asked(
        now=forecast_inputs(_state(history, load_plan(rollout), now, hour)),
        yesterday=forecast_inputs(before) if before is not None else None,
        first=forecast_inputs(WorkState(first.imported_at, load_plan_version(first))),
        turns=tuple(sorted(turns, key=lambda turn: (turn.at, turn.gap, turn.task))),
    )


def _load_history(rollout: Rollout, since: datetime) -> History:
    counts = GapCount.objects.filter(Q(closed=True) | Q(ended_at=None) | Q(ended_at__gt=since), rollout=rollout)
    return History(
        rollout=rollout,
        versions=list(PlanVersion.objects.filter(rollout=rollout).order_by("number").defer("text", "document")),
        runs=list(PhaseRun.objects.filter(rollout=rollout).select_related("clock")),
        closures=list(GapClosure.objects.filter(rollout=rollout)),
        counts=list(counts.order_by("counted_at", "pk")),
        sign_offs=list(SignOff.objects.filter(rollout=rollout, go=True).select_related("end")),
    )


def _version_at(history: History, at: datetime) -> PlanVersion | None:
    return next((version for version in reversed(history.versions) if version.imported_at <= at), None)


def _stood(begun_at: datetime, ended_at: datetime | None, at: datetime) -> bool:
    return begun_at <= at and (ended_at is None or ended_at > at)


def _state(history: History, plan: Plan, seen_at: datetime, at: datetime) -> WorkState:
    """How a rollout stood at `seen_at`, for work that goes on from `at`."""
    runs = [run for run in history.runs if run.entered_at <= seen_at]
    run = next((run for run in runs if run.left_at is None or run.left_at > seen_at), None)
    running = find_phase(plan, run.phase) if run is not None else None
    over = any(run.phase == CLOSE for run in runs)
    following = None if over else phase_after(plan, running.key if running else None)
    return WorkState(
        at=at,
        plan=plan,
        tasks=frozenset((c.gap, c.task) for c in history.closures if _stood(c.closed_at, c.reopened_at, seen_at)),
        gaps=frozenset(c.gap for c in history.counts if c.closed and _stood(c.counted_at, c.ended_at, seen_at)),
        running=running.key if running else "",
        entered_at=run.entered_at if run is not None else None,
        uncounted=_uncounted(run),
        polled=not _is_answered(history, runs, following, seen_at),
        undecided=_undecided(history.rollout, running),
        over=over,
    )


def _uncounted(run: PhaseRun | None) -> timedelta:
    """Give the time since a run was entered that does not count towards its dwell, in whole minutes."""
    if run is None:
        return timedelta(0)
    lost = run.clock.ticked_at - run.entered_at - timedelta(seconds=run.clock.counted_s)
    return max(lost, timedelta(0)) // A_MINUTE * A_MINUTE


def _is_answered(history: History, runs: Sequence[PhaseRun], following: Phase | None, at: datetime) -> bool:
    """Say whether whoever answers last had said GO to the next phase, which nobody can before all others have."""
    if following is None or following.sign_off is None:
        return False
    wanted = following.key, sum(run.phase == following.key for run in runs) + 1, following.sign_off.last
    return any(
        (signed.phase, signed.run, signed.role) == wanted
        and _stood(signed.signed_at, signed.end.ended_at if hasattr(signed, "end") else signed.expires_at, at)
        for signed in history.sign_offs
    )


def _undecided(rollout: Rollout, running: Phase | None) -> frozenset[str]:
    """Name the experiments of the running phase that the stored verdict does not count as met."""
    asked = {c.path: c.key for c in running.succeed if c.experiment is not None} if running else {}
    if not asked:
        return frozenset()
    stored = StoredVerdict.objects.filter(rollout=rollout, question=Question.ENTER.value).first()
    known = stored.payload["assessments"] if stored is not None else []
    met = {each["path"] for each in known if each["outcome"] in MET}
    return frozenset(key for path, key in asked.items() if path not in met)


# ------------------------------------------------------------------------------------- what happened


def _turns(history: History, since: datetime) -> Iterator[GapTurn]:
    """What happened to tasks and gaps since a moment. What a rollout begins with does not count as opened."""
    for closure in history.closures:
        if closure.task and closure.closed_at > since:
            yield GapTurn(closure.closed_at, Turn.TASK_CLOSED, closure.gap, closure.task, closure.by_name)
        if closure.task and closure.reopened_at is not None and closure.reopened_at > since:
            yield GapTurn(closure.reopened_at, Turn.TASK_REOPENED, closure.gap, closure.task)
    was_closed: dict[str, bool] = {}
    had_gaps = any(count.counted_at <= since for count in history.counts)
    for count in history.counts:
        if count.counted_at > since and count.closed != was_closed.get(count.gap, had_gaps):
            yield GapTurn(count.counted_at, Turn.GAP_CLOSED if count.closed else Turn.GAP_OPENED, count.gap)
        was_closed[count.gap] = count.closed
