"""Checklist items: claim with evidence, look at what it says first, withdraw, read it back, record a baseline."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from readiness.core.conditions import Condition, EvidenceDemand
from readiness.core.types import EvidenceFacts
from readiness.forms.acts import ReasonForm
from readiness.forms.claims import ClaimForm
from readiness.queries.blobs import BlobAltered
from readiness.queries.claims import claim_sheet, withdraw_sheet
from readiness.queries.kept import find_evidence
from readiness.queries.pages.sheets import ClaimSheet, WrittenField
from readiness.queries.previews import Preview, predict_claim
from readiness.queries.reasons import condition_url
from readiness.queries.report_figures import report_fields
from readiness.queries.scenes import Address
from readiness.queries.sheets import Place
from readiness.queries.standing import claim_to_extend, find_item, item_of
from readiness.services.blobs import check_blob
from readiness.services.evidence import BYTES, Held, Prepared, hold_evidence, take_held
from readiness.services.items import add_evidence, claim_item, withdraw_claim
from readiness.services.openings import note_opening
from readiness.services.rights import NotAllowed
from readiness.views.acts import requesting_person
from readiness.views.bringing import bring_evidence
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, private, serve, show, typed
from readiness.views.tokens import read_held, write_held
from readiness.views.uploads import capped_uploads

CLAIM = "claims/_claim.html"
WORDLESS = (EvidenceDemand.NONE, EvidenceDemand.ATTESTATION)
"""Demands that need no file: what is claimed rests on a machine or on a person's word."""
SHOWN_AS = {
    "application/json",
    "application/pdf",
    "application/xml",
    "image/jpeg",
    "image/png",
    "text/csv",
    "text/plain",
}
"""Media types that a download may have; everything else is bytes."""


class LookFirst(Exception):
    """What was brought is to be looked at before it is saved; it is held meanwhile."""

    def __init__(self, held: tuple[Held, ...]) -> None:
        super().__init__()
        self.held = held


@dataclass(frozen=True, slots=True)
class Desk:
    """A reader at the sheet of one item: what they typed, and what they had judged before."""

    visit: Visit
    condition: Condition
    form: ClaimForm
    held: tuple[Held, ...]
    fields: tuple[WrittenField, ...]

    @property
    def extends(self) -> bool:
        """Whether what is brought is added to a claim that stands."""
        return claim_to_extend(self.visit.scene, self.condition) is not None

    def preview(self, held: Sequence[Held]) -> Preview:
        """Judge the item as it would stand with these pieces."""
        return predict_claim(self.visit.scene, self.condition, _as_facts(self.visit, held))

    def sheet(self, held: Sequence[Held] | None = None) -> ClaimSheet:
        """Show the item, with what was judged of it."""
        pieces = self.held if held is None else held
        place = _place(self.visit, self.condition, pieces)
        return claim_sheet(self.visit.scene, self.condition, place, self.preview(pieces), self.fields)

    def bring(self) -> tuple[Prepared, ...]:
        """Read and judge what was brought now. Nothing is read or fetched for somebody who may not claim."""
        if refused := self.sheet().why_not:
            raise NotAllowed(refused)
        return bring_evidence(self.visit.scene, self.form, item_of(self.condition).evidence, claimed=self.extends)


@capped_uploads
@require_http_methods(READ_AND_ACT)
def claim(request: HttpRequest, rollout: str, item: str) -> HttpResponse:
    """Claim an item. What does not bear it out is shown before it is saved; `do=judge` shows it in any case.

    `drop` shows it without one of the pieces that are held.
    """
    visit, condition = open_item(request, rollout, item)
    desk = _desk(visit, condition)
    if (drop := request.POST.get("drop")) and not desk.sheet().why_not:
        return _look(desk, [each for n, each in enumerate(desk.held) if str(n) != drop])
    errand = Errand(
        partial=CLAIM,
        sheet=desk.sheet,
        form=desk.form,
        run=lambda: _claim(desk),
        said=_said(desk),
        back=_place(visit, condition).cancel_url,
    )
    try:
        return serve(visit, errand)
    except LookFirst as look:
        return _look(desk, look.held)


def _look(desk: Desk, held: Sequence[Held]) -> HttpResponse:
    """Show the sheet with what is held now; what was typed as a note stays, but not one that has become a piece."""
    note = "" if desk.extends else desk.visit.request.POST.get("note", "")
    return show(desk.visit, CLAIM, desk.sheet(held), ClaimForm(note=note))


