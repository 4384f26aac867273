"""What only a phase produces keeps nobody from entering it."""

from readiness.core.aborts import unarmed_because
from readiness.core.conditions import ConditionKind
from readiness.core.facts import ConditionFacts, TriggerFacts
from readiness.core.plan_build import build_plan
from readiness.services.plan_file import read_plan
from tests.core.builders import NOW
from tests.plans.walk import DUAL_MEMORY


def test_an_experiment_that_arms_on_entry_does_not_keep_its_phase_from_being_entered():
    plan = build_plan(read_plan(DUAL_MEMORY).document, "sha256:x")
    triggers = [c for phase in plan.phases for c in phase.abort if c.kind is ConditionKind.EXPERIMENT]
    assert triggers
    for condition in triggers:
        assert unarmed_because(TriggerFacts(ConditionFacts(condition), running=False), NOW) == ""
        assert unarmed_because(TriggerFacts(ConditionFacts(condition), running=True), NOW) != ""
