"""Signing in and out, the theme, and the one-time links that let people in."""

from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from readiness.core.audit import Act
from readiness.core.codec import to_plain
from readiness.forms.people import ChoosePasswordForm, SetupForm, SignInForm
from readiness.services.accounts import choose_password, person_of_link
from readiness.services.people import (
    LinkSpent,
    NameTaken,
    NewPerson,
    first_actor,
    setup_link_works,
    use_setup_link,
)
from readiness.views.acts import SIGNED_IN_AT, channel_of, client_address
from readiness.views.attempts import SIGN_IN, count_wrong, forget_wrong, is_locked
from readiness.views.flow import READ_AND_ACT, SeeOther, private, safe_next

THEMES = ("light", "dark")
YEAR_S = 365 * 24 * 3600
UNFIT = HTTPStatus.UNPROCESSABLE_ENTITY
LOCKED = "Too many tries. Wait 15 minutes, then try again."


@method_decorator(never_cache, "dispatch")
class SignIn(LoginView):
    """Sign in. What went wrong is never said in more detail than that it did; many wrong tries lock for a while."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: str, **kwargs: object) -> HttpResponse:
        """Ask for no password while this name is locked from this address."""
        if is_locked(SIGN_IN, self._who()):
            form = SignInForm(request, initial={"username": request.POST.get("username", "")[:150]})
            return self.render_to_response(self.get_context_data(form=form, locked=LOCKED), status=UNFIT)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:  # type: ignore[override]
        """Remember when they proved who they are."""
        forget_wrong(SIGN_IN, self._who())
        response = super().form_valid(form)
        self.request.session[SIGNED_IN_AT] = to_plain(timezone.now())
        return response

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        """Count, and show the form again."""
        count_wrong(SIGN_IN, self._who())
        return self.render_to_response(self.get_context_data(form=form), status=UNFIT)

    def _who(self) -> str:
        return f"{self.request.POST.get('username', '').casefold()[:150]} {client_address(self.request)}"


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return SeeOther(reverse("login"))


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie that the server reads; `system` forgets it."""
    wanted = request.POST.get("theme", "")
    response = SeeOther(safe_next(request, reverse("portfolio")))
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=YEAR_S, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@login_not_required
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Keep in a cookie that single keys do nothing, for whom they are in the way; anything but `off` forgets it."""
    response = SeeOther(safe_next(request, reverse("portfolio")))
    if request.POST.get("keys") == "off":
        response.set_cookie("keys", "off", max_age=YEAR_S, samesite="Lax", secure=settings.HTTPS)
    else:
        response.delete_cookie("keys", samesite="Lax")
    return response


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(READ_AND_ACT)
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """Let somebody in by their one-time link: the first administrator, or a person whom one has added."""
    person = person_of_link(token)
    if person is None and not setup_link_works(token, timezone.now()):
        return private(render(request, "accounts/setup.html", {"form": None}, status=HTTPStatus.GONE))
    form_type = ChoosePasswordForm if person else SetupForm
    form = form_type(request.POST if request.method == "POST" else None)
    user = _let_in(request, token, form, person) if request.method == "POST" and form.is_valid() else None
    if user is None:
        status = UNFIT if form.is_bound else HTTPStatus.OK
        return private(render(request, "accounts/setup.html", {"form": form, **_words(person)}, status=status))
    login(request, user, "django.contrib.auth.backends.ModelBackend")
    request.session[SIGNED_IN_AT] = to_plain(timezone.now())
    return SeeOther(reverse("portfolio"))


def _words(person: User | None) -> dict[str, str]:
    if person is None:
        lead = "You will administer this board: you add people and import plans."
        return {"title": "Set up the first account", "lead": lead}
    lead = f"You sign in as {person.username}. Choose a password."
    return {"title": f"Welcome, {person.get_full_name()}", "lead": lead}


def _let_in(request: HttpRequest, token: str, form: Form, person: User | None) -> User | None:
    """Set the account up, or say on the form why not."""
    said = form.cleaned_data
    act = Act(first_actor(person.get_full_name() if person else said["name"]), channel_of(request))
    try:
        if person is not None:
            return choose_password(token, said["password"], act)
        new = NewPerson(said["username"], said["name"], said["password"], is_admin=True)
        return use_setup_link(token, new, act, timezone.now())
    except ValidationError as weak:
        form.add_error("password", weak)
    except (LinkSpent, NameTaken) as refusal:
        form.add_error(None, str(refusal))
    return None