def open_item(request: HttpRequest, rollout: str, item: str) -> tuple[Visit, Condition]:
    """Open the rollout and find the item; 404 when its plan has none there."""
    visit = open_visit(request, rollout, Address("phase"))
    condition = find_item(visit.scene, item)
    if condition is None:
        raise Http404(f"The plan of {rollout} has no item {item}.")
    return visit, condition


def _desk(visit: Visit, condition: Condition) -> Desk:
    """Open the sheet's form: a report has its fields and a word its box only while there is no claim to add to."""
    request, extends = visit.request, claim_to_extend(visit.scene, condition) is not None
    held = read_held(request.GET.get("held", ""), _about(visit, condition))
    fields = () if extends or held else report_fields(visit.scene, condition)
    attested = item_of(condition).evidence.demand is EvidenceDemand.ATTESTATION and not extends
    said, files = typed(request), request.FILES if request.method == "POST" else None
    form = ClaimForm(said, files, attested=attested, written=fields)
    return Desk(visit, condition, form, held, fields)


def _claim(desk: Desk) -> int:
    """Claim, or add to the claim there is. What was shown is saved as it was shown."""
    visit, condition, brought = desk.visit, desk.condition, desk.bring()
    asked = visit.request.POST.get("do") == "judge"
    if asked or (brought and desk.preview((*desk.held, *(piece.held for piece in brought))).in_trouble):
        raise LookFirst((*desk.held, *hold_evidence(brought)))
    evidence = (*take_held(desk.held), *brought)
    wordless = item_of(condition).evidence.demand in WORDLESS
    if desk.extends and (evidence or not wordless):
        return add_evidence(visit.key, condition.path, visit.act(), visit.now, evidence)
    note = desk.form.cleaned_data["note"]
    return claim_item(visit.key, condition.path, visit.act(), visit.now, note=note, evidence=evidence)


def _said(desk: Desk) -> str:
    title = desk.condition.title
    if desk.extends:
        return f"Added to the claim of “{title}”."
    return f"“{title}” is reported." if item_of(desk.condition).reported else f"“{title}” is claimed."


def _as_facts(visit: Visit, held: Sequence[Held]) -> tuple[EvidenceFacts, ...]:
    person, now = visit.scene.reader.person, visit.now
    return tuple(EvidenceFacts(h.digest, h.kind, h.title, h.state, h.finding, now, person, h.report) for h in held)


def _about(visit: Visit, condition: Condition) -> tuple[str, str, str]:
    return condition.path, visit.scene.plan.digest, visit.scene.reader.person.id


def _place(visit: Visit, condition: Condition, held: Sequence[Held] = ()) -> Place:
    query = visit.request.GET.copy()
    query.pop("held", None)
    if held:
        query["held"] = write_held(_about(visit, condition), held)
    back = visit.place(condition_url(visit.scene, condition.path)).cancel_url
    return Place(f"{visit.request.path}{'?' if query else ''}{query.urlencode()}", back)


@require_http_methods(READ_AND_ACT)
def withdraw(request: HttpRequest, rollout: str, item: str) -> HttpResponse:
    """Take back a claim; a reason is welcome."""
    visit, condition = open_item(request, rollout, item)
    place, form = visit.place(condition_url(visit.scene, condition.path)), ReasonForm(typed(request), optional=True)
    errand = Errand(
        partial="_reason_sheet.html",
        sheet=lambda: withdraw_sheet(visit.scene, condition, place),
        form=form,
        run=lambda: withdraw_claim(rollout, item, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said=f"The claim of “{condition.title}” is withdrawn.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


@require_safe
def evidence(request: HttpRequest, digest: str) -> HttpResponse:
    """Give kept evidence to people on a rollout that refers to it, as a download that no browser runs.

    Who opened what is noted, for what they sign. Bytes that are no longer what their digest names are given to nobody.
    """
    person, now = requesting_person(request), timezone.now()
    try:
        kept = find_evidence(digest, person, now)
    except BlobAltered:
        check_blob(digest, now)
        return private(render(request, "claims/altered.html", {"digest": digest}, status=HTTPStatus.CONFLICT))
    if kept is None:
        raise Http404("No evidence of a rollout you are on has this digest.")
    if request.method == "GET":
        note_opening(kept.rollouts, digest, person, now)
    response = HttpResponse(kept.data, content_type=kept.media_type if kept.media_type in SHOWN_AS else BYTES)
    response["Content-Disposition"] = content_disposition_header(True, kept.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
