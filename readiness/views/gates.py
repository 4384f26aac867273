"""Gates: all of them, one with its chart, and one as it was measured at a moment."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from readiness.queries.charts import RANGES, USUAL_RANGE
from readiness.queries.measured import find_measurement, make_measurement, measurement_at
from readiness.queries.moments import UnreadableMoment, parse_time
from readiness.queries.scenes import Address
from readiness.views.flow import open_visit
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


@require_safe
def measurement(request: HttpRequest, rollout: str, gate: str, pk: int) -> HttpResponse:
    """Show one measurement: what it came to, why, and what the source said."""
    visit = open_visit(request, rollout, Address("gate", gate))
    row = find_measurement(visit.scene, gate, pk)
    if row is None:
        raise Http404(f"There is no such measurement of {gate}, or it is not kept any more.")
    page = make_measurement(visit.scene, row)
    return render(request, "gates/measurement.html", {"page": page, "now": visit.now})


@require_safe
def measured_at(request: HttpRequest, rollout: str, gate: str) -> HttpResponse:
    """Go to what a gate was measured as at the time in `?at=`."""
    visit = open_visit(request, rollout, Address("gate", gate))
    try:
        at = parse_time(request.GET.get("at", ""), visit.now)
        row = measurement_at(visit.scene, gate, at)
        why = f"Nothing is kept of {gate} from {at:%Y-%m-%d %H:%M} UTC or before."
    except UnreadableMoment as fact:
        row, why = None, str(fact)
    if row is not None:
        return redirect("measurement", rollout, gate, row.pk)
    messages.warning(request, why)
    return redirect("gate", rollout, gate)
