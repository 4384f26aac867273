"""Recording drills and reviews."""

from datetime import timedelta
from decimal import Decimal

import pytest

from readiness.models import DrillRecord, ReviewRecord
from readiness.services.drills import DrillRun, NoSuchDrill, NoSuchReview, NotPossible, add_drill, add_review
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import LEAD, MATE, NOW, OWNER, STRANGER, act_of, make_rollout, only_entry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
HOUR = timedelta(hours=1)
RAN = DrillRun(NOW - HOUR, timedelta(seconds=90), True, "as written")


def test_a_drill_is_kept_as_it_was_run():
    make_rollout()
    entry = only_entry(add_drill("demo", "practised", act_of(OWNER), NOW, RAN))
    row = DrillRecord.objects.get()
    assert (row.drill, row.ran_at, row.took, row.passed) == ("practised", NOW - HOUR, timedelta(seconds=90), True)
    assert (entry["action"], entry["object"]["label"]) == ("drill.recorded", "Way back practised")
    assert entry["change"]["fields"]["took"] == [None, "90"]


@pytest.mark.parametrize("person", [MATE, LEAD, STRANGER])
def test_only_the_owner_records_a_drill(person):
    make_rollout()
    with pytest.raises(NotAllowed):
        add_drill("demo", "practised", act_of(person), NOW, RAN)
    assert not DrillRecord.objects.exists()
    assert entries() == []


@pytest.mark.parametrize(
    "ran",
    [
        DrillRun(NOW + HOUR, timedelta(0), True),
        DrillRun(NOW - HOUR, -timedelta(seconds=1), True),
        DrillRun(NOW - HOUR, 2 * HOUR, True),
        DrillRun(NOW - HOUR, HOUR + timedelta(seconds=6), True),
    ],
)
def test_a_drill_that_cannot_be_over_is_refused(ran):
    make_rollout()
    with pytest.raises(NotPossible):
        add_drill("demo", "practised", act_of(OWNER), NOW, ran)


def test_only_drills_of_the_plan_are_recorded():
    make_rollout()
    with pytest.raises(NoSuchDrill):
        add_drill("demo", "nothing", act_of(OWNER), NOW, RAN)


def test_a_reviews_score_is_kept():
    make_rollout()
    seq = add_review("demo", "design", act_of(OWNER), NOW, score=Decimal("7.5"), note="good")
    entry = only_entry(seq)
    row = ReviewRecord.objects.get()
    assert (row.review, row.score, row.note, row.by_id) == ("design", Decimal("7.5"), "good", OWNER)
    assert (entry["action"], entry["change"]["fields"]["score"]) == ("review.recorded", [None, "7.50"])


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_only_the_reviewer_scores(person):
    make_rollout()
    with pytest.raises(NotAllowed):
        add_review("demo", "design", act_of(person), NOW, score=Decimal(9), note="")
    assert not ReviewRecord.objects.exists()
    assert entries() == []


@pytest.mark.parametrize("score", ["-0.1", "10.5", "7.555", "NaN", "Infinity"])
def test_a_score_is_between_0_and_10(score):
    make_rollout()
    with pytest.raises(NotPossible):
        add_review("demo", "design", act_of(OWNER), NOW, score=Decimal(score), note="")


def test_only_reviews_of_the_plan_are_scored():
    make_rollout()
    with pytest.raises(NoSuchReview):
        add_review("demo", "nothing", act_of(OWNER), NOW, score=Decimal(9), note="")
