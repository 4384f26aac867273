"""A rollout that hypothesis drives through every service in any order, and what must hold after each act.

Whatever is refused must change nothing. After every act the tables are what the record says, the record verifies, and a
GO was earned: `unearned` looks at the tables by itself, without the core.
"""

import json
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.case import open_case
from readiness.core.codec import to_plain
from readiness.core.statements import Seen, build_statement
from readiness.core.types import EvidenceState, GateObservation, Person, Question, Reading, SeriesValue, Window
from readiness.core.watchlist import observed_definition
from readiness.models import (
    AuditEntry,
    Claim,
    Firing,
    GapClosure,
    Hold,
    Observation,
    Override,
    PhaseRun,
    RecordCheck,
    ReviewRecord,
    RoleGrant,
    Rollout,
    SignOff,
    StoredVerdict,
    Waiver,
)
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.services.aborts import answer_firing
from readiness.services.drills import DrillRun, add_drill, add_review
from readiness.services.dwell import count_dwell
from readiness.services.evidence import Held, Prepared
from readiness.services.gaps import close_gap_task, reopen_gap_task
from readiness.services.holds import call_hold, lift_hold
from readiness.services.items import add_evidence, claim_item, withdraw_claim
from readiness.services.observations import watched_by
from readiness.services.overrides import ask_override, close_override, confirm_override, withdraw_override
from readiness.services.people import Grant, grant_role, revoke_role
from readiness.services.phases import enter_phase, explain_rollback, roll_back_phase
from readiness.services.plan_file import read_plan
from readiness.services.reconciliation import reconcile_tables
from readiness.services.record_checks import check_record
from readiness.services.rollouts import import_plan
from readiness.services.signoff_ends import revoke_sign_off
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from readiness.services.waivers import Terms, ask_waiver, decline_waiver, grant_waiver, revoke_waiver
from tests.factories import shell_act
from tests.services.helpers import DOCUMENT, LEAD, MATE, NAMES, NOW, OWNER, SHA, SIGN_OFF, TRIGGER, act_of

KEY = "demo"
MACHINE = act_of("readiness")
WORD, TESTS, ALL_KNOW = "prepare/enter/item:word", "prepare/enter/item:tests", "prepare/enter/item:each"
COMPLAINTS, TOLD = "canary/abort/item:complaints", "close/enter/item:told"
ITEMS = (WORD, TESTS, ALL_KNOW, COMPLAINTS, TOLD)
PREPARE = {
    "key": "prepare",
    "number": "1",
    "title": "Prepare",
    "duration": "1m",
    "commands": ["make ready"],
    "enter": [
        {"item": "word", "title": "I have read it", "owner": "sre", "evidence": "attestation"},
        {"item": "tests", "title": "Tests pass", "owner": "sre", "evidence": "required"},
        {"item": "each", "title": "All know", "owner": "sre", "each": "on-call", "evidence": "attestation"},
    ],
    "succeed": [{"gate": "errors"}],
    "sign_off": SIGN_OFF,
}
CANARY = {
    "key": "canary",
    "number": "2",
    "title": "Canary",
    "duration": "1m",
    "traffic": "5%",
    "flags": {"new": "5%"},
    "enter": [{"review": "design"}],
    "abort": [
        {"item": "complaints", "title": "Complaints", "reported": True, **TRIGGER},
        {"gate": "errors", "expect": "<= 3", **TRIGGER},
    ],
    "sign_off": SIGN_OFF,
}
CLOSE = {
    "title": "Close",
    "enter": [{"item": "told", "title": "Told", "owner": "sre", "evidence": "attestation"}],
    "sign_off": SIGN_OFF,
}
PLAN = {
    **DOCUMENT,
    "authority": {"lift_hold": ["lead"], "waive": ["lead"], "break_glass": ["lead"]},
    "drills": {},
    "gaps": [{**DOCUMENT["gaps"][0], "blocks": ["canary"]}],
    "phases": [PREPARE, CANARY],
    "close": CLOSE,
}
PLANS = (
    PLAN,
    {**PLAN, "gates": {"errors": {**DOCUMENT["gates"]["errors"], "expect": "<= 2"}}},
    {**PLAN, "phases": [{**PREPARE, "sign_off": {"roles": ["lead"], "last": "lead"}}, CANARY]},
)
"""The plan, the plan with another limit, and the plan with a lower quorum."""


