"""One entry of the record: what it says, whether it still stands, and how somebody checks it without us."""

import subprocess
from datetime import timedelta

import pytest
import time_machine
from django.db import connection

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.core.proofs import parse_log_proof
from readiness.models import AuditEntry, Checkpoint, Claim, FlagState, Override, PersonalValue, SignOff
from readiness.queries.entries import KINDS
from readiness.queries.trail import SAID
from readiness.services.audit import append
from readiness.services.audit_guards import drop_guards
from readiness.services.erasure import erase_personal
from readiness.services.holds import call_hold
from readiness.services.overrides import ask_override, confirm_override
from readiness.services.signer import sign_record
from readiness.services.signoff_ends import revoke_sign_off
from tests.factories import NOW, act_as, judge, make_person, make_rollout, shell_act
from tests.services import helpers
from tests.services.helpers import EMPTY_PHASE, MATE, NAMES, OWNER, act_of, document
from tests.services.signer_files import grow, signer_with_key
from tests.views.acting import browser, make_demo
from tests.views.test_signoffs import sign

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
RECORD = "/rollouts/quickstart/audit/"
WEB = Channel(ChannelKind.WEB, ip="192.0.2.7", ua="Firefox on a train")


@pytest.fixture
def rollout(at_the_moment):
    rollout = make_rollout()
    judge(rollout)
    return rollout


@pytest.fixture
def signed(db):
    """A rollout in which one person signed."""
    with time_machine.travel(helpers.NOW, tick=False):
        demo = make_demo(document(**EMPTY_PHASE))
        path = "prepare/enter/item:word"
        Claim.objects.create(rollout=demo, path=path, claimed_at=helpers.NOW, by_id=MATE, by_name=NAMES[MATE])
        sign()
        yield SignOff.objects.get()


def note(act):
    """Append an entry about nothing in the rollout; give its number."""
    return append(Change("thing.noted", ObjectRef("thing", "1", "A thing", "quickstart")), act)


def facts_of(page):
    return {fact.label: f"{fact.value} {fact.note}".strip() for fact in page.entry.facts}


def shown(read, seq, path=RECORD):
    return read(f"{path}{seq}/").context["page"]


# ------------------------------------------------------------------------------------- what it says


def test_what_was_made_is_told_once_and_what_says_nothing_is_left_out(rollout, read):
    call_hold(rollout.key, act_as(make_person("Ben Okafor")), NOW, reason="the backup fails")
    (made,) = shown(read, AuditEntry.objects.get(action="hold.called").seq).entry.changes
    assert made.is_new
    assert "lifted at" not in {change.title for change in made.changes}


def test_every_row_that_an_entry_changed_is_told(rollout, read):
    ask_override(rollout.key, "prepare", act_as(make_person("Elif Kaya")), NOW, reason="it burns")
    confirm_override(rollout.key, Override.objects.get().pk, act_as(make_person("Hugo Lind")), NOW)
    rows = shown(read, AuditEntry.objects.get(action="phase.overridden").seq).entry.changes
    allowed = f"Flag state {FlagState.objects.get().pk}"
    assert [row.title for row in rows] == ["", f"Override {Override.objects.get().pk}", allowed]
    told = {change.title: change.after for change in rows[1].changes}
    assert told["confirmed by name"] == "Hugo Lind"
    assert told["standing"].startswith("Alert rule: checkout latency has not been checked yet, Configuration: [feat")


def test_an_act_for_somebody_says_for_whom_and_by_which_way(rollout, read):
    person = Actor(ActorType.USER, "u:7", "Ana Ruiz", ("sre-lead",))
    task = Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), Channel(ChannelKind.CELERY), on_behalf_of=person)
    said = facts_of(shown(read, note(task)))
    assert (said["For"], said["Way in"]) == ("Ana Ruiz", "celery")


def test_a_clock_that_was_set_back_is_said(rollout, read):
    seq = note(shell_act())
    assert "Clock" not in facts_of(shown(read, seq))
    drop_guards(connection)
    AuditEntry.objects.filter(pk=seq - 1).update(at=AuditEntry.objects.get(pk=seq).at + timedelta(seconds=90))
    assert facts_of(shown(read, seq))["Clock"] == f"1 min 30 s before entry {seq - 1:,}; it was set back"


def test_a_personal_value_is_shown_and_once_erased_says_with_which_entry(rollout, read):
    seq = note(Act(Actor(ActorType.USER, "u:7", "Ana Ruiz"), WEB))
    said = facts_of(shown(read, seq))
    assert (said["Way in"], said["With"]) == ("web 192.0.2.7", "Firefox on a train")
    erased = erase_personal("u:7", shell_act(), basis="asked by letter").seq
    page = shown(read, seq)
    told = facts_of(page)
    assert told["Way in"].startswith(f"web address erased with entry {erased:,}, 20")
    assert told["With"].startswith(f"user agent erased with entry {erased:,}, 20")
    assert page.entry.state == "Valid"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.delete(), "web address missing, and no entry tells of its erasure"),
        (lambda rows: rows.update(value="10.0.0.1"), "web address altered"),
    ],
)
def test_a_personal_value_that_was_touched_without_an_entry_is_failing(rollout, read, change, said):
    seq = note(Act(Actor(ActorType.USER, "u:7", "Ana Ruiz"), WEB))
    change(PersonalValue.objects.filter(seq=seq, path="channel.ip"))
    page = shown(read, seq)
    assert (facts_of(page)["Way in"], page.entry.state) == (said, "Failing")


# ------------------------------------------------------------------------------------- a signature


