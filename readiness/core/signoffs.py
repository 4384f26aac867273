"""Sign-offs: what a signature covers, what voids it, and who has answered.

Each role answers for its part: the conditions it owns. What has no owner, or an owner who is not polled here, belongs
to `last`, whose answer is over everything. A signature is valid while the digest of its material is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from readiness.core.canonical import digest_of
from readiness.core.closings import closings_before, closings_material, covered_closings
from readiness.core.codec import Plain, PlainDict, to_plain
from readiness.core.facts import ConditionFacts, Facts, GapFacts, SignatureFacts
from readiness.core.material import digest_materials, is_live, trigger_material
from readiness.core.plan import SignOffRule
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment, Outcome


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
    return tuple(c for c in all_conditions(facts) if answering_role(c, rule) == role)


def covered_by(facts: Facts, rule: SignOffRule, role: str) -> tuple[ConditionFacts, ...]:
    """Give the conditions a role's signature covers: its part, and for `last` everything."""
    return all_conditions(facts) if role == rule.last else part_of(facts, rule, role)


def answering_role(covered: ConditionFacts | GapFacts, rule: SignOffRule) -> str:
    """Give the polled role whose part a condition (or a gap) is: its owner, else the role that answers last."""
    owner = covered.gap.owner if isinstance(covered, GapFacts) else covered.condition.owner
    return owner if owner in rule.roles else rule.last


Parts = Mapping[str, str]
"""The digest of what each polled role's part rests on. Together the parts are everything."""


def material_of(facts: Facts, rule: SignOffRule, role: str, assessments: Mapping[str, Assessment]) -> str:
    """Digest what a role's signature rests on; what that is of each condition says `core/material.py`.

    It is the role's part with its tasks and gaps, who closed them by hand and when, the run that would be left, and
    what entering starts; for `last` every part, every task and gap, the abort triggers, which gaps block, and how long
    the running phase must last.
    """
    closed = closings_material(covered_closings(facts, rule, role))
    return _material_of(facts, rule, role, _parts(facts, rule, assessments), closed)


def _parts(facts: Facts, rule: SignOffRule, assessments: Mapping[str, Assessment]) -> Parts:
    parts: dict[str, list[ConditionFacts]] = {role: [] for role in polled_roles(rule)}
    for condition in all_conditions(facts):
        parts[answering_role(condition, rule)].append(condition)
    return {role: digest_materials(conditions, assessments) for role, conditions in parts.items()}


def _material_of(facts: Facts, rule: SignOffRule, role: str, parts: Parts, closed: Plain) -> str:
    last = role == rule.last
    whole: PlainDict = {
        "role": role,
        "rule": to_plain(rule),
        "parts": parts if last else {role: parts.get(role, "")},
        "triggers": sorted(trigger_material(t.facts) for t in facts.triggers) if last else [],
        "tasks": closed,
        "starts": facts.target.starts if facts.target else "",
        "gaps": to_plain(sorted(gap.gap.key for gap in facts.gaps)) if last else [],
        "leaves": [facts.running.phase, facts.running.number] if facts.running else [],
        "dwell": max(facts.running.dwell_s, facts.running.watch_s) if last and facts.running else 0,
    }
    return digest_of(whole)


def poll_stations(facts: Facts, assessments: Mapping[str, Assessment], now: datetime) -> tuple[Station, ...]:
    """Give each polled role's standing, in the order they answer. One person counts for one role."""
    if facts.target is None or facts.target.sign_off is None:
        return ()
    rule = facts.target.sign_off
    parts = _parts(facts, rule, assessments) if facts.signatures else {}
    failing = _failing_live(facts, assessments)
    stations: list[Station] = []
    for role in polled_roles(rule):
        signature = _counting(facts.signatures, role, now)
        changed = ""
        if signature is not None:
            changed = _moved(facts, rule, signature, parts) or _failing_long(failing, rule, role, now)
        station = _station(role, signature, changed, now)
        stations.append(station if facts.rehearsal else _one_person_one_role(station, stations))
    return tuple(_waiting(stations, rule))


def _counting(signatures: Iterable[SignatureFacts], role: str, now: datetime) -> SignatureFacts | None:
    """Give the answer that counts for a role: the newest, unless somebody's NO-GO stands.

    A NO-GO stands until whoever gave it answers anew or takes it back: no other holder of the role outvotes it.
    """
    given = sorted((s for s in signatures if s.role == role), key=lambda s: (s.signed_at, s.id))
    newest_of = {s.by.id: s for s in given}
    objections = [s for s in newest_of.values() if not s.go and not s.voided and now < s.expires_at]
    return next(reversed(objections or given), None)


def _moved(facts: Facts, rule: SignOffRule, signature: SignatureFacts, parts: Parts) -> str:
    closings = covered_closings(facts, rule, signature.role)
    forms = (closings_material(closings), closings_before(closings, signature.signed_at))
    of_role = (_material_of(facts, rule, signature.role, parts, closed) for closed in forms if closed is not None)
    return "" if signature.material in of_role else "facts it was signed on have changed"


def _failing_live(facts: Facts, assessments: Mapping[str, Assessment]) -> tuple[ConditionFacts, ...]:
    """Give the live conditions that fail now. One that is waived is excused of that, too; an unknown does not fail."""
    paths = {path for path, assessment in assessments.items() if assessment.outcome is Outcome.NOT_MET}
    return tuple(c for c in all_conditions(facts) if c.condition.path in paths and is_live(c.condition))


def _failing_long(failing: Iterable[ConditionFacts], rule: SignOffRule, role: str, now: datetime) -> str:
    """Say which live condition that a role's signature covers has failed longest, if for `void_after`."""
    covered = (c for c in failing if role in (rule.last, answering_role(c, rule)))
    lasting = [(now - c.failing_since, c.condition.title) for c in covered if c.failing_since is not None]
    longest, title = max(lasting, default=(timedelta(0), ""))
    return f"{title} has not been met for {format_duration(longest)}" if longest >= rule.void_after and title else ""


def _station(role: str, signature: SignatureFacts | None, changed: str, now: datetime) -> Station:
    """Say how a role stands; `changed` is what voids its GO, empty when nothing does."""
    if signature is None:
        return Station(role, PollAnswer.NO_ANSWER)
    if signature.voided:
        return Station(role, PollAnswer.VOID, signature, signature.voided)
    if now >= signature.expires_at:
        return Station(role, PollAnswer.EXPIRED, signature, "the signature has run out")
    if not signature.go:
        return Station(role, PollAnswer.NO_GO, signature, signature.reason)
    return Station(role, PollAnswer.VOID if changed else PollAnswer.GO, signature, changed)


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
