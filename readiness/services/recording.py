"""What every governed write has in common: lock the rollout, change rows, mark it dirty, append one entry."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, Model
from django.db.models.functions import Coalesce

from readiness.core.audit import REHEARSAL, ObjectRef, RowChange
from readiness.core.phases import CLOSE
from readiness.models import PhaseRun, Rollout
from readiness.queries.plans import is_rehearsal
from readiness.queries.states import State, state_of


class NoSuchRollout(LookupError):
    """No rollout has this key."""


class RolloutClosed(Exception):
    """The rollout is closed: what it was decided on changes no more."""


def lock_rollout(key: str, *, closed_too: bool = False) -> Rollout:
    """Take a rollout for the rest of the transaction, so that two acts on it follow each other.

    A closed one is refused, unless the act is one of the few that may follow its end.
    """
    found = Rollout.objects.select_for_update(of=("self",)).select_related("plan").filter(key=key).first()
    if found is None:
        raise NoSuchRollout(f"There is no rollout {key}.")
    if not closed_too:
        refuse_closed(found)
    return found


def refuse_closed(rollout: Rollout) -> None:
    """Raise RolloutClosed when the rollout has been closed."""
    close = PhaseRun.objects.filter(rollout=rollout, phase=CLOSE).first()
    if close is not None:
        at = f"{close.entered_at:%Y-%m-%d %H:%M}"
        raise RolloutClosed(f"This rollout was closed on {at} UTC. Nothing in it changes any more.")


def row_changed(row: Model, before: State | None = None) -> RowChange:
    """Tell what became of a row that changed along with the object of an act; it was made when there is no before."""
    return RowChange(row._meta.model_name or "", str(row.pk), before, state_of(row))


def change_rows(rows: Iterable[Model], **values: object) -> tuple[RowChange, ...]:
    """Set the same fields on each row, and tell what became of each."""
    changes = []
    for row in rows:
        before = state_of(row)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        changes.append(row_changed(row, before))
    return tuple(changes)


def object_ref(row: Model, rollout: Rollout | None, label: str) -> ObjectRef:
    """Name a row as the object of an entry; what belongs to a rehearsal says so."""
    rev = rollout.plan.number if rollout is not None and rollout.plan is not None else 0
    said = f"{REHEARSAL}{label}" if rollout is not None and is_rehearsal(rollout) else label
    return ObjectRef(row._meta.model_name or "", str(row.pk), said, rollout.key if rollout else "", rev)


def mark_dirty(rollout: Rollout, now: datetime) -> None:
    """Say that facts changed which the stored verdict does not know, and that open pages have something to show."""
    Rollout.objects.filter(pk=rollout.pk).update(
        dirty_at=Coalesce(F("dirty_at"), now), dirty_changes=F("dirty_changes") + 1, changed=F("changed") + 1
    )
