"""Checklists: what people claim beside what was found, condition by condition."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.evidence import judge_piece
from readiness.core.facts import ConditionFacts
from readiness.core.gates import gate_requirement
from readiness.core.items import item_spec, standing_claims
from readiness.core.permissions import Right
from readiness.core.types import Assessment, ClaimFacts, EvidenceState, Outcome
from readiness.queries.pages.parts import Region
from readiness.queries.pages.phases import ChecklistCard, ChecklistGroup, ChecklistRow, Filter
from readiness.queries.reasons import condition_key
from readiness.queries.scenes import Scene
from readiness.queries.sheets import state_word
from readiness.queries.waiver_pages import waiver_note
from readiness.queries.words import count_of, join_words, lower_first, moment_words, upper_first

MET = (Outcome.MET, Outcome.WAIVED)
GROUPS = {
    ConditionKind.ITEM: "Claimed by people",
    ConditionKind.CHECK: "Found by machine",
    ConditionKind.GATE: "Measured",
    ConditionKind.EXPERIMENT: "Measured",
    ConditionKind.DRILL: "Practised and reviewed",
    ConditionKind.REVIEW: "Practised and reviewed",
}
BY_PEOPLE = (ConditionKind.ITEM, ConditionKind.DRILL, ConditionKind.REVIEW)
ORDER = tuple(dict.fromkeys(GROUPS.values()))
SHORT_VERSION = 7
OPEN, MINE = "open", "mine"


def fill_checklist(scene: Scene, region: Region, title: str, conditions: Sequence[Condition]) -> ChecklistCard:
    """Show conditions in their sections, narrowed as the reader asked."""
    shown = [c for c in conditions if _is_shown(scene, c)]
    met, waived = count_met(scene, conditions)
    sections: dict[str, list[Condition]] = {}
    for condition in shown:
        sections.setdefault(condition.section or GROUPS[condition.kind], []).append(condition)
    named = sorted(sections, key=lambda name: ORDER.index(name) if name in ORDER else -1)
    groups = tuple(_group(scene, name, sections[name]) for name in named)
    empty = "Nothing of this list is shown; choose All" if conditions else "Nothing is asked for here"
    note = f"{waived} waived" if waived else ""
    return ChecklistCard(region, title, met, len(conditions), groups, _filters(scene, conditions), note, empty)


def count_met(scene: Scene, conditions: Sequence[Condition]) -> tuple[int, int]:
    """Count what is met, and what is waived, which is not the same."""
    outcomes = [scene.judge(condition).outcome for condition in conditions]
    return outcomes.count(Outcome.MET), outcomes.count(Outcome.WAIVED)


def _is_shown(scene: Scene, condition: Condition) -> bool:
    if scene.address.option == OPEN:
        return scene.judge(condition).outcome not in MET
    return scene.address.option != MINE or is_mine(scene, condition)


def is_mine(scene: Scene, condition: Condition) -> bool:
    """Say whether the reader holds the role that owns a condition, or is in the group that each must answer for."""
    each = condition.item.each if condition.item else None
    return condition.owner in scene.reader.roles or (each is not None and each in scene.reader.roles)


def _filters(scene: Scene, conditions: Sequence[Condition]) -> tuple[Filter, ...]:
    if not conditions:
        return ()
    here = scene.url("phase", scene.address.about)
    unmet = sum(scene.judge(c).outcome not in MET for c in conditions)
    mine = sum(is_mine(scene, c) for c in conditions)
    option = scene.address.option
    filters = (
        Filter("All", here, len(conditions), option not in (OPEN, MINE)),
        Filter("Not met", f"{here}?show={OPEN}", unmet, option == OPEN),
        Filter("Mine", f"{here}?show={MINE}", mine, option == MINE),
    )
    return filters if scene.reader.roles else filters[:2]


def _group(scene: Scene, name: str, conditions: Sequence[Condition]) -> ChecklistGroup:
    rows = tuple(checklist_row(scene, condition) for condition in conditions)
    met, waived = count_met(scene, conditions)
    return ChecklistGroup(name, met, len(rows), rows, waived)


def checklist_row(scene: Scene, condition: Condition) -> ChecklistRow:
    """Show one condition: claim, evidence, state."""
    facts, assessment = scene.facts_of(condition), scene.judge(condition)
    row = ChecklistRow(
        key=condition_key(condition.path),
        title=condition.title,
        state=state_word(assessment),
        evidence=upper_first(assessment.found) or "Nothing known yet",
        machine=condition.kind not in BY_PEOPLE,
        since_at=_since(scene, condition.path),
        owner=scene.owner(condition.owner),
        source_line=_source_line(condition),
        waiver=waiver_note(scene, condition),
    )
    if condition.kind is ConditionKind.ITEM:
        return _with_claims(scene, row, facts, assessment)
    if condition.kind is ConditionKind.GATE:
        return _with_gate(scene, row, facts)
    if condition.kind is ConditionKind.CHECK:
        return _with_check(row, facts)
    return _with_record(scene, row, facts)


def _since(scene: Scene, path: str) -> datetime | None:
    """Since when it has not been met, as the stored answers say."""
    reasons = (reason for answer in scene.answers.values() for reason in answer.verdict.reasons)
    return next((reason.since_at for reason in reasons if reason.path == path), None)


def _with_claims(scene: Scene, row: ChecklistRow, facts: ConditionFacts, assessment: Assessment) -> ChecklistRow:
    condition, claims = facts.condition, standing_claims(facts)
    each = condition.item.each if condition.item else None
    allowed = each in scene.reader.roles if each else scene.may(Right.CLAIM, condition.owner)
    newest = max((claim.claimed_at for claim in claims), default=None)
    row = replace(
        row,
        claimed_by=join_words([claim.by.name for claim in claims]),
        claimed_at=newest,
        claim_url=scene.url("claim", condition.path) if allowed or claims else "",
        evidence=_evidence(facts, assessment),
        source=_claim_source(claims),
        claim_note="Waived, no claim needed" if assessment.outcome is Outcome.WAIVED and not claims else "",
    )
    if each is None:
        return row
    members, done = len(facts.members), len({claim.member for claim in claims})
    group = lower_first(scene.titles.get(each, each))
    return replace(row, claim_note=f"{done} of {members} {group} claimed" if members else f"Nobody is in {group}")


def _evidence(facts: ConditionFacts, assessment: Assessment) -> str:
    """Say what was found: what the pieces that prove it say, a person's word, or what is wrong."""
    claims, rule = standing_claims(facts), item_spec(facts).evidence
    judged = [judge_piece(piece, rule) for claim in claims for piece in claim.evidence]
    findings = [finding for state, finding in judged if state is EvidenceState.PROVES]
    if assessment.outcome in MET and findings:
        return upper_first(join_words(findings, 2))
    if assessment.attested:
        return f"{join_words([claim.by.name for claim in claims])}’s word"
    if not claims:
        return f"Not claimed. It needs {assessment.required}"
    return upper_first(assessment.found)


