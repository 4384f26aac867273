"""Checklist items: claim one with evidence, withdraw a claim, report what an abort trigger asks people for."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from readiness.core.aborts import AUTOMATION
from readiness.core.audit import Act, Change, ChannelKind, RowChange
from readiness.core.codec import to_plain
from readiness.core.conditions import Condition, ConditionKind, ConditionList, EvidenceDemand
from readiness.core.permissions import Right
from readiness.models import Claim, Evidence, Rollout
from readiness.queries.conditions import find_condition
from readiness.queries.people import load_roster
from readiness.queries.states import claim_state
from readiness.services.audit import append
from readiness.services.blobs import keep_blob, restore_blob
from readiness.services.evidence import Held, Prepared
from readiness.services.recording import change_rows, lock_rollout, mark_dirty, object_ref
from readiness.services.rights import NotAllowed, require


class AlreadyClaimed(Exception):
    """Somebody ticked this item first."""


class NotClaimed(Exception):
    """There is no claim to withdraw."""


class EvidenceRequired(ValueError):
    """The item asks for evidence and none was brought."""


class AlreadyThere(EvidenceRequired):
    """The claim holds every piece already."""


class NotAnItem(LookupError):
    """The plan has no item at this path that people can claim."""


def claim_item(
    rollout_key: str, path: str, act: Act, now: datetime, *, note: str = "", evidence: Sequence[Prepared] = ()
) -> int:
    """Claim an item in somebody's own name, with what they bring; return the entry's number."""
    try:
        with transaction.atomic():
            rollout = lock_rollout(rollout_key)
            condition = _claimable(rollout, path)
            member = _member(rollout, condition, act, now)
            refuse_word(condition, act)
            _demand(condition, evidence)
            ended = _end_expired(rollout, condition, member, act, now)
            claim = Claim.objects.create(
                rollout=rollout,
                path=path,
                member=member,
                note=note,
                claimed_at=now,
                by_id=act.actor.id,
                by_name=act.actor.name,
            )
            _keep(claim, evidence, act, now)
            mark_dirty(rollout, now)
            thing = object_ref(claim, rollout, condition.title)
            action = _action(condition, renewed=bool(ended))
            return append(Change(action, thing, before=None, after=claim_state(claim), also=ended), act)
    except IntegrityError:
        raise AlreadyClaimed("Somebody claimed this before you. Reload to see their claim.") from None


def _end_expired(rollout: Rollout, condition: Condition, member: str, act: Act, now: datetime) -> tuple[RowChange, ...]:
    """End the claim that has run out, so that the item can be claimed again."""
    if condition.valid_for is None:
        return ()
    claims = Claim.objects.filter(rollout=rollout, path=condition.path, member=member, withdrawn_at=None)
    expired = claims.filter(claimed_at__lte=now - condition.valid_for)
    return change_rows(expired, withdrawn_at=now, withdrawn_by=act.actor.name)


def _action(condition: Condition, *, renewed: bool) -> str:
    if condition.list is ConditionList.ABORT:
        return "trigger.reported"
    return "claim.renewed" if renewed else "claim.made"


def withdraw_claim(rollout_key: str, path: str, act: Act, now: datetime, *, reason: str = "") -> int:
    """Take back a claim; it stays in the record. Its claimant, the item's owner or the trigger's decider may."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        condition = _claimable(rollout, path)
        claims = Claim.objects.filter(rollout=rollout, path=path, withdrawn_at=None)
        claim = claims.filter(by_id=act.actor.id).first() or claims.first()
        if claim is None:
            raise NotClaimed(f"“{condition.title}” isn’t claimed, so there is nothing to withdraw.")
        if claim.by_id != act.actor.id:
            require(rollout, act, Right.CLAIM, now, owner=condition.owner or _decider(condition))
        before = claim_state(claim)
        claim.withdrawn_at, claim.withdrawn_by = now, act.actor.name
        claim.save(update_fields=["withdrawn_at", "withdrawn_by"])
        mark_dirty(rollout, now)
        thing = object_ref(claim, rollout, condition.title)
        return append(Change("claim.withdrawn", thing, before=before, after=claim_state(claim), reason=reason), act)


