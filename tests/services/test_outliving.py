"""Nothing outlives what it approved: another run, another question, another answer of the same role."""

import json

import pytest

from readiness.models import Claim, DrillRecord, PhaseRun, SignOff, StoredVerdict
from readiness.services.plan_file import read_plan
from readiness.services.rollouts import FiredTriggerGone, import_plan
from tests.services.everything import CANARY, COMPLAINTS, PLAN, PREPARE, WORD
from tests.services.helpers import LEAD, MATE, OWNER, act_of
from tests.services.test_stateful import Everything

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture
def stories():
    """Begin stories, each of which ends with the test."""
    told = []

    def begin():
        told.append(Everything())
        return told[-1]

    yield begin
    for story in reversed(told):
        story.teardown()


@pytest.fixture
def story(stories):
    return stories()


def decision():
    return StoredVerdict.objects.get(question="enter").decision


def reasons():
    return {reason["code"] for reason in StoredVerdict.objects.get(question="enter").payload["reasons"]}


def bring(story, said):
    text = json.dumps(said)
    import_plan(read_plan(text), text, act_of(LEAD), story.world.now)
    story.world.judge()


def first(**changes):
    """The plan with other keys in its first phase."""
    return {**PLAN, "phases": [{**PREPARE, **changes}, CANARY]}


def test_signatures_given_while_one_run_lasted_do_not_count_for_the_next(story):
    for phase in ("prepare", "canary"):
        story.go_the_way()
        story.do("enter", LEAD, phase)
    story.go_the_way()
    assert decision() == "GO"
    story.do("claim", COMPLAINTS, MATE, None)
    story.do("roll_back", MATE)
    story.go_the_way()
    story.do("enter", LEAD, "canary")
    story.do("pass_time", 60)
    story.do("measure", 0.5)
    story.do("verify")
    assert PhaseRun.objects.get(state="running").number == 2
    assert SignOff.objects.filter(phase="close").exists()
    assert (decision(), reasons()) == ("NO_GO", {"SIGN_OFF_VOID"})


def test_what_was_claimed_of_a_success_in_an_earlier_run_is_claimed_anew(stories, monkeypatch):
    soak = {"item": "soak", "title": "The soak was calm", "owner": "sre", "evidence": "attestation"}
    said = {**PLAN, "phases": [PREPARE, {**CANARY, "succeed": [soak]}]}
    monkeypatch.setattr("tests.services.everything.PLANS", (said,))
    story = stories()
    for phase in ("prepare", "canary"):
        story.go_the_way()
        story.do("enter", LEAD, phase)
    story.do("claim", "canary/succeed/item:soak", OWNER, None)
    story.do("roll_back", MATE)
    story.go_the_way()
    story.do("enter", LEAD, "canary")
    claim = Claim.objects.get(path="canary/succeed/item:soak")
    assert claim.withdrawn_by == "a new run of the phase"
    story.the_tables_are_what_the_record_says()


@pytest.mark.parametrize("gone", ["limit", "trigger"])
def test_no_plan_takes_away_a_trigger_that_fired_and_that_nobody_answered(story, gone):
    for phase in ("prepare", "canary"):
        story.go_the_way()
        story.do("enter", LEAD, phase)
    story.do("measure", 9.0)
    assert StoredVerdict.objects.get(question="continue").stage == "ABORT"
    report, gate = CANARY["abort"]
    abort = [report] if gone == "trigger" else [report, {**gate, "expect": "<= 40"}]
    with pytest.raises(FiredTriggerGone, match="fired and nobody has answered"):
        bring(story, {**PLAN, "phases": [PREPARE, {**CANARY, "abort": abort}]})
    assert StoredVerdict.objects.get(question="continue").stage == "ABORT"


def test_another_question_in_the_same_place_voids_what_was_signed(story):
    story.go_the_way()
    assert decision() == "GO"
    enter = [
        {**each, "title": "The backup was restored"} if each["item"] == "word" else each for each in PREPARE["enter"]
    ]
    bring(story, first(enter=enter))
    assert Claim.objects.filter(path=WORD, withdrawn_at=None).exists()
    assert "SIGN_OFF_VOID" in reasons()


def test_a_drill_of_other_commands_is_another_drill(stories, monkeypatch):
    drill = {"owner": "sre", "title": "Way back practised", "target": "2m", "level": "off", "commands": ["./back.sh"]}
    said = {**first(enter=[{"drill": "practised"}]), "drills": {"practised": drill}}
    monkeypatch.setattr("tests.services.everything.PLANS", (said,))
    story = stories()
    story.do("drill", OWNER)
    assert DrillRecord.objects.exists()
    assert "DRILL_MISSING" not in reasons()
    bring(story, {**said, "drills": {"practised": {**drill, "commands": ["./other.sh"]}}})
    assert "DRILL_MISSING" in reasons()
    bring(story, {**said, "drills": {"practised": {**drill, "target": "3m"}}})
    assert "DRILL_MISSING" not in reasons()


def test_nobody_else_of_the_same_role_outvotes_a_no_go(story):
    story.go_the_way()
    story.do("grant", None, MATE, "role", "sre")
    story.do("pass_time", 1)
    story.do("sign", "sre", OWNER, False)
    story.do("sign", "sre", MATE, True)
    assert "SIGN_OFF_NO_GO" in reasons()
    story.do("pass_time", 1)
    story.do("sign", "sre", OWNER, True)
    assert "SIGN_OFF_NO_GO" not in reasons()


def test_a_no_go_that_was_taken_back_stands_no_more(story):
    story.go_the_way()
    story.do("pass_time", 1)
    story.do("sign", "sre", OWNER, False)
    assert "SIGN_OFF_NO_GO" in reasons()
    story.do("take_back", OWNER)
    assert "SIGN_OFF_NO_GO" not in reasons()
