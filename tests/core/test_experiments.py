"""An experiment by its newest look: only one that shows what was asked is met."""

from datetime import timedelta

import pytest

from readiness.core.assess import assess_condition
from readiness.core.conditions import ConditionKind, ExperimentSpec
from readiness.core.facts import ConditionFacts
from readiness.core.types import ExperimentResult, ExperimentState, Outcome
from tests.core.builders import NOW, make_condition


def assess(state):
    condition = make_condition(ConditionKind.EXPERIMENT, experiment=ExperimentSpec({}))
    result = ExperimentResult(state, "p99 +1 % (-2 % to +4 %)", NOW - timedelta(hours=1)) if state else None
    return assess_condition(ConditionFacts(condition, experiment=result), NOW)


@pytest.mark.parametrize(
    ("state", "outcome", "code"),
    [
        (None, Outcome.UNKNOWN, "EXPERIMENT_NOT_RUN"),
        (ExperimentState.UNDECIDED, Outcome.NOT_MET, "EXPERIMENT_UNDECIDED"),
        (ExperimentState.HARMFUL, Outcome.NOT_MET, "EXPERIMENT_HARMFUL"),
        (ExperimentState.INVALID, Outcome.UNKNOWN, "EXPERIMENT_INVALID"),
        (ExperimentState.SHOWN, Outcome.MET, ""),
    ],
)
def test_only_a_result_that_shows_it_is_met(state, outcome, code):
    assessment = assess(state)
    assert (assessment.outcome, assessment.code) == (outcome, code)
