"""Before and during an experiment: how much data it takes, what can be shown at all, and how likely a GO is."""

from math import ceil, exp, isfinite, pi, sqrt

from readiness.stats.special import normal_cdf, normal_quantile

MOST_NEEDED = 2**53


def sureness(alpha: float, power: float) -> float:
    """Give how many standard errors must fit into the margin, to show what is true with this probability."""
    return normal_quantile(1 - alpha) + normal_quantile(power)


def requests_needed(variance: float, margin: float, canary_share: float, alpha: float, power: float) -> float:
    """Give the canary's requests that show a true difference of none, when one request has this variance.

    The variance is p(1 - p) of a share, the squared coefficient of variation of a mean, and that of a log quantile
    for one; the control has the rest of the traffic, the canary `canary_share`.
    """
    more = 1 + canary_share / (1 - canary_share)
    return sureness(alpha, power) ** 2 * variance * more / margin**2


def blocks_needed(sd: float, margin: float, alpha: float, power: float) -> float:
    """Give the paired blocks that show a true difference of none, when blocks differ with this standard deviation."""
    return (sureness(alpha, power) * sd / margin) ** 2


def smallest_shown(sd: float, blocks: float, alpha: float, power: float) -> float:
    """Give the smallest margin that so many blocks can show, if the true difference is none."""
    return sureness(alpha, power) * sd / sqrt(blocks)


def quantile_variance(q: float, log_sd: float) -> float:
    """Give what one request adds to the variance of a log quantile, if its logarithm is normal with this deviation."""
    z = normal_quantile(q)
    density = exp(-z * z / 2) / sqrt(2 * pi) / log_sd
    return q * (1 - q) / density**2


def chance_of_go(so_far: int, planned: int, mean: float, sd: float, limits: tuple[float, float]) -> float:
    """Give the chance of a GO at the end, with what is known so far. `limits` are the margin and alpha."""
    margin, alpha = limits
    if not _foreseeable(so_far, planned, mean, sd):
        return 0.0
    if planned <= so_far:
        return float(mean + normal_quantile(1 - alpha) * sd / sqrt(so_far) < margin)
    reach = margin - normal_quantile(1 - alpha) * sd / sqrt(planned) - mean
    return normal_cdf(reach / (sd * sqrt((planned - so_far) / (planned * so_far))))


def chance_if_equal(so_far: int, planned: int, mean: float, sd: float, limits: tuple[float, float]) -> float:
    """Give the chance of a GO at the end if the true difference is none, with what is known so far."""
    margin, alpha = limits
    if not _foreseeable(so_far, planned, mean, sd) or planned <= so_far:
        return chance_of_go(so_far, planned, mean, sd, limits)
    reach = margin - normal_quantile(1 - alpha) * sd / sqrt(planned) - so_far * mean / planned
    return normal_cdf(reach / (sd * sqrt(planned - so_far) / planned))


def _foreseeable(so_far: int, planned: int, mean: float, sd: float) -> bool:
    return so_far > 0 and planned > 0 and isfinite(mean) and isfinite(sd) and sd > 0


def power_of_each(gates: int, missed: float = 0.1) -> float:
    """Give the power that each of several comparisons needs, so that all together miss a GO with `missed`."""
    return 1 - missed / max(gates, 1)


def whole(needed: float) -> int:
    """Round what is needed up; an amount beyond all counting becomes the largest whole number that JSON can say."""
    return ceil(needed) if needed < MOST_NEEDED else MOST_NEEDED
