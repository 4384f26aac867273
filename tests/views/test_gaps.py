"""Closing and reopening tasks and gaps in the browser."""

import pytest
import time_machine

from readiness.core.codec import from_plain
from readiness.core.forecast_types import Doubt, ForecastReport
from readiness.models import GapClosure, StoredForecast
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
TASK = "/rollouts/demo/gaps/way-back/tasks/1/"
BARE = "/rollouts/demo/gaps/bare/close/"


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (LEAD, 403), (STRANGER, 403)])
def test_the_owner_closes_a_task(person, status):
    answer = browser(person).post(TASK, {"note": "merged"})
    assert answer.status_code == status
    assert GapClosure.objects.count() == (status == 303)
    if status == 303:
        assert answer["Location"] == "/rollouts/demo/gaps/#gap-way-back"
        assert actions() == ["gap.closed"]


def test_the_page_after_an_act_shows_a_forecast_of_what_it_changed():
    browser(OWNER).post(TASK, {"note": "merged"})
    report = from_plain(ForecastReport, StoredForecast.objects.get().payload)
    assert (report.made_at, report.forecast.path) == (NOW, ())
    assert [(each.doubt, each.key) for each in report.forecast.unknowns] == [(Doubt.NO_ESTIMATE, "bare")]


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_a_closed_task_is_reopened_with_a_reason(person, status):
    browser(OWNER).post(TASK, {"note": "merged"})
    client = browser(person)
    assert "Olga Owner closed it" in text_of(client.get(TASK)) or status == 403
    answer = client.post(TASK, {"reason": "it broke"})
    assert answer.status_code == status
    assert GapClosure.objects.filter(reopened_at=None).exists() == (status == 403)
    if status == 303:
        assert actions() == ["gap.closed", "gap.reopened"]


def test_reopening_needs_a_reason():
    browser(OWNER).post(TASK, {"note": "merged"})
    answer = browser(OWNER).post(TASK, {"reason": ""})
    assert (answer.status_code, "The task is still closed" in text_of(answer)) == (422, True)


def test_a_gap_that_nothing_measures_is_closed_and_reopened_with_a_reason():
    client = browser(OWNER)
    assert client.post(BARE, {"reason": ""}).status_code == 422
    assert client.post(BARE, {"reason": "the vendor confirmed"}).status_code == 303
    assert "Reopen the gap" in text_of(client.get(BARE))
    assert client.post(BARE, {"reason": "they took it back"}).status_code == 303
    assert actions() == ["gap.closed", "gap.reopened"]


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_nobody_else_closes_a_gap(person):
    assert browser(person).post(BARE, {"reason": "trust me"}).status_code == 403
    assert not GapClosure.objects.exists()


def test_a_measured_gap_is_closed_by_its_conditions_alone():
    url = "/rollouts/demo/gaps/way-back/close/"
    assert "closes by itself" in text_of(browser(OWNER).get(url))
    assert browser(OWNER).post(url, {"reason": "done"}).status_code == 404


def test_unknown_gaps_and_tasks_are_not_found():
    for path in ("nothing/tasks/1/", "way-back/tasks/2/", "nothing/close/"):
        assert browser(OWNER).get(f"/rollouts/demo/gaps/{path}").status_code == 404
