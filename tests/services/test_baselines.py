"""Baselines that people record, and results that are accepted with a GO: kept one after the other, in one entry."""

from datetime import timedelta
from math import inf, nan

import pytest

from readiness.collectors.baselines import LinesTold
from readiness.collectors.gates import GateCollected
from readiness.core.case import open_case
from readiness.core.statements import Seen, build_statement
from readiness.core.types import GateObservation, Outcome, Question, Reading, SeriesValue
from readiness.core.windows import Point
from readiness.models import Baseline, Blob, Claim, Evidence
from readiness.queries.baselines import baseline_lines, load_chains
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.queries.scenes import Address, load_scene
from readiness.services.baselines import NothingToRecord, record_baseline
from readiness.services.gates import refresh_rollout
from readiness.services.items import NotAnItem
from readiness.services.leases import lease_due
from readiness.services.observations import make_all_due, sync_observations
from readiness.services.phases import enter_phase
from readiness.services.rights import NotAllowed
from readiness.services.signoffs import Answer, sign_off
from tests.record_fixtures import entries
from tests.services.helpers import (
    DOCUMENT,
    LEAD,
    MATE,
    NAMES,
    NOW,
    OWNER,
    SHA,
    STRANGER,
    act_of,
    document,
    make_rollout,
)
from tests.views.acting import make_demo

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ITEM = "prepare/enter/item:base"
RECORDS = {"item": "base", "title": "Base", "owner": "sre", "records": {"baseline": "b0", "gates": ["errors"]}}
RELATIVE = {"gate": "errors", "expect": "<= +10%", "against": {"baseline": "b0"}}
WORD = {"item": "word", "title": "I have read it", "owner": "sre", "evidence": "attestation"}


@pytest.fixture
def rollout():
    return make_rollout(document(enter=[RECORDS, RELATIVE]))


def lines(*values):
    return LinesTold({"a": tuple(Point(NOW - timedelta(minutes=n), v) for n, v in enumerate(values))}, raw=b"raw")


def record(*values, person=OWNER, at=NOW):
    return record_baseline("demo", ITEM, act_of(person), at, lambda gate, end_at, span: lines(*values))


def test_a_baseline_is_the_median_of_the_hour_with_query_window_and_raw_answer(rollout):
    seq = record(1.0, 9.0, 2.0)
    row = Baseline.objects.get()
    assert (row.value, row.query, row.window, row.by_id, row.recorded_at) == (
        2.0, "errors", timedelta(hours=1), OWNER, NOW,
    )  # fmt: skip
    assert bytes(Blob.objects.get(pk=row.answer).data) == b"raw"
    piece = Evidence.objects.get()
    assert (piece.kind, piece.digest, piece.finding) == (
        "baseline", row.answer, "Median of 3 values over the last hour: 2",
    )  # fmt: skip
    assert Claim.objects.get(withdrawn_at=None).path == ITEM
    (entry,) = entries()
    assert (entry["seq"], entry["action"]) == (seq, "baseline.recorded")


def test_what_is_no_number_is_left_out_and_nothing_else_is_no_baseline(rollout):
    record(nan, 3.0, inf)
    assert Baseline.objects.get().value == 3.0
    with pytest.raises(NothingToRecord, match="Error rate has no data over the last hour"):
        record(nan, inf)
    with pytest.raises(NothingToRecord, match="no data over the last hour: it did not answer"):
        record_baseline("demo", ITEM, act_of(OWNER), NOW, lambda *_: LinesTold(trouble="it did not answer"))
    assert Baseline.objects.count() == 1
    assert len(entries()) == 1


@pytest.mark.parametrize("person", [MATE, STRANGER])
def test_only_the_owner_of_the_item_records_it(rollout, person):
    with pytest.raises(NotAllowed):
        record(1.0, person=person)
    assert (Baseline.objects.exists(), entries()) == (False, [])


def test_only_an_item_that_records_a_baseline_does(rollout):
    with pytest.raises(NotAnItem, match="no item prepare/enter/item:word that records a baseline"):
        record_baseline("demo", "prepare/enter/item:word", act_of(OWNER), NOW, lambda *_: lines(1.0))


def test_one_that_is_replaced_stays_to_be_seen_with_who_recorded_it(rollout):
    record(1.0)
    record(2.0, at=NOW + timedelta(hours=1))
    first, second = load_chains(rollout, "b0")["errors"]
    assert (first.value, first.replaced_at, second.value, second.replaced_at) == (
        1.0, NOW + timedelta(hours=1), 2.0, None,
    )  # fmt: skip
    changed = entries()[-1]["change"]
    assert len(entries()) == 2
    assert "baseline" in str(changed)


