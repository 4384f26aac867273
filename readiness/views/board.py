"""The board of one rollout."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.scenes import Address
from readiness.views.live import show_page


@require_safe
def board(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show the verdict first, then what the reader can do."""
    return show_page(request, "board/page.html", Address("board"), rollout)
