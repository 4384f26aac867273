"""Kept evidence: who may read a piece, and its bytes when they are still what its digest names."""

from dataclasses import dataclass
from datetime import datetime

from readiness.core.types import Person
from readiness.models import Blob, Evidence, Rollout
from readiness.queries.blobs import load_blob
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Kept bytes with the name and type they came with, and those rollouts of the reader that refer to them."""

    name: str
    data: bytes
    media_type: str
    rollouts: tuple[Rollout, ...]


def find_evidence(digest: str, person: Person, now: datetime) -> KeptFile | None:
    """Give kept evidence to somebody on a rollout that refers to it; None to everybody else.

    Raises BlobAltered when the bytes no longer have their digest.
    """
    pieces = Evidence.objects.filter(digest=digest).select_related("claim__rollout__plan").order_by("pk")
    titles = {piece.claim.rollout: piece.title for piece in pieces}
    mine = tuple(rollout for rollout in titles if load_roles(rollout, load_plan(rollout), person, now))
    data = load_blob(digest) if mine else None
    if data is None:
        return None
    media_type = Blob.objects.values_list("media_type", flat=True).get(pk=digest)
    return KeptFile(_file_name(titles[mine[-1]]), data, media_type, mine)


def _file_name(title: str) -> str:
    """Name a download after the piece: the last part of a path or address, without its commit."""
    return title.partition(" at commit ")[0].rstrip("/").rpartition("/")[2] or "evidence"
