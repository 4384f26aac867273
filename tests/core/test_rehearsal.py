"""A rehearsal: one person may do it all, and its answers can never be taken for those of a real rollout."""

from dataclasses import replace

from readiness.core.types import Decision, Question
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import ANA, NOW, codes, make_claim, make_evidence, make_facts, make_item, sign_all


def enter(facts):
    return evaluate_verdict(facts, Question.ENTER, NOW)


def alone(**more):
    item = replace(make_item(make_claim(make_evidence())), changed_by=(ANA,))
    facts = make_facts(enter=[item], **more)
    return sign_all(facts, **dict.fromkeys(("backend-lead", "sre-lead", "release-manager"), ANA))


def test_one_person_alone_never_yields_go_in_a_real_rollout():
    verdict = enter(alone())
    assert verdict.decision is Decision.NO_GO
    assert "SIGN_OFF_VOID" in codes(verdict)


def test_one_person_signs_for_every_role_in_a_rehearsal():
    verdict = enter(alone(rehearsal=True))
    assert (verdict.decision, verdict.rehearsal) == (Decision.GO, True)


def test_a_rehearsal_relaxes_nothing_else():
    facts = alone(rehearsal=True)
    unclaimed = replace(facts, enter=(make_item(key="other"),))
    assert enter(unclaimed).decision is Decision.NO_GO
    assert enter(replace(facts, signatures=facts.signatures[:2])).decision is Decision.NO_GO


def test_the_id_of_a_rehearsed_answer_is_never_that_of_a_real_one():
    real, rehearsed = (enter(make_facts(rehearsal=flag)) for flag in (False, True))
    assert codes(real) == codes(rehearsed)
    assert real.verdict_id != rehearsed.verdict_id
