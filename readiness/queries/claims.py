"""The sheets that claim an item and withdraw a claim."""

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse

from readiness.core.aborts import AUTOMATION
from readiness.core.conditions import Condition, EvidenceDemand, EvidenceRule, ItemSpec
from readiness.core.evidence import judge_piece
from readiness.core.items import DEMANDS
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.quantities import format_duration
from readiness.core.types import ClaimFacts, EvidenceFacts, EvidenceState
from readiness.core.watchlist import find_definition
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Line
from readiness.queries.pages.sheets import ClaimSheet, EvidenceRow, ReasonSheet, WrittenField
from readiness.queries.previews import Preview
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, condition_line, phase_words, refusal_of, state_word
from readiness.queries.standing import claim_to_extend, item_of, standing_claim, why_not_claim
from readiness.queries.words import count_of, join_words, lower_first

EVIDENCE_STATES = {
    EvidenceState.PROVES: "Proven",
    EvidenceState.CONTRADICTS: "Contradicted",
    EvidenceState.UNREADABLE: "Unproven",
    EvidenceState.UNCHECKED: "Checking",
    EvidenceState.ATTESTS: "Attested",
}
UNREAD = {"file", "git", "link", "note"}
"""Kinds that are kept as they are: that a piece is there says nothing about what stands in it."""
KINDS = {
    "junit": "JUnit report",
    "loadtest": "Load test",
    "file": "File",
    "git": "File in git",
    "link": "Link",
    "note": "Note",
    "report": "Report",
    "baseline": "Baseline",
}
ACCEPTED = {EvidenceDemand.JUNIT: ".xml", EvidenceDemand.LOADTEST: ".json,.csv"}
"""Endings that a browser offers first; every file is judged by its bytes."""


NEEDS = {EvidenceDemand.REQUIRED: "whatever shows that it is so"}


def claim_sheet(
    scene: Scene, condition: Condition, place: Place, preview: Preview, fields: Sequence[WrittenField] = ()
) -> ClaimSheet:
    """Show what an item needs, what is claimed, what the machine found, and what was judged but not claimed yet."""
    item, claim = item_of(condition), standing_claim(scene, condition)
    extends, on_rollout = claim_to_extend(scene, condition) is not None, bool(scene.reader.roles)
    rule = item.evidence
    return ClaimSheet(
        fill_head(scene),
        *place,
        title=f"Report: {condition.title}" if item.reported else condition.title,
        sub=item_place(scene, condition),
        why_not="" if extends and on_rollout else why_not_claim(scene, condition),
        needs=needs_words(rule),
        demand=_demand(item),
        proved_by=_proofs(scene, item),
        evidence=tuple(_evidence_row(piece, rule) for piece in (claim.evidence if claim else ())),
        checks=tuple(_evidence_row(each, rule, drop=str(n)) for n, each in enumerate(preview.pieces)),
        would=_would(scene, condition, preview),
        claimed_by=claim.by.name if claim else "",
        claimed_at=claim.claimed_at if claim else None,
        note=claim.note if claim else "",
        extends=extends,
        valid_for=condition.valid_for,
        max_size=f"{settings.MAX_UPLOAD_BYTES / 1_000_000:g} MB",
        accept=ACCEPTED.get(rule.demand, ""),
        git_hint=_git_hint(scene),
        fields=tuple(fields),
        withdraw_url=scene.url("withdraw", condition.path) if claim and may_withdraw(scene, condition, claim) else "",
        baseline_url=scene.url("record-baseline", condition.path) if item.records else "",
        stops=_stops(scene, condition) if item.reported else "",
    )


def _stops(scene: Scene, condition: Condition) -> str:
    """Say what a report does: it is an abort trigger, so one report speaks against the phase at once."""
    decider = condition.abort.decided_by if condition.abort is not None else AUTOMATION
    if decider == AUTOMATION:
        return "One report is enough: while the phase runs, it fires at once and automation rolls back."
    who = scene.titles.get(decider, decider)
    return f"One report is enough: while the phase runs, it is NO-GO at once, and {lower_first(who)} decides about it."


def _git_hint(scene: Scene) -> str:
    keys = [source.key for source in scene.plan.sources if source.kind == "git"]
    return f"As {' or '.join(f'{key}:path' for key in keys)}, kept as it is at the newest commit" if keys else ""


