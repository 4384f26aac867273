"""One phase of a rollout: now, and as of any moment of the record."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.checklists import MINE, OPEN
from readiness.queries.past_phases import make_past_phase
from readiness.queries.scenes import Address
from readiness.views.live import show_page
from readiness.views.past import asked_moment, show_past


@require_safe
def phase_page(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Show what a phase asks for, claim beside evidence; `?show=` narrows its lists, `?as_of=` shows a moment."""
    if asked_moment(request):
        return show_past(request, rollout, Address("phase", phase), "phases/past.html", make_past_phase)
    show = request.GET.get("show", "")
    option = show if show in (OPEN, MINE) else ""
    return show_page(request, "phases/page.html", Address("phase", phase, option), rollout)
