"""The numbers of the plan file: shares, scores, chances, amounts and counts, each with the sentence that refuses it.

What could only always hold, or never, is no number to ask for.
"""

import re
from collections.abc import Callable
from math import inf
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from readiness.core.quantities import parse_estimate, parse_score, parse_share, unit_measure
from readiness.services.plan_types import LOOSE_TEXT, as_text, checked, worded


def _number(text: str) -> str:
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        raise ValueError(f"{text!r} is not a number; write one such as 0.05.")
    return text


def _between(low: float, high: float, such_as: str) -> AfterValidator:
    """Refuse a number that is not between two others: one that could only always hold, or never."""

    def check(text: str) -> str:
        if not low < float(_number(text)) < high:
            limits = f"between {low:g} and {high:g}" if high < inf else f"above {low:g}"
            raise ValueError(f"{text} is not {limits}; write one such as {such_as}.")
        return text

    return AfterValidator(check)


def _above_zero(parse: Callable[[str], float]) -> AfterValidator:
    """Refuse what everything reaches."""

    def check(text: str) -> str:
        if not parse(text):
            raise ValueError(f"{text!r} always holds, so it asks for nothing; write more, or leave the key out.")
        return text

    return AfterValidator(check)


def _status(number: int) -> int:
    if not 100 <= number <= 599:
        raise ValueError(f"{number} is not a status of an answer; write one such as 200.")
    return number


Percent: TypeAlias = Annotated[str, checked(parse_share)]
MinShare: TypeAlias = Annotated[Percent, _above_zero(parse_share)]
Estimate: TypeAlias = Annotated[str, checked(parse_estimate)]
Score: TypeAlias = Annotated[str, BeforeValidator(as_text), checked(parse_score), LOOSE_TEXT]
MinScore: TypeAlias = Annotated[Score, _above_zero(parse_score)]
Unit: TypeAlias = Annotated[str, checked(unit_measure)]
Number: TypeAlias = Annotated[
    str, BeforeValidator(as_text), AfterValidator(_number), WithJsonSchema({"type": ["string", "number"]})
]
Chance: TypeAlias = Annotated[Number, _between(0, 1, "0.99")]
Alpha: TypeAlias = Annotated[Number, _between(0, 0.5, "0.05")]
MinNumber: TypeAlias = Annotated[Number, _between(0, inf, "10")]
Amount: TypeAlias = Annotated[
    str,
    worded(r"\d{1,9}(\.\d{1,9})?\s*\S{1,10}", "is not an amount; write a number with its unit, such as 5% or 2ms."),
]
PerDay: TypeAlias = Annotated[str, worded(r"[1-9]\d{0,11}/day", "is not a sample size; write one such as 1000/day.")]
Harm: TypeAlias = Annotated[
    str, worded(r"p\s*<\s*0\.(?=0*[1-9])\d{1,9}", 'is not a limit of harm; write one such as "p < 0.01".')
]
Tolerance: TypeAlias = Annotated[
    str, worded(r"\d{1,3}(\.\d{1,9})?\s*(pp|%)", "is not a tolerance of a share; write one such as 1pp.")
]
Count: TypeAlias = Annotated[int, Field(ge=1)]
Status: TypeAlias = Annotated[
    int, AfterValidator(_status), WithJsonSchema({"type": "integer", "minimum": 100, "maximum": 599})
]
