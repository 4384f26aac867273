"""Evidence: what a program brings for an item, judged like what people bring, and added to the claim that stands."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from readiness.api.access import Caller, endpoint, require_scope
from readiness.api.judging import judge_after
from readiness.api.problems import Refused
from readiness.core.canonical import digest_of
from readiness.core.conditions import Condition, ConditionKind
from readiness.core.permissions import Right, Scope
from readiness.core.types import EvidenceFacts, EvidenceState, Person
from readiness.forms.evidence import SentEvidenceForm
from readiness.forms.fields import MOST_PIECES
from readiness.forms.uploads import capped_handlers
from readiness.models import Rollout
from readiness.queries.conditions import every_condition
from readiness.queries.plans import NoPlan
from readiness.queries.previews import Preview, predict_claim
from readiness.queries.scenes import Address, Scene, load_scene
from readiness.queries.sheets import refusal_of
from readiness.queries.standing import claim_to_extend, item_of, why_not_claim
from readiness.services.bringing import bring_pieces
from readiness.services.evidence import (
    EvidenceEmpty,
    EvidenceNotThere,
    EvidenceRefused,
    EvidenceTooLarge,
    Prepared,
)
from readiness.services.items import (
    AlreadyClaimed,
    AlreadyThere,
    EvidenceRequired,
    NotClaimed,
    add_evidence,
    claim_item,
    refuse_word,
)
from readiness.services.recording import RolloutClosed
from readiness.services.replies import Asked, KeyReused, kept_reply, reply_once
from readiness.services.rights import NotAllowed

ROOM_FOR_FIELDS = 1_000_000
MULTIPART = "multipart/form-data"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
REFUSALS: dict[type[Exception], tuple[HTTPStatus, str]] = {
    EvidenceTooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"),
    EvidenceRefused: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "kind"),
    EvidenceEmpty: (HTTPStatus.UNPROCESSABLE_ENTITY, "empty"),
    EvidenceNotThere: (HTTPStatus.UNPROCESSABLE_ENTITY, "not-there"),
    EvidenceRequired: (HTTPStatus.UNPROCESSABLE_ENTITY, "evidence"),
    NotClaimed: (HTTPStatus.CONFLICT, "not-claimed"),
    AlreadyClaimed: (HTTPStatus.CONFLICT, "claimed"),
    RolloutClosed: (HTTPStatus.CONFLICT, "closed"),
    KeyReused: (HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused"),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a program brings: to which item of which rollout, what it is, and whether it is claimed with it."""

    caller: Caller
    scene: Scene
    condition: Condition
    pieces: tuple[Prepared, ...]
    claims: bool


@endpoint(Scope.EVIDENCE, "POST")
def add_sent_evidence(request: HttpRequest, caller: Caller, rollout: str) -> HttpResponse:
    """Add what is sent to the claim of an item, or claim it with that; under an `Idempotency-Key` once a day."""
    form = _sent_form(request)
    key = _sent_key(request)
    try:
        asked = Asked(caller.token, key, digest_of([request.path, form.told()]))
        body, done = kept_reply(asked, caller.now), False
        if body is None:
            delivery = _delivery(caller, rollout, form)
            body, done = reply_once(asked, caller.now, lambda: _keep(request, delivery))
    except tuple(REFUSALS) as refusal:
        status, name = REFUSALS[type(refusal)]
        raise Refused(status, name, str(refusal)) from None
    if done:
        judge_after(rollout, caller.now)
    status = HTTPStatus.CREATED if done and json.loads(body)["entry"] is not None else HTTPStatus.OK
    return HttpResponse(body, status=status, content_type="application/json")


def _sent_form(request: HttpRequest) -> SentEvidenceForm:
    """Read the body, no further than the pieces may be long, or say everything that is wrong with it."""
    if request.content_type != MULTIPART:
        sentence = f"Send the fields as {MULTIPART}, such as curl -F does; found {request.content_type or 'nothing'}."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-multipart", sentence)
    most = settings.MAX_UPLOAD_BYTES * MOST_PIECES + ROOM_FOR_FIELDS
    length = request.headers.get("Content-Length", "")
    if not length.isdecimal() or int(length) > most:
        sentence = f"A call brings at most {most:,} bytes, and says in Content-Length how many."
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", sentence)
    request.upload_handlers = capped_handlers()
    form = SentEvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        faults = [{"field": name.strip("_"), "sentence": text} for name, texts in form.errors.items() for text in texts]
        too_large = any("bytes; at most" in str(fault["sentence"]) for fault in faults)
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused(status, "fields", " ".join(str(fault["sentence"]) for fault in faults), {"faults": faults})
    return form


