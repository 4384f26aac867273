"""The pages of a closed rollout: they say so, and offer nothing that would be refused."""

import pytest

from readiness.models import PhaseRun
from tests.factories import NOW, judge, make_rollout, start_phase
from tests.services.helpers import LEAD
from tests.views.acting import browser, make_demo, text_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
SAID = "Closed on 8 Dec 2025 at 09:30 UTC. Nothing in it is entered, signed or claimed any more"


@pytest.fixture
def closed(at_the_moment):
    rollout = make_rollout()
    run = start_phase(rollout, "close")
    PhaseRun.objects.filter(pk=run.pk).update(state="succeeded", left_at=NOW)
    judge(rollout)
    return rollout


def test_the_board_says_when_it_was_closed(closed, read):
    answer = read("/rollouts/quickstart/")
    card = answer.context["page"].verdict
    assert (card.word, card.sentence, card.detail) == ("Closed", "The rollout is closed", SAID)
    assert "<title>Closed: Quickstart" in answer.content.decode()
    assert answer.context["page"].step.title == "The rollout is closed"


def test_no_page_offers_what_would_be_refused(closed, read):
    for path in ("", "phases/prepare/", "gaps/", "sign-off/close/", "phases/close/"):
        html = read(f"/rollouts/quickstart/{path}").content.decode()
        for way in ("/claim/", "/hold/", "/enter/", "?role=", "/tasks/", "/roll-back/"):
            assert f'href="/rollouts/quickstart{way}' not in html, (path, way)


def test_a_sheet_says_that_the_rollout_is_closed(at_the_moment):
    rollout = make_demo()
    run = start_phase(rollout, "prepare")
    PhaseRun.objects.filter(pk=run.pk).update(phase="close", state="succeeded", left_at=NOW)
    for path in ("hold/", "claim/prepare/enter/item:word"):
        said = text_of(browser(LEAD).get(f"/rollouts/demo/{path}"))
        assert "This rollout was closed on 2025-12-08 09:30 UTC. Nothing in it changes any more." in said
    answer = browser(LEAD).post("/rollouts/demo/hold/", {"reason": "wait"})
    assert answer.status_code == 409
    assert "This rollout was closed" in text_of(answer)
