"""The share in effect against the share that is asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.exposure import asked_share, observed_flags
from readiness.core.facts import ConditionFacts, ExposureFacts
from readiness.core.phases import find_phase
from readiness.core.plan_build import build_plan
from readiness.core.types import Decision, GateObservation, Question, Trouble
from readiness.core.verdict import evaluate_verdict
from readiness.core.watchlist import watchlist
from tests.core.builders import NOW, codes, make_facts, make_reading, make_run, make_window
from tests.core.documents import make_document, put

OBSERVED = {"source": "metrics", "query": "new / all", "tolerance": "1pp"}
MINUTE = timedelta(minutes=1)


def plan(observed=OBSERVED):
    return build_plan(put(make_document(), ("flags", "new"), {"default": "off", "observed": observed}), "sha256:x")


def limits(phase, observed=OBSERVED):
    made = plan(observed)
    (condition,) = observed_flags(made, find_phase(made, phase) if phase else None)
    return condition.gate.expect


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("canary", ((">= 4%", "<= 6%"),)), ("prepare", ((">= 0%", "<= 1%"),)), (None, ((">= 0%", "<= 1%"),))],
)
def test_the_limits_are_the_asked_share_and_its_tolerance(phase, expected):
    assert limits(phase) == expected


def test_without_a_tolerance_one_percent_of_all_is_let_pass():
    assert limits("canary", {"source": "metrics", "query": "new / all"}) == ((">= 4%", "<= 6%"),)


def test_a_flag_that_is_not_observed_is_not_measured():
    made = build_plan(make_document(), "sha256:x")
    assert observed_flags(made, None) == ()
    assert asked_share(made, find_phase(made, "canary"), "new") == 0.05


def test_the_share_is_watched_whether_a_phase_runs_or_not():
    for running in (None, "canary"):
        (watched,) = [w for w in watchlist(plan(), running, None) if w.path.startswith("flag:")]
        assert (watched.path, watched.abort, watched.every) == (
            "flag:new/observed/gate:new",
            True,
            timedelta(seconds=15),
        )


def exposed(value, *, breached=None, phase="canary", seen=None, looks_back=timedelta(0), entered=timedelta(days=8),
            query="new / all"):  # fmt: skip
    """Facts of a running canary that asks for 5 %, with a share that was measured."""
    made = plan()
    (condition,) = observed_flags(made, find_phase(made, phase))
    reading = make_reading(("", value), looks_back=looks_back) if value is not None else make_reading()
    observation = seen or GateObservation(reading, window=make_window(breached=breached))
    observation = replace(observation, reading=replace(observation.reading, query=query))
    exposure = ExposureFacts("new", "New path", "5 %", ConditionFacts(condition, gate=observation))
    run = replace(make_run(), entered_at=NOW - entered)
    return make_facts(running=run, exposures=(exposure,))


def go_on(facts, now=NOW):
    return evaluate_verdict(facts, Question.CONTINUE, now)


@pytest.mark.parametrize("value", [0.04, 0.05, 0.06])
def test_a_share_within_the_tolerance_agrees(value):
    assert go_on(exposed(value)).decision is Decision.GO


@pytest.mark.parametrize(("value", "seconds", "found"), [(0.0, 60, "0 %"), (0.248, 75, "24.8 %")])
def test_a_share_that_differs_for_a_minute_is_no_go(value, seconds, found):
    verdict = go_on(exposed(value, breached=timedelta(seconds=seconds)))
    assert codes(verdict) == ["EXPOSURE_DIFFERS"]
    assert verdict.reasons[0].found.startswith(f"{found} observed for ")
    assert verdict.reasons[0].required == "5 %"


def test_a_share_that_differs_for_less_is_let_pass():
    assert go_on(exposed(0.248, breached=timedelta(seconds=59))).decision is Decision.GO


@pytest.mark.parametrize(("looks_back", "code"), [(timedelta(0), ["EXPOSURE_DIFFERS"]), (5 * MINUTE, [])])
def test_what_a_query_looks_back_over_before_the_phase_began_does_not_count(looks_back, code):
    facts = exposed(0.0, breached=timedelta(hours=1), looks_back=looks_back, entered=timedelta(minutes=5, seconds=30))
    if facts.exposures[0].facts.gate:
        reading = replace(facts.exposures[0].facts.gate.reading, covers_from=NOW - timedelta(days=1))
        gate = replace(facts.exposures[0].facts.gate, reading=reading)
        condition = replace(facts.exposures[0].facts, gate=gate)
        facts = replace(facts, exposures=(replace(facts.exposures[0], facts=condition),))
    assert codes(go_on(facts)) == code


@pytest.mark.parametrize(
    "seen",
    [
        GateObservation(make_reading()),
        GateObservation(make_reading(("", float("nan")))),
        GateObservation(make_reading(("", 0.05), age=3 * MINUTE)),
        GateObservation(make_reading(trouble=Trouble.SOURCE_ERROR, message="Prometheus did not answer")),
    ],
)
def test_a_share_that_nobody_sees_is_no_go(seen):
    assert codes(go_on(exposed(None, seen=seen))) == ["EXPOSURE_UNOBSERVED"]


def test_a_share_that_was_measured_by_another_query_is_no_go():
    verdict = go_on(exposed(0.05, query="new / some"))
    assert codes(verdict) == ["EXPOSURE_UNOBSERVED"]
    assert verdict.reasons[0].found == "the plan asks new / all, and this is an answer to new / some"


def test_a_share_that_was_never_measured_is_no_go():
    facts = exposed(0.05)
    never = replace(facts.exposures[0], facts=replace(facts.exposures[0].facts, gate=None))
    assert codes(go_on(replace(facts, exposures=(never,)))) == ["EXPOSURE_UNOBSERVED"]


def test_nothing_runs_so_no_share_is_asked_for():
    facts = replace(exposed(None), running=None)
    assert "EXPOSURE_UNOBSERVED" not in codes(evaluate_verdict(facts, Question.ENTER, NOW))


def test_a_go_runs_out_with_the_sample_of_the_share():
    assert go_on(exposed(0.05)).valid_until == NOW - timedelta(seconds=5) + 2 * MINUTE
