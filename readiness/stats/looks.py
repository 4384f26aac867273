"""Looking more than once: boundaries for GO at planned looks, and a sequence for harm that may be looked at any time.

The boundaries spend alpha by the function of Lan and DeMets that resembles O'Brien and Fleming's; the sequence is the
one-sided asymptotic confidence sequence of Waudby-Smith and others (arXiv 2103.06476).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, fsum, inf, isfinite, log, pi, sqrt

from readiness.stats.blocks import Spread
from readiness.stats.special import normal_cdf, normal_quantile

FEWEST_FOR_HARM = 24
_POINTS = 6
_FAR = 8.0
_HALVINGS = 50


def alpha_spent(fraction: float, alpha: float) -> float:
    """Say how much of alpha may be spent when this fraction of the information is there."""
    if not fraction > 0:
        return 0.0
    return 2 * normal_cdf(normal_quantile(alpha / 2) / sqrt(min(fraction, 1.0)))


@lru_cache(maxsize=256)
def look_bounds(fractions: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Give the boundary of each look as a normal value, so that all together err with probability alpha.

    `fractions` are the rising fractions of the planned information at which is looked, the last at most one. A look
    that brings nothing new has a boundary that nothing crosses.
    """
    bounds: list[float] = []
    walk = _Walk((0.0,), (1.0,), 0.0)
    spent = 0.0
    for fraction in fractions:
        total = alpha_spent(fraction, alpha)
        bound = _bound(walk, fraction, total - spent)
        bounds.append(bound)
        if isfinite(bound):
            walk, spent = _advance(walk, fraction, bound), total
    return tuple(bounds)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where the score may be after the looks so far, none of which crossed: points in order, each with its weight."""

    scores: tuple[float, ...]
    weights: tuple[float, ...]
    fraction: float

    def around(self, score: float, reach: float) -> Iterable[tuple[float, float]]:
        """Give the points within reach of a score."""
        low, high = bisect_left(self.scores, score - reach), bisect_right(self.scores, score + reach)
        return zip(self.scores[low:high], self.weights[low:high], strict=True)


def _crossing(walk: _Walk, fraction: float, bound: float) -> float:
    """Give the probability of crossing at this look without having crossed before."""
    step = sqrt(fraction - walk.fraction)
    limit = bound * sqrt(fraction)
    near = walk.around(limit, _FAR * step)
    beyond = fsum(walk.weights[bisect_right(walk.scores, limit + _FAR * step) :])
    return beyond + fsum(weight * normal_cdf((score - limit) / step) for score, weight in near)


def _bound(walk: _Walk, fraction: float, share: float) -> float:
    if fraction <= walk.fraction or share <= 0:
        return inf
    low, high = -1.0, 40.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _crossing(walk, fraction, middle) > share else (low, middle)
    return (low + high) / 2


def _advance(walk: _Walk, fraction: float, bound: float) -> _Walk:
    """Follow what has not crossed to the next look, by Simpson's rule over points a fixed part of a step apart."""
    variance = fraction - walk.fraction
    low, high = -_FAR * sqrt(fraction), min(bound, _FAR) * sqrt(fraction)
    count = 2 * max(_POINTS, round(_POINTS * (high - low) / sqrt(variance) / 2))
    width = (high - low) / count
    scale = width / 3 / sqrt(2 * pi * variance)
    scores = tuple(low + place * width for place in range(count + 1))
    weights = []
    for place, score in enumerate(scores):
        near = walk.around(score, _FAR * sqrt(variance))
        density = fsum(weight * exp(-((score - earlier) ** 2) / (2 * variance)) for earlier, weight in near)
        weights.append(density * scale * (1 if place in (0, count) else 4 if place % 2 else 2))
    return _Walk(scores, tuple(weights), fraction)


def tail_of_bound(bound: float) -> float:
    """Give the one-sided tail of a boundary, which a look with few degrees of freedom asks of Student's t instead."""
    return normal_cdf(-bound)


def mixing_of(planned: float, alpha: float) -> float:
    """Choose the mixing parameter that makes the sequence narrowest at the planned number of blocks."""
    spread = -2 * log(2 * alpha)
    return sqrt((spread + log(1 + spread)) / planned)


def sequence_half_width(n: float, sd: float, alpha: float, planned: float) -> float:
    """Give how far the one-sided sequence is from the mean after `n` blocks, valid however often one looks."""
    rho = mixing_of(planned, alpha)
    growth = n * rho * rho + 1
    return sd * sqrt(2 * growth / (n * rho) ** 2 * log(1 + sqrt(growth) / (2 * alpha)))


def harm_limit(spread: Spread, alpha: float, planned: float) -> float | None:
    """Give the lower limit of the effect that holds at any time; None while there are too few blocks for one."""
    if spread.n < FEWEST_FOR_HARM or not isfinite(spread.se) or not 0 < alpha < 0.5:
        return None
    sd = spread.se * sqrt(spread.n)
    return spread.mean - sequence_half_width(spread.n, sd, alpha, max(planned, FEWEST_FOR_HARM))


def fractions_of(usable: Sequence[int], planned: int) -> tuple[float, ...]:
    """Turn the usable blocks at each look into rising fractions of the planned ones, at most one."""
    return tuple(min(1.0, count / planned) for count in usable)
