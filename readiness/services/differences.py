"""Accept a row that differs from the record: one person asks, another who holds the other seat accepts.

The second entry carries what the row is now beside what the record had, so that from then on the record says what the
tables do. Shell and tokens can do none of this, and nobody can do it alone.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from readiness.core.acceptance import ACCEPTED, Seat, completes, seats_sentence
from readiness.core.audit import Act, ActorType, Change, ChannelKind, RowChange
from readiness.core.canonical import digest_of
from readiness.core.codec import to_plain
from readiness.core.permissions import Right
from readiness.core.replay import DoesNotFold, RowKey
from readiness.models import Acceptance, RecordCheck, Rollout
from readiness.queries.acceptances import held_seats, open_acceptance
from readiness.queries.blobs import BlobAltered
from readiness.queries.plans import load_plan
from readiness.queries.replays import (
    Difference,
    Fold,
    KeptDifference,
    kept_differences,
    load_difference,
    load_fold,
    row_title,
)
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import NotAllowed, person_of, refuse_token, require_reauthentication


class NotDiffering(LookupError):
    """The row is as the record has it, or does not differ for long enough, or is none of this rollout's."""


class RowMoved(Exception):
    """The row or what the record has of it is no longer what was shown."""


class RecordDoesNotFold(Exception):
    """The record itself does not add up, so nothing can be accepted by it."""


class AskedAlready(Exception):
    """Somebody asked to accept this row as it is now."""


class NotAskedFor(LookupError):
    """Nobody asked to accept this row as it is now."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which row is meant, and the digest of what was shown of it (empty: that it is gone)."""

    key: RowKey
    digest: str


def ask_acceptance(rollout_key: str, shown: Shown, act: Act, now: datetime, *, reason: str) -> int:
    """Ask to accept a row as it is. Nothing is accepted yet."""
    fold = _begin(act, reason)
    try:
        with transaction.atomic():
            rollout = lock_rollout(rollout_key, closed_too=True)
            kept, found = _standing(rollout, shown, fold)
            seats = require_seat(rollout, kept.rollout, act, now)
            replaced = _make_way(found, now)
            row = Acceptance.objects.create(
                rollout=rollout,
                type=kept.type,
                row=kept.row,
                found=_digest(found.here),
                recorded=_digest(found.recorded),
                reason=reason.strip(),
                asked_at=now,
                by_id=act.actor.id,
                by_name=act.actor.name,
                by_seats=" ".join(sorted(seats)),
            )
            mark_dirty(rollout, now)
            thing = object_ref(row, rollout if kept.rollout else None, row_title(kept.type, kept.row))
            return append(Change("difference.asked", thing, None, row_state(row), row.reason, also=replaced), act)
    except IntegrityError:
        raise AskedAlready("Somebody asked for this before you. Reload to see what they said.") from None


def accept_difference(rollout_key: str, shown: Shown, act: Act, now: datetime, *, reason: str) -> int:
    """Accept what somebody else asked for: from now on the record has the row as it is."""
    fold = _begin(act, reason)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        kept, found = _standing(rollout, shown, fold)
        row = _open(found)
        seats = require_seat(rollout, kept.rollout, act, now)
        if row.by_id == act.actor.id:
            raise NotAllowed("You asked for this yourself; a second person accepts it.")
        if not completes(row.by_seats.split(), seats, kept.rollout):
            raise NotAllowed(f"{seats_sentence(kept.rollout)} {row.by_name} asked; you don’t hold the other part.")
        before = row_state(row)
        row.accepted_at, row.accepted_by_id, row.accepted_by_name = now, act.actor.id, act.actor.name
        row.accepted_reason = reason.strip()
        row.save(update_fields=["accepted_at", "accepted_by_id", "accepted_by_name", "accepted_reason"])
        _settle_difference(kept, now)
        also = (RowChange(kept.type, kept.row, found.recorded, found.here),)
        thing = object_ref(row, rollout if kept.rollout else None, row_title(kept.type, kept.row))
        return append(Change(ACCEPTED, thing, before, row_state(row), reason.strip(), also=also), act)


def _begin(act: Act, reason: str) -> Fold:
    """Refuse what no act can make good, and fold the record before anything is locked."""
    refuse_token(act, Right.ACCEPT)
    if act.actor.type is not ActorType.USER or act.channel.kind is not ChannelKind.WEB:
        raise NotAllowed("Only a person who is signed in on the board may accept a row that differs.")
    require_reauthentication(act)
    if not reason.strip():
        raise ReasonRequired("Say how it came about, and why it may stay as it is.")
    return _folded(None)


def _folded(start: Fold | None) -> Fold:
    try:
        return load_fold(start)
    except (DoesNotFold, BlobAltered) as problem:
        raise RecordDoesNotFold(f"The record does not add up, so nothing can be accepted by it. {problem}") from None


def _standing(rollout: Rollout, shown: Shown, fold: Fold) -> tuple[KeptDifference, Difference]:
    """Find a difference that was found twice, still as it was shown."""
    check = RecordCheck.objects.first()
    differences = kept_differences(check) if check is not None else ()
    concerned = (each for each in differences if each.confirmed and each.rollout in ("", rollout.key))
    kept = next((each for each in concerned if (each.type, each.row) == shown.key), None)
    found = load_difference(shown.key, _folded(fold))
    if kept is None or found is None:
        raise NotDiffering("This row is as recorded, or was not found to differ twice yet. Reload the audit page.")
    if _digest(found.here) != shown.digest:
        raise RowMoved("The row has changed since you looked. Look again before you decide.")
    return kept, found


def require_seat(rollout: Rollout, of: str, act: Act, now: datetime) -> frozenset[Seat]:
    """Give what somebody may accept as, of a row of a rollout ("" for none); raise NotAllowed when that is nothing."""
    held = held_seats(rollout, load_plan(rollout), person_of(act), of, now)
    if not held:
        raise NotAllowed(f"You may not accept this. {seats_sentence(of)}")
    return held


def _make_way(found: Difference, now: datetime) -> tuple[RowChange, ...]:
    """End what was asked about the row as it was; refuse to ask twice about the row as it is."""
    row = open_acceptance(found.key)
    if row is None:
        return ()
    if _is_about(row, found):
        raise AskedAlready(f"{row.by_name} asked for this already. A second person can accept it now.")
    before = row_state(row)
    row.replaced_at = now
    row.save(update_fields=["replaced_at"])
    return (row_changed(row, before),)


def _open(found: Difference) -> Acceptance:
    row = open_acceptance(found.key)
    if row is None or not _is_about(row, found):
        raise NotAskedFor("Nobody asks to accept the row as it is now. Ask yourself; a second person accepts it then.")
    return row


def _is_about(row: Acceptance, found: Difference) -> bool:
    return (row.found, row.recorded) == (_digest(found.here), _digest(found.recorded))


def _settle_difference(kept: KeptDifference, now: datetime) -> None:
    """Take the difference off the list now, so that nobody waits for the next comparison; judge all it concerned."""
    for check in RecordCheck.objects.all():
        left = [each for each in kept_differences(check) if (each.type, each.row) != (kept.type, kept.row)]
        check.differences = [to_plain(each) for each in left]
        check.save(update_fields=["differences"])
    concerned = Rollout.objects.filter(key=kept.rollout) if kept.rollout else Rollout.objects.all()
    for rollout in concerned:
        mark_dirty(rollout, now)


def _digest(state: object) -> str:
    return digest_of(state) if isinstance(state, dict) else ""
