"""Accepting a row that differs from the record: two people with the two seats, both recorded, and the fold is whole."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from readiness.core.acceptance import Seat, completes
from readiness.core.audit import ChannelKind
from readiness.core.canonical import digest_of
from readiness.core.types import Question
from readiness.models import Acceptance, AuditEntry, Hold, PlanVersion, RecordCheck, RoleGrant, Rollout
from readiness.queries.facts import load_facts
from readiness.queries.replays import load_differences
from readiness.queries.states import load_state
from readiness.queries.verification import verify_record
from readiness.services.acceptance_ends import decline_acceptance, withdraw_acceptance
from readiness.services.audit_guards import drop_guards
from readiness.services.differences import (
    AskedAlready,
    NotAskedFor,
    NotDiffering,
    RecordDoesNotFold,
    RowMoved,
    Shown,
    accept_difference,
    ask_acceptance,
)
from readiness.services.gaps import ReasonRequired
from readiness.services.reconciliation import fold_again, reconcile_tables
from readiness.services.rights import NotAllowed, NotReauthenticated
from tests.record_fixtures import entries
from tests.services.everything import World
from tests.services.helpers import LEAD, MATE, OWNER, STRANGER, act_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ADMIN = STRANGER


@pytest.fixture
def world():
    made = World()
    User.objects.create(pk=9, username="stan", first_name="Stan Stranger", is_staff=True)
    made.hold(MATE)
    Hold.objects.update(reason="nothing")
    look(made)
    return made


def look(world):
    """Compare twice, so that what differs counts."""
    for seconds in (60, 5):
        world.now += timedelta(seconds=seconds)
        reconcile_tables(world.now)


def the_hold():
    row = Hold.objects.get()
    return Shown(("hold", str(row.pk)), digest_of(load_state(Hold, row.pk)))


def ask(world, person=LEAD, shown=None, reason="A migration by hand", act=None):
    return ask_acceptance("demo", shown or the_hold(), act or act_of(person), world.now, reason=reason)


def accept(world, person=ADMIN, shown=None, reason="I saw the ticket", act=None):
    return accept_difference("demo", shown or the_hold(), act or act_of(person), world.now, reason=reason)


def stands_in_the_way():
    facts = load_facts(Rollout.objects.select_related("plan").get(key="demo"), Question.ENTER)
    return [row.row for row in facts.record.differences]


def test_one_person_who_asks_accepts_nothing(world):
    seq = ask(world)
    row, entry = Acceptance.objects.get(), entries()[-1]
    assert (entry["seq"], entry["action"], entry["actor"]["id"]) == (seq, "difference.asked", LEAD)
    assert (row.by_id, row.by_seats, row.accepted_at) == (LEAD, "last", None)
    look(world)
    assert stands_in_the_way() == [f"hold:{Hold.objects.get().pk}"]


@pytest.mark.parametrize(("first", "second"), [(LEAD, ADMIN), (ADMIN, LEAD)])
def test_two_people_accept_and_the_fold_is_the_tables_again(world, first, second):
    ask(world, first)
    count = len(entries())
    seq = accept(world, second)
    assert stands_in_the_way() == []
    assert load_differences() == ()
    entry = entries()[-1]
    assert len(entries()) == count + 1
    assert (entry["seq"], entry["action"], entry["reason"]) == (seq, "difference.accepted", "I saw the ticket")
    (also,) = entry["change"]["also"]
    assert also["fields"]["reason"] == ["the backup fails", "nothing"]
    assert Rollout.objects.get(key="demo").dirty_at is not None
    fold_again()
    look(world)
    assert stands_in_the_way() == []
    assert verify_record().verified


def test_a_row_that_is_gone_and_one_that_nobody_recorded_are_accepted(world):
    shown = Shown(the_hold().key, "")
    grant = RoleGrant.objects.first()
    grant.pk, grant.kind, grant.key, grant.person_id = None, RoleGrant.ROLE, "lead", MATE
    grant.save()
    Hold.objects.all().delete()
    look(world)
    added = Shown(("rolegrant", str(grant.pk)), digest_of(load_state(RoleGrant, grant.pk)))
    for each in (shown, added):
        ask(world, shown=each)
        accept(world, shown=each)
    assert load_differences() == ()


def test_a_row_on_which_an_act_rested_is_accepted_as_any_other_and_acts_on_it_count_again(world):
    world.lift(LEAD)
    world.hold(MATE)
    look(world)
    (difference,) = load_differences()
    assert difference.unsound == f"entry {len(entries()) - 2} changed it while it was not as recorded"
    assert difference.recorded["reason"] == "the backup fails"
    row = Hold.objects.order_by("pk").first()
    shown = Shown(("hold", str(row.pk)), digest_of(load_state(Hold, row.pk)))
    ask(world, shown=shown)
    accept(world, shown=shown)
    (also,) = entries()[-1]["change"]["also"]
    assert also["fields"]["reason"] == ["the backup fails", "nothing"]
    assert also["fields"]["lift_reason"] == ["", "it works again"]
    assert (load_differences(), stands_in_the_way()) == ((), [])
    fold_again()
    look(world)
    assert stands_in_the_way() == []


@pytest.mark.parametrize("person", [MATE, OWNER, "u:77"])
def test_whoever_holds_neither_seat_may_neither_ask_nor_accept(world, person):
    with pytest.raises(NotAllowed, match="One person who answers last accepts it, and one administrator"):
        ask(world, person)
    ask(world, LEAD)
    with pytest.raises(NotAllowed):
        accept(world, person)
    assert Acceptance.objects.get().accepted_at is None


def test_nobody_accepts_what_they_asked_for(world):
    ask(world, LEAD)
    User.objects.create(pk=3, username="lea", first_name="Lea Lead", is_staff=True)
    with pytest.raises(NotAllowed, match="a second person"):
        accept(world, LEAD)
    row = Acceptance.objects.get()
    row.accepted_at, row.accepted_by_id = world.now, LEAD
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_two_who_answer_last_do_not_accept_together(world):
    ask(world, LEAD)
    RoleGrant.objects.filter(person_id=OWNER).update(key="lead")
    with pytest.raises(NotAllowed, match="don’t hold the other part"):
        accept(world, OWNER)


@pytest.mark.parametrize(
    ("first", "second", "rollout", "together"),
    [
        ({Seat.LAST}, {Seat.ADMINISTRATOR}, "demo", True),
        ({Seat.ADMINISTRATOR}, {Seat.LAST}, "demo", True),
        ({Seat.LAST, Seat.ADMINISTRATOR}, {Seat.LAST}, "demo", True),
        ({Seat.LAST}, {Seat.LAST}, "demo", False),
        ({Seat.ADMINISTRATOR}, {Seat.ADMINISTRATOR}, "demo", False),
        ({Seat.ADMINISTRATOR}, {Seat.ADMINISTRATOR}, "", True),
        ({Seat.LAST}, {Seat.ADMINISTRATOR}, "", False),
        (set(), {Seat.LAST, Seat.ADMINISTRATOR}, "demo", False),
    ],
)
def test_which_two_seats_accept_together(first, second, rollout, together):
    assert completes(first, second, rollout) is together


@pytest.mark.parametrize("channel", [ChannelKind.SHELL, ChannelKind.API, ChannelKind.CELERY])
@pytest.mark.parametrize("act", [ask, accept])
def test_shell_tokens_and_tasks_can_do_neither(world, channel, act):
    with pytest.raises(NotAllowed):
        act(world, act=act_of(LEAD, channel=channel))


@pytest.mark.parametrize("act", [ask, accept])
def test_each_needs_a_reason_and_the_password(world, act):
    with pytest.raises(ReasonRequired):
        act(world, reason="  ")
    with pytest.raises(NotReauthenticated):
        act(world, act=act_of(LEAD, age_s=121))


def test_what_was_shown_must_still_stand(world):
    shown = the_hold()
    Hold.objects.update(reason="something else")
    look(world)
    with pytest.raises(RowMoved):
        ask(world, shown=shown)


def test_a_request_about_the_row_as_it_was_counts_no_more(world):
    ask(world)
    Hold.objects.update(reason="something else")
    look(world)
    with pytest.raises(NotAskedFor):
        accept(world)
    ask(world)
    assert Acceptance.objects.exclude(replaced_at=None).count() == 1
    accept(world)
    assert load_differences() == ()


def test_asking_twice_is_refused(world):
    ask(world, LEAD)
    with pytest.raises(AskedAlready, match="Lea Lead asked for this already"):
        ask(world, ADMIN)


def test_what_does_not_differ_or_was_found_once_is_not_accepted(world):
    Hold.objects.update(reason="the backup fails")
    with pytest.raises(NotDiffering):
        ask(world)
    look(world)
    Hold.objects.update(reason="again")
    world.now += timedelta(seconds=60)
    reconcile_tables(world.now)
    with pytest.raises(NotDiffering):
        ask(world)


def test_a_record_that_does_not_add_up_accepts_nothing(world):
    shown = the_hold()
    drop_guards(connection)
    row = AuditEntry.objects.get(action="hold.called")
    AuditEntry.objects.filter(pk=row.pk).update(body=bytes(row.body).replace(b'"after":"sha256:', b'"after":"sha256;'))
    with pytest.raises(RecordDoesNotFold):
        ask(world, shown=shown)


def test_a_row_of_no_rollout_takes_two_administrators(world):
    check = RecordCheck.objects.get()
    check.differences = [{**each, "rollout": ""} for each in check.differences]
    check.save()
    with pytest.raises(NotAllowed, match="two administrators"):
        ask(world, LEAD)
    ask(world, ADMIN)
    User.objects.create(pk=3, username="lea", first_name="Lea Lead", is_staff=True)
    accept(world, LEAD)
    assert entries()[-1]["object"]["rollout"] == ""
    assert load_differences() == ()


def test_a_row_of_another_rollout_is_not_accepted_here(world):
    Rollout.objects.create(key="other", title="Other", plan=PlanVersion.objects.last(), created_at=world.now)
    with pytest.raises(NotDiffering):
        ask_acceptance("other", the_hold(), act_of(LEAD), world.now, reason="x")


def test_an_administrator_whose_account_is_closed_holds_no_seat(world):
    User.objects.update(is_active=False)
    with pytest.raises(NotAllowed):
        ask(world, ADMIN)


def test_the_shown_digest_of_another_key_is_nothing(world):
    with pytest.raises(NotDiffering):
        ask(world, shown=replace(the_hold(), key=("hold", "x")))


# ------------------------------------------------------------------------------------- what was asked ends


def take_back(world, person=LEAD, reason="", act=None, row=None):
    row = row or Acceptance.objects.get()
    return withdraw_acceptance("demo", row.pk, act or act_of(person), world.now, reason=reason)


def decline(world, person=ADMIN, reason="Nobody knows how it came", act=None, row=None):
    row = row or Acceptance.objects.get()
    return decline_acceptance("demo", row.pk, act or act_of(person), world.now, reason=reason)


@pytest.mark.parametrize(
    ("end", "action", "person", "reason"),
    [
        (take_back, "difference.withdrawn", LEAD, ""),
        (decline, "difference.declined", ADMIN, "Nobody knows how it came"),
    ],
)
def test_what_was_asked_ends_by_one_entry_and_the_row_still_differs(world, end, action, person, reason):
    asked, count = ask(world), len(entries())
    seq = end(world)
    row, entry = Acceptance.objects.get(), entries()[-1]
    assert (row.end, row.ended_by_id, row.end_reason, row.ended_at) == (
        action.partition(".")[2],
        person,
        reason,
        world.now,
    )
    assert len(entries()) == count + 1
    assert (entry["seq"], entry["action"], entry["actor"]["id"], entry["reason"]) == (seq, action, person, reason)
    assert entry["object"] == {**entries()[asked]["object"]}
    look(world)
    assert stands_in_the_way() == [f"hold:{Hold.objects.get().pk}"]
    assert [each.key[0] for each in load_differences()] == ["hold"]


@pytest.mark.parametrize("end", [take_back, decline])
def test_what_ended_is_accepted_no_more_and_may_be_asked_again(world, end):
    ask(world)
    end(world)
    with pytest.raises(NotAskedFor):
        accept(world)
    for act in (take_back, decline):
        with pytest.raises(NotAskedFor):
            act(world)
    ask(world)
    accept(world)
    assert load_differences() == ()


def test_only_who_asked_takes_it_back_and_only_another_declines(world):
    ask(world, LEAD)
    for person in (ADMIN, MATE, "u:77"):
        with pytest.raises(NotAllowed, match="Only Lea Lead can take this back"):
            take_back(world, person)
    with pytest.raises(NotAllowed, match="You can take it back instead"):
        decline(world, LEAD)
    assert Acceptance.objects.get().ended_at is None


@pytest.mark.parametrize("person", [MATE, OWNER, "u:77"])
def test_whoever_could_not_accept_cannot_decline(world, person):
    ask(world, LEAD)
    with pytest.raises(NotAllowed, match="You may not accept this"):
        decline(world, person)


def test_one_who_holds_the_same_seat_cannot_decline_either(world):
    ask(world, LEAD)
    RoleGrant.objects.filter(person_id=OWNER).update(key="lead")
    with pytest.raises(NotAllowed, match="don’t hold the other part"):
        decline(world, OWNER)


def test_a_decline_needs_a_reason(world):
    ask(world)
    with pytest.raises(ReasonRequired):
        decline(world, reason=" ")


@pytest.mark.parametrize("channel", [ChannelKind.SHELL, ChannelKind.API, ChannelKind.CELERY])
@pytest.mark.parametrize(("end", "person"), [(take_back, LEAD), (decline, ADMIN)])
def test_shell_tokens_and_tasks_end_nothing(world, channel, end, person):
    ask(world)
    with pytest.raises(NotAllowed):
        end(world, act=act_of(person, channel=channel))


def test_a_request_about_a_row_of_no_rollout_ends_in_the_record_of_none(world):
    check = RecordCheck.objects.get()
    check.differences = [{**each, "rollout": ""} for each in check.differences]
    check.save()
    ask(world, ADMIN)
    with pytest.raises(NotAllowed, match="two administrators"):
        decline(world, LEAD)
    User.objects.create(pk=3, username="lea", first_name="Lea Lead", is_staff=True)
    decline(world, LEAD)
    assert entries()[-1]["object"]["rollout"] == ""


def test_a_request_of_another_rollout_is_not_ended_here(world):
    ask(world)
    Rollout.objects.create(key="other", title="Other", plan=PlanVersion.objects.last(), created_at=world.now)
    with pytest.raises(NotAskedFor):
        withdraw_acceptance("other", Acceptance.objects.get().pk, act_of(LEAD), world.now)


@pytest.mark.parametrize("said", [{"end": ""}, {"accepted_at": "2025-12-02T10:00Z", "accepted_by_id": "u:9"}])
def test_a_request_that_ended_says_how_and_was_not_accepted(world, said):
    ask(world)
    take_back(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.update(**said)
