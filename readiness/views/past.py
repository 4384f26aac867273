"""Pages as of a moment of the record: the same address with `?as_of=`, an entry's number or a time."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from readiness.models import Rollout
from readiness.queries.moments import Moment, NoSuchMoment, UnreadableMoment, find_moment
from readiness.queries.past_pages import no_past
from readiness.queries.plans import NoPlan
from readiness.queries.scenes import Address, Scene, load_scene
from readiness.views.acts import requesting_person


def asked_moment(request: HttpRequest) -> str:
    """Give the moment that the address asks for; empty means now."""
    return request.GET.get("as_of", "").strip()


def show_past(
    request: HttpRequest, rollout: str, address: Address, template: str, make: Callable[[Scene, Moment], object]
) -> HttpResponse:
    """Show a page as of the moment in its address, or why there is nothing to show, with the way to another one."""
    asked, now = asked_moment(request), timezone.now()
    try:
        scene = load_scene(rollout, requesting_person(request), address, now)
    except (Rollout.DoesNotExist, NoPlan) as fact:
        raise Http404(str(fact)) from None
    try:
        page, status = make(scene, find_moment(asked, now)), HTTPStatus.OK
    except (UnreadableMoment, NoSuchMoment) as fact:
        status = HTTPStatus.BAD_REQUEST if isinstance(fact, UnreadableMoment) else HTTPStatus.NOT_FOUND
        page, template = no_past(scene, asked, str(fact)), "rollouts/no_past.html"
    return render(request, template, {"page": page, "now": now}, status=status)
