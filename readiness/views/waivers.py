"""Ask for a waiver, grant or decline one, end one."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from readiness.forms.acts import ReasonForm
from readiness.forms.waivers import GRANT, AskWaiverForm, DecideWaiverForm
from readiness.models import Waiver
from readiness.queries.scenes import Address
from readiness.queries.waiver_pages import (
    ask_waiver_sheet,
    decide_waiver_sheet,
    end_waiver_sheet,
    find_waivable,
    find_waiver,
    waiver_place_url,
)
from readiness.services.waivers import Terms, ask_waiver, decline_waiver, grant_waiver, revoke_waiver
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, show, typed
from readiness.views.passwords import proves_person

PHASES = Address("phases")
DECIDE = "waivers/_decide.html"


@require_http_methods(READ_AND_ACT)
def waive(request: HttpRequest, rollout: str, condition: str) -> HttpResponse:
    """Ask to waive a condition."""
    visit = open_visit(request, rollout, PHASES)
    found = find_waivable(visit.scene, condition)
    if found is None:
        raise Http404(f"The plan of {rollout} has no condition {condition}.")
    place, form = visit.place(waiver_place_url(visit.scene, condition)), AskWaiverForm(typed(request))
    errand = Errand(
        partial="waivers/_ask.html",
        sheet=lambda: ask_waiver_sheet(visit.scene, found, place),
        form=form,
        run=lambda: ask_waiver(rollout, condition, Terms(**form.cleaned_data), visit.act(), visit.now),
        said=f"You asked to waive “{found.title}”. Nothing is waived until somebody else grants it.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def decide_waiver(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Grant what somebody else asked for, with the password, or decline it with a reason."""
    visit, row = _open(request, rollout, pk)
    place, form = visit.place(waiver_place_url(visit.scene, row.path)), DecideWaiverForm(typed(request))
    errand = Errand(
        partial=DECIDE,
        sheet=lambda: decide_waiver_sheet(visit.scene, row, place),
        form=form,
        run=lambda: _decide(visit, row, form),
        said=_decided(row, form),
        back=place.cancel_url,
    )
    if request.method == "POST" and form.is_valid() and form.grants and not proves_person(request, form):
        return show(visit, DECIDE, errand.sheet(), form, HTTPStatus.UNPROCESSABLE_ENTITY)
    return serve(visit, errand)


def _decided(row: Waiver, form: DecideWaiverForm) -> str:
    until = f"{row.expires_at:%H:%M} UTC on {row.expires_at.day} {row.expires_at:%b}"
    granted = f"The waiver of “{row.title}” is granted until {until}."
    return granted if form["answer"].value() == GRANT else f"The waiver of “{row.title}” is declined."


def _decide(visit: Visit, row: Waiver, form: DecideWaiverForm) -> int:
    if form.grants:
        return grant_waiver(visit.key, row.pk, visit.act(confirmed=True), visit.now)
    return decline_waiver(visit.key, row.pk, visit.act(), visit.now, reason=form.cleaned_data["reason"])


@require_http_methods(READ_AND_ACT)
def end_waiver(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """End a waiver, granted or only asked for, with a reason."""
    visit, row = _open(request, rollout, pk)
    place, form = visit.place(waiver_place_url(visit.scene, row.path)), ReasonForm(typed(request))
    errand = Errand(
        partial="_reason_sheet.html",
        sheet=lambda: end_waiver_sheet(visit.scene, row, place),
        form=form,
        run=lambda: revoke_waiver(rollout, pk, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said=f"The waiver of “{row.title}” has ended.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


def _open(request: HttpRequest, rollout: str, pk: int) -> tuple[Visit, Waiver]:
    visit = open_visit(request, rollout, PHASES)
    row = find_waiver(visit.scene, pk)
    if row is None:
        raise Http404(f"{rollout} has no such waiver.")
    return visit, row
