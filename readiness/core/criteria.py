"""The criteria grammar: what a gate's `expect` says, and whether a value keeps to it.

A criterion is `op value`, op one of `< <= = == != >= >`. Without a sign the value is absolute and carries a unit that
converts to the query's (`<= 15ms`, `<= 0.1%`); a number alone is in the query's own unit. With a sign it is relative to
a comparand: `<= +5%` is a share of it, `<= +0.5pp` and `<= +2ms` are added to it. A list is a conjunction, a list of
lists is alternatives of conjunctions. Comparisons are written so that NaN, infinity and absence never hold.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from operator import eq, ge, gt, le, lt, ne
from typing import Literal

from readiness.core.quantities import UnitsDiffer, UnreadableQuantity, convert, unit_measure

OPERATORS = {"<": lt, "<=": le, "==": eq, "!=": ne, ">=": ge, ">": gt}
_LONGEST = 80
Expect = str | Sequence[str] | Sequence[Sequence[str]]
_CRITERION = re.compile(r"\s*([<>=!]=?)\s*([+-]?)\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?|\.\d+)\s*([^\s\d].*?)?\s*")


class UnreadableCriterion(ValueError):
    """The text is not a criterion for this unit; the message says what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One limit. `text` is its canonical form, `number` and `unit` are as written.

    `limit` is in the query's unit; for `relative` "percent" it is a fraction of the comparand (0.05 for +5 %), for
    "absolute" it is added to the comparand. Its sign is the written one.
    """

    text: str
    op: str
    limit: float
    relative: Literal["percent", "absolute"] | None = None
    number: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Alternatives of conjunctions: it holds when every criterion of one alternative holds.

    `relative` says whether any criterion is, worked out once.
    """

    alternatives: tuple[tuple[Criterion, ...], ...]
    relative: bool

    def each(self) -> Iterable[Criterion]:
        """Every criterion, in the order written."""
        return (criterion for conjunction in self.alternatives for criterion in conjunction)


def parse_criteria(expect: Expect, unit: str) -> Criteria:
    """The criteria that `expect` (text, list, or list of lists) states for a query in `unit`.

    Raises UnreadableCriterion when a part is not a criterion, has a unit that does not convert, or a list is empty.
    """
    alternatives = tuple(tuple(_parse_criterion(text, unit) for text in texts) for texts in _alternatives(expect))
    if not alternatives or not all(alternatives):
        raise UnreadableCriterion(
            'An empty list is met by everything; write one criterion at least, such as "<= 15ms".'
        )
    return Criteria(alternatives, any(c.relative for conjunction in alternatives for c in conjunction))


def _alternatives(expect: Expect) -> list[list[str]]:
    if isinstance(expect, str):
        return [[expect]]
    texts = [part for part in expect if isinstance(part, str)]
    if not texts:
        return [list(part) for part in expect]
    if len(texts) < len(expect):
        raise UnreadableCriterion("A list holds either criteria or lists of criteria, not both.")
    return [texts]


def _parse_criterion(text: str, unit: str) -> Criterion:
    match = _CRITERION.fullmatch(text) if len(text) <= _LONGEST else None
    op = {"=": "=="}.get(match[1], match[1]) if match else ""
    if match is None or op not in OPERATORS:
        raise UnreadableCriterion(
            f'{text[:_LONGEST]!r} is not a criterion; write one of < <= = == != >= > and a value, such as "<= 15ms".'
        )
    sign, number, written_unit = match[2], match[3], match[4] or ""
    amount = _limit_of(text, number, (written_unit, unit), relative=bool(sign))
    return Criterion(
        text=f"{op} {sign}{number}{written_unit}",
        op=op,
        limit=-amount if sign == "-" else amount,
        relative=_relation(sign, written_unit),
        number=number,
        unit=written_unit,
    )


def _relation(sign: str, written_unit: str) -> Literal["percent", "absolute"] | None:
    if not sign:
        return None
    return "percent" if written_unit == "%" else "absolute"


def _limit_of(text: str, number: str, units: tuple[str, str], *, relative: bool) -> float:
    """The size of the limit in the query's unit (the second of `units`), or as a fraction for a relative percentage."""
    written_unit, unit = units
    if written_unit == "pp" and not relative:
        raise UnreadableCriterion(f"{text!r} has percentage points without a sign; write a sign, such as +0.5pp, or %.")
    if written_unit == "%" and relative:
        return float(Fraction(number) / 100)
    try:
        return convert(Fraction(number), written_unit or unit, unit)
    except OverflowError:
        raise UnreadableCriterion(f"{text!r} has a number that is too large to compare.") from None
    except (UnitsDiffer, UnreadableQuantity) as refusal:
        hint = ' A share of what it is compared with has a sign, such as "<= +5%".' if written_unit == "%" else ""
        raise UnreadableCriterion(f"{text!r}: {refusal}{hint}") from None


