"""Quantiles from the buckets of a histogram: as Prometheus interpolates them, and how far they can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log, nan, sqrt

from readiness.stats.ratios import wilson_limits
from readiness.stats.rulings import Interval, Ruling, invalid, undecided

FEWEST_IN_TAIL = 30
SLOPE_ALLOWANCE = 0.625
COARSE_FROM = 4


@dataclass(frozen=True, slots=True)
class Located:
    """A quantile and the bounds of the bucket that holds it."""

    value: float
    low: float
    high: float

    @property
    def log_width(self) -> float:
        """How wide the bucket is, as a logarithm; infinite where it begins at nothing or has no end."""
        return log(self.high / self.low) if self.low > 0 and isfinite(self.high) else inf


def buckets_doubt(bounds: Sequence[float], cumulative: Sequence[float]) -> Ruling | None:
    """Say why counts cannot be those of a histogram; None when they can."""
    ordered = all(a < b for a, b in pairwise(bounds))
    if len(bounds) != len(cumulative) or len(bounds) < 2 or bounds[-1] != inf or not ordered:
        return invalid("buckets_differ")
    if not all(isfinite(count) and count >= 0 for count in cumulative):
        return invalid("not_computable")
    if any(a > b for a, b in pairwise(cumulative)):
        return invalid("buckets_not_cumulative")
    return invalid("not_computable") if cumulative[-1] <= 0 else None


def locate_quantile(bounds: Sequence[float], cumulative: Sequence[float], q: float) -> Located:
    """Find a quantile as `histogram_quantile` does: straight between the bounds of its bucket."""
    rank = q * cumulative[-1]
    place = next(i for i, count in enumerate(cumulative) if count >= rank)
    if place == len(bounds) - 1:
        return Located(bounds[-2], bounds[-2], inf)
    low = bounds[place - 1] if place else min(0.0, bounds[0])
    before = cumulative[place - 1] if place else 0.0
    inside = cumulative[place] - before
    part = (rank - before) / inside if inside > 0 else 0.0
    return Located(low + (bounds[place] - low) * part, low, bounds[place])


def interpolation_allowance(log_width: float) -> float:
    """Say how far a quantile may be off because it is interpolated, as a logarithm, for density slopes up to five."""
    return SLOPE_ALLOWANCE * log_width**2


def coarse_doubt(canary: Located, control: Located, margin: float) -> Ruling | None:
    """Say why two quantiles cannot be compared within a margin, which is a logarithm; None when they can."""
    if not (isfinite(canary.high) and isfinite(control.high)):
        return invalid("quantile_above_last_bucket")
    allowance = interpolation_allowance(max(canary.log_width, control.log_width))
    return invalid("histogram_too_coarse") if allowance > margin / COARSE_FROM else None


def tail_doubt(q: float, requests: float) -> Ruling | None:
    """Say whether too few requests of a block are beyond the quantile to know it."""
    enough = round(requests * (1 - q), 9) >= FEWEST_IN_TAIL
    return None if enough else undecided("tail_too_thin")


def quantile_limits(
    bounds: Sequence[float], cumulative: Sequence[float], q: float, worth: float, alpha: float
) -> Interval:
    """Give a quantile by Woodruff's method: limits of its rank, read off the buckets. `worth` is the design effect."""
    if buckets_doubt(bounds, cumulative) or not (0 < q < 1 and worth > 0 and 0 < alpha < 1):
        return Interval(nan, nan, nan)
    low, high = rank_limits(cumulative[-1], q, worth, alpha)
    ranks = (q, low, high)
    return Interval(*(locate_quantile(bounds, cumulative, rank).value for rank in ranks))


def rank_limits(n: float, q: float, worth: float, alpha: float) -> tuple[float, float]:
    """Give the limits of a quantile's rank among `n` requests that are worth `n / worth` independent ones."""
    return wilson_limits(q, n / worth, alpha)


def mover_log_ratio(canary: Interval, control: Interval) -> Interval:
    """Combine the limits of two quantiles to those of the logarithm of their ratio."""
    numbers = (canary.lower, canary.effect, canary.upper, control.lower, control.effect, control.upper)
    if not all(number > 0 and isfinite(number) for number in numbers):
        return Interval(nan, nan, nan)
    low1, mid1, high1, low0, mid0, high0 = (log(number) for number in numbers)
    effect = mid1 - mid0
    lower = effect - sqrt((mid1 - low1) ** 2 + (high0 - mid0) ** 2)
    upper = effect + sqrt((high1 - mid1) ** 2 + (mid0 - low0) ** 2)
    return Interval(effect, lower, upper)