def add_evidence(rollout_key: str, path: str, act: Act, now: datetime, evidence: Sequence[Prepared]) -> int:
    """Add to one's own claim, or to the only one there is; anybody on the rollout may."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        condition = _claimable(rollout, path)
        require(rollout, act, Right.ATTACH, now)
        if not evidence:
            raise EvidenceRequired("There is nothing to add. Choose a file or give a link.")
        claim = _standing_claim(rollout, condition, act)
        before = claim_state(claim)
        if not _keep(claim, evidence, act, now):
            raise AlreadyThere(f"The claim of “{condition.title}” holds that already. Add something else.")
        mark_dirty(rollout, now)
        thing = object_ref(claim, rollout, condition.title)
        return append(Change("evidence.added", thing, before=before, after=claim_state(claim)), act)


def _standing_claim(rollout: Rollout, condition: Condition, act: Act) -> Claim:
    claims = list(Claim.objects.filter(rollout=rollout, path=condition.path, withdrawn_at=None))
    mine = [claim for claim in claims if claim.by_id == act.actor.id]
    if len(mine or claims) != 1:
        raise NotClaimed(f"“{condition.title}” isn’t claimed by you, so there is nothing to add to. Claim it first.")
    return (mine or claims)[0]


def _decider(condition: Condition) -> str | None:
    decider = condition.abort.decided_by if condition.abort is not None else None
    return None if decider == AUTOMATION else decider


def _claimable(rollout: Rollout, path: str) -> Condition:
    condition = find_condition(rollout, path)
    if condition is None or condition.kind is not ConditionKind.ITEM:
        raise NotAnItem(f"The plan of {rollout.key} has no item {path}. Go back to the phase and choose one.")
    return condition


def _member(rollout: Rollout, condition: Condition, act: Act, now: datetime) -> str:
    item = condition.item
    if item is not None and item.reported:
        require(rollout, act, Right.REPORT, now)
        return ""
    if item is None or item.each is None:
        require(rollout, act, Right.CLAIM, now, owner=condition.owner)
        return ""
    if act.actor.id not in {person.id for person in load_roster(rollout).holders.get(item.each, ())}:
        raise NotAllowed(f"Each member of {item.each} claims this for themselves, and you aren’t in that group.")
    return act.actor.id


def refuse_word(condition: Condition, act: Act) -> None:
    """Raise NotAllowed when a token would claim what rests on a person's word alone."""
    attested = condition.item is not None and condition.item.evidence.demand is EvidenceDemand.ATTESTATION
    if attested and act.channel.kind is ChannelKind.API:
        raise NotAllowed(
            f"“{condition.title}” asks for a person’s word, and a program has none. Claim it on the board."
        )


def _demand(condition: Condition, evidence: Sequence[Prepared]) -> None:
    item = condition.item
    if item is None or item.reported:
        return
    if item.records is not None:
        raise EvidenceRequired(f"“{condition.title}” is claimed by recording the baseline {item.records.baseline}.")
    if not evidence and item.evidence.demand not in (EvidenceDemand.NONE, EvidenceDemand.ATTESTATION):
        raise EvidenceRequired(f"“{condition.title}” needs evidence. Add a file or a link.")


def _keep(claim: Claim, evidence: Sequence[Prepared], act: Act, now: datetime) -> int:
    """Keep what the claim does not hold yet; return how many pieces that were."""
    known = set(claim.evidence.values_list("title", "digest"))
    new = {(piece.held.title, piece.held.digest): piece for piece in evidence}
    fresh = [piece for name, piece in new.items() if name not in known]
    for piece in fresh:
        keep_blob(piece.data, piece.held.media_type)
        restore_blob(piece.data)
        _create(claim, piece.held, act, now)
    return len(fresh)


def _create(claim: Claim, held: Held, act: Act, now: datetime) -> None:
    Evidence.objects.create(
        claim=claim,
        kind=held.kind,
        title=held.title,
        digest=held.digest,
        url=held.url,
        state=held.state,
        finding=held.finding,
        report=to_plain(held.report),
        added_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
