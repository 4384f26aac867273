"""The board of one rollout: now, and as of any moment of the record."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from readiness.queries.past_boards import make_past
from readiness.queries.scenes import Address
from readiness.views.live import show_page
from readiness.views.past import asked_moment, show_past


@require_safe
def board(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show the verdict first, then what the reader can do; `?as_of=` shows what stood at a moment instead."""
    if asked_moment(request):
        return show_past(request, rollout, Address("board"), "board/past.html", make_past)
    return show_page(request, "board/page.html", Address("board"), rollout)
