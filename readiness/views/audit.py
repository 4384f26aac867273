"""The record: of one rollout, of one entry, of everything. Filters and position live in the address."""

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from readiness.models import Rollout
from readiness.queries.entries import NoSuchEntry, Query, Trail, make_audit
from readiness.queries.heads import fill_head
from readiness.queries.plans import NoPlan
from readiness.queries.scenes import Address, load_scene
from readiness.queries.sequences import all_phases
from readiness.queries.trail import load_plan_titles, plan_titles
from readiness.views.acts import requesting_person

MOST_DIGITS = 15


@require_safe
def audit_page(request: HttpRequest, rollout: str) -> HttpResponse:
    """Show the entries of one rollout."""
    return _show(request, _trail_of(request, rollout), _query(request))


@require_safe
def entry_page(request: HttpRequest, rollout: str, seq: int) -> HttpResponse:
    """Show one entry of a rollout beside the list."""
    return _show(request, _trail_of(request, rollout), _query(request, seq))


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """Show the entries of all rollouts and of no rollout."""
    url = reverse("audit-all")
    people = {f"u:{user.pk}": user.get_full_name() or user.username for user in User.objects.order_by("first_name")}
    trail = Trail("", url, f"{url}?entry={{seq}}", load_plan_titles(), people)
    return _show(request, trail, _query(request, _number(request, "entry")))


def _trail_of(request: HttpRequest, rollout: str) -> Trail:
    try:
        scene = load_scene(rollout, requesting_person(request), Address("audit"), timezone.now())
    except (Rollout.DoesNotExist, NoPlan) as fact:
        raise Http404(str(fact)) from None
    holders = [person for people in scene.roster.holders.values() for person in people]
    people = {person.id: person.name for person in sorted(holders, key=lambda person: person.name)}
    entry_url = f"{scene.url('audit')}{{seq}}/"
    titles = {rollout: plan_titles(scene.plan)}
    phases = {phase.key: phase.title for phase in all_phases(scene.plan)}
    return Trail(rollout, scene.url("audit"), entry_url, titles, people, phases, fill_head(scene))


def _query(request: HttpRequest, entry: int | None = None) -> Query:
    return Query(
        q=request.GET.get("q", "").strip(),
        kind=request.GET.get("kind", ""),
        person=request.GET.get("person", ""),
        phase=request.GET.get("phase", ""),
        changed_verdict=request.GET.get("verdict") == "1",
        before=_number(request, "before"),
        entry=entry,
    )


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) <= MOST_DIGITS else None


def _show(request: HttpRequest, trail: Trail, query: Query) -> HttpResponse:
    now = timezone.now()
    try:
        page = make_audit(trail, query, now)
    except NoSuchEntry as fact:
        raise Http404(str(fact)) from None
    return render(request, "audit/page.html", {"page": page, "now": now})
