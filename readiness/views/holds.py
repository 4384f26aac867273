"""Call a hold, lift a hold."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from readiness.forms.acts import ReasonForm
from readiness.queries.holds import call_hold_sheet, find_hold, lift_hold_sheet, reader_title
from readiness.services.holds import call_hold, lift_hold
from readiness.views.flow import READ_AND_ACT, Errand, open_visit, serve, typed

PARTIAL = "_reason_sheet.html"


@require_http_methods(READ_AND_ACT)
def hold(request: HttpRequest, rollout: str) -> HttpResponse:
    """Stop the rollout, with a reason."""
    visit = open_visit(request, rollout)
    place, form = visit.place(visit.scene.url("board")), ReasonForm(typed(request))
    errand = Errand(
        partial=PARTIAL,
        sheet=lambda: call_hold_sheet(visit.scene, place),
        form=form,
        run=lambda: call_hold(
            rollout, visit.act(), visit.now, role=reader_title(visit.scene), reason=form.cleaned_data["reason"]
        ),
        said="The hold is called; nothing can be entered until it is lifted.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


@require_http_methods(READ_AND_ACT)
def lift(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Lift a hold, with a reason."""
    visit = open_visit(request, rollout)
    found = find_hold(visit.scene, pk)
    if found is None:
        raise Http404("There is no such hold.")
    place, form = visit.place(visit.scene.url("board")), ReasonForm(typed(request))
    errand = Errand(
        partial=PARTIAL,
        sheet=lambda: lift_hold_sheet(visit.scene, found, place),
        form=form,
        run=lambda: lift_hold(rollout, pk, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said="The hold is lifted.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