def needs_comparand(criteria: Criteria) -> bool:
    """Whether any criterion is relative, so that the gate must say `against` what."""
    return criteria.relative


def comparand_judges(criteria: Criteria, comparand: float | None) -> bool:
    """Whether `comparand` can judge: it is finite, and not zero where a lower limit is a share of it.

    Of nothing, `>= -5%` is 0, which nothing falls below: the criterion would hold without a comparison. An upper limit
    stays meaningful: `<= +100%` of no crashes is no crashes.
    """
    if not needs_comparand(criteria):
        return True
    if comparand is None or not math.isfinite(comparand):
        return False
    return comparand != 0 or not any(c.relative == "percent" and c.op in {">=", ">"} for c in criteria.each())


def criteria_hold(criteria: Criteria, value: float | None, comparand: float | None = None) -> bool:
    """Whether `value` keeps to the criteria. Absent, infinite and NaN values never do."""
    if value is None or not math.isfinite(value) or not comparand_judges(criteria, comparand):
        return False
    return any(all(_holds(c, value, comparand) for c in conjunction) for conjunction in criteria.alternatives)


def _holds(criterion: Criterion, value: float, comparand: float | None) -> bool:
    limit = criterion_limit(criterion, comparand)
    return limit is not None and OPERATORS[criterion.op](value, limit)


def criterion_limit(criterion: Criterion, comparand: float | None) -> float | None:
    """The limit of one criterion in the query's unit; None without the comparand it needs.

    A percentage is taken of the comparand's size, so that +5 % of a negative comparand is still above it.
    """
    if criterion.relative is None:
        return criterion.limit
    if comparand is None or not math.isfinite(comparand):
        return None
    return comparand + criterion.limit * (abs(comparand) if criterion.relative == "percent" else 1)


def effective_limit(criteria: Criteria, comparand: float | None = None) -> float | None:
    """The limit to draw beside the value: that of the first criterion, in the query's unit."""
    return criterion_limit(next(iter(criteria.each())), comparand)


def can_fire(criteria: Criteria, value: float | None, comparand: float | None = None) -> bool:
    """Whether the criteria can be broken from here: there is data, and some value past a limit breaks them.

    This is the self-test that arms an abort trigger.
    """
    if value is None or not math.isfinite(value) or not comparand_judges(criteria, comparand):
        return False
    return not all(criteria_hold(criteria, probe, comparand) for probe in telling_values(criteria, comparand))


def telling_values(criteria: Criteria, comparand: float | None) -> list[float]:
    """The values at and beside every limit: between two of them the answer does not change."""
    limits = [criterion_limit(criterion, comparand) for criterion in criteria.each()]
    sides = (-math.inf, math.inf)
    return [p for lim in limits if lim is not None for p in (lim, *(math.nextafter(lim, side) for side in sides))]


def always_or_never(criteria: Criteria, unit: str) -> Literal["always", "never"] | None:
    """Whether every possible value holds, or none does: such criteria judge nothing.

    Ages, sizes, shares and counts cannot be negative, and a share cannot pass 100 % when that very number is the
    limit (`<= 100%`). Rates of bytes and numbers without a unit may be negative.
    """
    signs = (1, -1) if _may_be_negative(unit) else (1,)
    held = {
        criteria_hold(criteria, probe, comparand)
        for sign in signs
        for comparand in _telling_comparands(criteria, sign)
        for probe in telling_values(criteria, comparand)
        if _is_possible(probe, criteria, unit)
    }
    return None if len(held) > 1 else "always" if held == {True} else "never"


def _may_be_negative(unit: str) -> bool:
    return unit_measure(unit)[0] in {"", "bytes/time"}


def _telling_comparands(criteria: Criteria, sign: int) -> list[float]:
    """The comparands of one sign at which two limits meet, and one between each two of them.

    Between two of those the limits keep their order, so that the answer does not change in kind.
    """
    lines = {_line(criterion, sign) for criterion in criteria.each()}
    meetings = {(o - p) / (b - a) * sign for a, o in lines for b, p in lines if a < b}
    points = sorted(point for point in meetings if 0 < point < math.inf) or [1.0]
    between = [a + (b - a) / 2 for a, b in pairwise(points)]
    return [size * sign for size in (points[0] / 2, *points, *between, points[-1] * 2)]


def _line(criterion: Criterion, sign: int) -> tuple[float, float]:
    """Slope and offset of a limit, as a line over comparands of one sign."""
    if criterion.relative is None:
        return 0.0, criterion.limit
    return (1 + sign * criterion.limit, 0.0) if criterion.relative == "percent" else (1.0, criterion.limit)


def _is_possible(value: float, criteria: Criteria, unit: str) -> bool:
    if needs_comparand(criteria) or _may_be_negative(unit):
        return True
    whole = 1.0 if unit == "ratio" else 100.0
    share = unit_measure(unit)[0] == "ratio" and any(criterion.limit == whole for criterion in criteria.each())
    return 0 <= value <= (whole if share else math.inf)
