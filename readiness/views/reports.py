"""The decision record of a phase, and the final report of a rollout, to read and to print."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readiness.queries.reports import NoSuchReport, make_report
from readiness.queries.scenes import Address
from readiness.views.flow import open_visit, private


@require_safe
def report_page(request: HttpRequest, rollout: str, phase: str) -> HttpResponse:
    """Show what stood when the phase was entered; for the close, everything."""
    visit = open_visit(request, rollout, Address("report", phase))
    try:
        page = make_report(visit.scene, phase)
    except NoSuchReport as fact:
        raise Http404(str(fact)) from None
    return private(render(request, "reports/page.html", {"page": page, "now": visit.now}))
