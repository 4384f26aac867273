"""Conditions as a decision record shows them: as they were judged, with everything that each rested on."""

from collections.abc import Iterable, Iterator, Mapping

from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.evidence import judge_piece
from readiness.core.facts import ConditionFacts, Facts, WaiverFacts
from readiness.core.gaps import gap_state
from readiness.core.items import standing_claims
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment, ClaimFacts, EvidenceFacts, EvidenceState, Outcome
from readiness.queries.claims import UNREAD
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.reports import ConditionGroup, ConditionRecord, Proof
from readiness.queries.sheets import state_word
from readiness.queries.words import count_of, moment_words

Judged = Mapping[str, Assessment]
EVIDENCE_STATES = {
    "proves": "proves it",
    "contradicts": "contradicts it",
    "unreadable": "could not be read",
    "unchecked": "was not read",
    "attests": "is a word, not proof",
}


def condition_groups(facts: Facts, judged: Judged) -> tuple[ConditionGroup, ...]:
    """Give every condition that a decision rested on, by where the plan asks for it."""
    before = facts.running.title if facts.running else ""
    target = facts.target.title if facts.target else ""
    groups = [
        _group(f"What {before} had to show", facts.complete, facts, judged),
        _group(f"What {target} asked for", facts.enter, facts, judged),
        *(_group(f"Gap: {gap.gap.title}", gap.conditions, facts, judged) for gap in facts.gaps),
    ]
    return tuple(group for group in groups if group.rows)


def _group(title: str, conditions: tuple[ConditionFacts, ...], facts: Facts, judged: Judged) -> ConditionGroup:
    rows = tuple(_record(each, facts, judged[each.condition.path]) for each in conditions)
    return ConditionGroup(title, tally_words([judged[each.condition.path] for each in conditions]), rows)


def tally_words(assessments: Iterable[Assessment]) -> str:
    """Say how many conditions held, and count apart what held by a person's word or by a waiver."""
    all_of = tuple(assessments)
    met = sum(a.outcome is Outcome.MET for a in all_of)
    attested = sum(a.outcome is Outcome.MET and a.attested for a in all_of)
    waived = sum(a.outcome is Outcome.WAIVED for a in all_of)
    said = [f"{met} of {len(all_of)} met"]
    said += [f"{attested} of them by a person’s word"] if attested else []
    said += [f"{waived} waived"] if waived else []
    return ", ".join(said)


def _record(facts: ConditionFacts, whole: Facts, assessment: Assessment) -> ConditionRecord:
    condition = facts.condition
    return ConditionRecord(
        title=condition.title,
        state=state_word(assessment),
        found=assessment.found,
        required=assessment.required,
        owner=whole.title_of(condition.owner) if condition.owner else "",
        path=condition.path,
        proofs=tuple(_proofs(facts)),
        waiver=_waiver(facts.waiver),
    )


def _proofs(facts: ConditionFacts) -> Iterator[Proof]:
    """Give what was seen, said and brought."""
    if facts.condition.item is not None:
        for claim in standing_claims(facts):
            yield from _of_claim(claim, facts.condition.item.evidence)
    yield from _seen(facts)
    if facts.drill is not None:
        ran = facts.drill
        result = "passed" if ran.passed else "did not pass"
        yield Proof("Drill", f"{result}, took {format_duration(ran.took)}", _by(ran.by.name, ran.note), at=ran.ran_at)
    if facts.review is not None:
        scored = facts.review
        source = "imported with the plan" if scored.source == "plan" else _by(scored.by.name, scored.note)
        yield Proof("Review", f"{scored.score:g} of 10", source, at=scored.reviewed_at)
    for proof in facts.proofs:
        yield from _proofs(proof)


def _by(name: str, note: str = "") -> str:
    return f"by {name}{f': {note}' if note else ''}"


def _of_claim(claim: ClaimFacts, rule: EvidenceRule) -> Iterator[Proof]:
    said = "attested it" if rule.demand is EvidenceDemand.ATTESTATION else "claimed it"
    yield Proof(claim.by.name, said, claim.note, at=claim.claimed_at)
    for piece in claim.evidence:
        yield _of_evidence(piece, rule)


def _of_evidence(piece: EvidenceFacts, rule: EvidenceRule) -> Proof:
    state, found = judge_piece(piece, rule)
    kept = "kept" if state is EvidenceState.PROVES and piece.kind in UNREAD else EVIDENCE_STATES.get(state, state)
    finding = f"{piece.kind} {kept}: {found}" if found else f"{piece.kind} {kept}"
    url = f"/evidence/{piece.digest}/" if piece.digest else ""
    return Proof(piece.title, finding, _by(piece.added_by.name), piece.digest, piece.added_at, url)


def _seen(facts: ConditionFacts) -> Iterator[Proof]:
    """Give what a check read and a gate measured."""
    if facts.check is not None:
        seen = facts.check
        note = f"at {seen.version}" if seen.version else ""
        yield Proof(seen.subject, seen.detail or seen.finding.value, note, seen.content, seen.checked_at)
    if facts.gate is not None:
        reading = facts.gate.reading
        values = ", ".join(f"{v.value:g}" for v in reading.values[:3]) or reading.message or "no data"
        yield Proof(f"Asked {reading.source}", values, reading.query, at=reading.sampled_at or reading.asked_at)
    if facts.gate is not None and facts.gate.baseline is not None:
        base = facts.gate.baseline
        yield Proof(f"Baseline {base.baseline}", f"{base.value:g}", _by(base.recorded_by.name), at=base.recorded_at)


def _waiver(waiver: WaiverFacts | None) -> tuple[Fact, ...]:
    if waiver is None:
        return ()
    return (
        Fact("Waived because", waiver.reason),
        Fact("Instead", waiver.measure),
        Fact("Asked for by", waiver.asked_by.name, moment_words(waiver.asked_at)),
        Fact("Granted by", waiver.granted_by.name, moment_words(waiver.granted_at)),
        Fact("Until", moment_words(waiver.expires_at)),
    )


def gap_lines(facts: Facts, judged: Judged) -> tuple[Line, ...]:
    """Give each gap that blocked, with who closed its tasks."""
    return tuple(_gap_line(facts, number, judged) for number in range(len(facts.gaps)))


def _gap_line(facts: Facts, number: int, judged: Judged) -> Line:
    gap = facts.gaps[number]
    state = gap_state(gap, dict(judged))
    done = [f"{task.title}: {task.closed_by.name}" for task in gap.tasks if task.closed_by is not None]
    done += [f"closed by {gap.closed_by.name}"] if gap.closed_by is not None else []
    left = count_of(len(state.open_tasks), "task") + " open" if state.open_tasks else ""
    note = "; ".join(filter(None, [*done, left]))
    return Line(gap.gap.title, note, "Closed" if state.closed else "Open", end_note=gap.gap.severity.capitalize())
