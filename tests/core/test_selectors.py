"""Selectors: what a query reads, and the queries that prove its samples."""

from datetime import timedelta

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.selectors import (
    Selector,
    UnreadableQuery,
    answers_one_series,
    first_sample_query,
    last_sample_query,
    newest_sample_query,
    query_selectors,
    quote_label,
    reaches_query,
    reads_fixed_time,
    reads_only_past,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("query", "selectors"),
    [
        ("up", [("up", timedelta(0))]),
        ("time() - max(last_run_seconds)", [("last_run_seconds", timedelta(0))]),
        ('sum(rate(a_total{x="1"}[5m] offset 1h)) / b @ 1234', [('a_total{x="1"}', 65 * MINUTE), ("b", timedelta(0))]),
        ('avg_over_time(avg(up{job="e"})[24h:1m] offset 5m)', [('up{job="e"}', 24 * HOUR + 5 * MINUTE)]),
        ("max_over_time(rate(a[5m])[1h:1m])", [("a", 65 * MINUTE)]),
        ("a / (a offset 24h)", [("a", 24 * HOUR)]),
        ("a offset -5m", [("a", timedelta(0))]),
        ("topk(scalar(limit), a)", [("a", timedelta(0)), ("limit", timedelta(0))]),
        ("-(a)", [("a", timedelta(0))]),
        ('{__name__=~"a.*",b!="",c!~"d"}', [('{__name__=~"a.*",b!="",c!~"d"}', timedelta(0))]),
        ("vector(1)", []),
    ],
)
def test_every_selector_is_found_with_its_look_back(query: str, selectors: list[tuple[str, timedelta]]) -> None:
    assert [(s.text, s.looks_back) for s in query_selectors(query)] == selectors


def test_a_selector_inside_absent_is_told_apart() -> None:
    inside, outside = query_selectors("absent_over_time(a[5m]) or a")
    assert (inside.of_absence, inside.looks_back) == (True, 5 * MINUTE)
    assert (outside.of_absence, outside.looks_back) == (False, timedelta(0))


@pytest.mark.parametrize(
    "query",
    [
        "sum((",
        "rate(a)",
        "",
        "(" * 5000 + "a" + ")" * 5000,
        "a" * 20_000,
        "a" + "+a" * 4000,
        "-" * 9000 + "a",
        "a" + " or a" * 600,
    ],
)
def test_what_is_not_promql_is_refused(query: str) -> None:
    with pytest.raises(UnreadableQuery):
        query_selectors(query)


def test_what_stands_in_quotes_is_no_operator() -> None:
    assert len(query_selectors('a{x=~"' + "b-c|" * 500 + '"}')) == 1


labels = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\\"\n{}`'), max_size=12)


@given(labels)
def test_a_label_of_any_characters_survives_the_way_through(value: str) -> None:
    (selector,) = query_selectors(f"rate(a{{x={quote_label(value)}}}[5m])")
    again = promql_parser.parse(selector.text)
    assert isinstance(again, promql_parser.VectorSelector)
    assert [(m.name, m.value) for m in again.matchers.matchers] == [("x", value)]


@pytest.mark.parametrize(
    "query",
    [
        "sum(a)", "sum(a) / sum(b)", "histogram_quantile(0.99, sum by (le) (rate(a[5m])))", "1 - max(a) * 3600",
        "time() - max(a)", "scalar(a)", "avg_over_time(avg(up)[24h:1m])", "(sum(a) or vector(0))", "abs(sum(a))",
    ],
)  # fmt: skip
def test_a_query_without_labels_answers_one_series(query: str) -> None:
    assert answers_one_series(query)


@pytest.mark.parametrize(
    "query",
    [
        "a", "sum by (x) (a)", "rate(a[5m])", "histogram_quantile(0.9, rate(a[5m]))", "topk(3, a)", "absent(a)",
        'histogram_quantile(0.9, sum by (le, x) (rate(a[5m])))', "sum(a) or b", 'count_values("v", a)',
        'label_replace(sum(a), "x", "$1", "y", "(.*)")', "sum(a) * on () group_right b", "bottomk (1, a)",
    ],
)  # fmt: skip
def test_a_query_with_labels_may_answer_several(query: str) -> None:
    assert not answers_one_series(query)


@given(st.booleans(), st.integers(1, 10**7))
def test_the_queries_about_a_selector_are_promql(of_absence: bool, seconds: int) -> None:
    selector = Selector('a_total{x="\\"1\\""}', timedelta(seconds=seconds), of_absence)
    for make in (newest_sample_query, last_sample_query, reaches_query, first_sample_query):
        assert query_selectors(make(selector))[0].text == selector.text


@pytest.mark.parametrize("query", ["a" + "+a" * 190, "-" * 190 + "a", "abs(" * 190 + "a" + ")" * 190])
def test_the_longest_query_allowed_is_read_and_judged(query: str) -> None:
    assert [s.text for s in query_selectors(query)] == ["a"]
    assert not answers_one_series(query)


@pytest.mark.parametrize(
    "query", ["a @ 12", "rate(a[5m] @ 12) + b", "max_over_time((a + b)[1h:1m] @ 12)", "sum(-(a @ 0))"]
)
def test_a_query_that_is_pinned_to_one_moment_is_known(query: str) -> None:
    assert reads_fixed_time(query)


@pytest.mark.parametrize("query", ["a", "a @ end()", "rate(a[5m] @ start())", "a offset 1d", "1"])
def test_a_query_that_moves_with_the_clock_is_not_pinned(query: str) -> None:
    assert not reads_fixed_time(query)


@pytest.mark.parametrize(
    ("query", "past"),
    [
        ("a offset 1d", True),
        ("a offset 1d / rate(b[5m] offset 1m)", True),
        ("max_over_time((a / b)[1h:1m] offset 1d)", True),
        ("a / (a offset 1d)", False),
        ("a offset -5m", False),
        ("vector(1)", False),
    ],
)
def test_a_query_that_reads_only_the_past_is_known(query: str, past: bool) -> None:
    assert reads_only_past(query) is past
