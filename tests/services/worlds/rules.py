"""What may happen next in a story: each rule is one thing that somebody does, in any order, by whoever tries."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from readiness.core.audit import ChannelKind
from readiness.models import AuditEntry
from readiness.services.evidence import How
from tests.services.helpers import LEAD, MATE, OWNER, STRANGER
from tests.services.worlds import plans

people = st.sampled_from([OWNER, OWNER, LEAD, LEAD, MATE, STRANGER])
deciders = st.sampled_from([None, LEAD, MATE])
admins = st.sampled_from([None, STRANGER, STRANGER, LEAD])
items = st.sampled_from([*plans.ITEMS, plans.BASE])
papers = st.sampled_from([None, True, True, False])
ways = st.sampled_from([How.FILE, How.FILE, *How])
roles = st.sampled_from(["sre", "sre", "lead", "lead", "reliability"])
phases = st.sampled_from(["prepare", "canary", "full", "close"])
levels = st.sampled_from(["off", "off", "back"])
some = st.integers(0, 19)
waivable = st.sampled_from(
    [
        *plans.ITEMS,
        plans.BASE,
        "canary/enter/review:design",
        "canary/enter/drill:practised",
        "full/enter/check:api",
        "prepare/succeed/gate:errors/<= 1/0s",
        "canary/succeed/gate:errors/<= +50%/0s",
    ]
)


class Rules(RuleBasedStateMachine):
    """What all rules do: let an act happen or be refused, and let the machine judge what it changed."""

    def do(self, name, *arguments):
        raise NotImplementedError


class WorkRules(Rules):
    """Claims and what proves them."""

    @rule(path=items, person=people, paper=papers, how=ways)
    def claim(self, path, person, paper, how):
        self.do("claim", path, person, paper, how)

    @rule(path=items, person=people, proves=st.booleans(), how=ways)
    def add_evidence(self, path, person, proves, how):
        self.do("add", path, person, proves, how)

    @rule(path=items, person=people)
    def withdraw(self, path, person):
        self.do("withdraw", path, person)

    @rule(person=people, name=st.sampled_from(["close_task", "close_task", "reopen_task", "open_paper"]))
    def work(self, person, name):
        self.do(name, person)

    @rule(person=people, name=st.sampled_from(["drill", "record_base"]))
    def prove(self, person, name):
        self.do(name, person)

    @rule(person=people)
    def report(self, person):
        self.do("claim", plans.COMPLAINTS, person, None)

    @rule(person=people, score=st.sampled_from(["6.5", "7", "9.25"]))
    def review(self, person, score):
        self.do("review", person, score)


class DecisionRules(Rules):
    """What people decide."""

    @rule(person=people, name=st.sampled_from(["hold", "lift", "lift", "take_back"]))
    def speak(self, person, name):
        self.do(name, person)

    @rule(person=people, share_bp=st.sampled_from([0, 0, 100, 600]))
    def lower(self, person, share_bp):
        self.do("lower", person, share_bp)

    @rule(person=people)
    def raise_up(self, person):
        self.do("raise_up", person)

    @rule(person=people, level=levels)
    def roll_back(self, person, level):
        self.do("roll_back", person, level)

    @rule(person=people, name=st.sampled_from(["explain", "go_on"]))
    def act_afterwards(self, person, name):
        self.do(name, person)

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

    @rule(number=st.integers(0, len(plans.PLANS) - 1), person=deciders)
    def bring_a_plan(self, number, person):
        self.do("bring", number, person)


class PeopleRules(Rules):
    """Who may do what."""

    @rule(
        by=deciders,
        to=people,
        what=st.sampled_from(
            [("role", "sre"), ("role", "lead"), ("role", "reliability"), ("group", "on-call"), ("member", "")]
        ),
    )
    def grant(self, by, to, what):
        self.do("grant", by, to, *what)

    @rule(by=deciders, which=some)
    def revoke(self, by, which):
        self.do("revoke", by, which)

    @rule(by=admins, name=st.sampled_from(["ann", "bea"]), how=st.sampled_from(["add_account", "set_up"]))
    def add_an_account(self, by, name, how):
        self.do(*((how, by, name) if how == "add_account" else (how, name)))

    @rule(by=admins, which=some, name=st.sampled_from(["invite", "close_account", "open_account", "make_token"]))
    def keep_accounts(self, by, which, name):
        self.do(name, by, which)

    @rule(which=some)
    def delete_an_account(self, which):
        self.do("delete_account", which)

    @rule(by=admins)
    def rotate_a_token(self, by):
        self.do("rotate_token", by)

    @rule(by=admins)
    def take_a_token_back(self, by):
        self.do("use_token")
        self.do("revoke_token", by)

    @rule(by=st.sampled_from([None, LEAD]), person=people)
    def erase(self, by, person):
        self.do("erase", by, person)

    @rule(person=people, name=st.sampled_from(["hold", "roll_back", "close_task", "drill", "record_base"]))
    def act_by_token(self, person, name):
        self.by_token(name, person)

    @rule(
        person=people,
        name=st.sampled_from(["lift", "take_back", "go_on", "grant_waiver", "confirm_override", "raise_up"]),
    )
    def try_by_token(self, person, name):
        self.refused_by_token(name, person)

    @rule(person=people, role=roles, phase=phases)
    def sign_and_enter_by_token(self, person, role, phase):
        self.refused_by_token("sign", role, person, True)
        self.refused_by_token("enter", person, phase)
        self.refused_by_token("ask_to_waive", plans.WORD, person, 5)

    def by_token(self, name, *arguments):
        """Do something with a token of somebody instead of on the page."""
        self.world.channel = ChannelKind.API
        self.do(name, *arguments)
        self.world.channel = ChannelKind.WEB

    def refused_by_token(self, name, *arguments):
        """Try what no token may; the machine may only have seen time pass."""
        before = AuditEntry.objects.exclude(actor="readiness").count()
        self.by_token(name, *arguments)
        assert AuditEntry.objects.exclude(actor="readiness").count() == before


class MachineRules(Rules):
    """What happens by itself, and behind the application."""

    @rule(value=st.sampled_from([0.5, 0.5, 2.0, 9.0, None]))
    def measure(self, value):
        self.do("measure", value)

    @rule(what=st.sampled_from(["api", "all", "nothing", "nothing"]))
    def lose(self, what):
        self.do("lose", what)

    @rule(seconds=st.sampled_from([1, 30, 90, 200, 700, 700_000]))
    def pass_time(self, seconds):
        self.do("pass_time", seconds)

    @rule(name=st.sampled_from(["verify", "verify", "verify_whole", "tick", "judge_changes", "forecast"]))
    def look_after_it(self, name):
        self.do(name)

    @rule(name=st.sampled_from(["make_key", "sign_record", "sign_record", "rotate_key", "retire_key", "index"]))
    def keep_the_record(self, name):
        self.do(name)

    @rule(which=some)
    def edit_a_row(self, which):
        self.do("edit_row", which)
        self.do("compare")

    @rule(which=some)
    def edit_a_row_unseen(self, which):
        self.do("edit_row", which)

    @rule(name=st.sampled_from(["restore_row", "compare"]))
    def look_at_the_rows(self, name):
        self.do(name)

    @rule(asker=people, accepter=people)
    def accept_what_differs(self, asker, accepter):
        self.do("compare")
        self.do("ask_to_accept", asker)
        self.do("accept", accepter)

    @rule(asker=people, person=people, name=st.sampled_from(["take_back_request", "decline_request"]))
    def ask_for_nothing(self, asker, person, name):
        self.do("ask_to_accept", asker)
        self.do(name, person)
