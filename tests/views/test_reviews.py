"""Recording drills and reviews in the browser."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from readiness.models import DrillRecord, ReviewRecord
from tests.services.helpers import MATE, NOW, OWNER, STRANGER
from tests.views.acting import actions, browser, make_demo, text_of

pytestmark = pytest.mark.django_db
DRILL, REVIEW = "/rollouts/demo/drills/practised/", "/rollouts/demo/reviews/design/"
RAN = {"ran_at": "2025-12-02 13:00", "minutes": "1", "seconds": "30", "passed": "yes", "note": "as written"}


@pytest.fixture(autouse=True)
def demo():
    with time_machine.travel(NOW, tick=False):
        yield make_demo()


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_the_owner_records_a_drill(person, status):
    assert browser(person).post(DRILL, RAN).status_code == status
    assert DrillRecord.objects.count() == (status == 303)
    if status == 303:
        row = DrillRecord.objects.get()
        assert row.ran_at == datetime(2025, 12, 2, 13, tzinfo=UTC)
        assert (row.took, row.passed, row.note) == (timedelta(seconds=90), True, "as written")
        assert actions() == ["drill.recorded"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"ran_at": ""}, "Say when it began"),
        ({"ran_at": "yesterday"}, "“yesterday” is no time"),
        ({"ran_at": "2026-01-01 00:00"}, "can’t end in the future"),
        ({"minutes": "", "seconds": ""}, "Say how long it took"),
        ({"seconds": "soon"}, "Seconds must be a whole number"),
        ({"passed": ""}, "Say whether it did what was expected"),
    ],
)
def test_a_drill_is_said_completely_or_nothing_is_kept(said, sentence):
    answer = browser(OWNER).post(DRILL, RAN | said)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "as written" in answer.content.decode()
    assert not DrillRecord.objects.exists()


def test_the_sheet_shows_the_commands_and_how_it_went_last_time():
    browser(OWNER).post(DRILL, RAN)
    said = text_of(browser(OWNER).get(DRILL))
    assert "./rollback.sh" in said
    assert "did what was expected" in said


@pytest.mark.parametrize(("person", "status"), [(OWNER, 303), (MATE, 403), (STRANGER, 403)])
def test_the_reviewer_scores(person, status):
    assert browser(person).post(REVIEW, {"score": "7.5", "note": "sound"}).status_code == status
    assert ReviewRecord.objects.count() == (status == 303)
    if status == 303:
        assert ReviewRecord.objects.get().score == Decimal("7.5")
        assert actions() == ["review.recorded"]


@pytest.mark.parametrize("score", ["", "ten", "10.1", "-1", "7.555", "NaN"])
def test_a_score_is_a_number_from_0_to_10(score):
    answer = browser(OWNER).post(REVIEW, {"score": score, "note": "sound"})
    assert answer.status_code == 422
    assert "Score must be a number from 0 to 10, such as 7.5" in text_of(answer)
    assert not ReviewRecord.objects.exists()


def test_the_sheet_says_which_score_is_needed():
    assert "at least 7 of 10" in text_of(browser(OWNER).get(REVIEW))


def test_unknown_drills_and_reviews_are_not_found():
    assert browser(OWNER).get("/rollouts/demo/drills/nothing/").status_code == 404
    assert browser(OWNER).get("/rollouts/demo/reviews/nothing/").status_code == 404
