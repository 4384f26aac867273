"""What changed since somebody signed: each condition once, with the limit that was signed and the limit now."""

from readiness.queries.pages.parts import Change
from readiness.queries.statements import line_changes

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
