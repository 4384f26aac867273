"""Openings: who opened which piece of evidence, for the statement that they sign. No entry; the statement is signed."""

from collections.abc import Iterable
from datetime import datetime

from readiness.core.types import Person
from readiness.models import EvidenceOpening, Rollout


def note_opening(rollouts: Iterable[Rollout], digest: str, person: Person, now: datetime) -> None:
    """Note that a person opened a piece of evidence; the first time counts."""
    rows = [
        EvidenceOpening(rollout=rollout, digest=digest, person_id=person.id, person_name=person.name, opened_at=now)
        for rollout in rollouts
    ]
    EvidenceOpening.objects.bulk_create(rows, ignore_conflicts=True)
