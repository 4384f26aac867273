"""What people decide: holds, signatures, entering and rolling back, waivers, and entering without GO."""

from datetime import timedelta

from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Question
from readiness.models import Firing, Hold, Override, PhaseRun, SignOff, Waiver
from readiness.queries.facts import load_facts
from readiness.services.aborts import answer_firing
from readiness.services.flags import lower_flag, raise_flag
from readiness.services.holds import call_hold, lift_hold
from readiness.services.overrides import ask_override, close_override, confirm_override, withdraw_override
from readiness.services.phases import enter_phase, explain_rollback, roll_back_phase
from readiness.services.signoff_ends import revoke_sign_off
from readiness.services.signoffs import Answer, sign_off
from readiness.services.waivers import Terms, ask_waiver, decline_waiver, grant_waiver, revoke_waiver
from tests.services.helpers import SHA
from tests.services.worlds.plans import KEY
from tests.services.worlds.stage import Stage, newest


class Decisions(Stage):
    """Everything that says yes, no, not yet, or in spite of."""

    def hold(self, person):
        call_hold(KEY, self.act(person), self.now, reason="the backup fails")

    def lift(self, person):
        for pk in newest(Hold.objects.filter(lifted_at=None)):
            lift_hold(KEY, pk, self.act(person), self.now, reason="it works again")

    def lower(self, person, share_bp):
        lower_flag(KEY, "new", self.act(person), self.now, share_bp=share_bp, reason="carts are lost")

    def raise_up(self, person):
        raise_flag(KEY, "new", self.act(person), self.now)

    def sign(self, role, person, go):
        facts = load_facts(self.rollout(), Question.ENTER)
        if facts.target is None or facts.target.sign_off is None:
            return
        judged, seen = open_case(facts, Question.ENTER, self.now).judged, Seen(0, SHA, self.now)
        statement = build_statement(facts, role, person, seen, judged)
        meaning, reason = ("approve-go", "") if go else ("approve-no-go", "not yet")
        answer = Answer(facts.target.phase, role, go, meaning, reason, statement.digest, seen)
        sign_off(KEY, answer, self.act(person), self.now)

    def take_back(self, person):
        for pk in newest(SignOff.objects.filter(end=None)):
            revoke_sign_off(KEY, pk, self.act(person), self.now, reason="I was wrong")

    def enter(self, person, phase):
        enter_phase(KEY, phase, self.act(person), self.now, confirmed=(0,))

    def roll_back(self, person, level="off"):
        roll_back_phase(KEY, level, self.act(person), self.now)

    def explain(self, person):
        for run in PhaseRun.objects.exclude(rollbacks=None):
            explain_rollback(KEY, run.rollbacks.get().pk, self.act(person), self.now, reason="it was slow")

    def go_on(self, person):
        until = self.now + timedelta(minutes=5)
        for pk in newest(Firing.objects.filter(answer="")):
            answer_firing(KEY, pk, self.act(person), self.now, continue_until=until, reason="known")

    def ask_to_waive(self, path, person, minutes):
        terms = Terms("not in time", "we look ourselves", self.now + timedelta(minutes=minutes))
        ask_waiver(KEY, path, terms, self.act(person), self.now)

    def grant_waiver(self, person):
        for pk in newest(Waiver.objects.filter(ended_at=None)):
            grant_waiver(KEY, pk, self.act(person), self.now)

    def decline_waiver(self, person):
        for pk in newest(Waiver.objects.filter(ended_at=None)):
            decline_waiver(KEY, pk, self.act(person), self.now, reason="do it")

    def revoke_waiver(self, person):
        for pk in newest(Waiver.objects.filter(ended_at=None)):
            revoke_waiver(KEY, pk, self.act(person), self.now, reason="it is done")

    def ask_override(self, person, phase):
        ask_override(KEY, phase, self.act(person), self.now, reason="it can't wait")

    def confirm_override(self, person):
        for pk in newest(Override.objects.all()):
            confirm_override(KEY, pk, self.act(person), self.now, confirmed=(0,))

    def withdraw_override(self, person):
        for pk in newest(Override.objects.all()):
            withdraw_override(KEY, pk, self.act(person), self.now)

    def close_override(self, person):
        for pk in newest(Override.objects.all()):
            close_override(KEY, pk, self.act(person), self.now, reason="it held")
