"""Grounds: keep what a decision rests on, so that it can be shown and computed again years later."""

from dataclasses import dataclass

from readiness.core.canonical import canonical_bytes
from readiness.core.codec import to_plain
from readiness.core.facts import Facts
from readiness.core.types import Verdict
from readiness.models import Blob
from readiness.queries.policy import policy_archive, policy_digest
from readiness.services.blobs import keep_blob


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a run is entered on: the verdict's id, and the digests of the facts and of the answer as they were kept."""

    verdict_id: str
    facts: str
    verdict: str


def keep_grounds(facts: Facts, verdict: Verdict) -> Grounds:
    """Keep what a phase is entered on."""
    return Grounds(verdict.verdict_id, keep_inputs(facts), keep_blob(canonical_bytes(to_plain(verdict))))


def keep_inputs(facts: Facts) -> str:
    """Keep the facts, and the rules that judge them; return the digest of the facts."""
    if not Blob.objects.filter(pk=policy_digest()).exists():
        keep_blob(policy_archive(), "application/zip")
    return keep_blob(canonical_bytes(to_plain(facts)))