def _sent_key(request: HttpRequest) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not KEY.fullmatch(key):
        sentence = "An Idempotency-Key is 1 to 200 letters, digits and signs without blanks, such as a number of a run."
        raise Refused(HTTPStatus.BAD_REQUEST, "key", sentence)
    return key


def _delivery(caller: Caller, rollout: str, form: SentEvidenceForm) -> Delivery:
    """Read and judge what is brought. Nothing is fetched for somebody who may not bring it."""
    person = Person(caller.token.person_id, caller.token.person_name)
    try:
        scene = load_scene(rollout, person, Address("board"), caller.now)
    except (Rollout.DoesNotExist, NoPlan):
        raise Refused(HTTPStatus.NOT_FOUND, "no-rollout", f"There is no rollout {rollout}.") from None
    condition = _find(scene, form.cleaned_data["item"])
    claims = claim_to_extend(scene, condition) is None
    _may_bring(caller, scene, condition, claims=claims, asked=form.claims())
    pieces = bring_pieces(scene.plan, item_of(condition).evidence, form.brought())
    return Delivery(caller, scene, condition, pieces, claims)


def _find(scene: Scene, name: str) -> Condition:
    """Find an item by its path, or by its key where only one place has it."""
    items = [each for each in every_condition(scene.plan) if each.kind is ConditionKind.ITEM]
    found = [each for each in items if each.path == name] or [each for each in items if each.key == name]
    if not found:
        sentence = f"The plan of {scene.rollout.key} has no item {name[:80]}. Name one by its key or path."
        raise Refused(HTTPStatus.NOT_FOUND, "no-item", sentence)
    if len(found) > 1:
        paths = [each.path for each in found]
        sentence = f"{name} stands in {len(paths)} places; name one by its path: {', '.join(paths)}."
        raise Refused(HTTPStatus.CONFLICT, "which-item", sentence, {"items": paths})
    return found[0]


def _may_bring(caller: Caller, scene: Scene, condition: Condition, *, claims: bool, asked: bool) -> None:
    """Raise what stands in the way: no claim to add to, no right, no scope, or a word that only a person gives."""
    if scene.rows.closed_at is not None:
        raise RolloutClosed(refusal_of(scene, Right.ATTACH))
    if claims and not asked:
        sentence = (
            f"“{condition.title}” isn’t claimed, so there is nothing to add to. Claim it on the board, or send "
            "claim=yes with a token that has the scope claim."
        )
        raise NotClaimed(sentence)
    if claims:
        require_scope(caller.token, Scope.CLAIM)
    refused = why_not_claim(scene, condition) if claims else refusal_of(scene, Right.ATTACH)
    if refused:
        raise NotAllowed(refused)
    if claims:
        refuse_word(condition, caller.act)


def _keep(request: HttpRequest, delivery: Delivery) -> str:
    """Keep it, and say what became of it, as the body of the answer."""
    preview = predict_claim(delivery.scene, delivery.condition, _as_facts(delivery))
    key = delivery.scene.rollout.key
    told = {
        "rollout": key,
        "item": delivery.condition.path,
        "title": delivery.condition.title,
        "claimed": delivery.claims,
        "entry": _kept_as(delivery),
        "outcome": preview.assessment.outcome,
        "found": preview.assessment.found,
        "contradicts": any(piece.state is EvidenceState.CONTRADICTS for piece in preview.pieces),
        "pieces": _told(preview),
        "url": request.build_absolute_uri(reverse("board", args=[key])),
    }
    return json.dumps(told)


def _kept_as(delivery: Delivery) -> int | None:
    """Claim with it, or add it to the claim; give the number of the entry, and None where nothing was new."""
    caller, key, path = delivery.caller, delivery.scene.rollout.key, delivery.condition.path
    if delivery.claims:
        return claim_item(key, path, caller.act, caller.now, evidence=delivery.pieces)
    try:
        return add_evidence(key, path, caller.act, caller.now, delivery.pieces)
    except AlreadyThere:
        return None


def _told(preview: Preview) -> Sequence[dict[str, str]]:
    return [
        {"kind": p.kind, "title": p.title, "digest": p.digest, "state": p.state, "finding": p.finding}
        for p in preview.pieces
    ]


def _as_facts(delivery: Delivery) -> tuple[EvidenceFacts, ...]:
    person, now = delivery.scene.reader.person, delivery.caller.now
    held = (piece.held for piece in delivery.pieces)
    return tuple(EvidenceFacts(h.digest, h.kind, h.title, h.state, h.finding, now, person, h.report) for h in held)
