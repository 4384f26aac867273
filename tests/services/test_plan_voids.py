"""A new version of a plan voids the signatures that it touches, and the difference says so before."""

import pytest

from readiness.core.case import open_case
from readiness.core.plan_build import build_plan
from readiness.core.plan_diff import plan_changes
from readiness.core.signoffs import material_of
from readiness.core.types import Question
from readiness.queries.facts import load_facts
from tests.core.documents import put
from tests.services.helpers import DOCUMENT, NOW, adopt, make_rollout, start_phase

pytestmark = pytest.mark.django_db
PREPARE, CANARY = ("phases", 0), ("phases", 1)
BASE = put(
    put(DOCUMENT, ("checks",), {"ready": {"title": "Ready", "kind": "target", "source": "metrics", "job": "shop"}}),
    (*CANARY, "enter", 2),
    {"check": "ready", "owner": "sre"},
)
BASE = put(BASE, (*PREPARE, "succeed"), [{"gate": "errors", "owner": "lead"}])
VOIDS = [
    ((*CANARY, "flags", "new"), "50%"),
    ((*CANARY, "traffic"), "50%"),
    ((*CANARY, "duration"), "2m"),
    ((*CANARY, "commands"), ["./other.sh"]),
    ((*CANARY, "config"), "x = 1"),
    ((*CANARY, "sign_off", "valid_for"), "1d"),
    ((*CANARY, "enter", 2), None),
    ((*CANARY, "enter", 2, "owner"), "lead"),
    ((*CANARY, "enter", 2, "max_age"), "1h"),
    ((*CANARY, "abort", 0), None),
    ((*CANARY, "abort", 1, "expect"), "<= 4"),
    ((*CANARY, "abort", 1, "decided_by"), "lead"),
    ((*CANARY, "abort", 2, "decided_by"), "sre"),
    ((*PREPARE, "succeed", 0, "expect"), "<= 2"),
    ((*PREPARE, "duration"), "2m"),
    (("gates", "errors", "query"), "fewer_errors"),
    (("drills", "practised", "target"), "3m"),
    (("gaps", 1), None),
    (("gaps", 1, "blocks"), []),
    (("gaps", 0, "tasks", 0), None),
    (("rollbacks", 0, "commands"), []),
    (("rollbacks", 0, "sets"), {}),
    (("flags", "new", "default"), "on"),
    (("sources", "metrics", "url"), "http://localhost:9999"),
    (("sources", "metrics", "environment"), "production"),
]
VOIDS_NOTHING = [
    ((*CANARY, "title"), "Little"),
    ((*CANARY, "objective"), "Learn."),
    ((*CANARY, "enter", 2, "title"), "Is ready"),
    ((*CANARY, "enter", 2, "section"), "People"),
    ((*CANARY, "enter", 2, "from"), "runbook.md#1"),
    (("gaps", 0, "title"), "None"),
    (("gaps", 0, "tasks", 0, "estimate"), "2d"),
    (("sources", "metrics", "timeout"), "9s"),
    (("rollbacks", 0, "title"), "Off"),
    (("lessons",), ["Learn."]),
    (("rollout", "summary"), "What it is."),
    (("roles", "sre"), "SRE"),
]


def materials(rollout):
    """What the signature of each role to enter the canary would rest on."""
    facts = load_facts(rollout, Question.ENTER)
    judged = open_case(facts, Question.ENTER, NOW).judged
    return {role: material_of(facts, facts.target.sign_off, role, judged) for role in ("sre", "lead")}


def edited(path, value):
    """The materials before and after an edit of the plan, and whether the difference says that it voids something."""
    rollout = make_rollout(BASE)
    start_phase(rollout, "prepare")
    before, after = materials(rollout), put(BASE, path, value)
    adopt(rollout, after)
    told = any(change.note for change in plan_changes(build_plan(BASE, "1"), build_plan(after, "2")))
    return before, materials(rollout), told


@pytest.mark.parametrize(("path", "value"), VOIDS, ids=lambda part: str(part)[:60])
def test_an_edit_that_changes_what_was_signed_voids_and_says_so(path, value):
    before, after, told = edited(path, value)
    assert before["lead"] != after["lead"]
    assert told


@pytest.mark.parametrize(("path", "value"), VOIDS_NOTHING, ids=lambda part: str(part)[:60])
def test_an_edit_of_words_voids_nothing_and_says_nothing(path, value):
    before, after, told = edited(path, value)
    assert before == after
    assert not told


def test_an_edit_of_one_part_leaves_the_signature_of_another():
    before, after, _ = edited((*PREPARE, "succeed", 0, "expect"), "<= 2")
    assert before["sre"] == after["sre"]
