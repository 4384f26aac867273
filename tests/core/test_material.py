"""What a signature rests on: the same for every order of facts, and another one for every change that counts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.core.conditions import AbortSpec
from readiness.core.facts import WaiverFacts
from readiness.core.material import condition_definition, digest_materials, trigger_material
from readiness.core.types import Assessment, BaselineFacts, Finding, Outcome
from tests.core.builders import (
    ANA,
    BEN,
    NOW,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_gate,
    make_item,
    make_ran,
    make_review,
    make_trigger,
)

ASSESSED = Assessment("", Outcome.MET)
EVERYTHING = (make_gate(), make_item(make_claim(make_evidence())), make_check(), make_drill(make_ran()), make_review())


def digest(*conditions, assessments=None):
    return digest_materials(conditions, assessments or {})


def test_order_does_not_count():
    claims = make_claim(member="u:1"), make_claim(member="u:2", by=BEN)
    two = make_item(*claims, key="training", proofs=(make_check(), make_gate()))
    turned = replace(two, claims=two.claims[::-1], proofs=two.proofs[::-1])
    assert digest(*EVERYTHING, two) == digest(turned, *EVERYTHING[::-1])


@pytest.mark.parametrize(
    "changed",
    [
        make_item(make_claim(make_evidence(), by=BEN)),
        make_item(make_claim(make_evidence(), age=timedelta(hours=2))),
        make_item(make_claim()),
        make_item(make_claim(replace(make_evidence(), digest="sha256:" + "b" * 64))),
        make_item(make_claim(make_evidence()), valid_for=timedelta(days=9)),
        make_item(make_claim(make_evidence()), proofs=(make_check(),)),
    ],
)
def test_what_a_claim_rests_on_counts(changed):
    assert digest(make_item(make_claim(make_evidence()))) != digest(changed)


@pytest.mark.parametrize("facts", EVERYTHING)
def test_the_definition_always_counts(facts):
    moved = replace(facts, condition=replace(facts.condition, path="elsewhere"))
    given = replace(facts, condition=replace(facts.condition, owner="somebody"))
    assert len({digest(facts), digest(moved), digest(given)}) == 3


def test_drills_reviews_file_contents_and_baselines_count():
    for one, other in (
        (make_drill(make_ran()), make_drill(make_ran(timedelta(minutes=1, seconds=1)))),
        (make_drill(make_ran()), make_drill()),
        (make_review(8.0), make_review(8.5)),
        (make_check(), replace(make_check(), check=replace(make_check().check, content="sha256:other"))),
        (make_gate(), with_baseline(make_gate())),
    ):
        assert digest(one) != digest(other)


def with_baseline(facts):
    return replace(facts, gate=replace(facts.gate, baseline=BaselineFacts("before", 0.01, NOW, ANA)))


def test_the_baseline_of_an_abort_trigger_counts():
    assert trigger_material(make_gate()) != trigger_material(with_baseline(make_gate()))
    assert trigger_material(make_gate()) == trigger_material(make_gate(0.5))


@pytest.mark.parametrize("other", [make_gate(0.5), replace(make_gate(), gate=None)])
def test_live_values_do_not_count(other):
    assert digest(make_gate()) == digest(other)


def test_commit_and_time_of_a_check_do_not_count():
    moved = replace(make_check().check, version="fffffff", checked_at=NOW, finding=Finding.FITS)
    assert digest(make_check()) == digest(replace(make_check(), check=moved))


def test_not_met_counts_and_unknown_does_not():
    facts = make_review()
    path = facts.condition.path

    def judged(outcome):
        return digest(facts, assessments={path: replace(ASSESSED, path=path, outcome=outcome)})

    assert judged(Outcome.MET) == judged(Outcome.UNKNOWN) != judged(Outcome.NOT_MET)


def test_what_an_abort_trigger_does_is_part_of_its_definition():
    condition = make_trigger().facts.condition
    weaker = replace(condition, abort=AbortSpec("lead", condition.abort.roll_back))
    assert condition_definition(condition) != condition_definition(weaker)


def test_a_definition_is_remembered_for_its_very_condition_only():
    """1, 1.0 and true are equal to Python and not in JSON, so equal conditions may differ in their digest."""
    number, truth = (make_check().condition for _ in range(2))
    number = replace(number, check=replace(number.check, settings={"expect": 1}))
    truth = replace(truth, check=replace(truth.check, settings={"expect": True}))
    assert number == truth
    assert condition_definition(number) != condition_definition(truth)


def test_a_waiver_counts_by_its_id_and_makes_nothing_live_count():
    waiver = WaiverFacts(7, "", "", "", ANA, NOW, BEN, NOW, NOW + timedelta(days=1))
    waived = replace(make_gate(), waiver=waiver)
    path, lapsed = waived.condition.path, Assessment(waived.condition.path, Outcome.NOT_MET)
    assert digest(waived) != digest(make_gate())
    assert digest(waived) != digest(replace(waived, waiver=replace(waiver, id=8)))
    assert digest(waived) == digest(waived, assessments={path: lapsed})
