"""Checklist items: a tick is a claim; what was brought with it, and what machines say, decides."""

from collections.abc import Callable
from datetime import datetime

from readiness.core.conditions import EvidenceDemand, EvidenceRule, ItemSpec
from readiness.core.facts import ConditionFacts
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment, ClaimFacts, EvidenceFacts, EvidenceState, Outcome

Assess = Callable[[ConditionFacts, datetime], Assessment]
Fault = tuple[Outcome, str, str]

DEMANDS = {
    EvidenceDemand.NONE: "a claim that the checks beside it bear out",
    EvidenceDemand.REQUIRED: "a claim with evidence",
    EvidenceDemand.ATTESTATION: "a person's word",
    EvidenceDemand.JUNIT: "a claim with a JUnit report that passes",
    EvidenceDemand.LOADTEST: "a claim with a load test within its limits",
    EvidenceDemand.FILE: "a claim with a file",
    EvidenceDemand.LINK: "a claim with a link that was kept",
    EvidenceDemand.REPORT: "a claim with a report",
}
JUDGED_KINDS = {EvidenceDemand.JUNIT, EvidenceDemand.LOADTEST, EvidenceDemand.FILE, EvidenceDemand.LINK}
STATE_FAULTS: dict[EvidenceState, tuple[Outcome, str]] = {
    EvidenceState.CONTRADICTS: (Outcome.NOT_MET, "CLAIM_CONTRADICTED"),
    EvidenceState.UNREADABLE: (Outcome.NOT_MET, "EVIDENCE_UNREADABLE"),
    EvidenceState.UNCHECKED: (Outcome.UNKNOWN, "EVIDENCE_UNCHECKED"),
}


def item_spec(facts: ConditionFacts) -> ItemSpec:
    """Give the specification of an item condition."""
    if facts.condition.item is None:
        raise ValueError(f"{facts.condition.path} is not an item")
    return facts.condition.item


def assess_item(facts: ConditionFacts, now: datetime, assess_proof: Assess) -> Assessment:
    """Judge an item at `now`; `assess_proof` judges the checks, gates and drills that `proved_by` names."""
    spec, path = item_spec(facts), facts.condition.path
    required = DEMANDS[spec.evidence.demand] + (", from each member" if spec.each else "")
    fault = _claims_fault(facts, now) or _proof_fault(facts, now, assess_proof)
    if fault:
        return Assessment(path, fault[0], fault[1], fault[2], required)
    attested = spec.evidence.demand is EvidenceDemand.ATTESTATION
    found = f"claimed by {', '.join(sorted({claim.by.name for claim in facts.claims}))}"
    moments = [_expiry(facts, claim) for claim in facts.claims]
    moments += [assess_proof(proof, now).expires_at for proof in facts.proofs]
    expires_at = min((at for at in moments if at is not None), default=None)
    return Assessment(path, Outcome.MET, "", found, required, expires_at, attested)


def _expiry(facts: ConditionFacts, claim: ClaimFacts) -> datetime | None:
    valid_for = facts.condition.valid_for
    return claim.claimed_at + valid_for if valid_for else None


def _claims_fault(facts: ConditionFacts, now: datetime) -> Fault | None:
    if fault := _absence(facts):
        return fault
    rule = item_spec(facts).evidence
    for claim in facts.claims:
        expires_at = _expiry(facts, claim)
        if expires_at is not None and now >= expires_at:
            age = format_duration(now - claim.claimed_at)
            return Outcome.NOT_MET, "CLAIM_EXPIRED", f"claimed {age} ago by {claim.by.name}"
        if fault := _evidence_fault(claim, rule):
            return fault
    return None


def _absence(facts: ConditionFacts) -> Fault | None:
    spec = item_spec(facts)
    if spec.each is None:
        return None if facts.claims else (Outcome.NOT_MET, "ITEM_UNCLAIMED", "not claimed")
    if not facts.members:
        return Outcome.UNKNOWN, "ITEM_UNCLAIMED", f"group {spec.each} has no members"
    done = {claim.member for claim in facts.claims}
    absent = [person.name for person in facts.members if person.id not in done]
    if not absent:
        return None
    total = len(facts.members)
    return Outcome.NOT_MET, "ITEM_UNCLAIMED", f"{total - len(absent)} of {total} claimed; missing {', '.join(absent)}"


def _evidence_fault(claim: ClaimFacts, rule: EvidenceRule) -> Fault | None:
    for piece in claim.evidence:
        if piece.state in STATE_FAULTS:
            outcome, code = STATE_FAULTS[piece.state]
            return outcome, code, piece.finding
    if rule.demand in (EvidenceDemand.NONE, EvidenceDemand.ATTESTATION):
        return None
    if any(_counts(piece, rule) for piece in claim.evidence):
        return None
    brought = "only an address was kept" if claim.evidence else "no evidence"
    return Outcome.NOT_MET, "EVIDENCE_MISSING", f"claimed by {claim.by.name}; {brought}"


def _counts(piece: EvidenceFacts, rule: EvidenceRule) -> bool:
    if piece.state is not EvidenceState.PROVES:
        return False
    return rule.demand not in JUDGED_KINDS or piece.kind == rule.demand.value


def _proof_fault(facts: ConditionFacts, now: datetime, assess_proof: Assess) -> Fault | None:
    judged = [(proof, assess_proof(proof, now)) for proof in facts.proofs]
    for proof, assessment in judged:
        if assessment.outcome is Outcome.NOT_MET:
            return Outcome.NOT_MET, "CLAIM_CONTRADICTED", f"{proof.condition.title}: {assessment.found}"
    for proof, assessment in judged:
        if assessment.outcome is Outcome.UNKNOWN:
            return Outcome.UNKNOWN, "EVIDENCE_UNCHECKED", f"{proof.condition.title}: {assessment.found}"
    declared = set(item_spec(facts).proved_by)
    silent = sorted(declared - {proof.condition.key for proof in facts.proofs})
    if silent:
        return Outcome.UNKNOWN, "EVIDENCE_UNCHECKED", f"nothing is known of {', '.join(silent)}"
    return None
