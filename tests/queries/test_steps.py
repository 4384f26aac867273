"""My next step: what is worst first, only what the reader can do, and never a dead end."""

import pytest

from readiness.models import Rollback
from readiness.queries.scenes import Address, load_scene
from readiness.queries.steps import fill_step
from readiness.services.holds import call_hold
from readiness.services.items import claim_item
from readiness.services.phases import roll_back_phase
from tests.factories import (
    NOW,
    act_as,
    fire,
    judge,
    make_person,
    make_rollout,
    observe_all,
    person_of,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
P99 = "canary/abort/gate:checkout-p99-canary/<= 300ms/10s"


@pytest.fixture
def step_of():
    return lambda who: fill_step(load_scene("quickstart", person_of(make_person(who)), Address("board"), NOW))


def test_an_owner_is_sent_to_the_first_thing_only_they_can_do(step_of):
    make_rollout()
    step = step_of("Ben Okafor")
    assert step.title == "Claim: The checkout's test suite passes"
    assert step.why == "It needs this: a claim with a JUnit report that passes."
    assert step.url.endswith("/claim/prepare/enter/item:tests-pass")
    assert [link.label for link in step.todo] == ["Claim: Payment provider agreed to the load"]


def test_who_owns_nothing_that_is_open_has_nothing_to_do(step_of):
    make_rollout()
    step = step_of("Hugo Lind")
    assert (step.title, step.url) == ("Nothing waits for you", "")


def test_a_stranger_is_told_whom_to_ask(step_of):
    make_rollout()
    step = step_of("Ivo Marsh")
    assert "Ana Ruiz, release manager, can give you a role" in step.why


def test_a_station_whose_part_is_met_is_asked_to_answer(step_of):
    rollout = make_rollout()
    observe_all(rollout)
    claim_item(rollout.key, "prepare/enter/item:runbook-read", act_as(make_person("Elif Kaya")), NOW)
    judge(rollout)
    step = step_of("Elif Kaya")
    assert (step.title, step.style) == ("Answer as SRE lead", "go")
    assert step.url == "/rollouts/quickstart/sign-off/prepare/?role=sre-lead"
    assert step_of("Ana Ruiz").title == "Nothing waits for you"


def test_a_trigger_that_fired_comes_before_everything_and_any_member_may_roll_back(step_of):
    rollout = make_rollout()
    fire(start_phase(rollout, "canary"), P99, found="400 ms")
    decider, other = step_of("Elif Kaya"), step_of("Ben Okafor")
    assert (decider.title, decider.label) == ("Decide: Checkout latency, p99, canary cohort", "Roll back or continue")
    assert (other.label, other.url) == ("Roll back", "/rollouts/quickstart/roll-back/")
    assert step_of("Ivo Marsh").url == ""


def test_who_rolled_back_is_asked_why(step_of):
    rollout = make_rollout()
    start_phase(rollout, "canary")
    roll_back_phase(rollout.key, "immediate", act_as(make_person("Ben Okafor")), NOW)
    step = step_of("Ben Okafor")
    assert step.title == "Say why you rolled back"
    assert step.url == f"/rollouts/quickstart/roll-back/{Rollback.objects.get().pk}/reason/"
    assert step_of("Elif Kaya").title != step.title


def test_a_hold_is_settled_by_whoever_may_lift_it(step_of):
    rollout = make_rollout()
    call_hold(rollout.key, act_as(make_person("Elif Kaya")), NOW, reason="the backup fails")
    step = step_of("Ana Ruiz")
    assert (step.title, step.label) == ("Settle the hold", "Lift the hold")
    assert "the backup fails" in step.why
    assert step_of("Elif Kaya").title == "Settle the hold"
    assert step_of("Ben Okafor").title.startswith("Claim:")
