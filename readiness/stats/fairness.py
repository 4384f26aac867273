"""Is it a fair comparison: the split that was asked for, and data that are fresh, complete and of working requests."""

from collections.abc import Sequence
from math import fsum, isfinite, nan

from readiness.stats.rulings import Ruling, invalid, undecided
from readiness.stats.special import chi_squared_tail

MISMATCH_BELOW = 0.001
FEWEST_UNITS = 1000
MOST_ERRORS = 0.10
MOST_SCRAPES_OLD = 5
MOST_DROPPED = 0.20


def split_statistic(observed: Sequence[float], intended: Sequence[float]) -> tuple[float, float]:
    """Compare how many units each arm got with the share that was intended: chi-squared and its probability."""
    whole, shares = fsum(observed), fsum(intended)
    usable = all(isfinite(count) and count >= 0 for count in observed) and all(share > 0 for share in intended)
    if len(observed) != len(intended) or len(observed) < 2 or not usable or not whole > 0:
        return nan, nan
    expected = [whole * share / shares for share in intended]
    value = fsum((count - wanted) ** 2 / wanted for count, wanted in zip(observed, expected, strict=True))
    return value, chi_squared_tail(value, len(observed) - 1)


def split_doubt(observed: Sequence[float], intended: Sequence[float], below: float = MISMATCH_BELOW) -> Ruling | None:
    """Say whether the split of units is not the intended one; None when nothing speaks against it."""
    _, probability = split_statistic(observed, intended)
    if not isfinite(probability):
        return invalid("not_computable")
    return invalid("sample_ratio_mismatch") if probability < below else None


def errors_doubt(shares: Sequence[float]) -> Ruling | None:
    """Say whether so many requests failed that how long the others took says nothing."""
    return invalid("errors_dominate") if any(not share <= MOST_ERRORS for share in shares) else None


def age_doubt(age_s: float, scrape_s: float) -> Ruling | None:
    """Say whether the newest sample is too old to be of now."""
    return invalid("stale") if not age_s <= MOST_SCRAPES_OLD * scrape_s else None


def dropped_doubt(used: int, dropped: int) -> Ruling | None:
    """Say whether so many blocks could not be used that the rest says nothing of the whole."""
    if not used and not dropped:
        return undecided("too_few_blocks")
    return invalid("blocks_missing") if dropped > MOST_DROPPED * (used + dropped) else None
