"""Turning a flag off and raising it again, and what phases and ways back do to it."""

from datetime import timedelta

import pytest

from readiness.core.audit import ChannelKind
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import FlagState, Observation, Rollout
from readiness.queries.facts import load_facts
from readiness.queries.flags import load_flag_states, phase_in_force, shares_in_force
from readiness.queries.plans import load_plan
from readiness.services.flags import NoSuchFlag, NotLower, NotRaised, lower_flag, raise_flag
from readiness.services.holds import call_hold
from readiness.services.phases import roll_back_phase
from readiness.services.recording import NoSuchRollout
from readiness.services.rights import NotAllowed
from tests.record_fixtures import entries
from tests.services.helpers import (
    LEAD,
    MATE,
    NOW,
    OWNER,
    STRANGER,
    act_of,
    adopt,
    document,
    make_rollout,
    only_entry,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def rollout():
    made = make_rollout(without_triggers())
    start_phase(made, "canary")
    return made


def without_triggers(**flags):
    said = document()
    phases = [{key: value for key, value in phase.items() if key != "abort"} for phase in said["phases"]]
    phases = [{**phase, **({"flags": flags} if phase["key"] == "canary" and flags else {})} for phase in phases]
    return {**said, "phases": phases}


def shares(rollout):
    plan = load_plan(rollout)
    return shares_in_force(plan, phase_in_force(rollout, plan), load_flag_states(rollout, plan))


def reasons(rollout):
    verdict = evaluate_verdict(load_facts(rollout, Question.CONTINUE), Question.CONTINUE, NOW)
    return [(reason.code, reason.key, reason.found, reason.required) for reason in verdict.reasons]


def test_a_phase_serves_what_it_asks_for(rollout):
    assert shares(rollout) == {"new": 500}
    assert reasons(rollout) == []


def test_anybody_on_the_rollout_turns_a_flag_off(rollout):
    entry = only_entry(lower_flag("demo", "new", act_of(MATE), NOW, reason="carts are lost"))
    state = FlagState.objects.get()
    assert (state.most_bp, state.lowered_at, state.by_id, state.reason) == (0, NOW, MATE, "carts are lost")
    assert (entry["action"], entry["reason"], entry["object"]["label"]) == (
        "flag.lowered",
        "carts are lost",
        "new to 0 %",
    )
    assert shares(rollout) == {"new": 0}
    assert Rollout.objects.get().dirty_at == NOW
    found = "0 % by Mia Mate since 14:32 UTC on 2 Dec: “carts are lost”"
    assert reasons(rollout) == [("FLAG_KILLED", "new", found, "5 %")]


def test_no_reason_is_needed_to_turn_a_flag_off(rollout):
    lower_flag("demo", "new", act_of(MATE), NOW)
    assert reasons(rollout)[0][2] == "0 % by Mia Mate since 14:32 UTC on 2 Dec"


def test_a_stranger_lowers_nothing(rollout):
    with pytest.raises(NotAllowed, match="Only people on this rollout may lower a flag"):
        lower_flag("demo", "new", act_of(STRANGER), NOW)
    assert (shares(rollout), entries()) == ({"new": 500}, [])


def test_a_token_lowers_and_never_raises(rollout):
    lower_flag("demo", "new", act_of(MATE, channel=ChannelKind.API), NOW)
    with pytest.raises(NotAllowed, match="A token may not raise a flag"):
        raise_flag("demo", "new", act_of(LEAD, channel=ChannelKind.API), NOW)
    assert shares(rollout) == {"new": 0}


def test_a_flag_is_lowered_to_a_share(rollout):
    lower_flag("demo", "new", act_of(MATE), NOW, share_bp=100)
    assert shares(rollout) == {"new": 100}


@pytest.mark.parametrize("share_bp", [500, 501, 10_000])
def test_lowering_never_raises(rollout, share_bp):
    with pytest.raises(
        NotLower, match=r"is served to 5 % now, and .* is not less. To serve it to more people, raise it"
    ):
        lower_flag("demo", "new", act_of(LEAD), NOW, share_bp=share_bp)
    assert (shares(rollout), entries()) == ({"new": 500}, [])


def test_what_is_off_is_not_turned_off_again(rollout):
    lower_flag("demo", "new", act_of(MATE), NOW)
    with pytest.raises(NotLower):
        lower_flag("demo", "new", act_of(OWNER), NOW)
    assert len(entries()) == 1


def test_a_flag_has_to_be_in_the_plan(rollout):
    with pytest.raises(NoSuchFlag, match=r"has no flag old. It has: new"):
        lower_flag("demo", "old", act_of(MATE), NOW)
    with pytest.raises(NoSuchRollout):
        lower_flag("nothing", "new", act_of(MATE), NOW)


def test_whoever_signs_last_raises_a_flag_while_the_phase_may_go_on(rollout):
    lower_flag("demo", "new", act_of(MATE), NOW)
    seq = raise_flag("demo", "new", act_of(LEAD), NOW, reason="it was the cache")
    entry = entries()[-1]
    assert (entry["seq"], entry["action"], entry["reason"]) == (seq, "flag.raised", "it was the cache")
    state = FlagState.objects.get()
    assert (state.most_bp, state.lowered_at, state.by_id) == (500, None, LEAD)
    assert (shares(rollout), reasons(rollout)) == ({"new": 500}, [])


@pytest.mark.parametrize("person", [OWNER, MATE, STRANGER])
def test_nobody_else_raises_a_flag(rollout, person):
    lower_flag("demo", "new", act_of(MATE), NOW)
    with pytest.raises(NotAllowed, match=r"You may not raise a flag here. Who may: Release lead"):
        raise_flag("demo", "new", act_of(person), NOW)
    assert shares(rollout) == {"new": 0}


def test_the_shell_raises_nothing(rollout):
    lower_flag("demo", "new", act_of("shell:root", channel=ChannelKind.SHELL), NOW)
    with pytest.raises(NotAllowed):
        raise_flag("demo", "new", act_of("shell:root", channel=ChannelKind.SHELL), NOW)
    assert shares(rollout) == {"new": 0}


def test_nothing_is_raised_while_something_speaks_against_going_on(rollout):
    lower_flag("demo", "new", act_of(MATE), NOW)
    call_hold("demo", act_of(OWNER), NOW, reason="look first")
    with pytest.raises(NotRaised, match=r"It is NO-GO at this moment, so nothing is raised. Held by Olga Owner"):
        raise_flag("demo", "new", act_of(LEAD), NOW)
    assert (shares(rollout), len(entries())) == ({"new": 0}, 2)


def test_what_is_served_as_asked_is_not_raised(rollout):
    with pytest.raises(NotRaised, match="is served to 5 %, as Canary asks"):
        raise_flag("demo", "new", act_of(LEAD), NOW)
    assert entries() == []


def test_nothing_is_raised_while_no_phase_runs():
    make_rollout()
    with pytest.raises(NotRaised, match="No phase is running"):
        raise_flag("demo", "new", act_of(LEAD), NOW)


def test_a_plan_that_asks_for_more_raises_nothing_by_itself(rollout):
    adopt(rollout, without_triggers(new="50%"))
    assert shares(rollout) == {"new": 500}
    said = "5 %, and nobody has raised it since more is asked for"
    assert reasons(rollout) == [("FLAG_KILLED", "new", said, "50 %")]
    raise_flag("demo", "new", act_of(LEAD), NOW)
    assert (shares(rollout), reasons(rollout)) == ({"new": 5_000}, [])


def test_a_plan_that_asks_for_less_is_followed_at_once(rollout):
    adopt(rollout, without_triggers(new="1%"))
    assert (shares(rollout), reasons(rollout)) == ({"new": 100}, [])


def test_a_way_back_takes_the_flags_down_as_its_level_says(rollout):
    roll_back_phase("demo", "off", act_of(MATE), LATER)
    (entry,) = entries()
    assert [each["type"] for each in entry["change"]["also"]].count("flagstate") == 1
    assert (shares(rollout), FlagState.objects.get().lowered_at) == ({"new": 0}, None)


def test_what_is_served_after_the_close_is_what_the_last_phase_served(rollout):
    run = rollout.runs.get()
    run.state, run.left_at = "succeeded", NOW
    run.save()
    end = {"left_at": NOW, "state": "succeeded", "by_id": LEAD, "by_name": "Lea"}
    rollout.runs.create(phase="close", number=1, entered_at=NOW, **end)
    assert shares(rollout) == {"new": 500}
    lower_flag("demo", "new", act_of(MATE), NOW)
    assert shares(rollout) == {"new": 0}


def test_what_observes_the_share_is_held_against_what_is_served():
    said = without_triggers()
    observed = {"source": "metrics", "query": "new / all", "tolerance": "1pp"}
    rollout = make_rollout({**said, "flags": {"new": {**said["flags"]["new"], "observed": observed}}})
    start_phase(rollout, "canary")
    lower_flag("demo", "new", act_of(MATE), NOW)
    (exposure,) = load_facts(rollout, Question.CONTINUE).exposures
    assert (exposure.asked, exposure.facts.condition.gate.expect) == ("0 %", ((">= 0%", "<= 1%"),))
    assert Observation.objects.get(path="flag:new/observed/gate:new").next_due_at == NOW


def test_a_flag_that_nobody_allowed_is_no_reason_before_a_phase_runs():
    rollout = make_rollout()
    assert shares(rollout) == {"new": 0}
    verdict = evaluate_verdict(load_facts(rollout, Question.ENTER), Question.ENTER, NOW)
    assert verdict.decision is Decision.NO_GO
    assert "FLAG_KILLED" not in {reason.code for reason in verdict.reasons}
