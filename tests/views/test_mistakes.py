"""What went wrong is said in plain words; where the board itself is broken, it says NO-GO."""

import importlib
import logging
import pkgutil

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.validators import BaseValidator
from django.forms import Form
from django.test import RequestFactory

from readiness import forms
from readiness.views import mistakes
from tests.factories import make_person, make_rollout

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of(rf: RequestFactory):
    request = rf.get("/rollouts/quickstart/")
    request.user = make_person("Ana Ruiz")
    return request


def test_a_page_that_is_not_there_says_so_inside_the_frame(client):
    client.force_login(make_person("Ana Ruiz"))
    answer = client.get("/nothing/like/this/")
    assert answer.status_code == 404
    assert "We can’t find that page" in answer.content.decode()


def test_who_may_not_reads_why(request_of):
    answer = mistakes.forbidden(request_of, PermissionDenied("Only the SRE lead may do this."))
    assert answer.status_code == 403
    assert "Only the SRE lead may do this." in answer.content.decode()


def test_a_request_that_makes_no_sense_is_told_that_nothing_was_saved(request_of):
    answer = mistakes.bad_request(request_of, ValueError("boundary"))
    assert answer.status_code == 400
    assert "Nothing was saved" in answer.content.decode()


def test_a_page_that_failed_says_no_go_and_gives_a_reference_without_the_database(
    request_of, caplog, django_assert_num_queries
):
    with django_assert_num_queries(0):
        answer = mistakes.broken(request_of)
    text = answer.content.decode()
    (record,) = caplog.records
    assert answer.status_code == 500
    assert "treat every decision as NO-GO" in text
    assert record.args[0] in text


def test_the_server_shows_that_page_when_a_view_raises(client, settings):
    make_rollout()
    client.force_login(make_person("Ana Ruiz"))
    client.raise_request_exception = False
    settings.CACHES = {"default": {"BACKEND": "no.such.Cache"}}
    answer = client.get("/rollouts/quickstart/")
    assert answer.status_code == 500
    assert "NO-GO" in answer.content.decode()


def test_no_form_speaks_in_words_that_are_not_ours():
    modules = [importlib.import_module(f"readiness.forms.{m.name}") for m in pkgutil.iter_modules(forms.__path__)]
    classes = {thing for m in modules for thing in vars(m).values() if isinstance(thing, type)}
    found = {
        f"{form.__name__}.{name}: {validator.code}"
        for form in classes
        if issubclass(form, Form) and form.__module__.startswith("readiness.")
        for name, field in form.base_fields.items()
        for validator in field.validators
        if isinstance(validator, BaseValidator) and validator.code not in field.error_messages
    }
    assert found == set()


def test_a_refusal_is_logged_in_one_line_with_its_reason(caplog):
    try:
        raise PermissionDenied("Only the SRE lead may do this.")
    except PermissionDenied:
        logging.getLogger("django.request").warning("Forbidden: %s", "/here", exc_info=True)
    (record,) = caplog.records
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["in_one_line"]
    assert settings.LOGGING["filters"]["in_one_line"]["callback"](record)
    assert (record.getMessage(), record.exc_info) == ("Forbidden: /here: Only the SRE lead may do this.", None)
