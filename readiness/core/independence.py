"""Independence: somebody who did not work on it signs for every condition, and for every gap that only people close."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.core.closings import closers_by_path, closers_of, hand_closed_gaps
from readiness.core.facts import ConditionFacts, Facts, GapFacts
from readiness.core.plan import SignOffRule
from readiness.core.signoffs import PollAnswer, Station, all_conditions, answering_role, polled_roles


@dataclass(frozen=True, slots=True)
class Thing:
    """What a signature covers, as a reason names it: a condition by its path too, a gap by its key alone."""

    kind: str
    key: str
    title: str
    path: str = ""


def covered_thing(covered: ConditionFacts | GapFacts) -> Thing:
    """Name a condition, or a gap that only people close."""
    if isinstance(covered, GapFacts):
        return Thing("gap", covered.gap.key, covered.gap.title)
    condition = covered.condition
    return Thing(condition.kind.value, condition.key, condition.title, condition.path)


def not_independent(facts: Facts, stations: tuple[Station, ...]) -> tuple[ConditionFacts | GapFacts, ...]:
    """Give what no valid GO of an uninvolved person covers; in a rehearsal one person does it all."""
    if facts.rehearsal or facts.target is None or facts.target.sign_off is None:
        return ()
    rule = facts.target.sign_off
    signed = {s.role: s.signature.by.id for s in stations if s.answer is PollAnswer.GO and s.signature is not None}
    signers = {role: {signed.get(role), signed.get(rule.last)} - {None} for role in polled_roles(rule)}
    return tuple(each for each, worked in _everything(facts) if signers[answering_role(each, rule)] <= worked)


def decided_alone(facts: Facts, rule: SignOffRule) -> bool:
    """Say whether one person would decide alone: one role is polled, and nobody has had a part in anything."""
    single = len(polled_roles(rule)) == 1 and not facts.rehearsal
    return single and not any(worked for _, worked in _everything(facts))


def involved_in(facts: Facts, covered: ConditionFacts | GapFacts) -> frozenset[str]:
    """Give the ids of all who had a part in a condition or in a gap that only people close."""
    if isinstance(covered, GapFacts):
        return _closed(facts, covered)
    return _worked_on(facts, covered) | closers_by_path(facts).get(covered.condition.path, frozenset())


def _everything(facts: Facts) -> Iterator[tuple[ConditionFacts | GapFacts, frozenset[str]]]:
    """Yield each condition, and each gap without one, with all who had a part in it."""
    closers = closers_by_path(facts)
    for each in all_conditions(facts):
        yield each, _worked_on(facts, each) | closers.get(each.condition.path, frozenset())
    for gap in hand_closed_gaps(facts):
        yield gap, _closed(facts, gap)


def _closed(facts: Facts, gap: GapFacts) -> frozenset[str]:
    return closers_of(gap) | {person.id for person in facts.changed_by}


def _worked_on(facts: Facts, condition: ConditionFacts) -> frozenset[str]:
    """Give who worked on a condition or its proofs, asked for its waiver, or ever changed what is asked."""
    return frozenset(_workers(facts, condition))


def _workers(facts: Facts, condition: ConditionFacts) -> Iterator[str]:
    for claim in condition.claims:
        yield claim.by.id
        yield from (piece.added_by.id for piece in claim.evidence)
    yield from (seen.by.id for seen in (condition.drill, condition.review) if seen is not None)
    yield from (person.id for person in (*facts.changed_by, *condition.changed_by))
    if condition.gate is not None and condition.gate.baseline is not None:
        yield condition.gate.baseline.recorded_by.id
    if condition.waiver is not None:
        yield condition.waiver.asked_by.id
    for proof in condition.proofs:
        yield from _workers(facts, proof)
