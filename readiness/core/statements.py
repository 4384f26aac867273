"""Statements: the exact bytes a person signs over, built from facts so that anyone can build them again.

What is shown is everything but the answer, which nobody has given yet; what is signed is that with the answer and what
it means, and with the digest of what was shown. So a statement says by itself what its signer meant.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from readiness.core.canonical import canonical_bytes, digest_bytes, parse_canonical
from readiness.core.closings import Closing, covered_closings
from readiness.core.codec import Plain, PlainDict, to_plain
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.material import condition_definition, is_live
from readiness.core.plan import SignOffRule
from readiness.core.signoffs import covered_by, material_of
from readiness.core.types import Assessment, BaselineFacts, ClaimFacts, DrillFacts, Outcome, ReviewFacts

FORMAT = 2
"""What a statement holds. One without a number is of the first format: it has neither the answer nor what drills,
reviews, checks and gates rest on."""
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
    """The canonical bytes, as shown or as signed, their digest, and the digest of the material they rest on."""

    data: bytes
    digest: str
    material: str
    expires_at: datetime


def build_statement(
    facts: Facts, role: str, person_id: str, seen: Seen, assessments: dict[str, Assessment]
) -> Statement:
    """Build what one role is shown for the phase that would be entered. The same facts give the same bytes."""
    target = facts.target
    if target is None or target.sign_off is None:
        raise ValueError("there is no poll to sign for")
    rule: SignOffRule = target.sign_off
    material, covered = material_of(facts, rule, role, assessments), covered_by(facts, rule, role)
    expires_at = seen.at + rule.valid_for
    rehearsed: PlainDict = {"rehearsal": True} if facts.rehearsal else {}
    body: Plain = {
        **rehearsed,
        "format": FORMAT,
        "rollout": facts.rollout,
        "phase": target.phase,
        "run": target.run,
        "plan": facts.plan,
        "policy": facts.policy,
        "role": role,
        "person": person_id,
        "conditions": [_line(c, assessments) for c in covered],
        "closings": [_closing(each) for each in covered_closings(facts, rule, role)],
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


def sign_statement(shown: Statement, *, go: bool, meaning: str) -> Statement:
    """Give what is signed: what was shown, with the answer and what it means, in a word of `MEANINGS` and in full."""
    body = cast(PlainDict, parse_canonical(shown.data))
    answer = {"answer": "GO" if go else "NO_GO", "meaning": meaning, "means": MEANINGS[meaning], "shown": shown.digest}
    data = canonical_bytes({**body, **answer})
    return replace(shown, data=data, digest=digest_bytes(data))


def signed_digests(shown: Statement) -> Iterator[str]:
    """Yield the digest of each statement that an answer to what was shown can have become."""
    yield shown.digest  # what was signed while the answer stood in the entry alone
    yield from (sign_statement(shown, go=go, meaning=key).digest for key in MEANINGS for go in (True, False))


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
        **_rests_on(facts),
    }
    if assessment.outcome is Outcome.WAIVED and facts.waiver is not None:
        line["waiver"] = facts.waiver.id
    return line


def _rests_on(facts: ConditionFacts) -> PlainDict:
    """Name what a condition rests on: what is asked, and what was said, run, scored, recorded or read.

    What is measured again and again stands here by what is asked of it alone.
    """
    condition, baseline = facts.condition, facts.gate.baseline if facts.gate is not None else None
    found: PlainDict = {
        "claims": [_claim(claim) for claim in sorted(facts.claims, key=lambda c: (c.member, c.claimed_at, c.by.id))],
        "content": facts.check.content if facts.check is not None and not is_live(condition) else "",
        "drill": _drill(facts.drill) if facts.drill is not None else None,
        "review": _review(facts.review) if facts.review is not None else None,
        "baseline": _baseline(baseline) if baseline is not None else None,
        "proofs": [{"path": each.condition.path, **_rests_on(each)} for each in facts.proofs],
    }
    return {"asks": condition_definition(condition), **{name: value for name, value in found.items() if value}}


def _claim(claim: ClaimFacts) -> Plain:
    member = {"member": claim.member} if claim.member else {}
    return {"by": claim.by.id, "at": to_plain(claim.claimed_at), **member}


def _drill(ran: DrillFacts) -> Plain:
    at, took = to_plain(ran.ran_at), to_plain(ran.took)
    return {"record": ran.record, "by": ran.by.id, "at": at, "took_s": took, "passed": ran.passed}


def _review(seen: ReviewFacts) -> Plain:
    at, score = to_plain(seen.reviewed_at), to_plain(float(seen.score))
    return {"record": seen.record, "by": seen.by.id, "at": at, "score": score, "source": seen.source}


def _baseline(seen: BaselineFacts) -> Plain:
    at, value = to_plain(seen.recorded_at), to_plain(float(seen.value))
    return {"name": seen.baseline, "by": seen.recorded_by.id, "at": at, "value": value, "query": seen.query}


def _closing(closing: Closing) -> Plain:
    return {
        "gap": closing.gap,
        "task": closing.task,
        "title": closing.title,
        "by": closing.by.id if closing.by is not None else None,
        "at": to_plain(closing.at),
    }