def entry_of_signature(seq):
    return browser(MATE).get(f"/rollouts/demo/audit/{seq}/").context["page"]


def test_a_signature_says_what_it_means_and_that_it_stands(signed):
    seq = AuditEntry.objects.get(action="sign_off.given").seq
    page = entry_of_signature(seq)
    assert page.entry.statement == "I approve: it may start"
    assert facts_of(page)["Still stands"].startswith("No entry ends it it counts until 2025-12-09")
    assert page.entry.own.receipt_url == f"/rollouts/demo/sign-off/{signed.pk}/receipt/"


def test_a_signature_that_was_taken_back_says_with_which_entry(signed):
    seq = AuditEntry.objects.get(action="sign_off.given").seq
    end = revoke_sign_off("demo", signed.pk, act_of(OWNER), helpers.NOW, reason="I was wrong")
    assert facts_of(entry_of_signature(seq))["Still stands"].startswith(f"No it was taken back with entry {end}, 20")
    assert entry_of_signature(end).entry.own.receipt_url == ""


# ------------------------------------------------------------------------------------- without us


@pytest.fixture
def vouched(rollout, tmp_path):
    """The record with a signer; give its files."""
    return signer_with_key(tmp_path)


def download(client, seq, what):
    client.force_login(make_person("Ana Ruiz"))
    return client.get(f"/audit/{seq}/{what}/")


def test_the_bytes_are_exactly_those_of_the_leaf(rollout, client):
    seq = note(shell_act())
    answer = download(client, seq, "bytes")
    assert answer.content == bytes(AuditEntry.objects.get(pk=seq).body)
    assert answer["Content-Disposition"] == f'attachment; filename="entry-{seq}.json"'
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_the_command_of_the_page_leads_from_the_bytes_to_the_signed_root(vouched, client, tmp_path, size):
    seq = grow()
    grow(size)
    sign_record(vouched, NOW)
    for what, ending in (("bytes", "json"), ("proof", "tlog-proof")):
        (tmp_path / f"entry-{seq}.{ending}").write_bytes(download(client, seq, what).content)
    command = client.get(f"/audit/?entry={seq}").context["page"].entry.own.command
    head = Checkpoint.objects.latest("size").size
    assert said(command, tmp_path) == f"holds localhost/audit/1 {head}"
    data = (tmp_path / f"entry-{seq}.json").read_bytes()
    (tmp_path / f"entry-{seq}.json").write_bytes(data.replace(b"Thing", b"Thong"))
    assert said(command, tmp_path).startswith("DOES NOT HOLD")


def said(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_proof_carries_the_newest_checkpoint(vouched, client):
    seq = grow(3)
    sign_record(vouched, NOW)
    proof = parse_log_proof(download(client, seq, "proof").content.decode())
    assert (proof.index, proof.checkpoint) == (seq, bytes(Checkpoint.objects.get().note).decode())


def test_what_no_checkpoint_covers_has_no_proof_and_says_so(vouched, client):
    sign_record(vouched, NOW)
    seq = grow()
    answer = download(client, seq, "proof")
    assert answer.status_code == 404
    page = client.get(f"/audit/?entry={seq}")
    assert page.context["page"].entry.own.proof_url == ""
    assert "No checkpoint covers this entry yet" in page.content.decode()


@pytest.mark.parametrize("what", ["bytes", "proof"])
def test_files_of_entries_are_for_people_who_are_signed_in_and_only_read(rollout, client, what):
    seq = note(shell_act())
    assert client.get(f"/audit/{seq}/{what}/").status_code == 302
    assert download(client, 99_999, what).status_code == 404
    assert client.post(f"/audit/{seq}/{what}/").status_code == 405


# ------------------------------------------------------------------------------------- the list around it


def test_every_kind_of_entry_can_be_asked_for():
    assert {action.partition(".")[0] for action in SAID} - {kind[:-1] for kind in KINDS} == set()


def test_what_an_address_narrows_by_stays_visible(rollout, read):
    page = read(f"{RECORD}?person=u:999&kind=thing.&phase=gone").context["page"]
    chosen = [next(c.label for c in each if c.selected) for each in _choices(page)]
    assert chosen == ["thing.", "u:999", "gone"]


def _choices(page):
    return page.filters.kinds, page.filters.people, page.filters.phases


def test_an_opened_entry_leaves_the_list_where_it_is(rollout, read):
    for _ in range(3):
        note(shell_act())
    seqs = list(AuditEntry.objects.filter(rollout="quickstart").order_by("seq").values_list("seq", flat=True))
    page = read(f"{RECORD}?before={seqs[-1]}").context["page"]
    row = page.days[0].rows[1]
    assert row.url == f"{RECORD}{row.seq}/?before={seqs[-1]}"
    opened = read(row.url).context["page"]
    assert [[r.seq for r in day.rows] for day in opened.days] == [[r.seq for r in day.rows] for day in page.days]


def test_moments_that_people_look_back_to_are_a_step_away(rollout, read):
    plan, verdict = (AuditEntry.objects.get(action=action).seq for action in ("plan.imported", "verdict.changed"))
    page = read(RECORD).context["page"]
    board = "/rollouts/quickstart/?as_of="
    assert [way.url for way in page.quick] == [f"{board}{plan}", f"{board}{verdict}"]
    assert read("/audit/").context["page"].quick == ()


@pytest.mark.parametrize(("query", "words"), [("q=xylophone", "No entry fits."), ("before=0", "No entry is older")])
def test_a_list_without_entries_says_why(rollout, read, query, words):
    assert words in read(f"{RECORD}?{query}").text
