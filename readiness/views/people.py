"""People: accounts for administrators, roles for whoever decides on a rollout. One page, one form an act."""

from collections.abc import Callable
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from readiness.core.types import Person
from readiness.forms.people import GrantForm, PersonForm
from readiness.queries.accounts import Giver, fill_people, load_planned_rollouts
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.services.accounts import NoSuchPerson, OwnAccount, close_account, make_person_link, open_account
from readiness.services.people import (
    AlreadyGranted,
    Grant,
    NameTaken,
    NewPerson,
    NoSuchRole,
    NotGranted,
    add_person,
    grant_role,
    person_id,
    revoke_role,
)
from readiness.services.recording import NoSuchRollout
from readiness.services.rights import NotAllowed
from readiness.views.acts import act_of, requesting_person, signed_in
from readiness.views.flow import READ_AND_ACT, go_on, judge_now, private

LINK = "person_link"
REFUSED = (AlreadyGranted, NoSuchRole, NotGranted, NoSuchPerson, OwnAccount, NameTaken, NoSuchRollout)
Do = Callable[[HttpRequest, forms.Form], str]
"""Does one act of the page and gives what is said afterwards."""


@require_http_methods(READ_AND_ACT)
def everyone(request: HttpRequest) -> HttpResponse:
    """Every account; administrators add people here and give the first roles of a new rollout."""
    if not signed_in(request).is_staff:
        raise PermissionDenied("Only administrators see every account. Roles stand on the page of each rollout.")
    return _serve(request, "")


@require_http_methods(READ_AND_ACT)
def rollout_people(request: HttpRequest, rollout: str) -> HttpResponse:
    """Who holds what on a rollout; whoever decides on it gives and takes roles."""
    return _serve(request, rollout)


def _serve(request: HttpRequest, rollout: str) -> HttpResponse:
    context: dict[str, object] = {"add_form": PersonForm(), "grant_form": GrantForm()}
    status = HTTPStatus.OK
    if request.method == "POST":
        name = request.POST.get("act", "")
        if name not in ACTS:
            raise BadRequest(f"There is no act {name!r} on this page.")
        form = FORMS.get(name, forms.Form)(request.POST)
        if said := _attempt(request, ACTS[name], form):
            return go_on(request, said, request.path)
        context[f"{name}_form"], status = form, HTTPStatus.UNPROCESSABLE_ENTITY
    rollouts = load_planned_rollouts(rollout)
    if rollout and not rollouts:
        raise Http404(f"There is no rollout {rollout}.")
    link = request.session.pop(LINK, ("", ""))
    context |= {"page": fill_people(rollouts, _giver(request), request.path, link), "now": timezone.now()}
    return private(render(request, "people/page.html", context, status=status))


def _giver(request: HttpRequest) -> Giver:
    person, now = requesting_person(request), timezone.now()
    roles = {each.key: load_roles(each, load_plan(each), person, now) for each in load_planned_rollouts()}
    return Giver(signed_in(request).is_staff, roles)


def _attempt(request: HttpRequest, do: Do, form: forms.Form) -> str:
    """Run an act; say nothing when it was refused, and put the refusal where it is read."""
    if not form.is_valid():
        return ""
    try:
        return do(request, form)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from None
    except REFUSED as refusal:
        if form.fields:
            form.add_error("username" if isinstance(refusal, NameTaken) else None, str(refusal))
        else:
            messages.error(request, str(refusal))
        return ""


def _add(request: HttpRequest, form: forms.Form) -> str:
    said = form.cleaned_data
    person = NewPerson(said["username"], said["name"], email=said["email"])
    user = add_person(person, act_of(request, timezone.now()), by_admin=signed_in(request).is_staff)
    _keep_link(request, user.pk)
    return f"{said['name']} is added. Roles come next."


def _link(request: HttpRequest, form: forms.Form) -> str:
    return f"The link for {_keep_link(request, _posted_number(request, 'person'))} works once, for three days."


def _keep_link(request: HttpRequest, pk: int) -> str:
    """Make a link and keep it in the session until the next page has shown it."""
    secret = make_person_link(pk, act_of(request, timezone.now()), by_admin=signed_in(request).is_staff)
    name = User.objects.get(pk=pk).get_full_name()
    request.session[LINK] = (request.build_absolute_uri(reverse("setup", args=[secret])), name)
    return name


def _close(request: HttpRequest, form: forms.Form) -> str:
    person, by_admin = _posted_number(request, "person"), signed_in(request).is_staff
    close_account(person, act_of(request, timezone.now()), by_admin=by_admin)
    return "The account is closed. What its owner did stays in the record."


def _open(request: HttpRequest, form: forms.Form) -> str:
    person, by_admin = _posted_number(request, "person"), signed_in(request).is_staff
    open_account(person, act_of(request, timezone.now()), by_admin=by_admin)
    return "The account is open again."


def _grant(request: HttpRequest, form: forms.Form) -> str:
    rollout, _, rest = form.cleaned_data["role"].partition("/")
    kind, _, key = rest.partition("/")
    user = User.objects.filter(pk=_posted_number(request, "person"), is_active=True).first()
    if user is None:
        raise NoSuchPerson("Nobody has this account any more. Load the page again.")
    grant = Grant(Person(person_id(user), user.get_full_name() or user.username), kind, key)
    now = timezone.now()
    grant_role(rollout, grant, act_of(request, now), now, by_admin=signed_in(request).is_staff)
    judge_now(rollout)
    return f"{grant.to.name} has the role."


def _revoke(request: HttpRequest, form: forms.Form) -> str:
    rollout, _, pk = request.POST.get("grant", "").partition("/")
    now = timezone.now()
    revoke_role(rollout, int(pk) if pk.isdecimal() else 0, act_of(request, now), now)
    judge_now(rollout)
    return "The role is taken back. What was signed under it stays in the record."


def _posted_number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 12 else 0


ACTS: dict[str, Do] = {
    "add": _add,
    "link": _link,
    "close": _close,
    "open": _open,
    "grant": _grant,
    "revoke": _revoke,
}
FORMS: dict[str, type[forms.Form]] = {"add": PersonForm, "grant": GrantForm}
