"""What must not yield a GO that nobody earned: smaller polls, gone accounts, edited plans, races, and silence."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from readiness.core.answers import verdict_as_read
from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import Decision, Outcome, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import Claim, RecordCheck, RoleGrant, Rollout, SignOff, SignOffEnd, Waiver
from readiness.queries.facts import load_facts
from readiness.services.accounts import close_account
from readiness.services.phases import NotGo, enter_phase
from readiness.services.rights import NotAllowed
from readiness.services.signoffs import Answer, sign_off
from readiness.services.verdicts import judge_rollout
from readiness.services.waivers import Terms, ask_waiver, grant_waiver
from tests.core.documents import put
from tests.factories import make_person, shell_act
from tests.record_fixtures import committed_record  # noqa: F401 (fixture)
from tests.services.helpers import (
    EMPTY_PHASE,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    act_of,
    adopt,
    document,
    grant,
    make_rollout,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ROOT = Path(__file__).parent.parent.parent
WORD = "prepare/enter/item:word"
PREPARE = ("phases", 0)
BASE = document(**EMPTY_PHASE)


@pytest.fixture
def rollout():
    """A rollout of which everything is done and signed: it is GO."""
    made = make_rollout(BASE)
    Claim.objects.create(rollout=made, path=WORD, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    sign("sre", OWNER)
    sign("lead", LEAD)
    assert decision() is Decision.GO
    return made


def sign(role, person, now=NOW, *, go=True, reason=""):
    facts = load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER)
    seen = Seen(0, SHA, now)
    statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, now).judged)
    meaning, reason = ("approve-go", reason) if go else ("approve-no-go", "not yet")
    answer = Answer("prepare", role, go, meaning, reason, statement.digest, seen)
    return sign_off("demo", answer, act_of(person), now)


def verdict(now=NOW):
    rollout = Rollout.objects.select_related("plan").get()
    return evaluate_verdict(load_facts(rollout, Question.ENTER), Question.ENTER, now)


def decision(now=NOW):
    return verdict(now).decision


def judge(now=NOW):
    return judge_rollout("demo", act_of("system:tests"), now)[0]


def assert_shut(now=NOW, last=LEAD):
    """Neither the verdict nor the door is open, not even to who answers last."""
    assert judge(now).decision is Decision.NO_GO
    with pytest.raises(NotGo):
        enter_phase("demo", "prepare", act_of(last), now, confirmed=(0, 1))


# ------------------------------------------------------------------------------------- a smaller poll


@pytest.mark.parametrize(
    ("roles", "last", "person"),
    [(["lead"], "lead", LEAD), (["sre"], "sre", OWNER), (["lead", "sre"], "sre", OWNER)],
)
def test_a_poll_that_is_made_smaller_counts_nothing_that_was_signed_before(rollout, roles, last, person):
    adopt(rollout, put(BASE, (*PREPARE, "sign_off"), {"roles": roles, "last": last}))
    assert_shut(last=person)
    assert {r.code for r in verdict().reasons} <= {"SIGN_OFF_VOID"}
    assert SignOffEnd.objects.filter(kind=SignOffEnd.VOID).exists()


def test_a_poll_that_misses_an_answer_is_not_complete_once_it_asks_for_less():
    """One answered; the other is taken out of the plan. What was signed over the larger poll is not an answer to it."""
    made = make_rollout(BASE)
    Claim.objects.create(rollout=made, path=WORD, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    sign("sre", OWNER)
    adopt(made, put(BASE, (*PREPARE, "sign_off"), {"roles": ["sre"], "last": "sre"}))
    assert_shut(last=OWNER)


def test_a_poll_of_one_with_nobody_else_at_work_decides_nothing():
    alone = {"roles": ["lead"], "last": "lead"}
    gate = put(put(BASE, (*PREPARE, "sign_off"), alone), (*PREPARE, "enter"), [{"gate": "errors"}])
    make_rollout(gate)
    assert "SIGN_OFF_UNDEFINED" in {r.code for r in verdict().reasons}


# ------------------------------------------------------------------------------------- accounts and roles


def test_deleting_the_accounts_of_everybody_opens_nothing():
    """Names are copied: what a signature is missing stays missing, and what was claimed stays claimed."""
    made = make_rollout(BASE)
    people = [make_person(name) for name in ("Olga Owner", "Lea Lead")]
    before = [(r.code, r.key) for r in verdict().reasons]
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    assert [(r.code, r.key) for r in verdict().reasons] == before
    assert made.plan is not None


def test_deleting_who_has_not_done_their_part_of_a_list_does_not_finish_the_list(rollout):
    each = {"item": "each", "title": "All know", "owner": "sre", "each": "on-call", "evidence": "attestation"}
    adopt(rollout, put(BASE, (*PREPARE, "enter", 1), each))
    late = make_person("Mia Mate")
    for person in (OWNER, MATE):
        grant(rollout, person, RoleGrant.GROUP, "on-call")
    Claim.objects.create(
        rollout=rollout, path="prepare/enter/item:each", member=OWNER, claimed_at=NOW, by_id=OWNER, by_name=NAMES[OWNER]
    )
    assert outcome("prepare/enter/item:each") is Outcome.NOT_MET
    late.delete()
    assert outcome("prepare/enter/item:each") is Outcome.NOT_MET
    assert_shut()


def outcome(path):
    return {a.path: a.outcome for a in verdict().assessments}[path]


def test_deleting_who_said_no_go_leaves_the_no_go():
    made = make_rollout(BASE)
    Claim.objects.create(rollout=made, path=WORD, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    objector = make_person("Olga Owner")
    sign("sre", OWNER, go=False)
    objector.delete()
    assert verdict().reasons[0].code == "SIGN_OFF_NO_GO"
    assert_shut()


def test_an_account_that_is_closed_keeps_what_it_signed_and_no_more(rollout):
    signer = make_person("Olga Owner")
    close_account(signer.pk, shell_act(), by_admin=True)
    assert decision() is Decision.GO
    signed = SignOff.objects.get(role="sre")
    assert (signed.by_id, signed.by_name) == (OWNER, NAMES[OWNER])


def test_a_role_under_another_key_is_another_role(rollout):
    renamed = put(put(BASE, ("roles", "reliability"), "SRE lead"), (*PREPARE, "sign_off", "roles", 0), "reliability")
    adopt(rollout, renamed)
    assert_shut()
    assert "reliability" in {r.key for r in verdict().reasons}
    with pytest.raises(NotAllowed):
        sign("reliability", OWNER)


def test_a_role_under_another_title_is_the_same_role(rollout):
    adopt(rollout, put(BASE, ("roles", "sre"), "Reliability lead"))
    assert decision() is Decision.GO


def test_who_loses_a_role_signs_no_more_for_it_and_what_was_signed_stands(rollout):
    RoleGrant.objects.filter(person_id=OWNER).update(revoked_at=NOW)
    assert decision() is Decision.GO
    with pytest.raises(NotAllowed):
        sign("sre", OWNER, NOW + timedelta(seconds=1))


# ------------------------------------------------------------------------------------- an edited plan


@pytest.mark.parametrize(
    "edit",
    [
        ((*PREPARE, "enter"), []),
        ((*PREPARE, "enter", 0, "evidence"), "required"),
        ((*PREPARE, "enter", 0, "owner"), "lead"),
        ((*PREPARE, "enter", 0, "item"), "another-word"),
        ((*PREPARE, "enter", 1), {"gate": "errors"}),
        ((*PREPARE, "commands"), ["make something else"]),
        ((*PREPARE, "flags"), {"new": "100%"}),
    ],
    ids=["nothing asked", "evidence", "owner", "another item", "one more", "commands", "flags"],
)
def test_a_plan_that_asks_or_starts_something_else_is_not_what_was_signed(rollout, edit):
    adopt(rollout, put(BASE, *edit))
    assert_shut()


def test_a_plan_that_asks_for_less_does_not_finish_what_was_half_signed():
    """The part that was not met is taken out of the plan: those who signed before are asked again."""
    more = put(BASE, (*PREPARE, "enter", 1), {"item": "tests", "title": "Tests", "owner": "lead"})
    made = make_rollout(more)
    Claim.objects.create(rollout=made, path=WORD, claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    sign("sre", OWNER)
    assert decision() is Decision.NO_GO
    adopt(made, BASE)
    assert_shut()
    assert "SIGN_OFF_MISSING" in {r.code for r in verdict().reasons}


# ------------------------------------------------------------------------------------- silence


def test_a_go_that_nobody_refreshes_ends_with_the_check_of_the_record(rollout):
    given = judge()
    later = NOW + timedelta(minutes=10, seconds=1)
    assert verdict_as_read(given, later).decision is Decision.NO_GO
    assert_shut(later)


def test_a_signature_runs_out_with_nobody_at_work(rollout):
    later = NOW + timedelta(days=7)
    RecordCheck.objects.update(verified_at=later, tables_at=later)
    assert {r.code for r in verdict(later).reasons} == {"SIGN_OFF_EXPIRED"}
    assert_shut(later)


def test_a_waiver_that_ran_out_opens_nothing_with_no_worker_at_work():
    """Nothing is running that could end it: the clock alone does, for the verdict, the stored GO and the door."""
    make_rollout({**BASE, "authority": {"waive": ["lead"]}})
    ends = NOW + timedelta(minutes=5)
    ask_waiver("demo", WORD, Terms("it is being written", "asked in person", ends), act_of(MATE), NOW)
    grant_waiver("demo", Waiver.objects.get().pk, act_of(LEAD), NOW)
    sign("sre", OWNER, reason="The measure does")
    sign("lead", LEAD, reason="The measure does")
    given = judge()
    assert (given.decision, given.valid_until) == (Decision.GO, ends)
    assert verdict_as_read(given, ends).decision is Decision.NO_GO
    assert [r.code for r in verdict(ends).reasons] == ["WAIVER_EXPIRED"] + ["SIGN_OFF_VOID"] * 2
    assert_shut(ends)


# ------------------------------------------------------------------------------------- two at once


def start(env, *command):
    return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)


def finish(process):
    said, _ = process.communicate(timeout=100)
    return process.returncode, said.strip()


@pytest.fixture
def shared_database(committed_record, tmp_path):  # noqa: F811
    """The environment of processes that share one real database: a new SQLite file, or the PostgreSQL under test."""
    env = os.environ | {"READINESS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "readiness.settings"}
    if connection.vendor == "postgresql":
        server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
        env["DATABASE_URL"] = f"{server}/{connection.settings_dict['NAME']}"
    assert finish(start(env, "manage.py", "migrate", "-v0", "--skip-checks")) == (0, "")
    return env


LOOK = """
import django
django.setup()
from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import Rollout, SignOff
from readiness.queries.facts import load_facts
from tests.record_fixtures import entries
from tests.services.helpers import NOW
found = evaluate_verdict(
    load_facts(Rollout.objects.select_related("plan").get(), Question.ENTER), Question.ENTER, NOW
)
given = [entry for entry in entries() if entry["action"] == "sign_off.given"]
assert len(given) == SignOff.objects.count()
print(found.decision, SignOff.objects.count())
"""


@pytest.mark.parametrize(
    ("before", "one", "other", "ends"),
    [
        ("", "sre:mate:go", "lead:mate:go", {"NO_GO 1"}),
        ("", "sre:owner:go", "sre:mate:no", {"NO_GO 2"}),
        ("sre:owner:go", "lead:lead:go", "sre:mate:no", {"NO_GO 2", "NO_GO 3"}),
        ("sre:owner:go", "lead:lead:go", "lead:lead:go", {"GO 2"}),
    ],
    ids=["one person, two roles", "GO and NO-GO of one role", "the last GO and a NO-GO", "one answer twice"],
)
def test_two_who_sign_at_the_same_moment_yield_no_go_that_one_of_them_would_not_have(
    shared_database, before, one, other, ends
):
    assert finish(start(shared_database, "-m", "tests.services.signers", "prepare", before)) == (0, "")
    signers = [start(shared_database, "-m", "tests.services.signers", "sign", spoken) for spoken in (one, other)]
    assert [code for code, _ in map(finish, signers)] in ([0, 0],)
    code, said = finish(start(shared_database, "-c", LOOK))
    assert code == 0
    assert said in ends
