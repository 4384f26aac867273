"""Means of single values: the relative difference of two means, and both arms within a margin of each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, fsum, isfinite, log, nan, sqrt

from readiness.stats.rulings import Interval
from readiness.stats.special import student_tail, student_upper_quantile


@dataclass(frozen=True, slots=True)
class Sample:
    """How many values, their mean, and their standard deviation."""

    n: float
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class Welch:
    """A difference of two means, with its standard error and the degrees of freedom it is known with."""

    effect: float
    se: float
    df: float

    def interval(self, alpha: float) -> Interval:
        """Give the difference between its one-sided limits."""
        if not (self.df > 0 and isfinite(self.se) and self.se > 0):
            return Interval(self.effect, nan, nan)
        half = student_upper_quantile(alpha, self.df) * self.se
        return Interval(self.effect, self.effect - half, self.effect + half)

    def statistic(self, margin: float) -> float:
        """Say how many standard errors the difference is from the margin."""
        return (self.effect - margin) / self.se

    def p_no_worse(self, margin: float) -> float:
        """Give the probability of so small a difference if the true one were the margin."""
        return student_tail(-self.statistic(margin), self.df)


NO_WELCH = Welch(nan, nan, nan)


def welch_relative(canary: Sample, control: Sample) -> Welch:
    """Compare two means as a relative difference, its variance by the delta method; variances may differ."""
    if not _usable(canary) or not _usable(control) or control.mean == 0:
        return NO_WELCH
    of_canary = canary.sd**2 / control.mean**2 / canary.n
    of_control = control.sd**2 * canary.mean**2 / control.mean**4 / control.n
    effect = (canary.mean - control.mean) / control.mean
    return Welch(effect, sqrt(of_canary + of_control), _satterthwaite(canary, control))


def _usable(sample: Sample) -> bool:
    return sample.n >= 2 and isfinite(sample.mean) and isfinite(sample.sd) and sample.sd >= 0


def _satterthwaite(canary: Sample, control: Sample) -> float:
    a, b = canary.sd**2 / canary.n, control.sd**2 / control.n
    if not a + b > 0:
        return nan
    return (a + b) ** 2 / (a * a / (canary.n - 1) + b * b / (control.n - 1))


def paired_tost(differences: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """Give the probabilities of such differences if the true one were `low`, and if it were `high`."""
    n = len(differences)
    if n < 2:
        return nan, nan
    mean = fsum(differences) / n
    se = sqrt(fsum((value - mean) ** 2 for value in differences) / (n - 1) / n)
    if not se > 0:
        return nan, nan
    return student_tail((mean - low) / se, n - 1), student_tail((high - mean) / se, n - 1)


def relative_sequence(canary: Sample, control: Sample, alpha: float, planned: float) -> tuple[Interval, float]:
    """Give a relative difference with two-sided limits that hold at any time, and the probability beside it."""
    welch, n = welch_relative(canary, control), canary.n + control.n
    spread = -2 * log(alpha)
    square = (spread + log(1 + spread)) / planned
    growth = n * square + 1
    half = welch.se * sqrt(2 * growth / (n * square) * log(sqrt(growth) / alpha))
    evidence = square * n * (welch.effect / welch.se) ** 2 / (2 * growth) - log(growth) / 2
    return Interval(welch.effect, welch.effect - half, welch.effect + half), exp(min(0.0, -evidence))
