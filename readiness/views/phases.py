"""One phase of a rollout."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.checklists import MINE, OPEN
from readiness.queries.scenes import Address
from readiness.views.live import show_page


@require_safe
def phase_page(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Show what a phase asks for, claim beside evidence; `?show=` narrows its lists."""
    show = request.GET.get("show", "")
    option = show if show in (OPEN, MINE) else ""
    return show_page(request, "phases/page.html", Address("phase", phase, option), rollout)
