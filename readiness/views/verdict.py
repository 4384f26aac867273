"""How the answers of a rollout were computed: now, and as of any moment of the record."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from readiness.models import Rollout
from readiness.queries.past_verdicts import make_past_verdict
from readiness.queries.plans import NoPlan
from readiness.queries.scenes import Address, load_scene
from readiness.queries.verdict_pages import make_verdict
from readiness.views.acts import requesting_person
from readiness.views.past import asked_moment, show_past


@require_safe
def verdict_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show the rules with what they said, their inputs, and how to repeat it; `?as_of=` retells a moment instead."""
    if asked_moment(request):
        return show_past(request, rollout, Address("verdict"), "verdicts/past.html", make_past_verdict)
    now = timezone.now()
    try:
        scene = load_scene(rollout, requesting_person(request), Address("verdict"), now)
    except (Rollout.DoesNotExist, NoPlan) as fact:
        raise Http404(str(fact)) from None
    return render(request, "verdicts/page.html", {"page": make_verdict(scene), "now": now})
