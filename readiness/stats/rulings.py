"""From one interval to one ruling: GO, NO_GO, UNDECIDED or INVALID, with the reason beneath it.

The effect is oriented so that above zero the canary is worse. Limits are one-sided, each at alpha. All comparisons are
strict; a number that is none, or an interval without an end, is INVALID.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, isnan


class Call(StrEnum):
    """What can be said of a comparison. Only GO counts."""

    GO = "GO"
    NO_GO = "NO_GO"
    UNDECIDED = "UNDECIDED"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is said of a comparison, and why, in one word that has a sentence elsewhere."""

    call: Call
    reason: str


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated effect between its one-sided limits."""

    effect: float
    lower: float
    upper: float

    def widened(self, allowance: float) -> "Interval":
        """Move both limits away from the effect."""
        return Interval(self.effect, self.lower - allowance, self.upper + allowance)

    def negated(self) -> "Interval":
        """Swap what is compared with what it is compared with."""
        return Interval(-self.effect, -self.upper, -self.lower)


def invalid(reason: str) -> Ruling:
    """Say that nothing can be said."""
    return Ruling(Call.INVALID, reason)


def undecided(reason: str = "undecided") -> Ruling:
    """Say that it has not been shown."""
    return Ruling(Call.UNDECIDED, reason)


def rule_no_worse(interval: Interval, margin: float) -> Ruling:
    """Rule whether the canary is shown to be not worse by more than the margin."""
    lower, upper = interval.lower, interval.upper
    if not _speaks(interval, margin):
        return invalid("not_computable")
    if upper < margin:
        return Ruling(Call.GO, "better" if upper < 0 else "worse_within_margin" if lower > 0 else "no_worse")
    if lower > margin:
        return Ruling(Call.NO_GO, "worse_beyond_margin")
    return undecided("worse_size_unclear" if lower > 0 else "undecided")


def rule_target(interval: Interval, target: float) -> Ruling:
    """Rule whether a value is shown to be below its target."""
    if not _speaks(interval, target):
        return invalid("not_computable")
    if interval.upper < target:
        return Ruling(Call.GO, "meets_target")
    return Ruling(Call.NO_GO, "misses_target") if interval.lower > target else undecided()


def rule_same(interval: Interval, margin: float) -> Ruling:
    """Rule whether the canary is shown to be within the margin on both sides."""
    if not _speaks(interval, margin):
        return invalid("not_computable")
    if -margin < interval.lower and interval.upper < margin:
        return Ruling(Call.GO, "same_within_margin")
    differs = interval.lower > margin or interval.upper < -margin
    return Ruling(Call.NO_GO, "differs_beyond_margin") if differs else undecided()


def rule_better(interval: Interval, needed: float) -> Ruling:
    """Rule whether the canary is shown to be better by more than what is needed."""
    if not _speaks(interval, needed):
        return invalid("not_computable")
    if interval.upper < -needed:
        return Ruling(Call.GO, "better_as_needed")
    if interval.lower > -needed:
        return Ruling(Call.NO_GO, "worse" if interval.lower > 0 else "better_too_little")
    return undecided()


def _speaks(interval: Interval, limit: float) -> bool:
    """Whether the numbers can decide anything: none is missing, and one end at least is known."""
    if any(isnan(number) for number in (interval.effect, interval.lower, interval.upper)) or not isfinite(limit):
        return False
    return isfinite(interval.lower) or isfinite(interval.upper)


def combine(rulings: Sequence[Ruling]) -> Ruling:
    """Combine all comparisons of a phase: every one must be GO, so none needs a stricter alpha. None at all is not."""
    if not rulings:
        return invalid("no_gates")
    calls = {ruling.call for ruling in rulings}
    if Call.NO_GO in calls:
        return Ruling(Call.NO_GO, "gate_failed")
    if Call.INVALID in calls:
        return invalid("gate_invalid")
    return undecided("gate_undecided") if Call.UNDECIDED in calls else Ruling(Call.GO, "all_go")


def holm_adjusted(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values for how many are looked at, by Holm's method; in the order in which they were given."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


def first_failing(rulings: Iterable[Ruling | None]) -> Ruling | None:
    """Give the first precondition that does not hold; None when all do."""
    return next((ruling for ruling in rulings if ruling is not None), None)
