"""Verdicts that the record keeps: each change with what it takes to compute it again."""

from datetime import timedelta

import pytest

from readiness.core.canonical import canonical_bytes, digest_bytes, to_plain
from readiness.core.codec import from_plain
from readiness.core.facts import Facts
from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from readiness.models import Blob, RecordCheck
from readiness.queries.blobs import BlobAltered
from readiness.queries.kept_verdicts import FactsNotKept, entry_at, load_kept_facts, load_kept_verdicts
from readiness.queries.policy import policy_archive, policy_digest
from readiness.services.holds import call_hold
from readiness.services.verdicts import judge_rollout
from tests.services.helpers import EMPTY_PHASE, MATE, NOW, act_of, document, make_rollout, start_phase

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MACHINE = act_of("readiness")


@pytest.fixture
def rollout():
    return make_rollout(document(**EMPTY_PHASE))


def kept(question=Question.ENTER, upto=None):
    return list(load_kept_verdicts("demo", question, upto))


def test_each_change_is_kept_newest_first(rollout):
    judge_rollout("demo", MACHINE, NOW)
    judge_rollout("demo", MACHINE, NOW + timedelta(seconds=1))
    call_hold("demo", act_of(MATE), NOW, reason="the backup fails")
    judge_rollout("demo", MACHINE, NOW + timedelta(seconds=2))
    assert [(k.judged.decision, k.judged.evaluated_at) for k in kept()] == [
        (Decision.NO_GO, NOW + timedelta(seconds=2)),
        (Decision.NO_GO, NOW),
    ]
    first = kept(upto=kept()[1].seq)
    assert [k.seq for k in first] == [kept()[1].seq]


def test_both_answers_of_one_entry_are_found(rollout):
    start_phase(rollout, "prepare")
    judge_rollout("demo", MACHINE, NOW)
    (enter,), (go_on,) = kept(), kept(Question.CONTINUE)
    assert enter.seq == go_on.seq
    assert (enter.judged.phase, go_on.judged.phase) == ("canary", "prepare")


def test_the_kept_facts_give_the_same_bytes_again_also_after_reasons_have_stood(rollout):
    judge_rollout("demo", MACHINE, NOW)
    call_hold("demo", act_of(MATE), NOW, reason="the backup fails")
    later = NOW + timedelta(minutes=1)
    (verdict,) = judge_rollout("demo", MACHINE, later)
    newest = kept()[0]
    again = evaluate_verdict(from_plain(Facts, load_kept_facts(newest)), Question.ENTER, newest.judged.evaluated_at)
    assert canonical_bytes(to_plain(again)) == canonical_bytes(to_plain(verdict))
    assert {reason.since_at for reason in again.reasons} == {NOW, later}


def test_the_rules_that_judged_are_kept_under_their_digest(rollout):
    judge_rollout("demo", MACHINE, NOW)
    assert kept()[0].judged.policy == policy_digest()
    assert bytes(Blob.objects.get(pk=policy_digest()).data) == policy_archive()
    assert digest_bytes(policy_archive()) == policy_digest()


def test_facts_that_are_gone_or_altered_are_not_taken_for_facts(rollout):
    judge_rollout("demo", MACHINE, NOW)
    newest = kept()[0]
    Blob.objects.filter(pk=newest.judged.facts).update(data=b"{}")
    with pytest.raises(BlobAltered):
        load_kept_facts(newest)
    Blob.objects.filter(pk=newest.judged.facts).delete()
    with pytest.raises(FactsNotKept, match=f"The facts of entry {newest.seq}"):
        load_kept_facts(newest)


def test_a_moment_is_found_in_the_record(rollout):
    assert entry_at(NOW) is None
    RecordCheck.objects.update(verified_at=None)
    judge_rollout("demo", MACHINE, NOW)
    assert entry_at(NOW.replace(year=2099)) == kept()[0].seq
