"""An old mirror is unknown, in words of its own: it never counts as what is there now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.checks import assess_check
from readiness.core.types import CheckObservation, Finding, Outcome
from tests.core.builders import NOW, make_check

MAX_AGE = timedelta(minutes=15)


def judged(fetched_ago, *, finding=Finding.FITS, unfetched=""):
    facts = make_check()
    seen = CheckObservation(
        NOW, finding, "run.sh", "run.sh is there", fetched_at=NOW - fetched_ago, unfetched=unfetched
    )
    return assess_check(replace(facts, check=seen), NOW)


def test_one_that_is_fresh_counts_until_it_is_old():
    assessment = judged(timedelta(minutes=5))
    assert (assessment.outcome, assessment.expires_at) == (Outcome.MET, NOW - timedelta(minutes=5) + MAX_AGE)
    assert judged(MAX_AGE).outcome is Outcome.MET


@pytest.mark.parametrize("finding", list(Finding))
def test_one_that_is_old_is_unknown_whatever_it_holds(finding):
    assessment = judged(timedelta(hours=3), finding=finding, unfetched="git.example refused the connection")
    assert (assessment.outcome, assessment.code) == (Outcome.UNKNOWN, "CHECK_STALE")
    assert assessment.found == (
        "the mirror was fetched 3 h ago; older than 15 min does not count; git.example refused the connection"
    )


def test_one_that_could_not_be_fetched_again_counts_while_it_is_fresh():
    assert judged(timedelta(minutes=1), unfetched="git.example refused the connection").outcome is Outcome.MET
