"""Integrations: the tokens that programs show. Each person makes their own; administrators may take back anybody's.

A secret is in the answer to the request that made it and nowhere else: in no session, in no message, in no log.
"""

from datetime import timedelta
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from readiness.forms.integrations import ProvenForm, TokenForm
from readiness.models import AccessToken
from readiness.queries.integrations import fill_integrations, fill_made, fill_token, rollouts_of, scope_words
from readiness.queries.tokens import find_token_by_number
from readiness.services.rights import NotAllowed
from readiness.services.tokens import NewToken, NoSuchToken, TokenUnfit, make_token, revoke_token, rotate_token
from readiness.views.acts import act_of, requesting_person, signed_in
from readiness.views.flow import READ_AND_ACT, SeeOther, private, typed
from readiness.views.passwords import proves_person


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def integrations(request: HttpRequest) -> HttpResponse:
    """Show the tokens, and make one."""
    person, now = requesting_person(request), timezone.now()
    form = TokenForm(scope_words(), rollouts_of(person), typed(request))
    if request.method == "POST" and form.is_valid() and proves_person(request, form):
        try:
            return _made(request, form)
        except TokenUnfit as refusal:
            form.add_error(None, str(refusal))
    chosen, rollout = form["scopes"].value() or (), str(form["rollout"].value() or "")
    page = fill_integrations(person, now, is_admin=signed_in(request).is_staff, chosen=chosen, rollout=rollout)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    return private(render(request, "integrations/page.html", {"page": page, "form": form, "now": now}, status=status))


@sensitive_variables("secret")
def _made(request: HttpRequest, form: TokenForm) -> HttpResponse:
    said, now = form.cleaned_data, timezone.now()
    username, lasts = signed_in(request).username, timedelta(days=said["days"])
    new = NewToken(username, said["title"], said["scopes"], lasts, said["rollout"])
    row, secret = make_token(new, act_of(request, now, confirmed=True), now)
    return _shown_once(request, row, secret)


@sensitive_variables("secret")
def _shown_once(request: HttpRequest, row: AccessToken, secret: str) -> HttpResponse:
    now, site = timezone.now(), request.build_absolute_uri("/").rstrip("/")
    context = {"page": fill_made(row, secret, site, now), "now": now}
    return private(render(request, "integrations/made.html", context, status=HTTPStatus.CREATED))


@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def integration(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one token; give it another secret, or take it back."""
    token = _token_of(request, pk)
    if request.method != "POST":
        return _one(request, token, ProvenForm())
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise BadRequest(f"There is no act {act!r} on this page.")
    try:
        return ACTS[act](request, token)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    except NoSuchToken as refusal:
        messages.error(request, str(refusal))
        return _one(request, _token_of(request, pk), ProvenForm(), HTTPStatus.CONFLICT)


def _token_of(request: HttpRequest, pk: int) -> AccessToken:
    """Find a token that the reader may see: their own, and for an administrator any."""
    token = find_token_by_number(pk)
    if token is None:
        raise Http404(f"There is no token {pk}.")
    if token.person_id != requesting_person(request).id and not signed_in(request).is_staff:
        raise PermissionDenied("Only the person whom a token acts for, and administrators, see it.")
    return token


def _one(
    request: HttpRequest, token: AccessToken, form: ProvenForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    now = timezone.now()
    context = {"page": fill_token(token, requesting_person(request), now), "form": form, "now": now}
    return private(render(request, "integrations/token.html", context, status=status))


@sensitive_variables("secret")
def _rotate(request: HttpRequest, token: AccessToken) -> HttpResponse:
    form, now = ProvenForm(request.POST), timezone.now()
    if not (form.is_valid() and proves_person(request, form)):
        return _one(request, token, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    row, secret = rotate_token(token.pk, act_of(request, now, confirmed=True), now)
    return _shown_once(request, row, secret)


def _revoke(request: HttpRequest, token: AccessToken) -> HttpResponse:
    now = timezone.now()
    seq = revoke_token(token.pk, act_of(request, now), now, by_admin=signed_in(request).is_staff)
    messages.success(request, f"“{token.title}” no longer counts. It is entry {seq:,} of the record.")
    return SeeOther(reverse("integrations"))


ACTS = {"rotate": _rotate, "revoke": _revoke}
