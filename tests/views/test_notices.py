"""What boards and phase pages say of the running phase: that it is late, that its closer watch is on."""

from datetime import timedelta

import pytest
import time_machine

from readiness.models import DwellClock, PhaseRun
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NOW, document, start_phase
from tests.views.acting import browser, make_demo, text_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
BOARD, PHASE = "/rollouts/demo/", "/rollouts/demo/phases/prepare/"
WATCHED = {"watch": {"for": "4h", "every": "30s", "triggers": ["errors"]}, "duration": "1-2d"}
LATE = "Late: prepare has run 3 days, planned at most 2 days"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo(document(**EMPTY_PHASE, **WATCHED))


@pytest.mark.parametrize(("ran", "late"), [(2 * DAY, False), (3 * DAY, True)])
def test_a_phase_past_its_longest_duration_is_late_and_goes_on(demo, ran, late):
    run = start_phase(demo, "prepare", at=NOW - ran)
    DwellClock.objects.filter(run=run).update(counted_s=4 * 3600)
    for path in (BOARD, PHASE):
        assert (LATE in text_of(browser(MATE).get(path))) is late
    assert "Late:" not in text_of(browser(MATE).get("/rollouts/demo/phases/canary/"))


def test_the_closer_watch_is_told_while_it_lasts(demo):
    run = start_phase(demo, "prepare", at=NOW)
    DwellClock.objects.filter(run=run).update(counted_s=3600)
    for path in (BOARD, PHASE):
        assert "Closer watch for 3 h more" in text_of(browser(MATE).get(path))
    DwellClock.objects.filter(run=run).update(counted_s=4 * 3600)
    assert "Closer watch" not in text_of(browser(MATE).get(BOARD))


def test_the_closer_triggers_stand_among_the_triggers_until_the_watch_is_over(demo):
    assert "Error rate, closer watch" in text_of(browser(MATE).get(PHASE))
    run = start_phase(demo, "prepare", at=NOW)
    assert "Error rate, closer watch" in text_of(browser(MATE).get(PHASE))
    DwellClock.objects.filter(run=run).update(counted_s=4 * 3600)
    assert "Error rate, closer watch" not in text_of(browser(MATE).get(PHASE))


def test_entering_says_that_a_closer_watch_begins():
    text = text_of(browser(LEAD).get("/rollouts/demo/phases/prepare/enter/"))
    assert "and a closer watch of 1 gate for 4 h" in text


def test_nothing_is_late_before_it_runs():
    assert not PhaseRun.objects.exists()
    assert "Late:" not in text_of(browser(MATE).get(BOARD))
