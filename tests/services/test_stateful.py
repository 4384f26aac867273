"""Every service in any order: the tables are the fold of the record, and no GO is unearned."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from readiness.core.canonical import canonical_bytes
from readiness.core.codec import from_plain, to_plain
from readiness.core.facts import Facts
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun, RecordCheck, StoredVerdict
from readiness.queries.facts import load_facts
from readiness.queries.kept_verdicts import load_kept_facts, load_kept_verdicts
from readiness.queries.replays import kept_differences, load_differences
from readiness.queries.verification import verify_record
from tests.services import everything as every
from tests.services.helpers import LEAD, MATE, OWNER
from tests.services.worlds import plans
from tests.services.worlds.earned import unearned
from tests.services.worlds.rules import DecisionRules, MachineRules, PeopleRules, WorkRules


def short_stories(count):
    """So many stories of sixteen steps each."""
    return settings(
        max_examples=count,
        stateful_step_count=16,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


class Everything(WorkRules, DecisionRules, PeopleRules, MachineRules):
    """What people and the machine can do, in any order; each act may be refused and then changes nothing."""

    def __init__(self, number=0):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.world = every.World(number)
        self.world.open_accounts()

    @initialize(number=st.sampled_from([0, 0, 8]), entered=st.sampled_from([0, 0, 1, 1, 2]), ready=st.booleans())
    def begin_somewhere(self, number, entered, ready):
        """Let the story begin with a plan, with so many phases entered, and all or nothing done for the next."""
        self.do("bring", number, None)
        for phase in ("prepare", "canary")[:entered]:
            self.go_the_way()
            self.do("enter", LEAD, phase)
        if ready:
            self.go_the_way()

    def teardown(self):
        self.world.leave()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def do(self, name, *arguments):
        """Let an act happen or be refused, and let the machine judge what it changed."""
        self.attempt(name, *arguments)
        self.world.judge()

    def attempt(self, name, *arguments):
        """Let an act happen or be refused."""
        with every.refusals_change_nothing():
            getattr(self.world, name)(*arguments)

    @rule()
    def go_the_way(self):
        """Do whatever the next phase asks for, as those who may would, so that long stories are told at all."""
        self.world.pass_time(60)
        self.world.measure(0.5)
        self.world.verify()
        for name, *arguments in (
            ("grant", None, OWNER, "role", "reliability"),
            ("claim", plans.WORD, OWNER, None),
            ("claim", plans.TESTS, OWNER, True),
            *(("claim", plans.ALL_KNOW, person, None) for person in (MATE, OWNER, LEAD)),
            ("claim", plans.TOLD, OWNER, None),
            ("record_base", OWNER),
            ("close_task", OWNER),
            ("review", OWNER, "8"),
            ("drill", OWNER),
            *(("sign", role, OWNER, True) for role in ("sre", "reliability")),
            ("sign", "lead", LEAD, True),
        ):
            self.attempt(name, *arguments)
        self.world.judge()

    @invariant()
    def the_tables_are_what_the_record_says(self):
        assert {found.key for found in load_differences()} == set(self.world.edited)

    @invariant()
    def what_was_edited_by_hand_is_named_and_stands_in_the_way(self):
        found = {(each.type, each.row) for each in kept_differences(RecordCheck.objects.get()) if each.confirmed}
        assert found >= self.world.named
        assert not (self.world.named and StoredVerdict.objects.filter(decision=Decision.GO).exists())

    @invariant()
    def the_record_verifies(self):
        assert verify_record().contradiction is None

    @invariant()
    def no_go_is_unearned(self):
        assert list(unearned(self.world.now)) == []

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
    def what_is_stored_is_what_anybody_would_judge_now(self):
        rollout = self.world.rollout()
        for stored in StoredVerdict.objects.all():
            question = Question(stored.question)
            again = evaluate_verdict(load_facts(rollout, question), question, self.world.now)
            assert canonical_bytes(to_plain(again)) == canonical_bytes(stored.payload)

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