class World:
    """The rollout, the moment, and what people do to it. `now` only moves forward."""

    def __init__(self):
        self.now = NOW
        self.bring(0, None)
        for person, kind, key in (
            (OWNER, RoleGrant.ROLE, "sre"),
            (LEAD, RoleGrant.ROLE, "lead"),
            (MATE, RoleGrant.MEMBER, ""),
            (MATE, RoleGrant.GROUP, "on-call"),
        ):
            grant_role(KEY, Grant(Person(person, NAMES[person]), kind, key), shell_act(), self.now)
        self.verify()
        self.measure(0.5)
        self.judge()

    def act(self, person):
        """An act of a person who has just proven who they are; no person is the shell."""
        return shell_act() if person is None else act_of(person)

    def bring(self, number, person):
        """Import one of the plans."""
        text = json.dumps(PLANS[number])
        import_plan(read_plan(text), text, self.act(person), self.now)

    def claim(self, path, person, proves):
        claim_item(KEY, path, self.act(person), self.now, evidence=[self.paper(proves)] if proves is not None else [])

    def add(self, path, person, proves):
        add_evidence(KEY, path, self.act(person), self.now, [self.paper(proves)])

    def paper(self, proves):
        """A file somebody brings, judged as proof or as contradiction."""
        data = f"{self.now} {proves}".encode()
        state = EvidenceState.PROVES if proves else EvidenceState.CONTRADICTS
        return Prepared(Held("file", "paper", digest_bytes(data), "text/plain", "", state, "read"), data)

    def withdraw(self, path, person):
        withdraw_claim(KEY, path, self.act(person), self.now)

    def close_task(self, person):
        close_gap_task(KEY, "way-back", "1", self.act(person), self.now)

    def reopen_task(self, person):
        reopen_gap_task(KEY, "way-back", "1", self.act(person), self.now, reason="not yet")

    def review(self, person, score):
        add_review(KEY, "design", self.act(person), self.now, score=Decimal(score), note="")

    def hold(self, person):
        call_hold(KEY, self.act(person), self.now, reason="the backup fails")

    def lift(self, person):
        for pk in newest(Hold.objects.filter(lifted_at=None)):
            lift_hold(KEY, pk, self.act(person), self.now, reason="it works again")

    def grant(self, by, to, kind, key):
        grant_role(KEY, Grant(Person(to, NAMES[to]), kind, key), self.act(by), self.now)

    def revoke(self, by, which):
        grants = list(RoleGrant.objects.filter(revoked_at=None).order_by("pk"))
        if grants:
            revoke_role(KEY, grants[which % len(grants)].pk, self.act(by), self.now)

    def sign(self, role, person, go):
        facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
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

    def roll_back(self, person):
        roll_back_phase(KEY, "off", self.act(person), self.now)

    def explain(self, person):
        for run in PhaseRun.objects.exclude(rollbacks=None):
            explain_rollback(KEY, run.rollbacks.get().pk, self.act(person), self.now, reason="it was slow")

    def go_on(self, person):
        until = self.now + timedelta(minutes=5)
        for pk in newest(Firing.objects.filter(answer="")):
            answer_firing(KEY, pk, self.act(person), self.now, continue_until=until, reason="known")

    def drill(self, person):
        ran = DrillRun(self.now - timedelta(minutes=5), timedelta(minutes=1), passed=True)
        add_drill(KEY, "practised", self.act(person), self.now, ran)

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

    def pass_time(self, seconds):
        """Let time pass, with a tick of the machine at its end."""
        self.now += timedelta(seconds=seconds)
        count_dwell(self.now, MACHINE)

    def verify(self):
        RecordCheck.objects.update_or_create(pk=1, defaults={"verified_at": None, "tables_at": None})
        check_record(self.now)
        reconcile_tables(self.now)

    def measure(self, value):
        """Let every gate be measured now, and have been so for long."""
        series = () if value is None else (SeriesValue("", value),)
        reading = Reading("errors", "metrics", self.now, values=series, sampled_at=self.now if series else None)
        begin = self.now - timedelta(hours=1)
        holds = value is not None and value <= 1
        window = Window(begin, self.now, begin if holds else None, None if holds else begin, 1.0 if holds else 0.0)
        payload = to_plain(GateObservation(reading, window=window))
        rollout = Rollout.objects.select_related("plan").get()
        for path, watched in watched_by(rollout, load_plan(rollout)).items():
            definition = observed_definition(watched.condition)
            gates = Observation.objects.filter(kind=Observation.GATE, path=path)
            gates.update(payload=payload, definition=definition, collected_at=self.now)

    def judge(self):
        judge_rollout(KEY, MACHINE, self.now)


