"""Gaps: close and reopen their tasks, and close a gap that nothing measures."""

from datetime import datetime

from django.db import IntegrityError, transaction

from readiness.core.audit import Act, Change
from readiness.core.permissions import Right
from readiness.core.plan import Gap
from readiness.models import GapClosure, Rollout
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import require


class NoSuchTask(LookupError):
    """The plan has no such gap or task."""


class AlreadyClosed(Exception):
    """Somebody closed it first."""


class NotClosed(Exception):
    """There is nothing to reopen."""


class ReasonRequired(ValueError):
    """This needs a reason that others can read later."""


def close_gap_task(rollout_key: str, gap_key: str, task_key: str, act: Act, now: datetime, *, reason: str = "") -> int:
    """Close a task of a gap; with an empty task, a gap that has neither tasks nor conditions (a reason is needed)."""
    try:
        with transaction.atomic():
            rollout = lock_rollout(rollout_key)
            owner, title = _owner_and_title(rollout, gap_key, task_key)
            require(rollout, act, Right.CLOSE_TASK, now, owner=owner)
            if not task_key and not reason.strip():
                raise ReasonRequired("Say why this gap is closed. Everyone on this rollout will read it.")
            closure = GapClosure.objects.create(
                rollout=rollout,
                gap=gap_key,
                task=task_key,
                reason=reason,
                closed_at=now,
                by_id=act.actor.id,
                by_name=act.actor.name,
            )
            mark_dirty(rollout, now)
            thing = object_ref(closure, rollout, title)
            return append(Change("gap.closed", thing, before=None, after=row_state(closure), reason=reason), act)
    except IntegrityError:
        raise AlreadyClosed("Somebody closed this before you. Reload to see who.") from None


def reopen_gap_task(rollout_key: str, gap_key: str, task_key: str, act: Act, now: datetime, *, reason: str = "") -> int:
    """Reopen a closed task or gap."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        owner, title = _owner_and_title(rollout, gap_key, task_key)
        require(rollout, act, Right.CLOSE_TASK, now, owner=owner)
        closure = GapClosure.objects.filter(rollout=rollout, gap=gap_key, task=task_key, reopened_at=None).first()
        if closure is None:
            raise NotClosed(f"“{title}” is open already.")
        before = row_state(closure)
        closure.reopened_at = now
        closure.save(update_fields=["reopened_at"])
        mark_dirty(rollout, now)
        thing = object_ref(closure, rollout, title)
        return append(Change("gap.reopened", thing, before=before, after=row_state(closure), reason=reason), act)


def _owner_and_title(rollout: Rollout, gap_key: str, task_key: str) -> tuple[str | None, str]:
    gap = next((g for g in load_plan(rollout).gaps if g.key == gap_key), None)
    if gap is None:
        raise NoSuchTask(f"The plan of {rollout.key} has no gap {gap_key}.")
    if not task_key:
        return _whole_gap(gap)
    task = next((t for t in gap.tasks if t.key == task_key), None)
    if task is None:
        raise NoSuchTask(f"Gap “{gap.title}” has no task {task_key}.")
    return task.owner or gap.owner, task.title


def _whole_gap(gap: Gap) -> tuple[str | None, str]:
    if gap.tasks or gap.closed_when:
        raise NoSuchTask(f"Gap “{gap.title}” closes by itself when its tasks are done and its conditions are met.")
    return gap.owner, gap.title
