"""Grounds: keep what a decision rests on, so that it can be shown and computed again years later."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from readiness.core.canonical import canonical_bytes
from readiness.core.codec import to_plain
from readiness.core.facts import Facts
from readiness.core.signoffs import all_conditions
from readiness.core.types import GateObservation, Verdict
from readiness.models import Blob
from readiness.queries.policy import policy_archive, policy_digest
from readiness.services.blobs import keep_blob
from readiness.services.measurements import keep_answers_for_ever


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
    """Keep the facts, what the sources said, and the rules that judge them; return the digest of the facts."""
    if not Blob.objects.filter(pk=policy_digest()).exists():
        keep_blob(policy_archive(), "application/zip")
    keep_answers_for_ever(_observed(facts))
    return keep_blob(canonical_bytes(to_plain(facts)))


def _observed(facts: Facts) -> Iterator[GateObservation]:
    """Everything that was measured and that the facts speak of."""
    known = (*all_conditions(facts), *(t.facts for t in facts.triggers), *(each.facts for each in facts.exposures))
    for each in chain(known, chain.from_iterable(condition.proofs for condition in known)):
        if each.gate is not None:
            yield each.gate