def newest(rows):
    """The key of the newest of these rows, if there is one."""
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:1])


@contextmanager
def refusals_change_nothing():
    """Let an act be refused; then nothing may have been written to the record."""
    before = AuditEntry.objects.count()
    try:
        yield
    except Exception as refusal:
        if not type(refusal).__module__.startswith("readiness.services."):
            raise
        assert AuditEntry.objects.count() == before


def unearned(now):
    """Say what a GO to enter lacks, from the tables alone; nothing when it was earned."""
    stored = StoredVerdict.objects.filter(question="enter", decision="GO").first()
    if stored is None:
        return []
    document = json.loads(bytes(Rollout.objects.get().plan.document))
    phase = next((p for p in document["phases"] if p["key"] == stored.phase), document["close"])
    return [
        *_unsigned(phase["sign_off"]["roles"], stored.phase, now),
        *(["a hold"] if Hold.objects.filter(lifted_at=None).exists() else []),
        *(["a firing"] if Firing.objects.filter(run__state="running", answer="").exists() else []),
        *_unclaimed(phase, stored.phase, now),
        *(["an override"] if Override.objects.filter(run__state="running", closed_at=None).exists() else []),
        *_open_gap(stored.phase),
        *_young_run(now),
    ]


def _unsigned(roles, phase, now):
    run = PhaseRun.objects.filter(phase=phase).count() + 1
    people = set()
    for role in roles:
        row = SignOff.objects.filter(phase=phase, run=run, role=role).order_by("-pk").first()
        if row is None or not row.go or hasattr(row, "end") or row.expires_at <= now:
            yield f"a GO of {role}"
        else:
            people.add(row.by_id)
    if len(people) < len(roles):
        yield "another person for each role"
    if len(people) < 2 and Claim.objects.filter(withdrawn_at=None, by_id__in=people).exists():
        yield "somebody who did not work on it"


def _unclaimed(phase, key, now):
    """What the phase asks for and neither a claim or score nor a waiver in force gives."""
    for said in phase["enter"]:
        kind, name = next(iter(said.items()))
        path = f"{key}/enter/{kind}:{name}"
        if Waiver.objects.filter(path=path, ended_at=None, expires_at__gt=now).exclude(granted_at=None).exists():
            continue
        if kind == "item" and not Claim.objects.filter(path=path, withdrawn_at=None).exists():
            yield path
        if kind == "review":
            row = ReviewRecord.objects.order_by("reviewed_at", "pk").last()
            if row is None or row.score < 7:
                yield path


def _open_gap(phase):
    if phase == "canary" and not GapClosure.objects.filter(gap="way-back", task="1", reopened_at=None).exists():
        yield "the gap"


def _young_run(now):
    for run in PhaseRun.objects.filter(state="running"):
        if now - run.entered_at < timedelta(minutes=1):
            yield "time"


def same_bytes(verdict, again):
    """Whether two verdicts are the same to the byte."""
    return canonical_bytes(to_plain(verdict)) == canonical_bytes(to_plain(again))
