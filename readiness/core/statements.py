"""Statements: the exact bytes a person signs over, built from facts so that anyone can build them again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.codec import Plain, PlainDict, to_plain
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.plan import SignOffRule
from readiness.core.signoffs import covered_by, material_of
from readiness.core.types import Assessment, Outcome

MEANINGS = {
    "approve-go": "I approve: it may start",
    "approve-no-go": "I object: it must not start",
    "reviewed": "I have reviewed the evidence",
    "responsible": "I am responsible for this part",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the signer's page showed: the log's size and root, when, and which evidence they had opened by then."""

    size: int
    root: str
    at: datetime
    opened: frozenset[str] = frozenset()


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
    material, covered = material_of(facts, rule, role, assessments), covered_by(facts, rule, role)
    expires_at = seen.at + rule.valid_for
    rehearsed: PlainDict = {"rehearsal": True} if facts.rehearsal else {}
    body: Plain = {
        **rehearsed,
        "rollout": facts.rollout,
        "phase": target.phase,
        "run": target.run,
        "plan": facts.plan,
        "policy": facts.policy,
        "role": role,
        "person": person_id,
        "conditions": [_line(c, assessments) for c in covered],
        "attested": [c.condition.path for c in covered if assessments[c.condition.path].attested],
        "opened": [*sorted(seen.opened & evidence_of(covered))],
        "waivers": [_waiver(c) for c in waived_conditions(facts, role, assessments)],
        "material": material,
        "log": {"size": seen.size, "root": seen.root},
        "seen_at": to_plain(seen.at),
        "expires_at": to_plain(expires_at),
    }
    data = canonical_bytes(body)
    return Statement(data, digest_bytes(data), material, expires_at)


def waived_conditions(facts: Facts, role: str, assessments: dict[str, Assessment]) -> tuple[ConditionFacts, ...]:
    """Give what a role would sign over although it is waived; a GO over any of it needs a reason."""
    rule = facts.target.sign_off if facts.target is not None else None
    covered = covered_by(facts, rule, role) if rule is not None else ()
    return tuple(c for c in covered if assessments[c.condition.path].outcome is Outcome.WAIVED)


def _waiver(facts: ConditionFacts) -> Plain:
    waiver = facts.waiver
    if waiver is None:
        raise ValueError(f"{facts.condition.path} has no waiver")
    return {
        "path": facts.condition.path,
        "id": waiver.id,
        "reason": waiver.reason,
        "measure": waiver.measure,
        "asked_by": waiver.asked_by.id,
        "granted_by": waiver.granted_by.id,
        "expires_at": to_plain(waiver.expires_at),
    }


def evidence_of(conditions: Iterable[ConditionFacts]) -> frozenset[str]:
    """Give the digests of the evidence that conditions rest on."""
    return frozenset(p.digest for facts in conditions for claim in facts.claims for p in claim.evidence)


def _line(facts: ConditionFacts, assessments: dict[str, Assessment]) -> Plain:
    condition, assessment = facts.condition, assessments[facts.condition.path]
    evidence = sorted({piece.digest for claim in facts.claims for piece in claim.evidence})
    line: dict[str, Plain] = {
        "path": condition.path,
        "title": condition.title,
        "outcome": assessment.outcome.value,
        "code": assessment.code,
        "evidence": [*evidence],
    }
    if assessment.outcome is Outcome.WAIVED and facts.waiver is not None:
        line["waiver"] = facts.waiver.id
    return line
