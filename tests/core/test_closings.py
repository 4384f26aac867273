"""What people close by hand: a signature rests on who closed it and when, and they are not independent of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.closings import covered_closings
from readiness.core.independence import involved_in
from readiness.core.signoffs import material_of, polled_roles
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import (
    ANA,
    BEN,
    DEV,
    NOW,
    RULE,
    codes,
    make_check,
    make_facts,
    make_gap,
    sign,
    sign_all,
)
from tests.core.changes import put

HOUR = timedelta(hours=1)
LAST = RULE.last
DONE = make_gap(done_tasks=1)
BARE = replace(make_gap(key="bare", closed_by=ANA), closed_at=NOW - 2 * HOUR)
SIGNED_BEFORE = {
    "backend-lead": "sha256:a0363fb1f139a3a011ac8d1f3680f0dc8d93f065d8fd50d64088f97a0aba5073",
    "sre-lead": "sha256:8b0153d37925277f6540252647a564842ad54c733dbff3d690712de7816368cc",
    LAST: "sha256:6dc1b5de34928d36a324b5b2cda0d2f4dec4c7c7383d0c55c1f62676f3a30f61",
}
"""What was signed, while only closed or open counted, over a gap with an open and a closed task and a bare gap."""


def enter(facts):
    return evaluate_verdict(facts, Question.ENTER, NOW)


def owned_by(gap, owner):
    """The gap and its tasks with another owner."""
    tasks = tuple(replace(task, owner=owner or "") for task in gap.tasks)
    return replace(gap, gap=replace(gap.gap, owner=owner), tasks=tasks)


def with_task(gap, number, **changes):
    return replace(gap, tasks=put(gap.tasks, number, replace(gap.tasks[number], **changes)))


CLOSED_OTHERWISE = {
    "a task by somebody else": (DONE, with_task(DONE, 0, closed_by=BEN)),
    "a task again, by the same person": (DONE, with_task(DONE, 0, closed_at=NOW + HOUR)),
    "a gap by somebody else": (BARE, replace(BARE, closed_by=BEN)),
    "a gap again, by the same person": (BARE, replace(BARE, closed_at=NOW)),
}


@pytest.mark.parametrize("name", CLOSED_OTHERWISE)
def test_what_is_closed_again_voids_what_was_signed_over_it(name):
    before, after = (make_facts(gaps=[gap]) for gap in CLOSED_OTHERWISE[name])
    signed = sign_all(before)
    assert enter(signed).decision is Decision.GO
    verdict = enter(replace(signed, gaps=after.gaps))
    assert codes(verdict) == ["SIGN_OFF_VOID", "SIGN_OFF_VOID"]
    assert {reason.key for reason in verdict.reasons} == {"backend-lead", LAST}


@pytest.mark.parametrize("gap", [DONE, BARE])
def test_what_is_opened_again_voids_what_was_signed_over_it(gap):
    signed = sign_all(make_facts(gaps=[gap]))
    reopened = replace(gap, closed_by=None, closed_at=None)
    reopened = with_task(reopened, 0, closed_by=None, closed_at=None) if gap.tasks else reopened
    found = codes(enter(replace(signed, gaps=(reopened,))))
    assert found[0] == "GAP_OPEN"
    assert found.count("SIGN_OFF_VOID") == 2


def test_what_has_no_owner_is_for_the_last_role_alone():
    facts = make_facts(gaps=[owned_by(DONE, None), owned_by(BARE, "somebody-else")])
    assert [covered_closings(facts, RULE, role) for role in RULE.roles[:2]] == [(), ()]
    assert [(c.gap, c.task) for c in covered_closings(facts, RULE, LAST)] == [("bare", ""), ("flags", "d0")]


def test_a_gap_that_something_else_closes_is_not_closed_by_hand():
    measured = replace(make_gap(make_check(), closed_by=ANA), closed_at=NOW)
    facts = make_facts(gaps=[measured])
    assert covered_closings(facts, RULE, LAST) == ()
    assert ANA.id not in involved_in(facts, measured.conditions[0])


# ------------------------------------------------------------------------------------- who closed it


@pytest.mark.parametrize("gap", [owned_by(DONE, None), owned_by(replace(BARE, closed_by=ANA), None)])
def test_who_closed_a_gap_by_hand_cannot_be_the_only_one_to_sign_for_it(gap):
    facts = make_facts(gaps=[gap])
    verdict = enter(sign_all(facts, **{LAST: ANA}))
    assert codes(verdict) == ["SIGN_OFF_NOT_INDEPENDENT"]
    (reason,) = verdict.reasons
    assert (reason.kind, reason.key, reason.title, reason.owner) == ("gap", gap.gap.key, gap.gap.title, LAST)
    assert enter(sign_all(facts, **{LAST: DEV})).decision is Decision.GO


def test_who_owns_the_gap_covers_what_somebody_else_closed():
    facts = make_facts(gaps=[DONE])
    assert enter(sign_all(facts, **{LAST: ANA})).decision is Decision.GO
    assert codes(enter(sign_all(facts, **{LAST: ANA, "backend-lead": ANA}))) != []


def test_who_closed_a_task_worked_on_every_condition_of_its_gap():
    check = make_check(key="script")
    unowned = replace(check, condition=replace(check.condition, owner=None))
    facts = make_facts(gaps=[make_gap(unowned, done_tasks=1)])
    assert involved_in(facts, unowned) == {ANA.id}
    assert involved_in(facts, facts.enter[0]) == set()
    (reason,) = enter(sign_all(facts, **{LAST: ANA})).reasons
    assert (reason.code, reason.path) == ("SIGN_OFF_NOT_INDEPENDENT", unowned.condition.path)


def test_who_changed_what_the_phase_asks_worked_on_a_gap_that_only_people_close():
    facts = make_facts(gaps=[owned_by(BARE, None)], changed_by=(DEV,))
    assert "SIGN_OFF_NOT_INDEPENDENT" in codes(enter(sign_all(facts, **{LAST: DEV})))


def test_in_a_rehearsal_one_person_closes_and_signs():
    facts = make_facts(gaps=[owned_by(BARE, None)], rehearsal=True)
    assert enter(sign_all(facts, **{LAST: ANA})).decision is Decision.GO


# ------------------------------------------------------------------------------------- signed before it counted


def signed_before(*gaps, at=NOW - HOUR):
    """Facts with the GO of every role, signed while it did not count who closed what."""
    facts = make_facts(enter=(), gaps=gaps)
    given = (replace(sign(facts, role), material=SIGNED_BEFORE[role], signed_at=at) for role in polled_roles(RULE))
    return replace(facts, signatures=tuple(given))


def void_roles(facts):
    return {reason.key for reason in enter(facts).reasons if reason.code == "SIGN_OFF_VOID"}


TASKS = with_task(make_gap(done_tasks=1, open_tasks=1), 1, closed_at=NOW - 2 * HOUR)


@pytest.mark.parametrize("known", [NOW - 2 * HOUR, NOW - HOUR, None])
def test_what_was_signed_before_it_counted_still_counts(known):
    facts = signed_before(TASKS, replace(BARE, closed_at=known))
    assert void_roles(facts) == set()
    assert SIGNED_BEFORE["backend-lead"] != material_of(facts, RULE, "backend-lead", {})


@pytest.mark.parametrize(
    "gaps",
    [
        (with_task(TASKS, 1, closed_at=NOW), BARE),
        (with_task(TASKS, 1, closed_by=None, closed_at=None), BARE),
        (TASKS, replace(BARE, closed_at=NOW)),
    ],
)
def test_what_was_signed_before_it_counted_is_void_once_something_of_it_is_closed_again(gaps):
    assert void_roles(signed_before(*gaps)) == {"backend-lead", LAST}
