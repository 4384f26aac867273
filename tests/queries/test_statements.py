"""What changed since somebody signed: each condition once, with the limit that was signed and the limit now."""

import pytest

from readiness.core.canonical import canonical_bytes
from readiness.queries.pages.parts import Change
from readiness.queries.statements import comparable_changes, line_changes, statement_lines

MET = {"title": "Latency, p99", "outcome": "MET", "code": ""}


def test_a_limit_that_moved_is_one_change_with_both_limits():
    before = {"canary/succeed/gate:p99/<= 250ms/20s": MET, "canary/enter/item:read": MET}
    after = {"canary/succeed/gate:p99/<= 300ms/20s": MET, "canary/enter/item:read": MET}
    assert line_changes(before, after) == (
        Change("Latency, p99", "Met, <= 250ms for 20s", "Met, <= 300ms for 20s", "another limit"),
    )


def test_of_two_limits_on_one_gate_neither_is_lost():
    before = {"canary/succeed/gate:p99/<= 250ms/20s": MET, "canary/succeed/gate:p99/<= 1s/0s": MET}
    found = line_changes(before, {"canary/succeed/gate:p99/<= 300ms/20s": MET})
    assert [(change.before, change.after) for change in found] == [
        ("Met, <= 250ms for 20s", "Met, <= 300ms for 20s"),
        ("Met", ""),
    ]


OLD = {"title": "Way back practised", "outcome": "MET", "code": "", "evidence": []}
RAN = {**OLD, "asks": "sha256:a", "drill": {"record": "sha256:1"}}
PATH = "canary/enter/drill:practised"


def test_another_run_of_a_drill_is_said():
    found = line_changes({PATH: RAN}, {PATH: {**RAN, "drill": {"record": "sha256:2"}}})
    assert found == (Change("Way back practised", "Met", "Met, on another run", ""),)


@pytest.mark.parametrize(
    ("by", "words"),
    [(None, ("Closed", "Open")), (["u:2", "t"], ("Closed", "Closed, on a later closing"))],
)
def test_what_was_opened_or_closed_again_is_said(by, words):
    closed = {"path": "gap:bare/", "title": "Nothing measures this", "outcome": "CLOSED", "closing": ["u:1", "t"]}
    again = {**closed, "outcome": "CLOSED" if by else "OPEN", "closing": by}
    (change,) = line_changes({"gap:bare/": closed}, {"gap:bare/": again})
    assert (change.before, change.after) == words


def test_lines_of_a_statement_name_what_people_close_last():
    closing = {"gap": "bare", "task": "", "title": "Nothing measures this", "by": "u:1", "at": "t"}
    data = canonical_bytes({"conditions": [{"path": PATH, **RAN}], "closings": [closing]})
    assert [line["path"] for line in statement_lines(data)] == [PATH, "gap:bare/"]
    assert [line["path"] for line in statement_lines(canonical_bytes({"conditions": [{"path": PATH}]}))] == [PATH]


def test_of_a_statement_that_says_less_only_what_it_says_is_compared():
    closing = {"path": "gap:bare/", "title": "Nothing measures this", "outcome": "CLOSED", "closing": ["u:1", "t"]}
    after = {PATH: RAN, "gap:bare/": closing}
    assert comparable_changes({PATH: OLD}, after) == ()
    assert comparable_changes({PATH: {**OLD, "outcome": "NOT_MET", "code": "DRILL_MISSING"}}, after) == (
        Change("Way back practised", "Not met", "Met", ""),
    )
    assert [change.title for change in comparable_changes({PATH: RAN}, after)] == ["Nothing measures this"]
