"""The board of one rollout: now, and as of any moment of the record."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from readiness.models import Rollout
from readiness.queries.moments import NoSuchMoment, UnreadableMoment, find_moment
from readiness.queries.past_boards import make_past, no_past
from readiness.queries.plans import NoPlan
from readiness.queries.scenes import Address, load_scene
from readiness.views.acts import requesting_person
from readiness.views.live import show_page


@require_safe
def board(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show the verdict first, then what the reader can do; `?as_of=` shows what stood at a moment instead."""
    asked = request.GET.get("as_of", "").strip()
    return _past(request, rollout, asked) if asked else show_page(request, "board/page.html", Address("board"), rollout)


def _past(request: HttpRequest, rollout: str, asked: str) -> HttpResponse:
    now, status = timezone.now(), 200
    try:
        scene = load_scene(rollout, requesting_person(request), Address("board"), now)
    except (Rollout.DoesNotExist, NoPlan) as fact:
        raise Http404(str(fact)) from None
    try:
        page = make_past(scene, find_moment(asked, now))
    except UnreadableMoment as fact:
        page, status = no_past(scene, asked, str(fact)), 400
    except NoSuchMoment as fact:
        page, status = no_past(scene, asked, str(fact)), 404
    return render(request, "board/past.html", {"page": page, "now": now}, status=status)
