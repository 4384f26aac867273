"""Statements: the exact bytes a person signs over, built from facts so that anyone can build them again."""

from dataclasses import dataclass
from datetime import datetime

from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.codec import Plain, to_plain
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.plan import SignOffRule
from readiness.core.signoffs import covered_by, material_of
from readiness.core.types import Assessment

MEANINGS = {
    "approve-go": "I approve: it may start",
    "approve-no-go": "I object: it must not start",
    "reviewed": "I have reviewed the evidence",
    "responsible": "I am responsible for this part",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the signer's page showed: the log's size and root, and when."""

    size: int
    root: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """The canonical bytes, their digest, and the digest of the material they rest on."""

    data: bytes
    digest: str
    material: str
    expires_at: datetime


def build_statement(
    facts: Facts, role: str, person_id: str, seen: Seen, assessments: dict[str, Assessment]
) -> Statement:
    """Build the statement of one role for the phase that would be entered. The same facts give the same bytes."""
    target = facts.target
    if target is None or target.sign_off is None:
        raise ValueError("there is no poll to sign for")
    rule: SignOffRule = target.sign_off
    material = material_of(facts, rule, role, assessments)
    expires_at = seen.at + rule.valid_for
    body: Plain = {
        "rollout": facts.rollout,
        "phase": target.phase,
        "run": target.run,
        "plan": facts.plan,
        "policy": facts.policy,
        "role": role,
        "person": person_id,
        "conditions": [_line(c, assessments) for c in covered_by(facts, rule, role)],
        "material": material,
        "log": {"size": seen.size, "root": seen.root},
        "seen_at": to_plain(seen.at),
        "expires_at": to_plain(expires_at),
    }
    data = canonical_bytes(body)
    return Statement(data, digest_bytes(data), material, expires_at)


def _line(facts: ConditionFacts, assessments: dict[str, Assessment]) -> Plain:
    condition, assessment = facts.condition, assessments[facts.condition.path]
    evidence = sorted({piece.digest for claim in facts.claims for piece in claim.evidence})
    return {
        "path": condition.path,
        "title": condition.title,
        "outcome": assessment.outcome.value,
        "code": assessment.code,
        "evidence": [*evidence],
    }
