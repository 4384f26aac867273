"""Gates: a measurement is proven before it is judged, in one order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.conditions import Against, ConditionList, Enough
from readiness.core.gates import assess_gate
from readiness.core.types import BaselineFacts, GateObservation, Outcome, Trouble
from tests.core.builders import ANA, NOW, make_gate, make_reading, make_window


def judge(*values, expect="<= 15ms", reading=None, **spec):
    seen = GateObservation(
        reading or make_reading(*values),
        comparand=spec.pop("comparand", None),
        window=spec.pop("window", None),
    )
    return assess_gate(make_gate(expect=expect, observation=seen, **spec), NOW)


def test_every_series_must_hold_and_the_worst_is_named():
    found = judge(('pod="a"', 0.010), ('pod="b"', 0.0182), ('pod="c"', 0.016))
    assert (found.outcome, found.code) == (Outcome.NOT_MET, "GATE_BREACHED")
    assert found.found == '18.2 ms (pod="b")'
    assert found.required == "at most 15 ms"


def test_the_worst_of_a_lower_limit_is_the_lowest():
    assert judge(("a", 0.9), ("b", 0.2), expect=">= 950ms").found.startswith("200 ms")


def test_a_series_that_went_away_is_no_data():
    found = judge(reading=make_reading(("", 0.010), lost_series=('pod="b"',)))
    assert (found.code, found.found) == ("GATE_NO_DATA", 'pod="b" reported within the last hour and is gone')


def test_a_partial_answer_is_a_source_that_did_not_answer():
    found = judge(reading=make_reading(("", 0.010), warnings=("one store is down",)))
    assert found.code == "GATE_SOURCE_ERROR"


def test_a_range_that_history_does_not_cover_is_no_data():
    short = make_reading(("", 0.010), looks_back=timedelta(hours=24), covers_from=NOW - timedelta(hours=6))
    assert judge(reading=short).found == "history covers 6 h of 24 h"
    whole = make_reading(("", 0.010), looks_back=timedelta(hours=24), covers_from=NOW - timedelta(hours=24))
    assert judge(reading=whole).outcome is Outcome.MET


def test_doubt_comes_before_judgement_in_the_stated_order():
    troubled = make_reading(("", float("nan")), trouble=Trouble.SOURCE_ERROR, age=timedelta(hours=1))
    assert judge(reading=troubled).code == "GATE_SOURCE_ERROR"
    assert judge(reading=make_reading(("", float("nan")), age=timedelta(hours=1))).code == "GATE_NOT_A_NUMBER"
    assert judge(reading=make_reading(("", 0.5), age=timedelta(hours=1))).code == "GATE_STALE"


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_only_a_finite_value_within_its_limit_is_met(value):
    met = judge(("", value)).outcome is Outcome.MET
    assert met == (value <= 0.015 and value != float("-inf"))


@given(st.integers(0, 3600), st.integers(1, 3600))
def test_a_window_is_met_exactly_when_it_held_throughout(held_s, needed_s):
    found = judge(("", 0.010), hold_for=timedelta(seconds=needed_s), window=make_window(held=timedelta(seconds=held_s)))
    assert (found.outcome is Outcome.MET) == (held_s >= needed_s)


def test_a_window_says_how_far_it_is():
    found = judge(("", 0.010), hold_for=timedelta(minutes=10), window=make_window(held=timedelta(minutes=7)))
    assert found.found == "10 ms; holds for 7 min of the required 10 min"


@pytest.mark.parametrize(
    ("share", "outcome"), [(0.9989, Outcome.NOT_MET), (0.999, Outcome.MET), (None, Outcome.NOT_MET)]
)
def test_a_share_of_the_phase_counts_from_its_run(share, outcome):
    assert judge(("", 0.010), for_phase=True, at_least=0.999, window=make_window(share=share)).outcome is outcome


@pytest.mark.parametrize(("where", "age_s", "code"), [
    (ConditionList.SUCCEED, 0, "GATE_NOT_SUSTAINED"),
    (ConditionList.SUCCEED, 19, "GATE_NOT_SUSTAINED"),
    (ConditionList.SUCCEED, 20, ""),
    (ConditionList.ENTER, 0, ""),
])  # fmt: skip
def test_what_ends_a_phase_counts_from_its_run_however_long_it_held_before(where, age_s, code):
    seen = GateObservation(make_reading(("", 0.010)), window=make_window(held=timedelta(minutes=9)))
    gate = make_gate(where=where, observation=seen, hold_for=timedelta(seconds=20))
    found = assess_gate(replace(gate, run_started_at=NOW - timedelta(seconds=age_s)), NOW)
    assert found.code == code
    if code:
        assert found.found.endswith(f"holds for {age_s} s of the required 20 s")


def test_a_share_that_was_measured_for_the_run_before_does_not_count():
    seen = GateObservation(make_reading(("", 0.010)), window=make_window(share=1.0, span=timedelta(minutes=30)))
    gate = make_gate(where=ConditionList.SUCCEED, observation=seen, for_phase=True)
    of_this_run, of_another = (replace(gate, run_started_at=NOW - timedelta(minutes=m)) for m in (30, 29))
    assert assess_gate(of_this_run, NOW).outcome is Outcome.MET
    assert "not measured since this run began" in assess_gate(of_another, NOW).found


CONTROL = Against(query="control", title="control cohort")
ALIKE = {"expect": "<= +5%", "against": CONTROL, "enough": Enough("traffic", 10)}
SEEN = GateObservation(
    make_reading(("", 0.010)),
    comparand=make_reading(("", 0.010), query="control"),
    traffic=make_reading(("", 20.0), query="traffic"),
)


def judge_seen(seen, **spec):
    """Judge what was seen as it is, also where it answers another question than the gate asks."""
    return assess_gate(replace(make_gate(**{**ALIKE, **spec}), gate=seen), NOW)


@pytest.mark.parametrize(
    ("side", "other", "found"),
    [
        ("reading", {"query": "max(fast)"}, "the plan asks q, and this is an answer to max(fast)"),
        ("reading", {"source": "staging"}, "the plan asks metrics, and this is an answer of staging"),
        ("comparand", {"query": "q"}, "control cohort: the plan asks control, and this is an answer to q"),
        ("comparand", {"source": "old"}, "control cohort: the plan asks metrics, and this is an answer of old"),
        ("traffic", {"query": "all"}, "traffic: the plan asks traffic, and this is an answer to all"),
        ("traffic", {"source": "old"}, "traffic: the plan asks metrics, and this is an answer of old"),
    ],
)
def test_an_answer_to_another_question_is_none_however_good(side, other, found):
    assert judge_seen(SEEN).outcome is Outcome.MET
    assessment = judge_seen(replace(SEEN, **{side: replace(getattr(SEEN, side), **other)}))
    assert (assessment.outcome, assessment.code, assessment.found) == (Outcome.UNKNOWN, "GATE_OTHER_QUERY", found)


def test_an_answer_to_another_question_is_not_even_a_breach_or_a_trouble():
    for reading in (make_reading(("", 9.0), query="b"), make_reading(query="b", trouble=Trouble.SOURCE_ERROR)):
        assert judge_seen(GateObservation(reading), enough=None).code == "GATE_OTHER_QUERY"


def test_a_comparison_that_the_plan_no_longer_asks_for_by_a_query_does_not_count():
    recorded = judge_seen(SEEN, against=Against(baseline="before"))
    assert recorded.found == "baseline before: the plan asks nothing, and this is an answer to control"
    baseline = BaselineFacts("before", 0.010, NOW, ANA, "q")
    asked = judge_seen(replace(SEEN, comparand=None, baseline=baseline))
    assert (asked.code, asked.found) == ("GATE_NO_BASELINE", "control cohort was not measured")


def test_a_long_query_is_cut_in_what_is_said():
    found = judge_seen(replace(SEEN, reading=make_reading(("", 0.01), query="max(" + "a" * 200 + ")"))).found
    assert found.endswith("a" * 76 + "…")


def test_a_relative_gate_without_its_comparison_is_unknown():
    against = Against(query="control", title="control cohort")
    empty = judge(("", 0.010), expect="<= +5%", against=against, comparand=make_reading())
    assert (empty.outcome, empty.code) == (Outcome.UNKNOWN, "GATE_NO_DATA")
    assert empty.found.startswith("control cohort: ")
    assert judge(("", 0.010), expect="<= +5%", against=against).code == "GATE_NO_BASELINE"


def test_a_relative_gate_compares_with_its_control():
    against = Against(query="control", title="control cohort")
    same = judge(("", 0.0105), expect="<= +5%", against=against, comparand=make_reading(("", 0.010)))
    slower = judge(("", 0.0106), expect="<= +5%", against=against, comparand=make_reading(("", 0.010)))
    assert (same.outcome, slower.code) == (Outcome.MET, "GATE_BREACHED")
    assert slower.found == "10.6 ms against 10 ms of control cohort"


def test_a_gate_is_only_as_fresh_as_its_oldest_side():
    against = Against(query="control", title="control cohort")
    old = make_reading(("", 0.010), age=timedelta(seconds=100))
    found = judge(("", 0.010), expect="<= +5%", against=against, comparand=old)
    assert found.expires_at == NOW - timedelta(seconds=100) + timedelta(minutes=2)


def test_series_are_compared_with_the_ones_alike():
    against = Against(query="control", title="control cohort")
    sides = {"expect": "<= +5%", "against": against}
    alike = make_reading(("pod=a", 0.010), ("pod=b", 0.020))
    assert judge(("pod=a", 0.0105), ("pod=b", 0.0205), comparand=alike, **sides).outcome is Outcome.MET
    slow = judge(("pod=a", 0.0115), ("pod=b", 0.0205), comparand=alike, **sides)
    assert slow.found == "11.5 ms (pod=a) against 10 ms of control cohort"
    other = judge(("pod=c", 0.010), comparand=alike, **sides)
    assert (other.code, other.found) == ("GATE_NO_BASELINE", "control cohort has nothing for pod=c")


def test_traffic_must_be_known_and_enough():
    enough = Enough("traffic", 10)
    old = make_reading(("", 100.0), age=timedelta(hours=1))
    little = "GATE_TOO_LITTLE_TRAFFIC"
    for traffic, code in ((None, little), (old, "GATE_STALE"), (make_reading(("", 9.0)), little)):
        seen = GateObservation(make_reading(("", 0.010)), traffic=traffic)
        assert assess_gate(make_gate(observation=seen, enough=enough), NOW).code == code
    seen = GateObservation(make_reading(("", 0.010)), traffic=make_reading(("", 10.0)))
    assert assess_gate(make_gate(observation=seen, enough=enough), NOW).outcome is Outcome.MET


def test_a_sample_from_ahead_of_the_clock_is_not_fresh():
    """A clock that was set back, or a source whose clock is ahead, must not make old data fresh for hours."""
    assert judge(reading=make_reading(("", 0.01), age=-timedelta(minutes=2))).outcome is Outcome.MET
    ahead = judge(reading=make_reading(("", 0.01), age=-timedelta(hours=3)))
    assert (ahead.outcome, ahead.code) == (Outcome.UNKNOWN, "GATE_STALE")
    assert ahead.found == "its newest sample is 3 h ahead of the clock"


def test_a_gate_is_only_as_fresh_as_its_traffic():
    old = make_reading(("", 50.0), age=timedelta(seconds=90))
    seen = GateObservation(make_reading(("", 0.01)), traffic=old)
    found = assess_gate(make_gate(observation=seen, enough=Enough("traffic", 10)), NOW)
    assert found.expires_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("value", "expect", "found"),
    [
        (0.015002, "<= 15ms", "15.002 ms"),
        (0.0104995, "<= +5%", "10.499 ms against 10 ms of the control"),
        (0.0105004, "<= +5%", "10.5004 ms against 10 ms of the control"),
        (0.0120001, "<= +2ms", "12.0001 ms against 10 ms of the control"),
        (0.02, "<= 15ms", "20 ms"),
    ],
)
def test_a_breach_by_a_hair_does_not_read_like_the_limit_itself(value, expect, found):
    control = make_reading(("", 0.010))
    against = Against(query="control", title="the control")
    assert judge(("", value), expect=expect, comparand=control, against=against).found == found
