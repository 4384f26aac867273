"""Sign-offs: what a signature covers, what voids it, who has answered, and whether the answers are independent.

Each role answers for its part: the conditions it owns. What has no owner, or an owner who is not polled here, belongs
to `last`, whose answer is over everything. A signature is valid while its material digest is; see `material_of`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from readiness.core.canonical import digest_of
from readiness.core.codec import Plain, to_plain
from readiness.core.conditions import Condition, ConditionKind
from readiness.core.facts import ConditionFacts, Facts, SignatureFacts
from readiness.core.plan import SignOffRule
from readiness.core.types import Assessment, ClaimFacts, Outcome

CONTENT_CHECKS = {"file", "config", "kubernetes"}


class PollAnswer(StrEnum):
    """Where one role stands in the poll."""

    GO = "GO"
    NO_GO = "NO_GO"
    VOID = "VOID"
    EXPIRED = "EXPIRED"
    NO_ANSWER = "NO_ANSWER"
    WAITS = "WAITS"


@dataclass(frozen=True, slots=True)
class Station:
    """One role of the poll, its newest answer, and why that does not count (empty when it does)."""

    role: str
    answer: PollAnswer
    signature: SignatureFacts | None = None
    why: str = ""


def polled_roles(rule: SignOffRule) -> tuple[str, ...]:
    """Give the roles in the order they answer: `last` comes last."""
    return (*(role for role in rule.roles if role != rule.last), rule.last)


def all_conditions(facts: Facts) -> tuple[ConditionFacts, ...]:
    """Give every condition that entering rests on: of the running phase, of the next, of the gaps."""
    return (*facts.complete, *facts.enter, *(c for gap in facts.gaps for c in gap.conditions))


def part_of(facts: Facts, rule: SignOffRule, role: str) -> tuple[ConditionFacts, ...]:
    """Give the conditions a role answers for; for `last` those that no other polled role owns."""
    return tuple(c for c in all_conditions(facts) if _answering_role(c, rule) == role)


def covered_by(facts: Facts, rule: SignOffRule, role: str) -> tuple[ConditionFacts, ...]:
    """Give the conditions a role's signature covers: its part, and for `last` everything."""
    return all_conditions(facts) if role == rule.last else part_of(facts, rule, role)


def _answering_role(facts: ConditionFacts, rule: SignOffRule) -> str:
    owner = facts.condition.owner or rule.last
    return owner if owner in rule.roles else rule.last


def material_of(facts: Facts, rule: SignOffRule, role: str, assessments: dict[str, Assessment]) -> str:
    """Digest what a role's signature rests on, so that a change of it voids the signature.

    Definitions count always; claims, evidence, drills, reviews and the content of files by digest; of gates and other
    live conditions nothing live, because those block by themselves. UNKNOWN blocks and does not void. A waiver
    counts by its id, so that granting or revoking one voids.
    """
    parts: list[Plain] = [_material(c, assessments) for c in covered_by(facts, rule, role)]
    triggers: list[Plain] = [definition_of(t.facts.condition) for t in facts.triggers] if role == rule.last else []
    tasks: list[Plain] = [
        [gap.gap.key, task.key, task.closed_by is not None]
        for gap in facts.gaps
        for task in gap.tasks
        if role in (task.owner, rule.last)
    ]
    whole: Plain = {"role": role, "rule": to_plain(rule), "conditions": parts, "triggers": triggers, "tasks": tasks}
    return digest_of(whole)


def definition_of(condition: Condition) -> Plain:
    """Give what a plan asks in one place: the identity, owner and limits of a condition, without its words."""
    specs = (condition.item, condition.gate, condition.check, condition.experiment, condition.drill, condition.review)
    spec = next((each for each in specs if each is not None), None)
    valid_for = str(condition.valid_for) if condition.valid_for else ""
    return {"path": condition.path, "owner": condition.owner or "", "valid_for": valid_for, "spec": to_plain(spec)}


