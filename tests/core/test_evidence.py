"""Evidence with a kind: what contradicts, what proves, and what cannot be read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.evidence import judge_fields, judge_junit, judge_loadtest
from readiness.core.reports import JUnitSummary, LoadTestSummary
from readiness.core.types import EvidenceState

PROVES, CONTRADICTS, UNREADABLE = EvidenceState.PROVES, EvidenceState.CONTRADICTS, EvidenceState.UNREADABLE
JUNIT = EvidenceRule(EvidenceDemand.JUNIT)
counts = st.integers(0, 50)


def loadtest(**limits: object) -> EvidenceRule:
    return EvidenceRule(EvidenceDemand.LOADTEST, **limits)


SOAK = loadtest(min_duration=timedelta(hours=24), error_rate="<= 0.1%", p99="<= 50ms")


@pytest.mark.parametrize(
    ("summary", "rule", "judged"),
    [
        (JUnitSummary(5, 412, 0, 0, 0), JUNIT, (PROVES, "412 tests, none fails")),
        (JUnitSummary(5, 412, 0, 0, 2), JUNIT, (PROVES, "412 tests, none fails, 2 skipped")),
        (JUnitSummary(1, 1, 0, 0, 0), JUNIT, (PROVES, "1 test, none fails")),
        (
            JUnitSummary(5, 412, 2, 1, 0, ("test_a", "test_b", "test_c")),
            JUNIT,
            (CONTRADICTS, "412 tests, 3 fail: test_a, test_b, test_c"),
        ),
        (JUnitSummary(5, 9, 7, 0, 0, ("a", "b")), JUNIT, (CONTRADICTS, "9 tests, 7 fail: a, b and 5 more")),
        (JUnitSummary(5, 9, 0, 1, 0), JUNIT, (CONTRADICTS, "9 tests, 1 fails")),
        (JUnitSummary(5, 0, 0, 0, 0), JUNIT, (CONTRADICTS, "the report has no tests")),
        (JUnitSummary(5, 3, 0, 0, 3), JUNIT, (CONTRADICTS, "3 tests, all skipped; none ran")),
        (
            JUnitSummary(4, 9, 0, 0, 0),
            EvidenceRule(EvidenceDemand.JUNIT, min_suites=5),
            (CONTRADICTS, "9 tests in 4 suites; at least 5 suites are required"),
        ),
    ],
)
def test_a_test_report_is_judged_in_a_sentence(
    summary: JUnitSummary, rule: EvidenceRule, judged: tuple[EvidenceState, str]
) -> None:
    assert judge_junit(summary, rule) == judged


@given(counts, counts, counts, counts, counts, counts)
def test_a_test_report_proves_only_when_something_ran_and_nothing_failed(
    suites: int, tests: int, failures: int, errors: int, skipped: int, wanted: int
) -> None:
    rule = EvidenceRule(EvidenceDemand.JUNIT, min_suites=wanted)
    state, _ = judge_junit(JUnitSummary(suites, tests, failures, errors, skipped), rule)
    good = tests > skipped and failures == errors == 0 and suites >= wanted
    assert (state is PROVES) == good


@pytest.mark.parametrize(
    ("summary", "state", "words"),
    [
        (LoadTestSummary(90_000, 41.0, 0.0005, timedelta(hours=24)), PROVES, "90,000 requests, over 24 h"),
        (
            LoadTestSummary(90_000, 51.0, 0.0005, timedelta(hours=24)),
            CONTRADICTS,
            "p99 is 51 ms; it must be at most",
        ),
        (LoadTestSummary(90_000, 41.0, 0.0011, timedelta(hours=24)), CONTRADICTS, "error rate is 0.11 %"),
        (LoadTestSummary(90_000, 41.0, 0.0005, timedelta(hours=23)), CONTRADICTS, "ran 23 h; at least 24 h"),
        (LoadTestSummary(90_000, 1.0, 1.0, timedelta(hours=24)), CONTRADICTS, "every request of the load test failed"),
        (LoadTestSummary(0, 1.0, 0.0, timedelta(hours=24)), CONTRADICTS, "made no request"),
        (LoadTestSummary(90_000, None, 0.0, timedelta(hours=24)), UNREADABLE, "does not state the p99"),
        (LoadTestSummary(90_000, None, 0.0, None), UNREADABLE, "does not state the p99 and the duration"),
        (LoadTestSummary(90_000, float("nan"), 0.0, timedelta(hours=24)), CONTRADICTS, "p99 is not a number"),
        (LoadTestSummary(90_000, 1.0, float("nan"), timedelta(hours=24)), CONTRADICTS, "every request"),
    ],
)
def test_a_load_test_is_judged_in_a_sentence(summary: LoadTestSummary, state: EvidenceState, words: str) -> None:
    judged = judge_loadtest(summary, SOAK)
    assert judged[0] is state
    assert words in judged[1]


def test_errors_only_contradict_without_any_limit() -> None:
    assert judge_loadtest(LoadTestSummary(10, error_rate=1.0), loadtest())[0] is CONTRADICTS
    assert judge_loadtest(LoadTestSummary(10, error_rate=0.9), loadtest())[0] is PROVES


@given(
    st.integers(-5, 5),
    st.none() | st.floats(0, 200),
    st.none() | st.floats(0, 1),
    st.none() | st.integers(0, 200_000).map(lambda s: timedelta(seconds=s)),
)
def test_a_load_test_proves_only_what_it_measured_within_every_limit(
    requests: int, p99_ms: float | None, error_rate: float | None, duration: timedelta | None
) -> None:
    state, _ = judge_loadtest(LoadTestSummary(requests, p99_ms, error_rate, duration), SOAK)
    if state is PROVES:
        assert requests > 0
        assert p99_ms is not None
        assert p99_ms <= 50.0001
        assert error_rate is not None
        assert error_rate <= 0.001
        assert duration is not None
        assert duration >= timedelta(hours=24)


def test_a_report_whose_before_and_after_agree_to_the_digit_contradicts() -> None:
    before = LoadTestSummary(90_000, 41.25, 0.0005, timedelta(hours=24))
    same, other = replace(before, before=before), replace(before, p99_ms=41.26, before=before)
    state, words = judge_loadtest(same, SOAK)
    assert (state, words) == (CONTRADICTS, "before and after are the same to the digit; no two runs agree so")
    assert judge_loadtest(other, SOAK)[0] is PROVES


@pytest.mark.parametrize(
    ("written", "judged"),
    [
        ({"cost": "12 k€", "people": "4"}, (PROVES, "states cost, people")),
        ({"cost": "12 k€", "people": " "}, (UNREADABLE, "the report lacks people")),
        ({"cost": "12 k€"}, (UNREADABLE, "the report lacks people")),
        ({}, (UNREADABLE, "the report lacks cost, people")),
    ],
)
def test_a_report_states_every_field_that_the_plan_names(written: dict[str, str], judged: tuple[object, str]) -> None:
    assert judge_fields(written, EvidenceRule(EvidenceDemand.REPORT, fields=("cost", "people"))) == judged


def test_a_report_that_says_nothing_proves_nothing() -> None:
    assert judge_fields({}, EvidenceRule(EvidenceDemand.REPORT)) == (UNREADABLE, "the report lacks every field")
