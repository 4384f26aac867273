"""Shares and rates: errors of requests, requests above a limit, events per exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, inf, isfinite, log, nan, sqrt

from readiness.stats.blocks import FEWEST_BLOCKS
from readiness.stats.means import Sample, welch_relative
from readiness.stats.rulings import Interval, Ruling, invalid, rule_no_worse, undecided
from readiness.stats.special import beta_quantile, normal_quantile

FEWEST_ERRORS = 10
MOST_JOINED = 4
NO_INTERVAL = Interval(nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of how many, in each arm and in each block."""

    canary: tuple[float, ...]
    of_canary: tuple[float, ...]
    control: tuple[float, ...]
    of_control: tuple[float, ...]

    @property
    def totals(self) -> tuple[float, float, float, float]:
        """The four sums over all blocks, in the order of the fields."""
        return (fsum(self.canary), fsum(self.of_canary), fsum(self.control), fsum(self.of_control))


def counts_doubt(x: float, n: float) -> Ruling | None:
    """Say why `x` of `n` cannot be a share; None when it can."""
    if not (isfinite(x) and isfinite(n)) or x < 0 or n < 0 or x > n:
        return invalid("not_computable")
    return invalid("not_computable") if n == 0 else None


def wilson_limits(p: float, n: float, alpha: float) -> tuple[float, float]:
    """Give the one-sided limits of a share `p` of `n`, by inverting the score test."""
    z = normal_quantile(1 - alpha)
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe_difference(x1: float, n1: float, x0: float, n0: float, alpha: float) -> Interval:
    """Give the difference of two shares by Newcombe's hybrid score method; zero counts are no special case."""
    if counts_doubt(x1, n1) or counts_doubt(x0, n0):
        return NO_INTERVAL
    p1, p0 = x1 / n1, x0 / n0
    (low1, high1), (low0, high0) = wilson_limits(p1, n1, alpha), wilson_limits(p0, n0, alpha)
    effect = p1 - p0
    lower = effect - sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
    upper = effect + sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return Interval(effect, lower, upper)


def share_limits(x: float, n: float, alpha: float) -> Interval:
    """Give a share by the exact limits of Clopper and Pearson, for a comparison with a fixed target."""
    if counts_doubt(x, n) or not 0 < alpha < 1:
        return NO_INTERVAL
    lower = beta_quantile(alpha, x, n - x + 1) if x > 0 else 0.0
    upper = beta_quantile(1 - alpha, x + 1, n - x) if x < n else 1.0
    return Interval(x / n, lower, upper)


def rate_ratio(x1: float, e1: float, x0: float, e0: float, alpha: float) -> Interval:
    """Give the ratio of two rates of events, exactly: given how many there were, how many were the canary's."""
    events = x1 + x0
    if not all(isfinite(value) and value >= 0 for value in (x1, e1, x0, e0)) or not (e1 > 0 and e0 > 0):
        return NO_INTERVAL
    if not events:
        return Interval(nan, 0.0, inf)
    share = share_limits(x1, events, alpha)
    ratio, lower, upper = (_odds(part) * e0 / e1 for part in (share.effect, share.lower, share.upper))
    return Interval(ratio, lower, upper)


def _odds(share: float) -> float:
    return share / (1 - share) if share < 1 else inf


def rule_rate_ratio(interval: Interval, most: float) -> Ruling:
    """Rule whether the canary's rate is shown to be below `most` times the control's."""
    if interval.lower == 0 and interval.upper == inf:
        return undecided("no_events")
    if not (interval.upper == interval.upper and interval.lower == interval.lower and most > 0 and isfinite(most)):
        return invalid("not_computable")
    logs = (log(part) if part > 0 else -inf for part in (interval.effect, interval.lower, interval.upper))
    return rule_no_worse(Interval(*logs), log(most))


def merged_counts(counts: Counts) -> Counts:
    """Join neighbouring blocks, up to four where at least twelve remain: bursts weigh less in larger blocks."""
    blocks = len(counts.canary)
    wide = max(1, min(MOST_JOINED, blocks // FEWEST_BLOCKS))
    ends = [*range(0, blocks - wide + 1, wide)[1:], blocks]
    begins = [0, *ends[:-1]]
    sides = (counts.canary, counts.of_canary, counts.control, counts.of_control)
    return Counts(*(tuple(fsum(side[a:b]) for a, b in zip(begins, ends, strict=True)) for side in sides))


def log_rate_values(counts: Counts) -> tuple[float, ...]:
    """Give the log ratio of two rates of errors, linearised in each paired block; their mean is that of the totals."""
    x1, n1, x0, n0 = counts.totals
    if min(x1, n1, x0, n0) <= 0:
        return (nan,) * len(counts.canary)
    pairs = zip(counts.canary, counts.of_canary, counts.control, counts.of_control, strict=True)
    blocks, whole = len(counts.canary), log((x1 / n1) / (x0 / n0))
    return tuple(whole + blocks * (a / x1 - b / x0 - (n / n1 - m / n0)) for a, n, b, m in pairs)


def enough_errors(counts: Counts) -> bool:
    """Say whether both arms have enough errors to compare their rates by a ratio."""
    x1, _, x0, _ = counts.totals
    return min(x1, x0) >= FEWEST_ERRORS


def unpaired_rate_change(counts: Counts, alpha: float) -> Interval:
    """Give the relative difference of two ratios of sums as if blocks were no pairs, to show what pairing gains."""
    canary = _ratio_sample(counts.canary, counts.of_canary)
    return welch_relative(canary, _ratio_sample(counts.control, counts.of_control)).interval(alpha)


def _ratio_sample(tops: Sequence[float], bottoms: Sequence[float]) -> Sample:
    """Describe a ratio of two sums; by the delta method, how much one pair makes it vary."""
    n = len(tops)
    ratio = fsum(tops) / fsum(bottoms)
    residuals = [(a - ratio * b) / (fsum(bottoms) / n) for a, b in zip(tops, bottoms, strict=True)]
    middle = fsum(residuals) / n
    return Sample(n, ratio, sqrt(fsum((r - middle) ** 2 for r in residuals) / (n - 1)))
