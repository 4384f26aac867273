"""Erase personal values of entries: addresses and user agents, by person. The entries stay, byte for byte.

What is erased is gone from this database; a backup that holds it still does. Only the operator at the shell erases.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from readiness.core.audit import Act, Change, ChannelKind, ObjectRef
from readiness.core.canonical import Plain
from readiness.core.personal import ERASED, PATHS
from readiness.models import AuditEntry, PersonalValue
from readiness.services.audit import append
from readiness.services.gaps import ReasonRequired
from readiness.services.rights import NotAllowed


class NothingToErase(LookupError):
    """No entry of this person has a personal value that could be erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased: the number of the entry that tells of it, how many values, through which entry."""

    seq: int
    values: int
    through: int


def erase_personal(actor: str, act: Act, *, basis: str, before: datetime | None = None) -> Erased:
    """Erase the personal values in all entries of an actor ("u:7"), or in those made before a moment."""
    if act.channel.kind is not ChannelKind.SHELL:
        raise NotAllowed("Personal values are erased at the shell, by whoever runs this board.")
    if not basis.strip():
        raise ReasonRequired("Say on what basis, such as the request of that person and its date.")
    with transaction.atomic():
        entries = AuditEntry.objects.filter(actor=actor)
        entries = entries.filter(at__lt=before) if before is not None else entries
        rows = PersonalValue.objects.filter(seq__in=entries.values("seq"))
        through: int | None = rows.aggregate(last=Max("seq"))["last"]
        if through is None:
            raise NothingToErase(f"No entry of {actor} has a value to erase.")
        count, _ = rows.filter(seq__lte=through).delete()
        paths: list[Plain] = [*PATHS]
        after: dict[str, Plain] = {"actor": actor, "through": through, "values": count, "paths": paths}
        seq = append(Change(ERASED, ObjectRef("personal", actor, actor), None, after, basis.strip()), act)
    return Erased(seq, count, through)
