"""What is to be observed: keep one row for each watched gate and check, and make it due."""

from datetime import datetime

from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Plan
from readiness.core.watchlist import Watched, watchlist
from readiness.models import Observation, PhaseRun, Rollout
from readiness.queries.flags import load_flag_states, shares_in_force

FREE: dict[str, str | None] = {"leased_until": None, "lease": ""}
"""What a row says that nobody has taken."""


def watched_by(rollout: Rollout, plan: Plan) -> dict[str, Watched]:
    """Give what a rollout watches now, by path."""
    run = PhaseRun.objects.filter(rollout=rollout, state="running").first()
    closed = PhaseRun.objects.filter(rollout=rollout, phase=CLOSE).exists()
    if closed:
        return {}
    running = run.phase if run else None
    following = phase_after(plan, running)
    found = watchlist(plan, running, following.key if following else None, _shares(rollout, plan, running))
    return {watched.path: watched for watched in found}


def sync_observations(rollout: Rollout, plan: Plan, running: str | None, now: datetime) -> None:
    """Make everything due that is watched while `running` runs, and add rows for what is watched for the first time."""
    following = phase_after(plan, running)
    wanted = watchlist(plan, running, following.key if following else None, _shares(rollout, plan, running))
    known = set(Observation.objects.filter(rollout=rollout).values_list("path", flat=True))
    fresh = [
        Observation(rollout=rollout, path=w.path, kind=_kind(w), source=w.source, next_due_at=now)
        for w in wanted
        if w.path not in known
    ]
    Observation.objects.bulk_create(fresh)
    for source in {w.source for w in wanted}:
        paths = [w.path for w in wanted if w.source == source]
        rows = Observation.objects.filter(rollout=rollout, path__in=paths)
        rows.update(source=source, next_due_at=now, **FREE)


def _kind(watched: Watched) -> str:
    return Observation.GATE if watched.condition.gate is not None else Observation.CHECK


def make_all_due(rollout_key: str, now: datetime) -> None:
    """Make everything that a rollout watches due at once."""
    Observation.objects.filter(rollout__key=rollout_key).update(next_due_at=now, **FREE)


def _shares(rollout: Rollout, plan: Plan, running: str | None) -> dict[str, int]:
    """Give the shares of flags in force, which what observes them is held against."""
    return shares_in_force(plan, find_phase(plan, running) if running else None, load_flag_states(rollout, plan))