def test_small_steps_add_up_and_the_page_says_so(db):
    rollout = make_demo(document(enter=[RECORDS, RELATIVE]))
    for hour, value in enumerate((1.0, 1.09, 1.1881, 1.295029)):
        record(value, at=NOW + timedelta(hours=hour))
    scene = load_scene("demo", act_of_person(OWNER), Address("gate", "errors"), NOW)
    condition = next(c for c in load_plan(rollout).phases[0].enter if c.gate is not None)
    told = baseline_lines(scene, condition)
    assert [line.end_note for line in told] == [
        "9.0 % more than before, 29.5 % more than the first",
        "9.0 % more than before, 18.8 % more than the first",
        "9.0 % more than before",
        "the first",
    ]
    assert (told[0].word, told[1].state) == ("In force", "")
    assert "recorded by Olga Owner" in told[0].note


def act_of_person(person):
    actor = act_of(person).actor
    return type("P", (), {"id": actor.id, "name": actor.name})()


# ------------------------------------------------------------------------------------- what was accepted


ABSOLUTE = {"gate": "errors", "expect": "<= 5"}
CREEPING = {"gate": "errors", "expect": "<= +10%", "against": {"previous": True}}


@pytest.fixture
def accepting():
    """A rollout whose second phase compares a gate with what it was when the first one was entered."""
    first, second = document(enter=[WORD, ABSOLUTE])["phases"]
    said = {**DOCUMENT, "phases": [first, {**second, "enter": [CREEPING]}]}
    rollout = make_rollout(said)
    sync_observations(rollout, load_plan(rollout), None, NOW)
    return rollout


def see(value, at=NOW):
    make_all_due("demo", at)
    reading = Reading("errors", "metrics", at, values=(SeriesValue("", value),), sampled_at=at)
    seen = GateCollected(GateObservation(reading))
    refresh_rollout("demo", {leased.row: (leased, seen) for leased in lease_due("demo", at)}, act_of("readiness"), at)


def enter_the_first(rollout):
    Claim.objects.create(
        rollout=rollout, path="prepare/enter/item:word", claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE]
    )
    for role, person in (("sre", OWNER), ("lead", LEAD)):
        facts = load_facts(rollout, Question.ENTER)
        seen = Seen(0, SHA, NOW)
        statement = build_statement(facts, role, person, seen, open_case(facts, Question.ENTER, NOW).judged)
        sign_off("demo", Answer("prepare", role, True, "approve-go", "", statement.digest, seen), act_of(person), NOW)
    return enter_phase("demo", "prepare", act_of(LEAD), NOW, confirmed=(0, 1))


PATH = "canary/enter/gate:errors/<= +10%/0s"


def judged(rollout, at, path=PATH):
    found = open_case(load_facts(rollout, Question.ENTER), Question.ENTER, at).judged[path]
    return found.outcome, found.code, found.found


def test_what_was_accepted_with_a_go_is_what_the_next_phase_compares_with(accepting):
    see(2.0)
    before = len(entries())
    seq = enter_the_first(accepting)
    row = Baseline.objects.get()
    assert (row.baseline, row.gate, row.value, row.query, row.window) == (
        "previous", "errors", 2.0, "errors", timedelta(0),
    )  # fmt: skip
    assert entries()[-1]["seq"] == seq
    assert len(entries()) - before == 3
    assert ("baseline", str(row.pk)) in [(also["type"], also["id"]) for also in entries()[-1]["change"]["also"]]
    assert row.by_id == "readiness"
    later = NOW + timedelta(seconds=15)
    see(2.1, later)
    assert judged(accepting, later)[0] is Outcome.MET
    assert judged(accepting, later)[2] == "2.1 against 2 of the last accepted result"
    see(2.3, later + timedelta(seconds=15))
    assert judged(accepting, later + timedelta(seconds=15))[:2] == (Outcome.NOT_MET, "GATE_BREACHED")


@pytest.fixture
def creeping():
    """A rollout whose first phase compares a gate with what was accepted before, and that may record the first one."""
    records = {**RECORDS, "records": {"baseline": "previous", "gates": ["errors"]}}
    rollout = make_rollout(document(enter=[records, CREEPING]))
    sync_observations(rollout, load_plan(rollout), None, NOW)
    see(2.0)
    return rollout


def test_before_anything_was_accepted_there_is_nothing_to_compare_with(creeping):
    path = "prepare/enter/gate:errors/<= +10%/0s"
    assert judged(creeping, NOW, path) == (Outcome.UNKNOWN, "GATE_NO_BASELINE", "nothing has been accepted yet")


def test_the_first_one_may_be_recorded_by_an_item(creeping):
    path = "prepare/enter/gate:errors/<= +10%/0s"
    record(1.9)
    assert judged(creeping, NOW, path)[0] is Outcome.MET


def test_what_no_place_compares_with_is_not_kept(db):
    rollout = make_rollout(document(enter=[WORD, ABSOLUTE]))
    sync_observations(rollout, load_plan(rollout), None, NOW)
    see(2.0)
    enter_the_first(rollout)
    assert not Baseline.objects.exists()
