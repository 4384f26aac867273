"""Checklist items: claim with evidence, look at what it says first, withdraw, read it back, record a baseline."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from readiness.collectors.links import LinkKept, collect_link
from readiness.core.conditions import Condition, EvidenceDemand, EvidenceRule
from readiness.core.types import EvidenceFacts
from readiness.forms.acts import ClaimForm, ReasonForm
from readiness.queries.claims import (
    claim_sheet,
    find_evidence,
    find_item,
    item_of,
    standing_claim,
    why_not_claim,
    withdraw_sheet,
)
from readiness.queries.reasons import condition_url
from readiness.queries.scenes import Address
from readiness.queries.sheets import Place
from readiness.services.evidence import (
    Brought,
    EvidenceEmpty,
    EvidenceTooLarge,
    Held,
    Prepared,
    hold_evidence,
    prepare_evidence,
    take_held,
)
from readiness.services.items import add_evidence, claim_item, withdraw_claim
from readiness.views.acts import requesting_person
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, private, serve, show, typed
from readiness.views.tokens import read_held, write_held
from readiness.views.uploads import capped_uploads

CLAIM = "claims/_claim.html"
FORBIDDEN, UNFIT = HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY
BYTES = "application/octet-stream"
WORDLESS = (EvidenceDemand.NONE, EvidenceDemand.ATTESTATION)
"""Demands that take no file: what is claimed rests on a machine or on a person's word."""
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


@capped_uploads
@require_http_methods(READ_AND_ACT)
def claim(request: HttpRequest, rollout: str, item: str) -> HttpResponse:
    """Claim an item. `do=judge` reads the evidence and says what it shows; nothing is claimed by that."""
    visit, condition = open_item(request, rollout, item)
    rule, held = item_of(condition).evidence, _held(request, visit, condition)
    form = ClaimForm(typed(request), request.FILES, attested=_asks_for_word(visit, condition))
    place = _place(visit, condition, held)
    if request.method == "POST" and request.POST.get("do") == "judge" and form.is_valid():
        return _judged(visit, condition, form, held)
    errand = Errand(
        partial=CLAIM,
        sheet=lambda: claim_sheet(visit.scene, condition, place, _as_facts(visit, held)),
        form=form,
        run=lambda: _claim(visit, condition, form, (*take_held(held), *_bring(form, rule))),
        said=f"“{condition.title}” is claimed.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


def open_item(request: HttpRequest, rollout: str, item: str) -> tuple[Visit, Condition]:
    """Open the rollout and find the item; 404 when its plan has none there."""
    visit = open_visit(request, rollout, Address("phase"))
    condition = find_item(visit.scene, item)
    if condition is None:
        raise Http404(f"The plan of {rollout} has no item {item}.")
    return visit, condition


def _asks_for_word(visit: Visit, condition: Condition) -> bool:
    return item_of(condition).evidence.demand is EvidenceDemand.ATTESTATION and not standing_claim(
        visit.scene, condition
    )


def _claim(visit: Visit, condition: Condition, form: ClaimForm, evidence: Sequence[Prepared]) -> int:
    """Claim, or add to the claim there is."""
    claimed = standing_claim(visit.scene, condition)
    if claimed is not None and item_of(condition).evidence.demand not in WORDLESS:
        return add_evidence(visit.key, condition.path, visit.act(), visit.now, evidence)
    note = form.cleaned_data["note"]
    return claim_item(visit.key, condition.path, visit.act(), visit.now, note=note, evidence=evidence)


def _bring(form: ClaimForm, rule: EvidenceRule) -> tuple[Prepared, ...]:
    """Read and judge everything that was brought."""
    brought = [*map(_file, form.cleaned_data["file"]), *(Brought(link, url=link) for link in form.cleaned_data["link"])]
    prepare = partial(prepare_evidence, rule=rule, max_bytes=settings.MAX_UPLOAD_BYTES, fetch=fetch_link)
    return tuple(prepare(each) for each in brought)


def _file(file: "UploadedFile[bytes]") -> Brought:
    return Brought(file.name or "file", file.read(), file.content_type or "application/octet-stream")


def fetch_link(url: str) -> tuple[bytes | None, str, str]:
    """Fetch a link once, from public addresses and from hosts that the operator named."""
    found = collect_link(url, max_bytes=settings.MAX_UPLOAD_BYTES, allowed_hosts=settings.SOURCE_HOSTS)
    return (found.data, found.media_type, "") if isinstance(found, LinkKept) else (None, "", found.sentence)


def _judged(visit: Visit, condition: Condition, form: ClaimForm, held: tuple[Held, ...]) -> HttpResponse:
    """Show what the evidence says; its bytes are held, so that no file has to be chosen again."""
    if standing_claim(visit.scene, condition) is None and why_not_claim(visit.scene, condition):
        return show(visit, CLAIM, claim_sheet(visit.scene, condition, _place(visit, condition)), form, FORBIDDEN)
    try:
        pieces = (*held, *hold_evidence(_bring(form, item_of(condition).evidence)))
    except (EvidenceEmpty, EvidenceTooLarge) as refusal:
        form.add_error("file", str(refusal))
        return show(visit, CLAIM, claim_sheet(visit.scene, condition, _place(visit, condition, held)), form, UNFIT)
    place, judged = _place(visit, condition, pieces), _as_facts(visit, pieces)
    next_form = ClaimForm(note=form.cleaned_data["note"])
    return show(visit, CLAIM, claim_sheet(visit.scene, condition, place, judged), next_form)


def _as_facts(visit: Visit, held: Sequence[Held]) -> tuple[EvidenceFacts, ...]:
    person = visit.scene.reader.person
    return tuple(EvidenceFacts(h.digest, h.kind, h.title, h.state, h.finding, visit.now, person) for h in held)


def _held(request: HttpRequest, visit: Visit, condition: Condition) -> tuple[Held, ...]:
    return read_held(request.GET.get("held", ""), _about(visit, condition))


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
    """Give kept evidence to people on a rollout that refers to it, as a download that no browser runs."""
    kept = find_evidence(digest, requesting_person(request), timezone.now())
    if kept is None:
        raise Http404("No evidence of a rollout you are on has this digest.")
    response = HttpResponse(kept.data, content_type=kept.media_type if kept.media_type in SHOWN_AS else BYTES)
    response["Content-Disposition"] = content_disposition_header(True, kept.title.rpartition("/")[2] or "evidence")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
