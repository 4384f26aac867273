"""Moments of the record, as people write them: the number of an entry, or a time in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from readiness.models import AuditEntry, AuditHead
from readiness.queries.kept_verdicts import entry_at
from readiness.queries.words import moment_words

MOST_DIGITS = 15
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")


class UnreadableMoment(ValueError):
    """What stands for a moment is neither an entry's number nor a time."""


class NoSuchMoment(LookupError):
    """The record has nothing at this moment: it had not begun, or the moment is still to come."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the record: the last entry that counts, when that was made, and the moment as it was asked for.

    `at` is the time that was asked for; for an entry's number it is that of the entry.
    """

    seq: int
    at: datetime
    asked: str
    title: str


def parse_moment(text: str) -> int | datetime:
    """Read an entry's number or a time; a time without a zone is in UTC. Raises UnreadableMoment."""
    said = text.strip()
    if said.isdecimal() and len(said) <= MOST_DIGITS:
        return int(said)
    try:
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableMoment(
            f"{text!r} is neither an entry's number nor a time. Write 1204, or 2025-12-08T09:30Z."
        ) from None


def parse_time(text: str, now: datetime) -> datetime:
    """Read a time; a time of day alone is the last one that has been. Raises UnreadableMoment."""
    said = text.strip()
    clock = CLOCK.fullmatch(said)
    try:
        if clock is None:
            found = parse_moment(said)
            if isinstance(found, datetime):
                return found
            raise UnreadableMoment
        today = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=int(clock[3] or 0), microsecond=0)
    except ValueError:
        raise UnreadableMoment(f"{text!r} is no time. Write 14:02, or 2025-12-08T09:30Z.") from None
    begins = today if today <= now else today - timedelta(days=1)
    return begins if clock[3] else begins.replace(second=59)


def find_moment(text: str, now: datetime) -> Moment:
    """Find a moment in the record. Raises UnreadableMoment, or NoSuchMoment outside of what the record tells."""
    found = parse_moment(text)
    return _of_entry(found, text) if isinstance(found, int) else _of_time(found, text, now)


def _of_entry(seq: int, text: str) -> Moment:
    at = AuditEntry.objects.filter(pk=seq).values_list("at", flat=True).first()
    if at is None:
        size = AuditHead.objects.values_list("size", flat=True).get(pk=1)
        raise NoSuchMoment(f"There is no entry {seq:,} yet. The record goes from entry 0 to entry {size - 1:,}.")
    return Moment(seq, at, text, f"entry {seq:,}, {moment_words(at)}")


def _of_time(at: datetime, text: str, now: datetime) -> Moment:
    newest: datetime | None = AuditHead.objects.values_list("last_at", flat=True).get(pk=1)
    if at > now and (newest is None or at > newest):
        raise NoSuchMoment(f"{moment_words(at)} is still to come. The record tells only of what has happened.")
    seq = entry_at(at)
    if seq is None:
        first = AuditEntry.objects.filter(pk=0).values_list("at", flat=True).first()
        begins = f" It begins with entry 0 at {moment_words(first)}." if first is not None else ""
        raise NoSuchMoment(f"The record does not go back to {moment_words(at)}.{begins}")
    return Moment(seq, at, text, moment_words(at))
