"""Runs that are brought twice: what agrees to the digit is the same run."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.assess import assess_condition
from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.repeats import mark_repeats, same_run
from readiness.core.reports import JUnitSummary, LoadTestSummary, Report
from readiness.core.types import Outcome
from tests.core.builders import NOW, make_claim, make_evidence, make_item

DAY = timedelta(days=1)
RUN = LoadTestSummary(90_000, 41.25, 0.0005, timedelta(hours=24))
SOAK, LOAD = (make_item(key=key, valid_for=7 * DAY) for key in ("soak", "load"))
CONDITIONS = {facts.condition.path: facts.condition for facts in (SOAK, LOAD)}
A, B = CONDITIONS


def piece(run=RUN, *, age=timedelta(hours=1), title="soak.json", **more):
    return make_evidence(kind="loadtest", report=Report(loadtest=run), at=NOW - age, title=title, **more)


def suite(digest="sha256:" + "b" * 64, age=timedelta(hours=1)):
    report = Report(junit=JUnitSummary(1, 4, 0, 0, 0))
    return make_evidence(kind="junit", report=report, at=NOW - age, title="junit.xml", digest=digest)


def repeats(standing, ended=None):
    found = mark_repeats(standing, ended or {}, CONDITIONS)
    return [p.repeats for claims in found.values() for claim in claims for p in claim.evidence]


def test_one_run_for_two_items_is_a_repeat_the_second_time():
    later = piece(title="load.json", age=timedelta(minutes=5))
    assert repeats({A: [make_claim(piece())], B: [make_claim(later)]}) == [
        "",
        "its numbers are those of soak.json, brought for “Soak”, to the digit; no two runs agree so",
    ]
    assert repeats({B: [make_claim(later)], A: [make_claim(piece())]}).count("") == 1


def test_before_and_after_of_one_claim_that_are_the_same_contradict_it():
    twice = make_claim(piece(title="before.json"), piece(title="after.json"))
    marked = mark_repeats({A: [twice]}, {}, CONDITIONS)[A]
    rule = EvidenceRule(EvidenceDemand.LOADTEST)
    found = assess_condition(make_item(*marked, key="soak", demand=rule), NOW)
    assert (found.outcome, found.code) == (Outcome.NOT_MET, "CLAIM_CONTRADICTED")
    assert found.found == "its numbers are those of before.json, to the digit; no two runs agree so"


@pytest.mark.parametrize(
    "change", [{"requests": 90_001}, {"p99_ms": 41.250001}, {"error_rate": 0.0}, {"duration": timedelta(hours=25)}]
)
def test_one_digit_makes_another_run(change):
    assert repeats({A: [make_claim(piece(), piece(replace(RUN, **change), title="b"))]}) == ["", ""]


def test_counts_alone_may_agree():
    counts = LoadTestSummary(1_000, None, 0.0, None)
    assert repeats({A: [make_claim(piece(counts), piece(counts, title="b"))]}) == ["", ""]


def test_a_claim_that_expired_is_not_made_again_with_the_run_that_expired():
    claim = make_claim(piece(), age=timedelta(0))
    old = {A: [make_claim(piece(age=8 * DAY), age=8 * DAY)]}
    assert repeats({A: [claim]}, old) == ["this run was brought on 30 Nov 2025 already; what expired needs a new one"]
    assert repeats({A: [claim]}, {B: old[A]}) == [""]


def test_a_claim_taken_back_may_be_made_again_with_its_run_while_that_counts():
    assert repeats({A: [make_claim(piece(), age=timedelta(0))]}, {A: [make_claim(piece(age=6 * DAY))]}) == [""]


def test_a_test_report_is_another_run_when_its_bytes_are():
    claim = make_claim(suite(), age=timedelta(0))
    assert repeats({A: [claim]}, {A: [make_claim(suite(age=8 * DAY))]}) != [""]
    assert repeats({A: [claim]}, {A: [make_claim(suite("sha256:" + "c" * 64, age=8 * DAY))]}) == [""]
    assert repeats({A: [claim], B: [make_claim(suite())]}) == ["", ""]


runs = st.builds(LoadTestSummary, st.integers(1, 3), st.sampled_from([None, 1.0, 2.0]), st.just(0.0), st.just(DAY))
brought = st.lists(st.tuples(runs, st.integers(0, 3)), max_size=5)


@given(brought)
def test_of_the_same_run_exactly_one_counts(found):
    pieces = [piece(run, age=timedelta(hours=hours), title=f"{n}.json") for n, (run, hours) in enumerate(found)]
    said = repeats({A: [make_claim(*pieces)]})
    assert said.count("") == len({run for run, _ in found})


@given(runs, runs)
def test_the_same_run_is_the_same_either_way(one, other):
    assert same_run(one, other) == same_run(other, one) == (one == other)
