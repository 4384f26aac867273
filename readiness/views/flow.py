"""Acts on pages: open a rollout for its reader, show a sheet, run its act, say what came of it, and go on.

Every sheet works alike. GET shows it: alone for htmx, which opens it over the page, else as a page of its own. POST
runs the act: 303 to where the reader came from and a message; 422 when something typed does not do; 409 when the facts
are no longer those that were shown; 403 with the service's sentence; 404 when the plan has no such thing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.core.types import Decision
from readiness.models import Rollout, StoredVerdict
from readiness.queries.pages.sheets import Sheet
from readiness.queries.plans import NoPlan
from readiness.queries.scenes import Address, Scene, load_scene
from readiness.queries.sheets import Place
from readiness.services.forecasts import refresh_forecast
from readiness.services.verdicts import judge_if_dirty
from readiness.views.acts import act_of, requesting_person
from readiness.views.refusals import FIELDS, STATUSES

logger = logging.getLogger("readiness")
COALESCED = timedelta(milliseconds=500)
READ_AND_ACT = ["GET", "HEAD", "POST"]


class SeeOther(HttpResponseRedirect):
    """Go on with GET, so that a reload acts on nothing."""

    status_code = HTTPStatus.SEE_OTHER


@dataclass(frozen=True, slots=True)
class Visit:
    """A reader on a rollout, at the moment of the request."""

    request: HttpRequest
    scene: Scene

    @property
    def key(self) -> str:
        """The rollout's key."""
        return self.scene.rollout.key

    @property
    def now(self) -> datetime:
        """The moment of the request."""
        return self.scene.now

    def act(self, *, confirmed: bool = False) -> Act:
        """Describe what the reader does; `confirmed` says that they have just typed their password."""
        return act_of(self.request, self.now, self.scene.rollout, confirmed=confirmed)

    def place(self, default: str) -> Place:
        """Say where the sheet posts to, and where one goes from it."""
        return Place(self.request.get_full_path(), safe_next(self.request, default))


@dataclass(frozen=True, slots=True)
class Errand:
    """One act on one sheet: what shows it, what was typed, what does it, and what is said when it is done."""

    partial: str
    sheet: Callable[[], Sheet]
    form: Form
    run: Callable[[], int]
    said: str
    back: str


def open_visit(request: HttpRequest, rollout: str, about: Address | None = None, phase: str = "") -> Visit:
    """Read the rollout for whoever asks; 404 when there is none."""
    try:
        scene = load_scene(rollout, requesting_person(request), about or Address("board"), timezone.now(), phase)
    except (Rollout.DoesNotExist, NoPlan):
        raise Http404(f"There is no rollout {rollout}.") from None
    return Visit(request, scene)


def serve(visit: Visit, errand: Errand) -> HttpResponse:
    """Show the sheet, or run its act."""
    if visit.request.method != "POST":
        return show(visit, errand.partial, errand.sheet(), errand.form)
    if not errand.form.is_valid():
        return show(visit, errand.partial, errand.sheet(), errand.form, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        seq = errand.run()
    except tuple(STATUSES) as refusal:
        return _refuse(visit, errand, refusal)
    judge_now(visit.key)
    return go_on(visit.request, f"{errand.said} It is entry {seq:,} of the record.", errand.back)


def _refuse(visit: Visit, errand: Errand, refusal: Exception) -> HttpResponse:
    status = STATUSES[type(refusal)]
    if status is HTTPStatus.NOT_FOUND:
        raise Http404(str(refusal)) from None
    if status is HTTPStatus.FORBIDDEN:
        return show(visit, errand.partial, replace(errand.sheet(), why_not=str(refusal)), errand.form, status)
    field = FIELDS.get(type(refusal), "")
    errand.form.add_error(field if field in errand.form.fields else None, str(refusal))
    return show(visit, errand.partial, errand.sheet(), errand.form, status)


def show(visit: Visit, partial: str, sheet: Sheet, form: Form, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """Show a sheet: the partial alone for htmx, else a page around it."""
    context = {"sheet": sheet, "page": sheet, "form": form, "partial": partial, "now": visit.now}
    template = partial if is_htmx(visit.request) else "sheet_page.html"
    return private(render(visit.request, template, context, status=status))


def private(response: HttpResponse) -> HttpResponse:
    """Keep what one reader saw out of every cache."""
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    add_never_cache_headers(response)
    return response


def typed(request: HttpRequest) -> QueryDict | None:
    """Give what was posted; None on a page that is only shown."""
    return request.POST if request.method == "POST" else None


def is_htmx(request: HttpRequest) -> bool:
    """Say whether htmx asks, which wants a part and not a page."""
    return bool(getattr(request, "htmx", False))


def go_on(request: HttpRequest, said: str, to: str) -> HttpResponse:
    """Say what was done and open the next page, whole."""
    messages.success(request, said)
    if not is_htmx(request):
        return SeeOther(to)
    return HttpResponseClientRefresh() if _is_here(request, to) else HttpResponseClientRedirect(to)


def _is_here(request: HttpRequest, to: str) -> bool:
    """Say whether a sheet stood over the page it leads to: going to a part of that page would not load it again."""
    here, there = urlsplit(request.headers.get("HX-Current-URL", "")), urlsplit(to)
    return bool(there.fragment) and (here.path, here.query) == (there.path, there.query)


def safe_next(request: HttpRequest, default: str) -> str:
    """Give where the reader wants to go next when that is a page of ours, else the default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else default


def judge_now(rollout: str) -> None:
    """Judge and forecast what an act has just changed, so that the next page shows it.

    Acts that follow each other within half a second are judged together, by the tick; but a GO never waits to be judged
    again. What fails here stays marked as not judged, and is judged by the tick as well: no act fails because of it.
    """
    now = timezone.now()
    try:
        if not _may_wait(rollout, now):
            judge_if_dirty(rollout, _machine(), now)
            refresh_forecast(rollout, now)
    except Exception:
        logger.exception("%s could not be judged; the tick does it", rollout)


def _may_wait(rollout: str, now: datetime) -> bool:
    """Say whether it was judged just now, and no answer on the board is a GO that what was done may have ended."""
    stored = list(StoredVerdict.objects.filter(rollout__key=rollout).values_list("decision", "evaluated_at"))
    just_now = any(evaluated_at > now - COALESCED for _, evaluated_at in stored)
    return just_now and all(decision != Decision.GO for decision, _ in stored)


def _machine() -> Act:
    channel = Channel(ChannelKind.WEB, code=settings.CODE_VERSION)
    return Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), channel)
