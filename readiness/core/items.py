"""Checklist items: a tick is a claim; what was brought with it, and what machines say, decides."""

from collections.abc import Callable, Iterator
from datetime import datetime

from readiness.core.conditions import EvidenceDemand, EvidenceRule, ItemSpec, Records
from readiness.core.evidence import judge_piece
from readiness.core.facts import ConditionFacts
from readiness.core.quantities import format_duration
from readiness.core.reasons import code_rank
from readiness.core.types import Assessment, ClaimFacts, EvidenceState, Outcome

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
FITTING_KINDS = {
    EvidenceDemand.JUNIT: {"junit"},
    EvidenceDemand.LOADTEST: {"loadtest"},
    EvidenceDemand.FILE: {"file", "git"},
    EvidenceDemand.LINK: {"link"},
    EvidenceDemand.REPORT: {"report"},
}
KIND_WORDS = {"file": "a file", "git": "a file in git", "link": "a link", "junit": "a test report", "note": "a note"}
STATE_FAULTS: dict[EvidenceState, tuple[Outcome, str]] = {
    EvidenceState.CONTRADICTS: (Outcome.NOT_MET, "CLAIM_CONTRADICTED"),
    EvidenceState.UNREADABLE: (Outcome.NOT_MET, "EVIDENCE_UNREADABLE"),
    EvidenceState.UNCHECKED: (Outcome.UNKNOWN, "EVIDENCE_UNCHECKED"),
}
WANTING = {"DRILL_MISSING", "DRILL_EXPIRED", "REVIEW_MISSING", "EXPERIMENT_NOT_RUN", "GATE_NOT_SUSTAINED"}
"""What a machine says when proof is still to come: it does not disagree, so the claim is unproven."""


def item_spec(facts: ConditionFacts) -> ItemSpec:
    """Give the specification of an item condition."""
    if facts.condition.item is None:
        raise ValueError(f"{facts.condition.path} is not an item")
    return facts.condition.item


def assess_item(facts: ConditionFacts, now: datetime, assess_proof: Assess) -> Assessment:
    """Judge an item at `now`; `assess_proof` judges the checks, gates and drills that `proved_by` names.

    Of several faults the worst is said, in whatever order claims and evidence came.
    """
    spec, path, claims = item_spec(facts), facts.condition.path, standing_claims(facts)
    required = DEMANDS[spec.evidence.demand] + (", from each member" if spec.each else "")
    faults = [*_absence(facts), *_claims_faults(facts, now), *_proof_faults(facts, now, assess_proof)]
    if faults:
        outcome, code, found = min(faults, key=lambda fault: (code_rank(fault[1]), fault[2], fault[0]))
        return Assessment(path, outcome, code, found, required)
    attested = spec.evidence.demand is EvidenceDemand.ATTESTATION and not facts.proofs
    found = f"claimed by {', '.join(sorted({claim.by.name for claim in claims}))}"
    moments = [claim_expires_at(facts, claim) for claim in claims]
    moments += [assess_proof(proof, now).expires_at for proof in facts.proofs]
    expires_at = min((at for at in moments if at is not None), default=None)
    return Assessment(path, Outcome.MET, "", found, required, expires_at, attested)


def standing_claims(facts: ConditionFacts) -> tuple[ClaimFacts, ...]:
    """Give the claims that count: of an `each:` list those of its members now; who has left is not asked any more."""
    if item_spec(facts).each is None:
        return facts.claims
    members = {person.id for person in facts.members}
    return tuple(claim for claim in facts.claims if claim.member in members)


def claim_expires_at(facts: ConditionFacts, claim: ClaimFacts) -> datetime | None:
    """Say when a claim no longer counts; None when it always does."""
    valid_for = facts.condition.valid_for
    return claim.claimed_at + valid_for if valid_for else None


