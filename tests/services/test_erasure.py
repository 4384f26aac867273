"""Erasing personal values: the bytes and every proof stay, the erasure is an entry, and verification says erased."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.core.merkle import verify_inclusion
from readiness.core.personal import COMMITTED, commit_to, commitments_in, conceal_act
from readiness.models import AuditEntry, PersonalValue
from readiness.queries.audit import load_entry, load_inclusion_proof, load_record_head
from readiness.queries.personal import Opened, load_personal, verify_personal
from readiness.queries.verification import verify_record
from readiness.services.audit import append
from readiness.services.erasure import NothingToErase, erase_personal
from readiness.services.gaps import ReasonRequired
from readiness.services.rights import NotAllowed
from tests.factories import shell_act
from tests.record_fixtures import entries

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
IP, AGENT = "192.0.2.7", "Firefox on a train"


def act(person="u:1"):
    return Act(Actor(ActorType.USER, person, "Ana Ruiz"), Channel(ChannelKind.WEB, ip=IP, ua=AGENT))


def claim(number):
    return Change("claim.made", ObjectRef("claim", str(number), "Runbook"))


@pytest.fixture
def four(db):
    """Two entries of one person, one of another, one of the machine."""
    for number, who in enumerate((act(), act("u:2"), act())):
        append(claim(number), who)
    append(claim(3), Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), Channel(ChannelKind.BEAT)))


def test_an_entry_commits_to_what_is_personal_and_holds_nothing_of_it(four):
    channel = entries()[0]["channel"]
    assert {channel["ip"][:3], channel["ua"][:3]} == {COMMITTED}
    assert IP.encode() not in bytes(AuditEntry.objects.get(pk=0).body)
    assert load_personal(load_entry(0)) == {"channel.ip": Opened(IP), "channel.ua": Opened(AGENT)}
    assert entries()[3]["channel"]["ip"] == ""


def test_the_same_address_is_another_commitment_each_time(four):
    assert len({entry["channel"]["ip"] for entry in entries()[:3]}) == 3


def test_erasing_takes_the_values_and_leaves_every_byte_and_proof(four):
    before, root = [bytes(row.body) for row in AuditEntry.objects.order_by("seq")], load_record_head().root
    erased = erase_personal("u:1", shell_act(), basis="Request of 3 December")
    assert (erased.values, erased.through) == (4, 2)
    assert set(PersonalValue.objects.values_list("seq", flat=True)) == {1}
    after = [bytes(row.body) for row in AuditEntry.objects.order_by("seq")]
    assert after[:4] == before
    for seq in range(4):
        proof = load_inclusion_proof(seq, 4)
        assert verify_inclusion(bytes.fromhex(load_entry(seq).leaf), seq, 4, proof, bytes.fromhex(root))
    assert verify_record().verified


def test_the_erasure_is_an_entry_of_its_own(four):
    erased = erase_personal("u:1", shell_act(), basis="Request of 3 December")
    entry = entries()[-1]
    assert (entry["seq"], entry["action"], entry["reason"]) == (erased.seq, "privacy.erased", "Request of 3 December")
    assert {name: pair[1] for name, pair in entry["change"]["fields"].items()} == {
        "actor": "u:1",
        "paths": ["channel.ip", "channel.ua"],
        "through": 2,
        "values": 4,
    }
    assert len(entries()) == 5


def test_verification_calls_it_erased_and_stays_verified(four):
    assert (verify_personal().opened, verify_personal().erased, verify_personal().problem) == (6, 0, "")
    erase_personal("u:1", shell_act(), basis="x")
    append(claim(9), act())
    report = verify_personal()
    assert (report.opened, report.erased, report.erasures, report.problem) == (4, 4, 1, "")
    assert load_personal(load_entry(0))["channel.ip"] == Opened("", "erased")


def test_a_value_that_is_gone_without_an_entry_is_a_contradiction(four):
    PersonalValue.objects.filter(seq=1).delete()
    assert verify_personal().problem == "The channel.ip of entry 1 is missing, and no entry tells of its erasure."
    erase_personal("u:1", shell_act(), basis="x")
    assert "entry 1 is missing" in verify_personal().problem


def test_a_value_erased_after_the_entry_that_tells_of_it_is_not_covered(four):
    erase_personal("u:1", shell_act(), basis="x")
    seq = append(claim(9), act())
    PersonalValue.objects.filter(seq=seq).delete()
    assert f"entry {seq} is missing" in verify_personal().problem


def test_another_value_than_the_one_committed_to_is_a_contradiction(four):
    PersonalValue.objects.filter(seq=1, path="channel.ip").update(value="198.51.100.1")
    assert verify_personal().problem == "The channel.ip that is kept for entry 1 is not the one it commits to."
    assert load_personal(load_entry(1))["channel.ip"] == Opened("", "altered")


def test_only_entries_before_a_moment_lose_their_values(four):
    at = AuditEntry.objects.get(pk=2).at
    AuditEntry.objects.filter(at__lt=at).exists() or pytest.fail("the clock of the database stands still")
    erased = erase_personal("u:1", shell_act(), basis="x", before=at)
    assert (erased.values, erased.through) == (2, 0)
    assert verify_personal().problem == ""


def test_nothing_to_erase_and_no_basis_are_refused_and_change_nothing(four):
    with pytest.raises(NothingToErase):
        erase_personal("u:7", shell_act(), basis="x")
    with pytest.raises(NothingToErase):
        erase_personal("u:1", shell_act(), basis="x", before=AuditEntry.objects.get(pk=0).at - timedelta(days=1))
    with pytest.raises(ReasonRequired):
        erase_personal("u:1", shell_act(), basis="  ")
    assert (len(entries()), PersonalValue.objects.count()) == (4, 6)


@pytest.mark.parametrize("channel", [ChannelKind.WEB, ChannelKind.API, ChannelKind.CELERY])
def test_nobody_erases_but_the_operator_at_the_shell(four, channel):
    with pytest.raises(NotAllowed):
        erase_personal("u:1", Act(Actor(ActorType.USER, "u:1", "Ana"), Channel(channel)), basis="x")
    assert PersonalValue.objects.count() == 6


def test_older_entries_that_hold_the_value_itself_are_read_as_they_are():
    assert commitments_in({"channel": {"ip": IP, "ua": ""}}) == {}
    assert commitments_in({}) == {}


def test_what_is_empty_is_not_committed_to():
    concealed, personal = conceal_act(Act(act().actor, Channel(ChannelKind.SHELL)), bytes)
    assert (concealed.channel.ip, personal) == ("", ())
    assert commit_to("", b"1" * 16) != commit_to("", b"2" * 16)


def run(*arguments):
    out, code = StringIO(), 0
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except SystemExit as leave:
        code = leave.code
    return code, out.getvalue()


def test_the_commands_erase_and_verify(four):
    User.objects.create(pk=1, username="ana")
    assert run("audit_verify")[1].endswith(
        "6 personal values open; none is erased.\nThe tables are what the record says.\n"
    )
    code, said = run("audit_erase", "ana", "--basis", "Request of 3 December")
    assert (code, said.splitlines()[0]) == (0, "Erased 4 values. It is entry 4 of the record.")
    code, said = run("audit_verify")
    assert code == 0
    assert "erased: 4, as 1 of its entries tell. All proofs stand." in said
    assert run("audit_erase", "ana", "--basis", "again")[0] == 1
    assert run("audit_erase", "ana", "--basis", "x", "--before", "soon")[0] == 1
    PersonalValue.objects.all().delete()
    assert run("audit_verify")[0] == 1
