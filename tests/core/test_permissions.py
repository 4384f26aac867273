"""Rights: the table that people read is the one that is asked, and what lowers takes no role."""

import re
from pathlib import Path

import pytest

from readiness.core.permissions import (
    AFTER_CLOSE,
    MEMBER_RIGHTS,
    OWNER_RIGHTS,
    SHELL_RIGHTS,
    TOKEN_RIGHTS,
    Right,
    has_right,
    refusal,
    roles_for,
)
from readiness.core.plan import Authority, Phase, Plan, SignOffRule

PAGE = Path(__file__).parent.parent.parent / "docs" / "permissions.md"
ROWS = re.findall(r"^\| ([a-z ,GO]+?) \| (.*?) \|(.*?)\|(.*?)\|(.*?)\|$", PAGE.read_text(), re.M)
TABLE = {what: (who, *(cell.strip() for cell in cells)) for what, who, *cells in ROWS if what != "to"}
PLAN = Plan(
    "shop",
    "Shop",
    "sha256:x",
    authority=Authority(waive=("boss",), break_glass=("boss", "sre"), lift_hold=("sre",)),
    phases=(
        Phase("canary", "1", "Canary", sign_off=SignOffRule(("sre", "lead"), "lead")),
        Phase("full", "2", "Full", sign_off=SignOffRule(("sre", "manager"), "manager")),
    ),
)
SAID = {
    "anybody on the rollout": (),
    "who answers last": ("lead", "manager"),
    "the owner": ("sre",),
    "the role that is polled": ("sre",),
    "`authority: waive`": ("boss",),
    "`authority: break_glass`": ("boss", "sre"),
    "`authority: lift_hold`": ("sre",),
}


def test_the_page_tells_every_right_once():
    assert [what for what, *_ in ROWS if what != "to"] == [right.value for right in Right]


@pytest.mark.parametrize("right", Right)
def test_the_page_tells_who_may(right):
    first = re.split(r"[;,]| and ", TABLE[right.value][0])[0]
    assert roles_for(right, PLAN, owner="sre") == SAID[first]
    assert (right in MEMBER_RIGHTS) == (first == "anybody on the rollout")


@pytest.mark.parametrize("right", Right)
def test_the_page_tells_what_programs_and_the_operator_may_and_what_stays_when_it_is_closed(right):
    _, token, shell, closed = TABLE[right.value]
    yes = (right in TOKEN_RIGHTS, right in SHELL_RIGHTS, right in AFTER_CLOSE)
    assert tuple({"yes": True, "": False}[cell] for cell in (token, shell, closed)) == yes


@pytest.mark.parametrize("right", sorted(OWNER_RIGHTS))
def test_what_nobody_owns_belongs_to_who_answers_last(right):
    assert roles_for(right, PLAN) == ("lead", "manager")
    assert roles_for(right, PLAN, phase=PLAN.phases[1]) == ("manager",)


@pytest.mark.parametrize("right", [Right.WAIVE, Right.BREAK_GLASS, Right.LIFT_HOLD])
def test_an_authority_that_the_plan_does_not_name_is_nobody(right):
    assert roles_for(right, Plan("shop", "Shop", "sha256:x")) == ()
    assert not has_right(right, ("lead", "sre", "member"), ())
    assert "nobody; the plan names no role for it" in refusal(right, (), {})


@pytest.mark.parametrize("right", Right)
def test_a_stranger_may_nothing_and_a_member_what_lowers(right):
    needed = roles_for(right, PLAN, owner="sre")
    assert not has_right(right, (), needed)
    assert has_right(right, ("member",), needed) == (right in MEMBER_RIGHTS)
