"""The words of entries: kept with each entry, made anew from all of them, and gone when they are to be forgotten."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.core.search import phase_of, search_words, words_in
from readiness.queries.audit import EntryFilter, load_entries, load_entry
from readiness.queries.audit_search import load_found_seqs
from readiness.services.audit import append
from readiness.services.audit_search import clear_search, forget_words, rebuild_search

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
migration = import_module("readiness.migrations.0013_audit_search")
ACT = Act(Actor(ActorType.USER, "u:1", "Zoë Ünal"), Channel(ChannelKind.WEB))


def claim(number, before, after, label="Runbook"):
    return Change("claim.made", ObjectRef("claim", str(number), label, "demo"), before, after)


@pytest.fixture
def three(db):
    place = {"path": "canary/enter/item:word", "note": "we tried"}
    append(claim(1, None, place), ACT)
    append(claim(1, place, {**place, "note": "it fits"}), ACT)
    append(claim(2, None, {"path": "gap:way-back/closed_when/check:x"}), ACT)


def found(**wanted):
    return [entry.seq for entry in load_entries(EntryFilter(**wanted))]


def test_an_entry_is_found_by_its_words_in_any_order_and_by_their_beginnings(three):
    assert found(text="FITS note") == [1]
    assert found(text="run") == [2, 1, 0]
    assert found(text="ünal run") == [2, 1, 0]


def test_an_entry_belongs_to_the_phase_of_its_row_also_where_that_did_not_change(three):
    assert found(phase="canary") == [1, 0]
    assert found(phase="way-back") == found(phase="prepare") == []
    assert found(phase="canary", rollout="other") == []


def test_what_is_made_anew_finds_the_same(three):
    before = [load_found_seqs((word,), ()) for word in ("runbook", "fits", "we")] + [
        load_found_seqs((), ("_p_canary",))
    ]
    clear_search()
    assert found(text="run") == []
    assert rebuild_search() == 3
    assert [load_found_seqs((word,), ()) for word in ("runbook", "fits", "we")] + [
        load_found_seqs((), ("_p_canary",))
    ] == before
    assert before == [[2, 1, 0], [1], [1, 0], [1, 0]]


def test_the_command_makes_them_anew(three, capsys):
    clear_search()
    call_command("audit_search")
    assert "3 entries can be searched." in capsys.readouterr().out
    assert found(text="run") == [2, 1, 0]


def test_words_that_are_forgotten_find_nothing_more(three):
    forget_words(1, search_words(load_entry(1).body, "canary"))
    assert found(text="fits") == []
    assert found(text="run") == [2, 0]


def test_an_entry_that_is_taken_back_leaves_no_words(three):
    with transaction.atomic():
        append(claim(3, None, {"note": "unheard"}), ACT)
        transaction.set_rollback(True)
    assert load_found_seqs(("unheard",), ()) == []


def test_words_are_letters_and_digits_and_never_a_mark():
    assert words_in("No_GO: 100 % of Ünal's, ÜNAL") == ("no", "go", "100", "of", "ünal", "s")
    assert phase_of([None, {"phase": "canary"}]) == "canary"
    assert phase_of([{"path": "prepare/enter/item:x"}, {"phase": "canary"}]) == "prepare"
    assert phase_of([{"path": 7}, {}]) == ""


def test_the_migration_makes_an_older_log_findable(three):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE readiness_auditsearch")
    migration.make_table(apps, connection.schema_editor())
    assert found(text="run") == [2, 1, 0]
    assert found(phase="canary") == [1, 0]