def _claim_source(claims: Sequence[ClaimFacts]) -> str:
    return join_words([piece.title for claim in claims for piece in claim.evidence if piece.kind != "note"], 2)


def _with_gate(scene: Scene, row: ChecklistRow, facts: ConditionFacts) -> ChecklistRow:
    spec, seen = facts.condition.gate, facts.gate
    required = gate_requirement(spec) if spec else ""
    sampled_at = seen.reading.sampled_at if seen else None
    url = scene.url("gate", facts.condition.key)
    return replace(row, source=f"It must be {required}", checked_at=sampled_at, url=url)


def _source_line(condition: Condition) -> str:
    """Where it was written down, whose evidence is enough, and whether the plan's author added it."""
    return ", ".join(filter(None, [condition.origin, condition.environment, "added" if condition.added else ""]))


def _with_check(row: ChecklistRow, facts: ConditionFacts) -> ChecklistRow:
    check, seen = facts.condition.check, facts.check
    source = f"{upper_first(check.source)} check" if check else ""
    if seen is None:
        return replace(row, source=source)
    version = f" at {seen.version[:SHORT_VERSION]}" if seen.version else ""
    return replace(row, source=f"{source}{version}", checked_at=seen.fetched_at or seen.checked_at)


def _with_record(scene: Scene, row: ChecklistRow, facts: ConditionFacts) -> ChecklistRow:
    """A drill or a review: people record it, and its numbers decide."""
    condition, drill, review = facts.condition, facts.drill, facts.review
    if condition.kind is ConditionKind.DRILL:
        url = scene.url("drill", condition.key) if scene.may(Right.RECORD_DRILL, condition.owner) else ""
        ran = f"Ran {moment_words(drill.ran_at)}, recorded by {drill.by.name}" if drill else ""
        source = ran or f"It needs {scene.judge(condition).required}"
        note = "Practised by people" if drill else "Not recorded yet"
        return replace(row, claim_note=note, source=source, url=url, url_label="Record a drill")
    if condition.kind is ConditionKind.REVIEW and condition.review is not None:
        by = condition.review.by
        url = scene.url("review", condition.key) if scene.may(Right.RECORD_REVIEW, by) else ""
        source = f"Review by {lower_first(scene.titles.get(by, by))}"
        at = review.reviewed_at if review else None
        note = "Scored by people" if review else "Not recorded yet"
        return replace(row, claim_note=note, source=source, checked_at=at, url=url, url_label="Record a score")
    return row


def met_of(scene: Scene, conditions: Sequence[Condition]) -> str:
    """3 of 5 met."""
    met, waived = count_met(scene, conditions)
    said = f"{met} of {count_of(len(conditions), 'condition')} met" + (f", {waived} waived" if waived else "")
    return said if conditions else "nothing is asked for"
