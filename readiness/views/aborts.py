"""Answer an abort trigger that fired: continue for a while, or roll back."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from readiness.forms.acts import AbortForm
from readiness.queries.runs import abort_sheet, find_firing
from readiness.queries.scenes import Address
from readiness.services.aborts import answer_firing
from readiness.views.flow import READ_AND_ACT, Errand, SeeOther, Visit, is_htmx, open_visit, serve, typed


@require_http_methods(READ_AND_ACT)
def answer(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Let the phase go on for a while, with a reason; or go on to the ways back."""
    visit = open_visit(request, rollout, Address("now"))
    found = find_firing(visit.scene, pk)
    if found is None:
        raise Http404(f"{rollout} has no such abort trigger that fired.")
    place, form = visit.place(visit.scene.url("now")), AbortForm(typed(request))
    sheet = abort_sheet(visit.scene, *found, place)
    if request.method == "POST" and form["answer"].value() == "roll-back":
        back = sheet.roll_back_url
        return HttpResponseClientRedirect(back) if is_htmx(request) else SeeOther(back)
    errand = Errand(
        partial="runs/_answer_abort.html",
        sheet=lambda: sheet,
        form=form,
        run=lambda: _continue(visit, pk, form),
        said=f"“{sheet.title}” continues for now.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


def _continue(visit: Visit, pk: int, form: AbortForm) -> int:
    said = form.cleaned_data
    until = visit.now + timedelta(minutes=said["until"] or 0)
    return answer_firing(visit.key, pk, visit.act(), visit.now, continue_until=until, reason=said["reason"])
