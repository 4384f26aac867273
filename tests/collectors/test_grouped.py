"""What is asked together says, for each, exactly what it says when it is asked alone. Against a real Prometheus."""

import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.collectors.gates import GateAsked, collect_gates
from readiness.collectors.grouped import MOST_TOGETHER, group_questions
from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.questions import Question
from readiness.core.conditions import GateSpec
from readiness.core.types import Trouble
from readiness.core.windows import Stretch
from tests.collectors.http_servers import answering, as_json
from tests.collectors.prometheus_process import MINUTE, resolved

SERVICES = ("a", "b", "c.d", "e|f", "g", "h", "i", "nobody")
pytestmark = pytest.mark.services


def over(vectors):
    """Whatever may be built from vectors: functions, sums, arithmetic."""
    functions = st.sampled_from(["abs({})", "ceil({})", "clamp({}, 0, 3)", "({})", "-{}", "timestamp({})"])
    sums = st.sampled_from(
        ["sum({})", "max by (pod) ({})", "avg without (pod) ({})", "count by (svc) ({})", "min without (svc, dc) ({})"]
    )
    numbers = st.sampled_from(["{} * 2", "100 - {}", "{} > 1", "{} <= bool 2", "{} ^ 2"])
    both = st.sampled_from(["{0} / {1}", "{0} - {1}", "{0} > {1}"])
    return st.one_of(
        st.builds(lambda how, one: how.format(one), st.one_of(functions, sums, numbers), vectors),
        st.builds(lambda how, one, two: how.format(f"({one})", f"({two})"), both, vectors, vectors),
    )


def plain():
    ranged = st.sampled_from(
        [
            'rate(hits{svc="$"}[5m])', 'increase(hits{svc="$",pod="1"}[10m])', 'max_over_time(load{svc="$"}[5m])',
            'quantile_over_time(0.5, load{svc="$"}[10m])', 'max_over_time(sum(load{svc="$"})[10m:1m])',
            'histogram_quantile(0.9, sum by (le) (rate(lat_bucket{svc="$"}[5m])))',
        ]
    )  # fmt: skip
    instant = st.sampled_from(['load{svc="$"}', 'load{svc="$",dc!="y"} offset 5m', 'hits{svc="$"}', 'nothing{svc="$"}'])
    return st.one_of(instant, ranged)


QUERIES = st.recursive(plain(), over, max_leaves=4)


def same(one, other):
    """Equal, and not a number where the other is none."""
    return one == other or (math.isnan(one) and math.isnan(other))


@settings(max_examples=300, deadline=None)
@given(QUERIES)
def test_each_answer_is_the_one_it_would_have_had_alone(prometheus_url: str, now: datetime, query: str) -> None:
    questions = [Question(query.replace("$", svc)) for svc in SERVICES]
    together, alone = (PrometheusBatch(resolved(prometheus_url), now) for _ in range(2))
    for grouped, question in zip(together.answer_all(questions), questions, strict=True):
        single = alone.answer(question)
        assert (grouped.trouble, grouped.message) == (single.trouble, single.message)
        assert [series.labels for series in grouped.values] == [series.labels for series in single.values]
        pairs = zip(grouped.values, single.values, strict=True)
        assert all(same(one.value, other.value) for one, other in pairs)


@settings(max_examples=100, deadline=None)
@given(QUERIES)
def test_each_line_is_the_one_it_would_have_had_alone(prometheus_url: str, now: datetime, query: str) -> None:
    stretch = Stretch(now - 20 * MINUTE, now, MINUTE)
    questions = [Question(query.replace("$", svc), stretch) for svc in SERVICES]
    together, alone = (PrometheusBatch(resolved(prometheus_url), now) for _ in range(2))
    for grouped, question in zip(together.answer_all(questions), questions, strict=True):
        single = alone.answer(question)
        assert grouped.lines.keys() == single.lines.keys()
        for labels, line in single.lines.items():
            told = zip(grouped.lines[labels], line, strict=True)
            assert all(one.at == other.at and same(one.value, other.value) for one, other in told)


