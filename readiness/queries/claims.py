"""The sheets that claim an item, withdraw a claim and record a baseline; who may read a piece of evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from readiness.core.aborts import AUTOMATION
from readiness.core.conditions import Condition, ConditionKind, EvidenceDemand, EvidenceRule, ItemSpec
from readiness.core.items import DEMANDS
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.quantities import format_duration
from readiness.core.types import ClaimFacts, EvidenceFacts, EvidenceState, Person
from readiness.core.watchlist import find_definition
from readiness.models import Blob, Evidence
from readiness.queries.conditions import every_condition
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Line, Quantity
from readiness.queries.pages.sheets import BaselineRow, BaselineSheet, ClaimSheet, EvidenceRow, ReasonSheet
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, condition_line, phase_words, refusal_of
from readiness.queries.words import join_words

EVIDENCE_STATES = {
    EvidenceState.PROVES: "Proven",
    EvidenceState.CONTRADICTS: "Contradicted",
    EvidenceState.UNREADABLE: "Unproven",
    EvidenceState.UNCHECKED: "Checking",
    EvidenceState.ATTESTS: "Attested",
}
KINDS = {"junit": "JUnit report", "loadtest": "Load test", "file": "File", "link": "Link", "baseline": "Baseline"}


def find_item(scene: Scene, path: str) -> Condition | None:
    """Give an item of the plan by its path."""
    found = (c for c in every_condition(scene.plan) if c.path == path and c.kind is ConditionKind.ITEM)
    return next(found, None)


def item_of(condition: Condition) -> ItemSpec:
    """Give the specification of an item."""
    if condition.item is None:
        raise TypeError(f"{condition.path} is not an item")
    return condition.item


def standing_claim(scene: Scene, condition: Condition) -> ClaimFacts | None:
    """Give the claim that the reader's sheet is about: their own, else the only one of an item without members."""
    claims = scene.rows.claims.get(condition.path, [])
    mine = next((claim for claim in claims if claim.by.id == scene.reader.person.id), None)
    each = item_of(condition).each is not None
    return mine or (claims[0] if claims and not each else None)


def why_not_claim(scene: Scene, condition: Condition) -> str:
    """Say why the reader can't claim an item; nothing when they can."""
    item = item_of(condition)
    if item.reported:
        return refusal_of(scene, Right.REPORT)
    if item.each is None:
        return refusal_of(scene, Right.CLAIM, condition.owner)
    group = scene.titles.get(item.each, item.each)
    return "" if item.each in scene.reader.roles else f"Each of {group} claims this for themselves; you aren’t one."


def claim_sheet(scene: Scene, condition: Condition, place: Place, judged: Sequence[EvidenceFacts] = ()) -> ClaimSheet:
    """Show what an item needs, what is claimed, what the machine found, and what was judged but not claimed yet."""
    item, claim = item_of(condition), standing_claim(scene, condition)
    on_rollout = bool(scene.reader.roles)
    return ClaimSheet(
        fill_head(scene),
        *place,
        title=f"Report: {condition.title}" if item.reported else condition.title,
        sub=_where(scene, condition),
        why_not="" if claim and on_rollout else why_not_claim(scene, condition),
        needs=needs_words(item.evidence),
        demand=_demand(item),
        proved_by=_proofs(scene, item),
        evidence=tuple(_evidence_row(piece) for piece in (claim.evidence if claim else ())),
        checks=tuple(_evidence_row(piece, kept=False) for piece in judged),
        claimed_by=claim.by.name if claim else "",
        claimed_at=claim.claimed_at if claim else None,
        valid_for=condition.valid_for,
        max_size=f"{settings.MAX_UPLOAD_BYTES / 1_000_000:g} MB",
        withdraw_url=scene.url("withdraw", condition.path) if claim and may_withdraw(scene, condition, claim) else "",
        baseline_url=scene.url("record-baseline", condition.path) if item.records else "",
    )


def _demand(item: ItemSpec) -> str:
    """Give the plan's word; an item that records a baseline is claimed by recording it."""
    return EvidenceDemand.NONE.value if item.records is not None or item.reported else item.evidence.demand.value


