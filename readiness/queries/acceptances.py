"""Rows that differ from the record: the list of them, what is asked about each, and as what somebody may accept."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from readiness.core.acceptance import Seat, needed_seats
from readiness.core.permissions import last_roles
from readiness.core.plan import Plan
from readiness.core.replay import RowKey
from readiness.core.types import Person
from readiness.models import Acceptance, AuditEntry, RecordCheck, Rollout
from readiness.queries.pages.parts import Line
from readiness.queries.people import load_roles
from readiness.queries.replays import KeptDifference, kept_differences, row_title

OPEN = {"accepted_at": None, "replaced_at": None, "ended_at": None}


def load_difference_lines(rollout: str) -> tuple[Line, ...]:
    """List what was found twice: of one rollout and of none, or, without a rollout, of everything."""
    kept = _confirmed()
    concerned = [each for each in kept if not rollout or each.rollout in ("", rollout)]
    askers = _askers() if concerned else {}
    return tuple(_line(each, rollout or each.rollout, askers) for each in concerned)


def _confirmed() -> list[KeptDifference]:
    check = RecordCheck.objects.first()
    return [each for each in kept_differences(check) if each.confirmed] if check is not None else []


def _askers() -> dict[tuple[str, str, str], str]:
    """Name who asks to accept what: each row as it was then."""
    rows = Acceptance.objects.filter(**OPEN).values_list("type", "row", "found", "by_name")
    return {(kind, row, found): name for kind, row, found, name in rows}


def _line(each: KeptDifference, rollout: str, askers: dict[tuple[str, str, str], str]) -> Line:
    asker = askers.get((each.type, each.row, each.digest))
    note = f"{each.found}. {asker} asks to accept it" if asker else each.found
    url = reverse("difference", args=[rollout, each.type, each.row]) if rollout else ""
    return Line(row_title(each.type, each.row), note, "Contradicted", at=each.since_at, end_note="since", url=url)


def find_confirmed(key: RowKey, rollout: str) -> KeptDifference | None:
    """Give what was found twice of a row that concerns a rollout."""
    concerned: Iterable[KeptDifference] = (each for each in _confirmed() if each.rollout in ("", rollout))
    return next((each for each in concerned if (each.type, each.row) == key), None)


def open_acceptance(key: RowKey) -> Acceptance | None:
    """Give what is asked about a row and neither accepted, ended nor overtaken."""
    return Acceptance.objects.filter(type=key[0], row=key[1], **OPEN).first()


def is_asked_for(key: RowKey, digest: str) -> bool:
    """Say whether somebody asked to accept the row as it was shown."""
    row = open_acceptance(key)
    return row is not None and row.found == digest


def concerned_rollout(row: Acceptance) -> str:
    """Give the rollout whose row it is about, as the entry says that asked for it; "" for a row of none."""
    entries = AuditEntry.objects.filter(object=f"acceptance:{row.pk}", action="difference.asked")
    return entries.values_list("rollout", flat=True).first() or ""


def held_seats(rollout: Rollout, plan: Plan, person: Person, of: str, now: datetime) -> frozenset[Seat]:
    """Give as what somebody may accept a row of a rollout ("" for none)."""
    is_last = bool(set(load_roles(rollout, plan, person, now)) & set(last_roles(plan)))
    is_admin = User.objects.filter(pk=person.id.removeprefix("u:"), is_staff=True, is_active=True).exists()
    seats = {Seat.LAST: is_last, Seat.ADMINISTRATOR: is_admin}
    return frozenset(seat for seat, holds in seats.items() if holds) & needed_seats(of)