def test_gates_of_one_template_are_measured_as_if_each_were_alone(prometheus_url: str, now: datetime) -> None:
    """Values, ages, lost series, history and windows; one has no data, one stopped, one is no number."""
    queries = [f'histogram_quantile(0.9, sum by (le)(rate(lat_bucket{{svc="{svc}"}}[5m])))' for svc in SERVICES]
    queries += [f'load{{svc="{svc}"}}' for svc in SERVICES]
    asked = [
        GateAsked(GateSpec("metrics", q, "", (("<= 3",),), hold_for=10 * MINUTE), with_trail=True) for q in queries
    ]
    batch = PrometheusBatch(resolved(prometheus_url), now)
    for gate, seen in zip(asked, collect_gates(batch, asked), strict=True):
        (alone,) = collect_gates(PrometheusBatch(resolved(prometheus_url), now), [gate])
        assert plain_of(seen) == plain_of(alone)


def plain_of(collected):
    """What was seen, without how long it took and where the raw answer is; written out, for NaN equals nothing."""
    seen = collected.observation
    reading = repr(seen.reading.values), seen.reading.sampled_at, seen.reading.lost_series, seen.reading.covers_from
    window = seen.window
    told = (window.start_at, window.end_at, window.held_since, window.breached_since) if window else None
    return reading, seen.reading.trouble, seen.reading.warnings, told, repr(collected.trail)


def test_one_that_cannot_be_evaluated_does_not_fail_the_others(prometheus_url: str, now: datetime) -> None:
    """Two pods of a service make the match ambiguous, so asking together fails; then each is asked alone."""
    questions = [Question(f'load{{svc="{svc}"}} / ignoring() load{{svc="{svc}"}}') for svc in ("a", "b")]
    questions += [Question(f'max without (pod) (load{{svc="{svc}"}}) ^ load{{svc="{svc}"}}') for svc in ("a", "nobody")]
    batch = PrometheusBatch(resolved(prometheus_url), now)
    answers = batch.answer_all(questions)
    alone = [PrometheusBatch(resolved(prometheus_url), now).answer(question) for question in questions]
    assert [answer.message for answer in answers] == [answer.message for answer in alone]
    assert [answer.trouble for answer in answers][3] is Trouble.NONE


def test_a_few_hundred_are_asked_in_a_few_queries() -> None:
    questions = [Question(f'sum(rate(hits{{svc="s{n}"}}[5m]))') for n in range(200)]
    groups, alone = group_questions([*questions, Question("up"), Question("rules?type=alert", is_path=True)])
    assert len(groups) == 200 // MOST_TOGETHER
    assert {question for group in groups for question, _ in group.members} == set(questions)
    assert [question.query for question in alone] == ["up", "rules?type=alert"]


def test_a_group_is_no_longer_than_an_address_may_be() -> None:
    questions = [
        Question(f'sum(hits{{svc="{n:03d}{"x" * 300}"}}) / sum(load{{svc="{n:03d}{"x" * 300}"}})') for n in range(60)
    ]
    groups, _ = group_questions(questions)
    assert max(len(group.question.query) for group in groups) < 8000
    assert sum(len(group.members) for group in groups) == 60


def test_questions_about_other_stretches_are_not_mixed() -> None:
    now = datetime.fromisoformat("2026-01-05T12:00:00+00:00")
    later = [Stretch(now, now + timedelta(minutes=n), MINUTE) for n in (1, 2)]
    questions = [Question(f'hits{{svc="{svc}"}}', stretch) for svc in "ab" for stretch in later]
    groups, alone = group_questions(questions)
    assert (len(groups), alone) == (2, [])
    assert all(len({question.stretch for question, _ in group.members}) == 1 for group in groups)


def test_a_warning_about_the_whole_taints_each() -> None:
    rows = [{"metric": {"svc": svc}, "value": [0, "1"]} for svc in "ab"]
    document = {"status": "success", "warnings": ["s3"], "data": {"resultType": "vector", "result": rows}}
    with answering(as_json(document)) as (url, asked):
        batch = PrometheusBatch(resolved(url), datetime.fromisoformat("2026-01-05T12:00:00+00:00"))
        answers = batch.answer_all([Question(f'hits{{svc="{svc}"}}') for svc in "ab"])
    assert [answer.warnings for answer in answers] == [("s3",), ("s3",)]
    assert len(asked) == 1
    assert answers[0].exchange == answers[1].exchange
