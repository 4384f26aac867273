"""Judging: one stored answer a question, one entry when it changes, what ended and what fired along with it."""

from datetime import timedelta

import pytest

from readiness.core.canonical import canonical_bytes, parse_canonical
from readiness.core.codec import from_plain, to_plain
from readiness.core.facts import Facts
from readiness.core.types import Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import Blob, Claim, Firing, Rollout, StoredVerdict
from readiness.services.recording import mark_dirty
from readiness.services.verdicts import judge_if_dirty, judge_rollout
from tests.record_fixtures import entries
from tests.services.helpers import EMPTY_PHASE, MATE, NAMES, NOW, act_of, document, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")


@pytest.fixture
def rollout():
    return make_rollout(document(**EMPTY_PHASE))


def report(rollout, at=NOW):
    return Claim.objects.create(
        rollout=rollout, path="canary/abort/item:complaints", claimed_at=at, by_id=MATE, by_name=NAMES[MATE]
    )


def test_a_first_answer_is_stored_and_recorded_once(rollout):
    judge_rollout("demo", MACHINE, NOW)
    stored = StoredVerdict.objects.get(rollout=rollout)
    (entry,) = entries()
    assert (stored.question, stored.phase, stored.decision) == ("enter", "prepare", "NO_GO")
    assert entry["action"] == "verdict.changed"
    assert entry["change"]["fields"]["verdict"] == [None, "NO_GO"]


def test_the_same_answer_again_appends_nothing_and_keeps_its_since(rollout):
    judge_rollout("demo", MACHINE, NOW)
    later = NOW + timedelta(minutes=1)
    judge_rollout("demo", MACHINE, later)
    stored = StoredVerdict.objects.get(rollout=rollout)
    assert len(entries()) == 1
    assert (stored.since_at, stored.evaluated_at) == (NOW, later)
    assert {r["since_at"] for r in stored.payload["reasons"]} == {to_plain(NOW)}


def test_the_stored_facts_give_the_stored_verdict_again(rollout):
    (verdict,) = judge_rollout("demo", MACHINE, NOW)
    stored = StoredVerdict.objects.get(rollout=rollout)
    facts = from_plain(Facts, parse_canonical(bytes(Blob.objects.get(pk=stored.facts).data)))
    again = evaluate_verdict(facts, Question.ENTER, NOW)
    assert again.verdict_id == verdict.verdict_id
    assert canonical_bytes(to_plain(again)) == canonical_bytes(to_plain(verdict))


def test_judging_settles_what_was_dirty_and_tells_open_pages(rollout):
    mark_dirty(rollout, NOW)
    before = Rollout.objects.get().changed
    judge_if_dirty("demo", MACHINE, NOW)
    after = Rollout.objects.get()
    assert (after.dirty_at, after.dirty_changes) == (None, 0)
    assert after.changed > before


def test_what_is_clean_is_not_judged(rollout):
    judge_if_dirty("demo", MACHINE, NOW)
    assert not StoredVerdict.objects.exists()


def test_a_trigger_that_begins_to_fire_is_kept_and_recorded_with_the_verdict(rollout):
    start_phase(rollout, "canary")
    judge_rollout("demo", MACHINE, NOW)
    report(rollout)
    judge_rollout("demo", MACHINE, NOW)
    firing = Firing.objects.get()
    entry = entries()[-1]
    assert (firing.path, firing.found) == ("canary/abort/item:complaints", "reported by Mia Mate")
    assert entry["action"] == "verdict.changed"
    assert entry["change"]["fields"]["fired"] == [None, ["canary/abort/item:complaints"]]
    assert StoredVerdict.objects.get(question="continue").stage == "ABORT"


def test_a_trigger_that_clears_by_itself_stays_unanswered(rollout):
    start_phase(rollout, "canary")
    claim = report(rollout)
    judge_rollout("demo", MACHINE, NOW)
    Claim.objects.filter(pk=claim.pk).update(withdrawn_at=NOW)
    later = NOW + timedelta(minutes=1)
    judge_rollout("demo", MACHINE, later)
    assert Firing.objects.get().cleared_at == later
    reasons = StoredVerdict.objects.get(question="continue").payload["reasons"]
    assert [r["code"] for r in reasons] == ["ABORT_UNANSWERED"]


def test_an_answer_that_is_not_asked_any_more_is_dropped(rollout):
    run = start_phase(rollout, "canary")
    judge_rollout("demo", MACHINE, NOW)
    run.state, run.left_at = "rolled_back", NOW
    run.save()
    judge_rollout("demo", MACHINE, NOW)
    assert [v.question for v in StoredVerdict.objects.all()] == ["enter"]
