"""Accept a row that differs from the record: the first person asks, the second accepts or declines."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from readiness.core.replay import RowKey
from readiness.forms.acts import ConfirmedReasonForm, ReasonForm
from readiness.models import Acceptance
from readiness.queries.acceptance_sheets import difference_sheet, end_acceptance_sheet, find_acceptance
from readiness.queries.acceptances import is_asked_for
from readiness.queries.replays import governed_types
from readiness.queries.scenes import Address
from readiness.services.acceptance_ends import decline_acceptance, withdraw_acceptance
from readiness.services.differences import Shown, accept_difference, ask_acceptance
from readiness.views.flow import READ_AND_ACT, Errand, Visit, open_visit, serve, typed
from readiness.views.passwords import serve_proven

AUDIT = Address("audit")


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def difference(request: HttpRequest, rollout: str, kind: str, row: str) -> HttpResponse:
    """Show what differs, and take the first or the second acceptance."""
    if kind not in governed_types():
        raise Http404(f"The record accounts for no {kind}.")
    visit = open_visit(request, rollout, AUDIT)
    return serve_proven(visit, _errand(visit, (kind, row), request.POST.get("seen", "")))


def _errand(visit: Visit, key: RowKey, seen: str) -> Errand:
    form, place = ConfirmedReasonForm(typed(visit.request)), visit.place(visit.scene.url("audit"))
    is_second = visit.request.method == "POST" and is_asked_for(key, seen)
    act, shown = accept_difference if is_second else ask_acceptance, Shown(key, seen)
    return Errand(
        partial="audit/_difference.html",
        sheet=lambda: difference_sheet(visit.scene, key, place),
        form=form,
        run=lambda: act(visit.key, shown, visit.act(confirmed=True), visit.now, reason=form.cleaned_data["reason"]),
        said="The record has the row as it is." if is_second else "You asked. A second person accepts it.",
        back=place.cancel_url,
    )


@require_http_methods(READ_AND_ACT)
def end_difference(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Take back what one asked for oneself, or decline what somebody else did."""
    visit = open_visit(request, rollout, AUDIT)
    row = find_acceptance(visit.scene, pk)
    if row is None:
        raise Http404(f"Nobody asked for this on {rollout}.")
    return serve(visit, _end(visit, row, mine=row.by_id == visit.scene.reader.person.id))


def _end(visit: Visit, row: Acceptance, mine: bool) -> Errand:
    form, place = ReasonForm(typed(visit.request), optional=mine), visit.place(visit.scene.url("audit"))
    end = withdraw_acceptance if mine else decline_acceptance
    return Errand(
        partial="_reason_sheet.html",
        sheet=lambda: end_acceptance_sheet(visit.scene, row, place),
        form=form,
        run=lambda: end(visit.key, row.pk, visit.act(), visit.now, reason=form.cleaned_data["reason"]),
        said="You took it back. The row still differs." if mine else "You declined it. The row still differs.",
        back=place.cancel_url,
    )
