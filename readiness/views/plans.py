"""The plan of a rollout: each version, what it changed, and the file as it was imported."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readiness.queries.plan_pages import NoSuchVersion, load_plan_file, make_plan_page
from readiness.queries.scenes import Address
from readiness.views.flow import open_visit, private


@require_safe
def plan_page(request: HttpRequest, rollout: str, number: int | None = None) -> HttpResponse:
    """Show a version of the plan; the one in force without a number."""
    visit = open_visit(request, rollout, Address("plan"))
    try:
        page = make_plan_page(visit.scene, number)
    except NoSuchVersion as fact:
        raise Http404(str(fact)) from None
    return private(render(request, "plans/page.html", {"page": page, "now": visit.now}))


@require_safe
def plan_file(request: HttpRequest, rollout: str, number: int) -> HttpResponse:
    """Give a version as it was imported, to be saved."""
    try:
        text = load_plan_file(rollout, number)
    except NoSuchVersion as fact:
        raise Http404(str(fact)) from None
    headers = {"Content-Disposition": f'attachment; filename="{rollout}-{number}.yaml"'}
    return private(HttpResponse(text, content_type="application/yaml", headers=headers))
