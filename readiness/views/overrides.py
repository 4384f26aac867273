"""Breaking glass: ask to enter without GO, confirm it, take it back, close it."""

from http import HTTPStatus

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from readiness.core.audit import Act
from readiness.core.phases import find_phase
from readiness.core.types import Verdict
from readiness.forms.acts import ConfirmedReasonForm, OverrideForm
from readiness.models import Override
from readiness.queries.overrides import (
    ask_override_sheet,
    close_override_sheet,
    confirm_override_sheet,
    find_override,
    withdraw_override_sheet,
)
from readiness.queries.runs import judge_entry
from readiness.queries.scenes import Address
from readiness.queries.sheets import phase_commands
from readiness.services.overrides import ask_override, close_override, confirm_override, withdraw_override
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, show, typed
from readiness.views.passwords import serve_proven

PARTIAL = "overrides/_override.html"


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def break_glass(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Ask to enter the next phase without GO, with a reason."""
    visit = open_visit(request, rollout, Address("phase", phase))
    found = find_phase(visit.scene.plan, phase)
    if found is None:
        raise Http404(f"The plan of {rollout} has no phase {phase}.")
    place, form = visit.place(visit.scene.url("board")), ConfirmedReasonForm(typed(request))
    errand = Errand(
        partial=PARTIAL,
        sheet=lambda: ask_override_sheet(visit.scene, found, place, judge_entry(visit.scene)),
        form=form,
        run=lambda: ask_override(rollout, phase, _act(visit), visit.now, reason=form.cleaned_data["reason"]),
        said="Asked. Somebody else has 30 minutes to confirm it; until then nothing begins.",
        back=place.cancel_url,
    )
    return serve_proven(visit, errand)


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def confirm_glass(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Confirm what somebody else asked for: what was shown must still stand, and every command be confirmed."""
    visit = open_visit(request, rollout)
    row, verdict = _override(visit, pk), judge_entry(visit.scene)
    form = _form(visit, row, request)
    if request.method == "POST" and form["digest"].value() != verdict.verdict_id:
        place = visit.place(visit.scene.url("board"))
        sheet = confirm_override_sheet(visit.scene, row, place, verdict, moved=max(1, len(verdict.reasons)))
        return show(visit, PARTIAL, sheet, _form(visit, row), HTTPStatus.CONFLICT)
    return serve_proven(visit, _confirming(visit, row, verdict, form))


def _form(visit: Visit, row: Override, request: HttpRequest | None = None) -> OverrideForm:
    phase = find_phase(visit.scene.plan, row.phase)
    numbers = [command.number for command in phase_commands(phase)] if phase else []
    return OverrideForm(numbers, typed(request) if request is not None else None)


def _confirming(visit: Visit, row: Override, verdict: Verdict, form: OverrideForm) -> Errand:
    place = visit.place(visit.scene.url("board"))
    return Errand(
        partial=PARTIAL,
        sheet=lambda: confirm_override_sheet(visit.scene, row, place, verdict),
        form=form,
        run=lambda: confirm_override(visit.key, row.pk, _act(visit), visit.now, confirmed=form.positions()),
        said="It is entered without GO, and stays Overridden until somebody with the authority closes that.",
        back=place.cancel_url,
    )


@require_http_methods(READ_AND_ACT)
def withdraw_glass(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Take back what was asked; no password, because it only lowers risk."""
    visit = open_visit(request, rollout)
    row, place = _override(visit, pk), visit.place(visit.scene.url("board"))
    errand = Errand(
        partial=PARTIAL,
        sheet=lambda: withdraw_override_sheet(visit.scene, row, place),
        form=Form(typed(request)),
        run=lambda: withdraw_override(rollout, pk, visit.act(), visit.now),
        said="Withdrawn. Nobody can confirm it any more.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def close_glass(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Close an override, with a reason."""
    visit = open_visit(request, rollout)
    row, place = _override(visit, pk), visit.place(visit.scene.url("board"))
    form = ConfirmedReasonForm(typed(request))
    errand = Errand(
        partial=PARTIAL,
        sheet=lambda: close_override_sheet(visit.scene, row, place),
        form=form,
        run=lambda: close_override(rollout, pk, _act(visit), visit.now, reason=form.cleaned_data["reason"]),
        said="The override is closed; the run goes on as any other.",
        back=place.cancel_url,
    )
    return serve_proven(visit, errand)


def _override(visit: Visit, pk: int) -> Override:
    row = find_override(visit.scene, pk)
    if row is None:
        raise Http404("There is no such override.")
    return row


def _act(visit: Visit) -> Act:
    """Describe an act whose password was checked; `serve_proven` runs no other."""
    return visit.act(confirmed=True)
