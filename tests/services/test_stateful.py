"""Every service in any order: the tables are the fold of the record, and no GO is unearned."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from readiness.core.codec import from_plain
from readiness.core.facts import Facts
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun, StoredVerdict
from readiness.queries.audit import verify_record
from readiness.queries.kept_verdicts import load_kept_facts, load_kept_verdicts
from readiness.queries.replays import load_differences
from tests.services import everything as every
from tests.services.helpers import LEAD, MATE, OWNER, STRANGER

people = st.sampled_from([OWNER, OWNER, LEAD, LEAD, MATE, STRANGER])
items = st.sampled_from(every.ITEMS)
papers = st.sampled_from([None, True, True, False])
roles = st.sampled_from(["sre", "lead"])
waivable = st.sampled_from([*every.ITEMS, "canary/enter/review:design", "prepare/succeed/gate:errors/<= 1/0s"])
phases = st.sampled_from(["prepare", "canary", "close"])


def short_stories(count):
    """So many stories of sixteen steps each."""
    return settings(
        max_examples=count,
        stateful_step_count=16,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class Everything(RuleBasedStateMachine):
    """What people and the machine can do, in any order; each act may be refused and then changes nothing."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.world = every.World()

    @initialize(entered=st.sampled_from([0, 0, 1, 1, 2]), ready=st.booleans())
    def begin_somewhere(self, entered, ready):
        """Let the story begin with so many phases entered, and all or nothing done for the next."""
        for phase in ("prepare", "canary")[:entered]:
            self.go_the_way()
            self.do("enter", LEAD, phase)
        if ready:
            self.go_the_way()

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def do(self, name, *arguments):
        """Let an act happen or be refused, and let the machine judge what it changed."""
        with every.refusals_change_nothing():
            getattr(self.world, name)(*arguments)
        self.world.judge()

    @rule(path=items, person=people, paper=papers)
    def claim(self, path, person, paper):
        self.do("claim", path, person, paper)

    @rule(path=items, person=people, proves=st.booleans())
    def add_evidence(self, path, person, proves):
        self.do("add", path, person, proves)

    @rule(path=items, person=people)
    def withdraw(self, path, person):
        self.do("withdraw", path, person)

    @rule(person=people)
    def close_task(self, person):
        self.do("close_task", person)

    @rule(person=people)
    def reopen_task(self, person):
        self.do("reopen_task", person)

    @rule(person=people)
    def hold(self, person):
        self.do("hold", person)

    @rule(person=people)
    def lift(self, person):
        self.do("lift", person)

    @rule(person=people)
    def take_back(self, person):
        self.do("take_back", person)

    @rule(person=people)
    def roll_back(self, person):
        self.do("roll_back", person)

    @rule(person=people, name=st.sampled_from(["explain", "go_on", "drill"]))
    def act_afterwards(self, person, name):
        self.do(name, person)

    @rule(person=people)
    def report(self, person):
        self.do("claim", every.COMPLAINTS, person, None)

    @rule(person=people, score=st.sampled_from(["6.5", "7", "9.25"]))
    def review(self, person, score):
        self.do("review", person, score)

    @rule(
        by=st.sampled_from([None, LEAD, MATE]),
        to=people,
        what=st.sampled_from([("role", "sre"), ("role", "lead"), ("group", "on-call"), ("member", "")]),
    )
    def grant(self, by, to, what):
        self.do("grant", by, to, *what)

    @rule(by=st.sampled_from([None, LEAD, MATE]), which=st.integers(0, 9))
    def revoke(self, by, which):
        self.do("revoke", by, which)

    @rule(number=st.integers(0, len(every.PLANS) - 1), person=st.sampled_from([None, LEAD, MATE]))
    def bring_a_plan(self, number, person):
        self.do("bring", number, person)

    @rule(role=roles, person=people, go=st.sampled_from([True, True, False]))
    def sign(self, role, person, go):
        self.do("sign", role, person, go)

    @rule(person=people, phase=phases)
    def enter(self, person, phase):
        self.do("enter", person, phase)

    @rule(path=waivable, person=people, minutes=st.sampled_from([1, 5, 60, 60 * 24 * 40]))
    def ask_to_waive(self, path, person, minutes):
        self.do("ask_to_waive", path, person, minutes)

    @rule(person=people, name=st.sampled_from(["grant_waiver", "grant_waiver", "decline_waiver", "revoke_waiver"]))
    def decide_on_a_waiver(self, person, name):
        self.do(name, person)

    @rule(asker=people, granter=people, path=waivable)
    def waive(self, asker, granter, path):
        self.do("ask_to_waive", path, asker, 60)
        self.do("grant_waiver", granter)

    @rule(person=people, phase=phases)
    def ask_to_override(self, person, phase):
        self.do("ask_override", person, phase)

    @rule(person=people, name=st.sampled_from(["confirm_override", "withdraw_override", "close_override"]))
    def decide_on_an_override(self, person, name):
        self.do(name, person)

    @rule(value=st.sampled_from([0.5, 0.5, 2.0, 9.0, None]))
    def measure(self, value):
        self.do("measure", value)

    @rule(seconds=st.sampled_from([1, 30, 90, 200, 700, 700_000]))
    def pass_time(self, seconds):
        self.do("pass_time", seconds)

    @rule()
    def verify(self):
        self.do("verify")

    @rule()
    def go_the_way(self):
        """Do whatever the next phase asks for, as those who may would, so that long stories are told at all."""
        self.world.pass_time(60)
        self.world.measure(0.5)
        self.world.verify()
        for name, *arguments in (
            ("claim", every.WORD, OWNER, None),
            ("claim", every.TESTS, OWNER, True),
            ("claim", every.ALL_KNOW, MATE, None),
            ("claim", every.ALL_KNOW, OWNER, None),
            ("claim", every.ALL_KNOW, LEAD, None),
            ("claim", every.TOLD, OWNER, None),
            ("close_task", OWNER),
            ("review", OWNER, "8"),
            ("sign", "sre", OWNER, True),
            ("sign", "lead", LEAD, True),
        ):
            self.do(name, *arguments)

    @invariant()
    def the_tables_are_what_the_record_says(self):
        assert load_differences() == ()

    @invariant()
    def the_record_verifies(self):
        assert verify_record().contradiction is None

    @invariant()
    def no_go_is_unearned(self):
        assert list(every.unearned(self.world.now)) == []

    @invariant()
    def at_most_one_phase_runs(self):
        assert PhaseRun.objects.filter(state="running").count() <= 1

    @invariant()
    def what_was_kept_gives_the_same_answer_again(self):
        for question in Question:
            for kept in list(load_kept_verdicts(every.KEY, question))[:1]:
                facts = from_plain(Facts, load_kept_facts(kept))
                again = evaluate_verdict(facts, question, kept.judged.evaluated_at)
                assert again.verdict_id == kept.judged.verdict_id

    @invariant()
    def what_is_stored_is_what_was_kept_last(self):
        for stored in StoredVerdict.objects.all():
            newest = next(load_kept_verdicts(every.KEY, Question(stored.question)))
            assert (stored.verdict_id, stored.facts) == (newest.judged.verdict_id, newest.judged.facts)


@pytest.mark.timeout(900)
@pytest.mark.postgres
@pytest.mark.django_db
def test_every_service_in_any_order_keeps_tables_record_and_verdict_together():
    """Sixteen steps are short enough to read, so what fails is not shortened, which would take minutes."""
    run_state_machine_as_test(Everything, settings=short_stories(30))


@pytest.mark.django_db
def test_the_way_leads_through_every_phase_to_the_close():
    """The story that the machine can tell is not empty: GO is reached, and earned, for each phase."""
    machine = Everything()
    try:
        for phase in ("prepare", "canary", "close"):
            machine.go_the_way()
            assert StoredVerdict.objects.get(question="enter").decision == Decision.GO, phase
            machine.enter(LEAD, phase)
            assert PhaseRun.objects.filter(phase=phase).exists()
            machine.the_tables_are_what_the_record_says()
    finally:
        machine.teardown()
