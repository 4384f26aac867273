"""Openings: what a person had opened by a moment."""

from datetime import datetime

from readiness.models import EvidenceOpening, Rollout


def load_opened(rollout: Rollout, person_id: str, by: datetime) -> frozenset[str]:
    """Give the digests of the evidence of a rollout that a person had opened `by` a moment."""
    rows = EvidenceOpening.objects.filter(rollout=rollout, person_id=person_id, opened_at__lte=by)
    return frozenset(rows.values_list("digest", flat=True))
