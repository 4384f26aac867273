"""Reasons as rows: grouped by what clears them together, none lost, worst first, the poll last."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness.core.reasons import REASONS, reason_rank
from readiness.core.types import Person, Reason
from readiness.queries.reasons import reason_rows
from readiness.queries.scenes import Address, load_scene
from tests.factories import NOW, PLANS, make_rollout

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def scene():
    make_rollout((PLANS / "dual-memory.yaml").read_text())
    return load_scene("dual-memory", Person("u:0", "Nobody"), Address("board"), NOW)


@pytest.fixture
def show(scene):
    """Group reasons on the scene, without a repr that tells all of it."""
    return lambda reasons: reason_rows(scene, reasons)


def gap(key, title):
    return Reason("GAP_OPEN", "gap", key, title, "1 task open", "1 task done", "backend-lead", group=f"gap:{key}")


def item(n, code="ITEM_UNCLAIMED", **more):
    return Reason(
        code, "item", f"i{n}", f"Item {n}", "not claimed", "a claim", f"role-{n}", f"validation/enter/item:i{n}", **more
    )


def check(n, **more):
    path = f"validation/enter/check:c{n}"
    return Reason(
        "CHECK_MISSING", "check", f"c{n}", f"File {n}", f"f{n} does not exist", "exists", "devops-lead", path, **more
    )


def gate(n, code):
    return Reason(
        code, "gate", f"g{n}", f"Gate {n}", "no answer", "at most 1", "sre-lead", f"validation/enter/gate:g{n}"
    )


def test_a_gap_holds_its_conditions(scene):
    (row,) = reason_rows(scene, [gap("runtime-flags", "No flags"), check(1, group="gap:runtime-flags")])
    assert (row.word, row.what) == ("Gap open", "No flags: 1 task open")
    assert [child.what for child in row.children] == ["File 1: f1 does not exist"]
    assert row.owner.title == "Backend lead"


def test_a_gap_with_a_contradicted_claim_is_contradicted(scene):
    claim = item(1, "CLAIM_CONTRADICTED", group="gap:runtime-flags")
    (row,) = reason_rows(scene, [claim, gap("runtime-flags", "No flags")])
    assert row.state == "Contradicted"


def test_gaps_stand_by_weight_and_as_the_plan_lists_them(scene):
    keys = ["configuration", "dashboards", "kubernetes-variants", "runtime-flags"]
    rows = reason_rows(scene, [gap(key, key) for key in keys])
    assert [row.what.partition(":")[0] for row in rows] == [
        "runtime-flags",
        "kubernetes-variants",
        "dashboards",
        "configuration",
    ]


def test_items_are_one_group_with_their_states_counted(scene):
    (row,) = reason_rows(scene, [item(1, "CLAIM_CONTRADICTED"), item(2), item(3)])
    assert (row.what, row.word) == ("Checklist: 1 contradicted and 2 unclaimed", "3 items")
    assert (row.owner.count, row.owner.title) == (3, "3 owners")


def test_a_lone_reason_is_no_group(scene):
    (row,) = reason_rows(scene, [item(1)])
    assert (row.children, row.code) == ((), "ITEM_UNCLAIMED")


def test_a_missing_file_that_no_gap_tracks_is_untracked(scene):
    (lone,) = reason_rows(scene, [check(1)])
    (group,) = reason_rows(scene, [check(1), check(2)])
    assert lone.state == group.state == "Untracked"
    assert group.what == "Missing, and in no gap: File 1 and File 2"


@pytest.mark.parametrize("count", [2, 3])
def test_one_broken_source_is_one_group_from_three_on(scene, count):
    rows = reason_rows(scene, [gate(n, "GATE_SOURCE_ERROR") for n in range(count)])
    assert len(rows) == (1 if count == 3 else 2)


def test_the_poll_comes_last_even_when_a_station_says_no(scene):
    no_go = Reason("SIGN_OFF_NO_GO", "sign_off", "sre-lead", "SRE lead", "too early", "GO", "sre-lead", group="poll")
    missing = Reason(
        "SIGN_OFF_MISSING", "sign_off", "devops-lead", "DevOps lead", "", "GO", "devops-lead", group="poll"
    )
    unarmed = Reason(
        "ABORT_UNARMED", "gate", "g", "G", "never measured", "at most 1", "", "validation/abort/gate:g", "abort"
    )
    rows = reason_rows(scene, [no_go, unarmed, missing])
    assert rows[-1].what == "Sign-offs: 1 NO-GO and 1 outstanding"


def test_what_no_role_clears_says_what_does(scene):
    dwell = Reason("PHASE_DWELL", "phase", "canary", "Canary", "1 day", "7 days")
    broken = Reason("RECORD_BROKEN", "record", "record", "The record", "altered", "whole")
    assert [row.owner.title for row in reason_rows(scene, [broken, dwell])] == ["Operator", "Time"]


KINDS = st.sampled_from(["item", "gate", "check", "drill", "review"])
GROUPS = st.sampled_from(["", "", "poll", "abort", "gap:runtime-flags", "gap:dashboards"])
SOME_REASONS = st.lists(
    st.builds(
        Reason,
        code=st.sampled_from(sorted(REASONS)),
        kind=KINDS,
        key=st.sampled_from(["a", "b", "c"]),
        title=st.just("T"),
        found=st.just("f"),
        required=st.just("r"),
        owner=st.sampled_from(["", "sre-lead", "backend-lead"]),
        path=st.sampled_from(["", "validation/enter/item:a", "gap:dashboards/closed_when/check:b"]),
        group=GROUPS,
    ),
    max_size=20,
    unique_by=lambda reason: (reason.code, reason.kind, reason.key, reason.path, reason.group),
)


@given(SOME_REASONS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_reason_is_ever_lost_and_every_row_has_its_own_key(show, reasons):
    rows = show(sorted(reasons, key=reason_rank))
    assert sum(leaves(row) for row in rows) == len(reasons)
    keys = [row.key for row in (*rows, *(child for row in rows for child in row.children))]
    assert len(keys) == len(set(keys))


def leaves(row):
    """How many reasons a row stands for: its children, and itself when it is one of them or the gap that holds them."""
    is_gap = row.word == "Gap open" or (row.state == "Contradicted" and not row.word and row.key != "poll")
    return len(row.children) + is_gap if row.children else 1


def test_two_holds_of_one_person_are_two_rows(scene):
    holds = [Reason("HOLD_CALLED", "hold", "u:1", "Ana", found, "lifted") for found in ("the backup fails", "no pager")]
    rows = reason_rows(scene, holds)
    assert [row.what for row in rows] == ["Held by Ana: “the backup fails”", "Held by Ana: “no pager”"]
    assert len({row.key for row in rows}) == 2
