"""Record a drill as it was run, and a review's score."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from readiness.forms.acts import DrillForm, ReviewForm
from readiness.queries.drills import drill_sheet, find_drill, find_review, review_sheet
from readiness.queries.scenes import Address
from readiness.services.drills import DrillRun, add_drill, add_review
from readiness.views.flow import READ_AND_ACT, Errand, open_visit, serve, typed

PHASES = Address("phases")


@require_http_methods(READ_AND_ACT)
def drill(request: HttpRequest, rollout: str, drill: str) -> HttpResponse:
    """Record a drill."""
    visit = open_visit(request, rollout, PHASES)
    found = find_drill(visit.scene, drill)
    if found is None:
        raise Http404(f"The plan of {rollout} has no drill {drill}.")
    place, form = visit.place(visit.scene.url("board")), DrillForm(typed(request))
    errand = Errand(
        partial="drills/_drill.html",
        sheet=lambda: drill_sheet(visit.scene, found, place),
        form=form,
        run=lambda: add_drill(rollout, drill, visit.act(), visit.now, drill_run(form)),
        said=f"“{found.title}” is recorded.",
        back=place.cancel_url,
    )
    return serve(visit, errand)


def drill_run(form: DrillForm) -> DrillRun:
    """Give the drill that was typed."""
    said = form.cleaned_data
    return DrillRun(said["ran_at"], said["took"], said["passed"] == "yes", said["note"])


@require_http_methods(READ_AND_ACT)
def review(request: HttpRequest, rollout: str, review: str) -> HttpResponse:
    """Record a review's score."""
    visit = open_visit(request, rollout, PHASES)
    found = find_review(visit.scene, review)
    if found is None:
        raise Http404(f"The plan of {rollout} has no review {review}.")
    place, form = visit.place(visit.scene.url("board")), ReviewForm(typed(request))
    errand = Errand(
        partial="reviews/_review.html",
        sheet=lambda: review_sheet(visit.scene, found, place),
        form=form,
        run=lambda: add_review(rollout, review, visit.act(), visit.now, **form.cleaned_data),
        said=f"“{found.title}” is scored.",
        back=place.cancel_url,
    )
    return serve(visit, errand)
