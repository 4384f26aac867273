"""Live pages: one small poll asks what changed since a digest; regions that did are fetched again, alone.

While nothing changed the answer costs one query. What is remembered between two polls lives in the cache; without a
cache everything still works, only slower.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypedDict

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh, trigger_client_event
from redis.exceptions import RedisError

from readiness.models import Rollout
from readiness.queries.pages.parts import Live
from readiness.queries.plans import NoPlan
from readiness.queries.pulses import NoPulse, load_pulse
from readiness.queries.regions import (
    PARTIALS,
    Ask,
    Card,
    Page,
    card_digests,
    cards_of,
    digest_page,
    live_url,
    load_page,
)
from readiness.queries.scenes import Address, NoSuchPage, parse_address
from readiness.views.acts import requesting_person

REMEMBERED_S = 600
FRAGMENT_S = 60


class Shown(TypedDict):
    """What a person's page showed: the pulse it was read at, and the digest of each region."""

    pulse: str
    digests: dict[str, str]


def show_page(request: HttpRequest, template: str, address: Address, rollout: str = "") -> HttpResponse:
    """Render a whole live page and remember what it shows."""
    ask = _ask(request, address, rollout)
    pulse = pulse_or_404(ask)
    page = page_or_404(ask)
    _remember(ask, {"pulse": pulse, "digests": card_digests(page)})
    return render(request, template, {"page": page, "now": ask.now})


@never_cache
@require_safe
def live(request: HttpRequest, page: str, rollout: str = "") -> HttpResponse:
    """Answer 204 while the page still shows what is; else a new poller, and the names of the regions that changed."""
    ask, seen = _ask(request, parse_address(page), rollout), request.GET.get("seen", "")
    pulse, shown = pulse_or_404(ask), _recall(_key(ask, seen)) if seen else None
    if shown is not None and shown["pulse"] == pulse:
        return HttpResponse(status=204)
    fresh = page_or_404(ask)
    digests = card_digests(fresh)
    _remember(ask, {"pulse": pulse, "digests": digests})
    if digest_page(digests) == seen:
        return HttpResponse(status=204)
    return _changes(ask, fresh, digests, shown)


def _changes(ask: Ask, page: Page, digests: Mapping[str, str], shown: Shown | None) -> HttpResponse:
    if shown is not None and shown["digests"].keys() != digests.keys():
        return HttpResponseClientRefresh()
    known = shown["digests"] if shown is not None else {}
    changed = [name for name, digest in digests.items() if known.get(name) != digest]
    cards = cards_of(page)
    for name in changed:
        _fragment(cards[name], digests[name], ask.now)
    poller = render_to_string("rollouts/_live.html", {"live": Live(live_url(ask), digest_page(digests))})
    response = HttpResponse(poller)
    for name in changed:
        trigger_client_event(response, f"changed:{name}")
    return response


@never_cache
@require_safe
def region(request: HttpRequest, page: str, name: str, rollout: str = "") -> HttpResponse:
    """Render one region of a page alone."""
    ask = _ask(request, parse_address(page), rollout)
    shown = _recall(_key(ask))
    if shown is not None and shown["pulse"] == pulse_or_404(ask):
        kept = _kept_fragment(shown["digests"].get(name, ""))
        if kept is not None:
            return HttpResponse(kept)
    cards = cards_of(page_or_404(ask))
    if name not in cards:
        raise Http404(f"This page has no region {name}.")
    return HttpResponse(render_card(cards[name], ask.now))


def render_card(card: Card, now: datetime) -> str:
    """Render a region as its page includes it."""
    template, context_name = PARTIALS[type(card)]
    return render_to_string(template, {context_name: card, "now": now})


def page_or_404(ask: Ask) -> Page:
    """Read a page; what does not exist is not found."""
    try:
        return load_page(ask)
    except (Rollout.DoesNotExist, NoPlan, NoSuchPage) as fact:
        raise Http404(str(fact)) from None


def pulse_or_404(ask: Ask) -> str:
    """Read the pulse of what a page is about."""
    try:
        return load_pulse(ask.rollout, ask.now).as_text()
    except NoPulse as fact:
        raise Http404(str(fact)) from None


def _ask(request: HttpRequest, address: Address, rollout: str) -> Ask:
    return Ask(rollout, address, requesting_person(request), timezone.now())


# ------------------------------------------------------------------------------------- what is remembered


def _key(ask: Ask, seen: str = "") -> str:
    return f"live:{ask.rollout}:{ask.address.slug}:{ask.person.id}:{seen}"


def _remember(ask: Ask, shown: Shown) -> None:
    try:
        cache.set_many({_key(ask): shown, _key(ask, digest_page(shown["digests"])): shown}, REMEMBERED_S)
    except RedisError:
        return


def _recall(key: str) -> Shown | None:
    try:
        found: Shown | None = cache.get(key)
    except RedisError:
        return None
    return found


def _fragment(card: Card, digest: str, now: datetime) -> None:
    """Render what many are about to ask for once; equal content has one fragment, whoever reads it."""
    try:
        cache.add(f"fragment:{digest}", render_card(card, now), FRAGMENT_S)
    except RedisError:
        return


def _kept_fragment(digest: str) -> str | None:
    try:
        found: str | None = cache.get(f"fragment:{digest}") if digest else None
    except RedisError:
        return None
    return found