def needs_words(rule: EvidenceRule) -> str:
    """Say what a claim must bring, with its limits."""
    limits = [
        f"at least {rule.min_suites} suites" if rule.min_suites else "",
        f"at least {format_duration(rule.min_duration)}" if rule.min_duration else "",
        f"p99 {rule.p99}" if rule.p99 else "",
        f"error rate {rule.error_rate}" if rule.error_rate else "",
        f"with {join_words(rule.fields, 6)}" if rule.fields else "",
    ]
    said = [limit for limit in limits if limit]
    return f"{DEMANDS[rule.demand]}{': ' if said else ''}{', '.join(said)}"


def _where(scene: Scene, condition: Condition) -> str:
    owner = scene.titles.get(condition.owner or "", "")
    phase = find_phase(scene.plan, condition.place)
    gap = next((gap for gap in scene.plan.gaps if f"gap:{gap.key}" == condition.place), None)
    place = phase_words(phase) if phase else f"Gap “{gap.title}”" if gap else condition.place
    return f"{place[:1].upper()}{place[1:]}. {owner} claims it" if owner else f"{place[:1].upper()}{place[1:]}"


def _proofs(scene: Scene, item: ItemSpec) -> tuple[Line, ...]:
    found = (find_definition(scene.plan, key) for key in item.proved_by)
    return tuple(condition_line(scene, proof) for proof in found if proof is not None)


def _evidence_row(piece: EvidenceFacts, *, kept: bool = True) -> EvidenceRow:
    return EvidenceRow(
        title=piece.title,
        kind=KINDS.get(piece.kind, piece.kind),
        state=EVIDENCE_STATES[piece.state],
        finding=piece.finding,
        digest=piece.digest,
        added_by=piece.added_by.name if kept else "",
        added_at=piece.added_at,
        url=reverse("evidence", args=[piece.digest]) if kept else "",
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
        sub=_where(scene, condition),
        why_not=missing or refused,
        lead=f"{by}The item counts as unclaimed from then on. The claim and its evidence stay in the record.",
        label="Withdraw the claim",
        busy="Withdrawing…",
        failed="The claim still stands",
        optional=True,
    )


def baseline_sheet(
    scene: Scene, condition: Condition, place: Place, measured: Mapping[str, float | str]
) -> BaselineSheet:
    """Show the gates of a baseline with what was `measured` of each (a value, or why there is none) and before."""
    records = item_of(condition).records
    gates = {gate.key: gate for gate in scene.plan.gates}
    if records is None:
        raise TypeError(f"{condition.path} records no baseline")
    return BaselineSheet(
        fill_head(scene),
        *place,
        title=f"Record the baseline {records.baseline}",
        sub=_where(scene, condition),
        why_not=refusal_of(scene, Right.CLAIM, condition.owner),
        rows=tuple(_baseline_row(scene, gates[key], records.baseline, measured[key]) for key in records.gates),
    )


def _baseline_row(scene: Scene, gate: Condition, baseline: str, measured: float | str) -> BaselineRow:
    unit = gate.gate.unit if gate.gate else ""
    recorded = scene.rows.baselines.get((baseline, gate.key))
    before = Quantity(recorded.value, unit) if recorded else None
    if isinstance(measured, str):
        return BaselineRow(gate.title, None, before, problem=measured)
    drift = _drift(measured, recorded.value) if recorded else ""
    return BaselineRow(gate.title, Quantity(measured, unit), before, drift)


def _drift(now: float, before: float) -> str:
    """Say how far a value is from the one recorded before, in percent of it."""
    if not before:
        return ""
    change = (now - before) / abs(before)
    return f"{abs(change):.1%} {'more' if change > 0 else 'less'}".replace("%", " %") if change else "the same"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that were kept as evidence, with the name and type they came with."""

    title: str
    data: bytes
    media_type: str


def find_evidence(digest: str, person: Person, now: datetime) -> KeptFile | None:
    """Give kept evidence to somebody on a rollout that refers to it; None to everybody else."""
    pieces = Evidence.objects.filter(digest=digest).select_related("claim__rollout__plan").order_by("-pk")
    for rollout, piece in {piece.claim.rollout: piece for piece in pieces}.items():
        if load_roles(rollout, load_plan(rollout), person, now):
            blob = Blob.objects.filter(pk=digest).first()
            return KeptFile(piece.title, bytes(blob.data), blob.media_type) if blob else None
    return None
