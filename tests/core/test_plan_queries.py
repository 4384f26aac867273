"""Warnings about queries: what fills in for a missing answer, what takes absence for one, what drops series."""

import pytest

from readiness.core.plan_document import format_path
from readiness.core.plan_limits import READS_NOTHING, limit_faults
from tests.core.documents import edited, warned

CANARY = ("phases", 1)
ERRORS = ("gates", "errors", "query")
LATENCY = ("gates", "latency")


def filled(query):
    """What is said of the query of a gate that must be at most 1 %."""
    found = warned((ERRORS, query))
    assert {path for path, _ in found} <= {"gates.errors.query"}
    return [sentence for _, sentence in found]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (
            "sum(failed) or vector(0)",
            "Where sum(failed) has no answer, vector(0) answers with 0, which its limit allows;",
        ),
        ("sum(failed) or on() vector(0)", "vector(0) answers with 0, which its limit allows;"),
        ("(sum(failed) or (sum(lost) or vector(0)))", "Where sum(failed) or sum(lost) has no answer, vector(0)"),
        ("sum(failed) or vector(time())", "vector(time()) answers; leave that out"),
        ("absent(up) or sum(failed) or vector(0)", "Where absent(up) or sum(failed) has no answer"),
        ("vector(0) or sum(failed)", "Where sum(failed) has no answer, vector(0)"),
        ("(sum(failed) or vector(5)) / sum(all)", "Where sum(failed) has no answer, vector(5) answers with 5; leave"),
        ("sum(failed) + fill(0) sum(lost)", "Where one side has no answer"),
        ("absent(failed) - 1", "absent(failed) is 1 while nothing is measured, so it cannot tell"),
        ("absent_over_time(failed[5m]) * 0", "ask for what must be there, such as count(failed[5m])"),
        ("absent(up)", "has an answer only while nothing is measured, so this is without data as long as all is well"),
        ("failed < 5", "failed < 5 leaves out every series for which it does not hold, so those are never judged;"),
        ("count(failed > 3)", "write the limit into expect, or bool behind the comparison, which then answers 0 or 1."),
        ("max_over_time((failed == 1)[5m:10s])", "failed == 1 leaves out"),
        ("failed and on() (sum(rate(all[5m])) > 10)", "sum(rate(all[5m])) > 10 leaves out"),
        ("(failed > 0) / all", "failed > 0 leaves out"),
        ("failed / (all > 9)", "all > 9 leaves out"),
    ],
)
def test_what_a_query_hides_is_told(query, says):
    (sentence,) = filled(query)
    assert says in sentence


@pytest.mark.parametrize(
    "query",
    [
        "sum(failed) or vector(1)",
        "sum(failed) or sum(lost)",
        "absent(up) or vector(0)",
        "(absent(up) or vector(0))",
        "sum(failed > bool 3)",
        "sum(failed) / (sum(all) > 0)",
        "sum(failed) / ((sum(all) != 0))",
        "sum(failed) unless sum(lost)",
        "1 - sum(good) / sum(all)",
    ],
)
def test_what_fails_closed_is_not(query):
    assert filled(query) == []


def test_an_absence_that_its_limit_allows_is_told():
    good = (("gates", "errors", "expect"), "== 1")
    ((_, sentence),) = warned((ERRORS, "absent(up)"), good)
    assert "is 1 while nothing is measured" in sentence
    found = [said for _, said in warned((ERRORS, "absent(up) or vector(0)"), good)]
    assert len(found) == 1
    assert "absent(up) is 1 while nothing is measured" in found[0]


def test_the_limit_of_each_place_counts():
    query = (ERRORS, "sum(failed) or vector(0.5)")
    assert warned(query) == []
    ((path, sentence),) = warned(query, ((*CANARY, "abort", 0, "expect"), "<= 60%"))
    assert path == "gates.errors.query"
    assert "answers with 0.5, which its limit allows" in sentence


def test_a_limit_that_is_relative_might_allow_anything():
    ((path, _),) = warned(
        ((*LATENCY, "query"), "sum(slow) or vector(9)"),
        ((*LATENCY, "expect"), "<= +5%"),
        ((*LATENCY, "against"), {"query": "sum(control)"}),
    )
    assert path == "gates.latency.query"


@pytest.mark.parametrize("place", [LATENCY, (*CANARY, "succeed", 0)])
def test_what_a_gate_is_compared_with_is_looked_at_too(place):
    against = {"query": "sum(control) or vector(0)"}
    found = warned(((*place, "expect"), "<= +5%"), ((*place, "against"), against))
    assert [path for path, _ in found] == [f"{format_path(place)}.against.query"]


def test_the_share_in_effect_is_looked_at_too():
    observed = {"source": "metrics", "query": "sum(new) / sum(all) or vector(0)"}
    found = warned((("flags", "new", "observed"), observed))
    assert [path for path, _ in found] == ["flags.new.observed.query"]


def test_traffic_that_is_filled_in_with_too_little_is_as_little():
    def enough(query):
        return warned(((*LATENCY, "enough"), {"query": query, "at_least": "10"}))

    assert enough("sum(requests) or vector(0)") == []
    assert [path for path, _ in enough("sum(requests) or vector(10)")] == ["gates.latency.enough.query"]


@pytest.mark.parametrize("query", ["vector(1)", "1", "time() - 60", "scalar(vector(2)) * 3", "vector(1) or vector(2)"])
def test_a_query_of_nothing_is_refused(query):
    places = [ERRORS, (*LATENCY, "enough", "query"), ("flags", "new", "observed", "query")]
    faults = list(limit_faults(edited(*((place, query) for place in places))))
    assert [(format_path(fault.at), fault.sentence) for fault in faults] == [
        ("gates.latency.enough.query", READS_NOTHING),
        ("gates.errors.query", READS_NOTHING),
        ("flags.new.observed.query", READS_NOTHING),
    ]
    assert list(limit_faults(edited((ERRORS, "time() - max(done_seconds)")))) == []
