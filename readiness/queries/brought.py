"""Claims with what was brought: each piece as it was read, whether its bytes are still there, and whose run it is."""

from collections import defaultdict

from django.db.models import Exists, OuterRef, Prefetch

from readiness.core.codec import from_plain
from readiness.core.plan import Plan
from readiness.core.repeats import mark_repeats
from readiness.core.reports import Report
from readiness.core.types import ClaimFacts, EvidenceFacts, EvidenceState, Person
from readiness.models import Blob, Claim, Evidence, Rollout
from readiness.queries.conditions import every_condition

ALTERED = "what is kept of {title} is no longer what was brought; its digest differs, so it proves nothing"


Claims = dict[str, list[ClaimFacts]]


def load_claims(rollout: Rollout, plan: Plan) -> tuple[Claims, Claims]:
    """Give the standing and the ended claims of a rollout by the path of their item, oldest first."""
    intact = Blob.objects.filter(pk=OuterRef("digest"), altered_at=None)
    pieces = Prefetch("evidence", Evidence.objects.annotate(intact=Exists(intact)).order_by("pk"))
    standing: Claims = defaultdict(list)
    ended: Claims = defaultdict(list)
    for claim in Claim.objects.filter(rollout=rollout).prefetch_related(pieces).order_by("claimed_at", "pk"):
        (standing if claim.withdrawn_at is None else ended)[claim.path].append(_claim_facts(claim))
    found = [*standing.values(), *ended.values()]
    if not any(piece.report for claims in found for claim in claims for piece in claim.evidence):
        return standing, ended
    return mark_repeats(standing, ended, {each.path: each for each in every_condition(plan)}), ended


def _claim_facts(claim: Claim) -> ClaimFacts:
    return ClaimFacts(
        by=Person(claim.by_id, claim.by_name),
        claimed_at=claim.claimed_at,
        member=claim.member,
        note=claim.note,
        evidence=tuple(evidence_facts(piece) for piece in claim.evidence.all()),
    )


def evidence_facts(piece: Evidence) -> EvidenceFacts:
    """Give a piece as it counts; one whose bytes are gone or altered cannot be read."""
    intact = getattr(piece, "intact", True)
    return EvidenceFacts(
        piece.digest,
        piece.kind,
        piece.title,
        EvidenceState(piece.state) if intact else EvidenceState.UNREADABLE,
        piece.finding if intact else ALTERED.format(title=piece.title),
        piece.added_at,
        Person(piece.by_id, piece.by_name),
        from_plain(Report, piece.report) if piece.report and intact else None,
    )
