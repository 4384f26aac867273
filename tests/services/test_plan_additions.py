"""A gap written into a plan file: nothing else of it changes, and what cannot be written so is said."""

from dataclasses import replace

import pytest

from readiness.services.plan_additions import NewGap, NotAdded, plan_text_with_gap
from readiness.services.plan_file import read_plan
from tests.plans.walk import DUAL_MEMORY, EVERY_KEY, QUICKSTART

GAP = NewGap(
    "no-restore", "Nothing “restores” it: yet", "high", "sre-lead", (), {"scripts/restore.sh": ""}, "repository"
)
SMALL = """readiness: 1
rollout: {key: demo, title: Demo}
roles: {sre-lead: SRE lead}
sources:
  repository: {kind: git, path: "/srv/code"}
checks:
  there: {kind: file, source: repository, title: There, path: scripts/there.sh, owner: sre-lead}
# the phases, from here on
phases:
  - key: one
    title: One
    duration: 1h
    enter: [{check: there}]
    sign_off: {roles: [sre-lead], last: sre-lead}
"""


@pytest.mark.parametrize("text", [SMALL, QUICKSTART, DUAL_MEMORY])
def test_the_file_says_the_gap_and_keeps_every_line_it_had(text):
    new, draft = plan_text_with_gap(text, GAP)
    assert set(text.splitlines()) <= set(new.splitlines())
    assert len(new.splitlines()) - len(text.splitlines()) <= 4
    gap = draft.plan.gaps[-1]
    assert (gap.key, gap.title, gap.severity, gap.owner) == (
        "no-restore",
        "Nothing “restores” it: yet",
        "high",
        "sre-lead",
    )
    (condition,) = gap.closed_when
    assert (condition.key, condition.check.settings["path"]) == ("no-restore-1", "scripts/restore.sh")


def test_a_check_that_looks_for_the_file_already_is_used():
    new, draft = plan_text_with_gap(SMALL, replace(GAP, paths={"scripts/there.sh": "there"}, blocks=("one",)))
    assert [condition.key for condition in draft.plan.gaps[0].closed_when] == ["there"]
    assert len(draft.plan.checks) == len(read_plan(SMALL).plan.checks)
    assert draft.plan.gaps[0].blocks == ("one",)
    assert new.startswith(SMALL)


def test_an_entry_stands_before_the_comment_of_the_next_section():
    new, _ = plan_text_with_gap(SMALL, GAP)
    lines = new.splitlines()
    assert (
        lines.index("# the phases, from here on")
        == next(n for n, line in enumerate(lines) if "no-restore-1" in line) + 1
    )


def test_several_files_close_it_together():
    paths = {"a/b.sh": "", "a/c.sh": "", "scripts/there.sh": "there"}
    _, draft = plan_text_with_gap(SMALL, replace(GAP, paths=paths))
    keys = [condition.key for condition in draft.plan.gaps[0].closed_when]
    assert keys == ["no-restore-1", "no-restore-2", "there"]


def test_a_file_in_a_shape_of_its_own_is_not_touched_and_says_what_to_write():
    with pytest.raises(NotAdded, match=r'gaps stand on one line. Add this to them by hand: - {"key": "no-restore"'):
        plan_text_with_gap(SMALL + "gaps: []\n", GAP)


def test_a_gap_that_the_plan_would_not_hold_with_is_refused():
    with pytest.raises(NotAdded, match=r"With the gap the plan would not hold: .*nobody"):
        plan_text_with_gap(SMALL, replace(GAP, owner="nobody"))


def test_a_key_that_is_taken_is_refused():
    once, _ = plan_text_with_gap(SMALL, GAP)
    with pytest.raises(NotAdded, match="no-restore"):
        plan_text_with_gap(once, GAP)


def test_lists_that_are_not_indented_are_followed():
    text = SMALL + "gaps:\n- {key: a, title: A, severity: low, owner: sre-lead, blocks: all}\n"
    new, draft = plan_text_with_gap(text, GAP)
    assert [gap.key for gap in draft.plan.gaps] == ["a", "no-restore"]
    assert '\n- {"key": "no-restore"' in new


def test_windows_line_ends_are_no_hindrance():
    _, draft = plan_text_with_gap(SMALL.replace("\n", "\r\n"), GAP)
    assert draft.plan.gaps[-1].key == "no-restore"


def test_the_plan_of_every_key_takes_one_more():
    source = next(each.key for each in read_plan(EVERY_KEY).plan.sources if each.kind == "git")
    owner = read_plan(EVERY_KEY).plan.roles[0].key
    _, draft = plan_text_with_gap(EVERY_KEY, replace(GAP, owner=owner, source=source))
    assert draft.plan.gaps[-1].key == "no-restore"
