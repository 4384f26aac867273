"""Who calls: a bearer token acts for its person, within its scopes, so many times a minute, and never redirects."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from readiness.api.problems import Refused, problem_response
from readiness.core.addresses import request_address
from readiness.core.audit import Act, Actor, ActorType, Auth, Channel, ChannelKind
from readiness.core.permissions import Scope
from readiness.models import AccessToken
from readiness.queries.tokens import find_token
from readiness.services.counters import count_up
from readiness.services.rights import NotAllowed
from readiness.services.tokens import note_use

MOST_A_MINUTE = 60
MOST_UNKNOWN_A_MINUTE = 20
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, at which moment: the token, and the act that it makes for its person."""

    token: AccessToken
    act: Act
    now: datetime


Endpoint = Callable[..., HttpResponse]


def endpoint(scope: Scope, *methods: str) -> Callable[[Endpoint], Endpoint]:
    """Serve an endpoint to tokens with `scope`, by these methods only. It gets the request, the caller and its path."""

    def decorate(view: Endpoint) -> Endpoint:
        @login_not_required
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            try:
                caller = _caller(request, scope, methods)
                refuse_elsewhere(caller, str(kwargs.get("rollout", "")))
                answer = view(request, caller, *args, **kwargs)
            except NotAllowed as refusal:
                answer = problem_response(Refused(HTTPStatus.FORBIDDEN, "not-allowed", str(refusal)))
            except Refused as refused:
                answer = problem_response(refused)
            add_never_cache_headers(answer)
            return answer

        return guarded

    return decorate


def read_endpoint(view: Endpoint) -> Endpoint:
    """Serve an endpoint that only reads, to people who are signed in and to tokens with the scope `read`."""

    @endpoint(Scope.READ, "GET")
    def by_token(request: HttpRequest, caller: Caller) -> HttpResponse:
        return view(request)

    @login_not_required
    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or "Authorization" in request.headers or not request.user.is_authenticated:
            return by_token(request)
        try:
            answer = view(request)
        except Refused as refused:
            answer = problem_response(refused)
        add_never_cache_headers(answer)
        return answer

    return guarded


def _caller(request: HttpRequest, scope: Scope, methods: tuple[str, ...]) -> Caller:
    """Say who calls, or refuse; in this order nothing is said about tokens over a connection that others can read."""
    if settings.HTTPS and not request.is_secure():
        raise Refused(HTTPStatus.FORBIDDEN, "not-secure", "Call this address with https; the token could be read.")
    if request.method not in methods:
        allowed = ", ".join(methods)
        sentence = f"This address is called with {allowed}, not with {request.method}."
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method", sentence, headers={"Allow": allowed})
    now = timezone.now()
    token = _token(request, now)
    require_scope(token, scope)
    _slow_down(f"api:token:{token.pk}", MOST_A_MINUTE)
    address = _address(request)
    note_use(token, address, now)
    return Caller(token, _act(request, token, address), now)


def require_scope(token: AccessToken, scope: Scope) -> None:
    """Raise Refused when a token does not have a scope."""
    if scope not in token.scopes:
        may = ", ".join(token.scopes)
        sentence = f"This token may {may}; {scope.value} is needed. Make another on the page of integrations."
        challenge = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope.value}"'}
        raise Refused(HTTPStatus.FORBIDDEN, "scope", sentence, headers=challenge)


def refuse_elsewhere(caller: Caller, rollout: str) -> None:
    """Raise Refused when a token is for one rollout and this is about another."""
    only = caller.token.rollout_key
    if only and rollout and rollout != only:
        sentence = f"This token is for the rollout {only} only. Make another for {rollout}: the page of integrations."
        raise Refused(HTTPStatus.FORBIDDEN, "other-rollout", sentence)


def _token(request: HttpRequest, now: datetime) -> AccessToken:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = find_token(secret.strip(), now) if scheme.lower() == "bearer" and secret.strip() else None
    if token is None:
        _slow_down(f"api:unknown:{_address(request)}", MOST_UNKNOWN_A_MINUTE)
        said = "It is unknown, taken back or has run out" if secret else "There is none"
        sentence = f"Send a token as “Authorization: Bearer …”. {said}. Make one on the page of integrations."
        raise Refused(HTTPStatus.UNAUTHORIZED, "token", sentence, headers={"WWW-Authenticate": "Bearer"})
    return token


def _slow_down(key: str, most: int) -> None:
    if count_up(key, MINUTE) > most:
        raise _too_many(most)


def _too_many(most: int) -> Refused:
    wait = str(round(MINUTE.total_seconds()))
    sentence = f"More than {most} calls in a minute. Wait {wait} seconds."
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many", sentence, headers={"Retry-After": wait})


def _address(request: HttpRequest) -> str:
    forwarded, connection = request.headers.get("X-Forwarded-For", ""), str(request.META.get("REMOTE_ADDR", ""))
    return request_address(connection, forwarded, settings.TRUSTED_PROXIES)


def _act(request: HttpRequest, token: AccessToken, address: str) -> Act:
    """Describe the act: the token's person, through the API. A token has proven nothing just now."""
    channel = Channel(
        kind=ChannelKind.API,
        request=uuid4().hex,
        ip=address,
        ua=request.headers.get("User-Agent", "")[:300],
        session=token.digest,
        code=settings.CODE_VERSION,
    )
    return Act(Actor(ActorType.USER, token.person_id, token.person_name), channel, Auth(("token",)))
