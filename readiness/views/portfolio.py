"""All rollouts."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.scenes import Address
from readiness.views.live import show_page


@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show what waits for the reader, then every rollout."""
    return show_page(request, "portfolio/page.html", Address("portfolio"))