def _material(facts: ConditionFacts, assessments: dict[str, Assessment]) -> Plain:
    condition = facts.condition
    material: dict[str, Plain] = {"definition": definition_of(condition)}
    if condition.kind in (ConditionKind.ITEM, ConditionKind.DRILL, ConditionKind.REVIEW):
        material["met"] = _class(assessments.get(condition.path))
        material["claims"] = [_claim_material(claim) for claim in facts.claims]
        material["drill"] = to_plain(facts.drill)
        material["review"] = to_plain(facts.review)
        material["proofs"] = [_material(proof, assessments) for proof in facts.proofs]
    if condition.check is not None and condition.check.check_kind in CONTENT_CHECKS:
        material["met"] = _class(assessments.get(condition.path))
        material["content"] = facts.check.content if facts.check else ""
    if facts.gate is not None and facts.gate.baseline is not None:
        material["baseline"] = to_plain(facts.gate.baseline)
    if facts.waiver is not None:
        material["waiver"] = facts.waiver.id
    return material


def _class(assessment: Assessment | None) -> bool:
    return assessment is None or assessment.outcome is not Outcome.NOT_MET


def _claim_material(claim: ClaimFacts) -> Plain:
    evidence = sorted(piece.digest for piece in claim.evidence)
    return {"by": claim.by.id, "member": claim.member, "at": to_plain(claim.claimed_at), "evidence": [*evidence]}


def poll_stations(facts: Facts, assessments: dict[str, Assessment], now: datetime) -> tuple[Station, ...]:
    """Give each polled role's standing, in the order they answer. One person counts for one role."""
    if facts.target is None or facts.target.sign_off is None:
        return ()
    rule = facts.target.sign_off
    stations: list[Station] = []
    for role in polled_roles(rule):
        signature = _newest(facts.signatures, role)
        material = material_of(facts, rule, role, assessments) if signature is not None else ""
        station = _station(role, signature, material, now)
        stations.append(station if facts.rehearsal else _one_person_one_role(station, stations))
    return tuple(_waiting(stations, rule))


def _newest(signatures: Iterable[SignatureFacts], role: str) -> SignatureFacts | None:
    given = [s for s in signatures if s.role == role]
    return max(given, key=lambda s: (s.signed_at, s.id), default=None)


def _station(role: str, signature: SignatureFacts | None, material: str, now: datetime) -> Station:
    if signature is None:
        return Station(role, PollAnswer.NO_ANSWER)
    if signature.voided:
        return Station(role, PollAnswer.VOID, signature, signature.voided)
    if now >= signature.expires_at:
        return Station(role, PollAnswer.EXPIRED, signature, "the signature has run out")
    if not signature.go:
        return Station(role, PollAnswer.NO_GO, signature, signature.reason)
    if signature.material != material:
        return Station(role, PollAnswer.VOID, signature, "facts it was signed on have changed")
    return Station(role, PollAnswer.GO, signature)


def _one_person_one_role(station: Station, earlier: list[Station]) -> Station:
    if station.answer is not PollAnswer.GO or station.signature is None:
        return station
    person = station.signature.by
    taken = [s.role for s in earlier if s.answer is PollAnswer.GO and s.signature and s.signature.by.id == person.id]
    if not taken:
        return station
    return Station(station.role, PollAnswer.VOID, station.signature, f"{person.name} already answers for {taken[0]}")


def _waiting(stations: list[Station], rule: SignOffRule) -> list[Station]:
    others_go = all(s.answer is PollAnswer.GO for s in stations if s.role != rule.last)
    return [
        Station(s.role, PollAnswer.WAITS)
        if s.role == rule.last and s.answer is PollAnswer.NO_ANSWER and not others_go
        else s
        for s in stations
    ]


def not_independent(facts: Facts, stations: tuple[Station, ...]) -> tuple[ConditionFacts, ...]:
    """Give the conditions that no valid GO of an uninvolved person covers; in a rehearsal one person does it all."""
    if facts.rehearsal or facts.target is None or facts.target.sign_off is None:
        return ()
    rule = facts.target.sign_off
    signed = {s.role: s.signature.by.id for s in stations if s.answer is PollAnswer.GO and s.signature is not None}
    return tuple(
        c
        for c in all_conditions(facts)
        if not _uninvolved(signed, {_answering_role(c, rule), rule.last}, _involved(facts, c))
    )


def _uninvolved(signed: dict[str, str], roles: set[str], involved: set[str]) -> bool:
    return any(role in signed and signed[role] not in involved for role in roles)


def _involved(facts: Facts, condition: ConditionFacts) -> set[str]:
    people = {claim.by.id for claim in condition.claims}
    people |= {piece.added_by.id for claim in condition.claims for piece in claim.evidence}
    people |= {condition.waiver.asked_by.id} if condition.waiver is not None else set()
    if facts.imported_by is not None:
        people.add(facts.imported_by.id)
    return people