def _absence(facts: ConditionFacts) -> Iterator[Fault]:
    spec, claims = item_spec(facts), standing_claims(facts)
    if spec.each is None:
        if not claims:
            yield Outcome.NOT_MET, "ITEM_UNCLAIMED", "not claimed"
        return
    if not facts.members:
        yield Outcome.UNKNOWN, "ITEM_UNCLAIMED", f"group {spec.each} has no members"
        return
    done = {claim.member for claim in claims}
    absent = sorted(person.name for person in facts.members if person.id not in done)
    if absent:
        total = len(facts.members)
        found = f"{total - len(absent)} of {total} claimed; missing {', '.join(absent)}"
        yield Outcome.NOT_MET, "ITEM_UNCLAIMED", found


def _claims_faults(facts: ConditionFacts, now: datetime) -> Iterator[Fault]:
    spec = item_spec(facts)
    for claim in standing_claims(facts):
        expires_at = claim_expires_at(facts, claim)
        if expires_at is not None and now >= expires_at:
            age = format_duration(now - claim.claimed_at)
            yield Outcome.NOT_MET, "CLAIM_EXPIRED", f"claimed {age} ago by {claim.by.name}"
        judged = [(piece.kind, *judge_piece(piece, spec.evidence)) for piece in claim.evidence]
        faults = [(*STATE_FAULTS[state], finding) for _, state, finding in judged if state in STATE_FAULTS]
        yield from faults
        if not faults and (lacking := _lacking(facts, claim, judged)):
            yield Outcome.NOT_MET, "EVIDENCE_MISSING", f"claimed by {claim.by.name}; {lacking}"


def _lacking(facts: ConditionFacts, claim: ClaimFacts, judged: list[tuple[str, EvidenceState, str]]) -> str:
    """Say what a claim should have brought and did not; nothing when it brought that."""
    spec = item_spec(facts)
    if spec.records is not None:
        return _unrecorded(claim, spec.records)
    if spec.evidence.demand is EvidenceDemand.NONE:
        return "" if spec.proved_by else "nothing proves it"
    if spec.evidence.demand is EvidenceDemand.ATTESTATION:
        return ""
    proving = {kind for kind, state, _ in judged if state is EvidenceState.PROVES}
    if _fitting(proving, spec.evidence):
        return ""
    other = sorted(KIND_WORDS.get(kind, kind) for kind in proving)
    if other:
        return f"{' and '.join(other)} was brought instead"
    return "only an address was kept" if any(kind == "link" for kind, _, _ in judged) else "no evidence"


def _fitting(kinds: set[str], rule: EvidenceRule) -> set[str]:
    return kinds & FITTING_KINDS.get(rule.demand, kinds)


def _unrecorded(claim: ClaimFacts, records: Records) -> str:
    recorded = {piece.title for piece in claim.evidence if piece.kind == "baseline"}
    gates = [gate for gate in records.gates if baseline_title(records.baseline, gate) not in recorded]
    return f"no baseline of {', '.join(gates)} was recorded" if gates else ""


def baseline_title(baseline: str, gate: str) -> str:
    """Name the evidence that one gate's part of a baseline is."""
    return f"{baseline}: {gate}"


def _proof_faults(facts: ConditionFacts, now: datetime, assess_proof: Assess) -> Iterator[Fault]:
    """What machines say against the claims there are."""
    if not standing_claims(facts):
        return
    for proof in facts.proofs:
        assessment = assess_proof(proof, now)
        found = f"{proof.condition.title}: {assessment.found}"
        if assessment.outcome is Outcome.NOT_MET and assessment.code not in WANTING:
            yield Outcome.NOT_MET, "CLAIM_CONTRADICTED", found
        elif assessment.outcome in (Outcome.NOT_MET, Outcome.UNKNOWN):
            yield assessment.outcome, "EVIDENCE_UNCHECKED", found
    silent = sorted(set(item_spec(facts).proved_by) - {proof.condition.key for proof in facts.proofs})
    if silent:
        yield Outcome.UNKNOWN, "EVIDENCE_UNCHECKED", f"nothing is known of {', '.join(silent)}"
