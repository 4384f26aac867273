"""Criteria and values in words: "at most 15 ms", "18.2 ms", "at most 5 % above control cohort"."""

import math

from readiness.core.criteria import Criteria, Criterion, criterion_limit
from readiness.core.quantities import convert, format_apart, readable_unit

_WORDS = {"<": "under", "<=": "at most", "==": "exactly", "!=": "anything but", ">=": "at least", ">": "over"}
_AWAY = {"<": "less than", "<=": "at most", "==": "exactly", "!=": "anything but", ">=": "at least", ">": "more than"}
_MIRRORED = {"<": ">", "<=": ">=", "==": "==", "!=": "!=", ">=": "<=", ">": "<"}
_MOST_CONVERTED = 1e290
"""Beyond this a value is shown in its own unit: in another it might be too large for a number."""
_WHOLE = {"ratio": [1.0], "%": [100.0]}


def describe_criteria(criteria: Criteria, unit: str, against_title: str = "") -> str:
    """What the criteria require, as it completes "it must be …". `unit` is the query's."""
    against = against_title or "what it is compared with"
    conjunctions = [_describe_conjunction(conjunction, unit, against) for conjunction in criteria.alternatives]
    return ", or ".join(conjunctions)


def _describe_conjunction(conjunction: tuple[Criterion, ...], unit: str, against: str) -> str:
    return _describe_corridor(conjunction, unit, against) or " and ".join(
        _describe_criterion(criterion, unit, against) for criterion in conjunction
    )


def _describe_corridor(conjunction: tuple[Criterion, ...], unit: str, against: str) -> str:
    """`>= -5%` with `<= +5%` is a corridor around the comparand, which one phrase says better than two."""
    if [criterion.op for criterion in conjunction] not in ([">=", "<="], ["<=", ">="]):
        return ""
    first, second = conjunction
    if first.relative is None or first.relative != second.relative or first.limit != -second.limit:
        return ""
    within = {first.op: first.limit, second.op: second.limit}["<="] >= 0
    return f"within {_amount(first, unit)} of {against}" if within else ""


def _describe_criterion(criterion: Criterion, unit: str, against: str) -> str:
    if criterion.relative is None:
        return f"{_WORDS[criterion.op]} {_amount(criterion, unit)}"
    if criterion.limit == 0:
        return f"{_WORDS[criterion.op]} {against}"
    below = criterion.text.split()[1].startswith("-")
    op = _MIRRORED[criterion.op] if below else criterion.op
    return f"{_AWAY[op]} {_amount(criterion, unit)} {'below' if below else 'above'} {against}"


def _amount(criterion: Criterion, unit: str) -> str:
    written = criterion.unit or ("" if unit == "ratio" else unit)
    return f"{criterion.number} {written}".strip()


def format_value(
    value: float | None, unit: str, criteria: Criteria | None = None, comparand: float | None = None
) -> str:
    """A measured `value` (in `unit`) for people: `18.2 ms`, `99.6 %`, `412 MB`.

    With `criteria` it is shown in the unit that they were written in, with as many digits as it takes to see on
    which side of a limit it lies; `comparand` is what a relative limit is measured from.
    """
    if value is None:
        return "no value"
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "infinite"
    shown = _shown_unit(value, unit, criteria)
    limits = [criterion_limit(criterion, comparand) for criterion in (criteria.each() if criteria else ())]
    marks = {convert(mark, unit, shown) for mark in (*limits, *_WHOLE.get(unit, [])) if mark is not None}
    number = format_apart(convert(value, unit, shown), marks)
    return f"{number} {'' if shown == 'ratio' else shown}".strip()


def _shown_unit(value: float, unit: str, criteria: Criteria | None) -> str:
    first = next(iter(criteria.each()), None) if criteria else None
    if abs(value) > _MOST_CONVERTED:
        return unit
    if first is None or (first.relative == "percent" and first.unit == "%"):
        return readable_unit(value, unit)
    if first.unit == "pp":
        return "%"
    return first.unit or unit
