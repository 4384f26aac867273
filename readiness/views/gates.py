"""Gates: all of them, and one with its chart."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.charts import RANGES, USUAL_RANGE
from readiness.queries.scenes import Address
from readiness.views.live import show_page


@require_safe
def gates(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show every gate of the plan."""
    return show_page(request, "gates/page.html", Address("gates"), rollout)


@require_safe
def gate(request: HttpRequest, rollout: str, gate: str) -> HttpResponse:
    """Show one gate over the range in `?last=`."""
    last = request.GET.get("last", "")
    option = last if last in RANGES and last != USUAL_RANGE else ""
    return show_page(request, "gates/gate.html", Address("gate", gate, option), rollout)
