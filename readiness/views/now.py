"""The running phase on one screen: what a notification leads to."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.scenes import Address
from readiness.views.live import show_page


@require_safe
def now_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show what broke, who decides, and the ways back."""
    return show_page(request, "runs/now.html", Address("now"), rollout)
