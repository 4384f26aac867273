"""From blocks to an estimate: an effect that is above zero where the canary is worse, with limits at any tail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, expm1, fsum, inf, isfinite, log1p, nan, sqrt

from readiness.stats.blocks import Spread, cautious_spread_of, log_ratios
from readiness.stats.pods import PodNoise
from readiness.stats.quantiles import Located, interpolation_allowance, locate_quantile
from readiness.stats.ratios import (
    Counts,
    counts_doubt,
    enough_errors,
    log_rate_values,
    merged_counts,
    newcombe_difference,
)
from readiness.stats.rulings import Interval
from readiness.stats.special import normal_quantile, student_upper_quantile
from readiness.stats.tables import Block, Design, Kind, Side

BURSTY = 1.5
FARTHEST = 700.0
"""The largest logarithm of a ratio that is still a number."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect with its spread over blocks. `counts` are set where its limits are those of a difference of shares.

    `values` are the differences block by block; `flipped` says that more is better. `rate` is set where a difference of
    shares is worked out as the logarithm of their ratio: it is the control's, and turns that back into points.
    """

    spread: Spread
    values: tuple[float, ...]
    allowance: float = 0.0
    counts: Counts | None = None
    flipped: bool = False
    rate: float = 0.0

    def interval(self, tail: float) -> Interval:
        """Give the effect between its one-sided limits, each with `tail` beyond it."""
        if self.counts is None:
            found = self.spread.interval(tail).widened(self.allowance)
            return Interval(*(self.shown(value) for value in (found.effect, found.lower, found.upper)))
        worth = self.worth(tail)
        x1, n1, x0, n0 = (total / worth for total in self.counts.totals)
        found = newcombe_difference(x1, n1, x0, n0, tail)
        return found.negated() if self.flipped else found

    def shown(self, value: float) -> float:
        """Turn an effect as it is worked out into one as it is asked for."""
        sign = -1 if self.flipped else 1
        return sign * self.rate * expm1(min(sign * value, FARTHEST)) if self.rate else value

    def worked(self, limit: float) -> float:
        """Turn a limit as it is asked for into one as effects are worked out."""
        sign = -1 if self.flipped else 1
        part = sign * limit / self.rate if self.rate else 0.0
        return (sign * log1p(part) if part > -1 else inf) if self.rate else limit

    def worth(self, tail: float) -> float:
        """Say how many requests are worth one independent request, for limits with `tail` beyond them."""
        wider = student_upper_quantile(tail, self.spread.df) / -normal_quantile(tail) if self.spread.df > 0 else 1.0
        return max(1.0, self.burstiness * wider**2)

    @property
    def burstiness(self) -> float:
        """Say how many times more blocks vary than independent requests would; one where that cannot be said."""
        expected = _binomial_variance(self.counts) if self.counts is not None else nan
        return self.spread.se**2 / expected if expected > 0 and isfinite(self.spread.se) else 1.0


def estimate_effect(blocks: Sequence[Block], design: Design) -> Estimate:
    """Estimate the effect of the canary from blocks in which both arms reported."""
    pairs = [(b.canary, b.control) for b in blocks if b.canary is not None and b.control is not None]
    if design.kind is Kind.ERRORS:
        return _of_shares(counts_of(pairs), design)
    return _of_values(pairs, design)


def counts_of(pairs: Sequence[tuple[Side, Side]]) -> Counts:
    """Gather the counts of both arms, block by block."""
    canary, control = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    sides = ((s.top for s in canary), (s.bottom for s in canary), (s.top for s in control), (s.bottom for s in control))
    return Counts(*(tuple(side) for side in sides))


def _of_shares(counts: Counts, design: Design) -> Estimate:
    """By their ratio where the margin is one, or where errors come in bursts that both arms share; else as points."""
    if design.relative:
        return _as_ratio(counts, design, 0.0)
    points = _as_points(counts, design)
    if points.burstiness > BURSTY and enough_errors(counts):
        return _as_ratio(counts, design, counts.totals[2] / counts.totals[3])
    return points


def _as_ratio(counts: Counts, design: Design, rate: float) -> Estimate:
    sign = 1 if design.lower_is_better else -1
    values = tuple(sign * value for value in log_rate_values(merged_counts(counts)))
    return Estimate(cautious_spread_of(values), values, flipped=sign < 0, rate=rate)


def _as_points(counts: Counts, design: Design) -> Estimate:
    pairs = zip(counts.canary, counts.of_canary, counts.control, counts.of_control, strict=True)
    values = tuple(a / n - b / m if n > 0 and m > 0 else nan for a, n, b, m in pairs)
    x1, n1, x0, n0 = counts.totals
    bad = counts_doubt(x1, n1) or counts_doubt(x0, n0)
    spread = replace(_even(cautious_spread_of(values)), mean=nan if bad else x1 / n1 - x0 / n0)
    flipped = not design.lower_is_better
    return Estimate(_flipped(spread) if flipped else spread, values, counts=counts, flipped=flipped)


def _even(spread: Spread) -> Spread:
    """Let blocks that do not differ at all, as those without any error, add no error of their own."""
    if spread.sd != 0:
        return spread
    return replace(spread, lag1=0.0, n_eff=float(spread.n), se=0.0, df=float(spread.n - 1), skew=0.0)


def _flipped(spread: Spread) -> Spread:
    return replace(spread, mean=-spread.mean, skew=-spread.skew)


def _binomial_variance(counts: Counts) -> float:
    """Give the variance that the difference of two shares has if requests are independent."""
    x1, n1, x0, n0 = counts.totals
    if not min(n1, n0) > 0:
        return nan
    return x1 / n1 * (1 - x1 / n1) / n1 + x0 / n0 * (1 - x0 / n0) / n0


def safest_spread(estimate: Estimate) -> Spread:
    """Give the spread with the larger of the two errors of a difference of shares: over blocks, or of counting."""
    if estimate.counts is None:
        return estimate.spread
    counted = sqrt(max(0.0, _binomial_variance(estimate.counts)))
    return replace(estimate.spread, se=max(estimate.spread.se, counted))


def with_pods(estimate: Estimate, noise: PodNoise, canary: int, control: int) -> Estimate:
    """Add what differs from pod to pod: it stays however many blocks there are."""
    spread = safest_spread(estimate).with_noise(noise.of_difference(canary, control), noise.df)
    return replace(estimate, spread=spread, counts=None)


def _of_values(pairs: Sequence[tuple[Side, Side]], design: Design) -> Estimate:
    values = differences([value_of(a) for a, _ in pairs], [value_of(b) for _, b in pairs], design)
    return Estimate(cautious_spread_of(values), values)


def estimate_quantiles(blocks: Sequence[Block], bounds: Sequence[float], design: Design) -> Estimate:
    """Estimate the effect on a quantile, block by block, with what interpolation may add to it."""
    pairs = [(b.canary, b.control) for b in blocks if b.canary is not None and b.control is not None]
    found = [tuple(locate_quantile(bounds, side.buckets, design.quantile) for side in pair) for pair in pairs]
    values = differences([a.value for a, _ in found], [b.value for _, b in found], design)
    return Estimate(cautious_spread_of(values), values, allowance_of(found, design))


def allowance_of(found: Sequence[tuple[Located, ...]], design: Design) -> float:
    """Say how far interpolation may have moved the effect: by the mean over blocks of the wider bucket of each pair."""
    if not found:
        return 0.0
    logs = [interpolation_allowance(max(each.log_width for each in pair)) for pair in found]
    mean = fsum(logs) / len(logs)
    if design.relative:
        return mean
    largest = max(each.value for pair in found for each in pair)
    return largest * (exp(min(mean, 50.0)) - 1)


def differences(canary: Sequence[float], control: Sequence[float], design: Design) -> tuple[float, ...]:
    """Compare block by block: as logarithms of ratios where the margin is relative, else as plain differences."""
    pairs = zip(canary, control, strict=True)
    raw = log_ratios(canary, control) if design.relative else tuple(a - b for a, b in pairs)
    return raw if design.lower_is_better else tuple(-value for value in raw)


def value_of(side: Side) -> float:
    """Give the value of one arm in one block; NaN where it is of nothing."""
    return side.top / side.bottom if side.bottom > 0 else nan