def _would(scene: Scene, condition: Condition, preview: Preview) -> Line | None:
    """Say how the item would be judged, where there is something to judge it by: what was brought, or a machine."""
    item, assessment = item_of(condition), preview.assessment
    if item.reported or item.records is not None or not (preview.pieces or scene.facts_of(condition).proofs):
        return None
    lead = "With this, it shows as" if preview.pieces else "Claimed now, it shows as"
    return Line(lead, assessment.found, state_word(assessment))


def _demand(item: ItemSpec) -> str:
    """Give the plan's word; an item that records a baseline is claimed by recording it."""
    return EvidenceDemand.NONE.value if item.records is not None or item.reported else item.evidence.demand.value


def needs_words(rule: EvidenceRule) -> str:
    """Say what a claim must bring, with its limits."""
    limits = [
        f"at least {count_of(rule.min_suites, 'suite')}" if rule.min_suites else "",
        f"at least {format_duration(rule.min_duration)}" if rule.min_duration else "",
        f"p99 {rule.p99}" if rule.p99 else "",
        f"error rate {rule.error_rate}" if rule.error_rate else "",
        f"with {join_words(rule.fields, 6)}" if rule.fields else "",
    ]
    said = [limit for limit in limits if limit]
    return f"{NEEDS.get(rule.demand, DEMANDS[rule.demand])}{': ' if said else ''}{', '.join(said)}"


def item_place(scene: Scene, condition: Condition) -> str:
    """Say where an item stands, and who claims it."""
    owner = scene.titles.get(condition.owner or "", "")
    phase = find_phase(scene.plan, condition.place)
    gap = next((gap for gap in scene.plan.gaps if f"gap:{gap.key}" == condition.place), None)
    place = phase_words(phase) if phase else f"Gap “{gap.title}”" if gap else condition.place
    return f"{place[:1].upper()}{place[1:]}. {owner} claims it" if owner else f"{place[:1].upper()}{place[1:]}"


def _proofs(scene: Scene, item: ItemSpec) -> tuple[Line, ...]:
    found = (find_definition(scene.plan, key) for key in item.proved_by)
    return tuple(condition_line(scene, proof) for proof in found if proof is not None)


def _evidence_row(piece: EvidenceFacts, rule: EvidenceRule, *, drop: str = "") -> EvidenceRow:
    state, finding = judge_piece(piece, rule)
    return EvidenceRow(
        title=piece.title,
        kind=KINDS.get(piece.kind, piece.kind),
        state="Kept" if state is EvidenceState.PROVES and piece.kind in UNREAD else EVIDENCE_STATES[state],
        finding=finding,
        digest=piece.digest,
        added_by="" if drop else piece.added_by.name,
        added_at=piece.added_at,
        url="" if drop else reverse("evidence", args=[piece.digest]),
        drop=drop,
    )


def may_withdraw(scene: Scene, condition: Condition, claim: ClaimFacts) -> bool:
    """Say whether the reader may take a claim back: its claimant, the owner, a report's decider."""
    decider = condition.abort.decided_by if condition.abort and condition.abort.decided_by != AUTOMATION else None
    return claim.by.id == scene.reader.person.id or scene.may(Right.CLAIM, condition.owner or decider)


def withdraw_sheet(scene: Scene, condition: Condition, place: Place) -> ReasonSheet:
    """Show whose claim would be taken back."""
    claim = standing_claim(scene, condition)
    missing = "" if claim else f"“{condition.title}” isn’t claimed, so there is nothing to withdraw."
    may = claim is None or may_withdraw(scene, condition, claim)
    refused = "" if may else refusal_of(scene, Right.CLAIM, condition.owner)
    by = f"{claim.by.name} claimed it on {claim.claimed_at.day} {claim.claimed_at:%b}. " if claim else ""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"Withdraw the claim of “{condition.title}”",
        sub=item_place(scene, condition),
        why_not=missing or refused,
        lead=f"{by}The item counts as unclaimed from then on. The claim and its evidence stay in the record.",
        label="Withdraw the claim",
        busy="Withdrawing…",
        failed="The claim still stands",
        optional=True,
    )
