"""What is said of a comparison: without p-values, in the unit of the margin."""

from math import inf, log, nan

import pytest

from readiness.core.experiment_words import comparison_words, effect_words, margin_words
from tests.core.test_experiment_plans import METRIC, experiment


def test_what_was_found_and_how_sure_that_is_and_what_is_allowed():
    assert comparison_words(experiment(), log(1.018), log(1.034)) == (
        "1.8 % higher than control. We are 95 % sure it is less than 3.4 % higher; 5 % is allowed."
    )
    assert comparison_words(experiment(), log(0.9), log(0.99)) == (
        "10 % lower than control. We are 95 % sure it is not higher; 5 % is allowed."
    )


def test_where_more_is_better_worse_is_lower():
    throughput = experiment(direction="higher_is_better")
    assert effect_words(throughput, -log(0.95)) == "5 % lower"
    assert effect_words(throughput, -log(1.1)) == "10 % higher"


@pytest.mark.parametrize(("margin", "words"), [("0.5pp", "0.5 points"), ("2ms", "2 ms"), ("20%", "20 %")])
def test_a_margin_is_said_as_the_plan_says_it(margin, words):
    assert margin_words(experiment(margin=margin)) == words


def test_points_and_milliseconds_are_said_as_such():
    assert effect_words(experiment(margin="0.5pp", metric={**METRIC, "errors": "e", "total": "t"}), 0.0012) == (
        "0.12 points higher"
    )
    assert effect_words(experiment(margin="2ms"), -0.0015) == "1.5 ms lower"


def test_nothing_is_said_of_what_cannot_be_computed():
    assert comparison_words(experiment(), nan, 0.1) == comparison_words(experiment(), 0.1, inf) == ""


def test_an_improvement_says_what_is_needed():
    better = experiment(question="superiority", min_effect="20%", margin="20%")
    assert comparison_words(better, log(0.7), log(0.75)) == "30 % lower than control. 20 % is needed."
