"""Sentences about experiments: where the canary is compared with control, how sure that is, and what is allowed."""

from math import expm1, isfinite

from readiness.core.experiments import Experiment
from readiness.core.quantities import convert, format_number

DIGITS = 2


def effect_words(experiment: Experiment, effect: float) -> str:
    """Say an effect, which is above zero where the canary is worse: `1.8 % higher`, `2 ms lower`."""
    if experiment.margin.relative:
        amount = (expm1(effect) if experiment.lower_is_better else -expm1(-effect)) * 100
    else:
        amount = _in_unit(experiment, effect)
    is_higher = (effect > 0) == experiment.lower_is_better
    return f"{_amount_words(experiment, abs(amount))} {'higher' if is_higher else 'lower'}"


def margin_words(experiment: Experiment) -> str:
    """Say the margin as the plan does: `5 %`, `0.5 points`, `2 ms`."""
    margin = experiment.margin
    return _amount_words(experiment, margin.amount * 100 if margin.relative else _in_unit(experiment, margin.amount))


def _in_unit(experiment: Experiment, amount: float) -> float:
    unit = experiment.margin.unit
    return convert(amount, {"ms": "s", "pp": "ratio"}.get(unit, unit), unit) if unit in ("ms", "pp") else amount


def _amount_words(experiment: Experiment, amount: float) -> str:
    unit = "points" if experiment.margin.unit == "pp" else experiment.margin.unit
    return f"{format_number(amount, DIGITS)} {unit}".strip()


def comparison_words(experiment: Experiment, effect: float, upper: float) -> str:
    """Say what was found and how sure that is; empty while nothing can be computed."""
    if not (isfinite(effect) and isfinite(upper)):
        return ""
    sure = format_number((1 - experiment.alpha) * 100)
    direction = "higher" if experiment.lower_is_better else "lower"
    found = "Equal to control" if effect == 0 else f"{effect_words(experiment, effect)} than control"
    if experiment.question == "superiority":
        return f"{found}. {margin_words(experiment)} is needed."
    end = f"less than {effect_words(experiment, upper)}" if upper > 0 else f"not {direction}"
    return f"{found}. We are {sure} % sure it is {end}; {margin_words(experiment)} is allowed."
