"""The distributions that the intervals need: normal, Student's t, beta and chi-squared, tails and quantiles.

Own code, because these five are all that is needed: tails stay accurate far out, where a look at an early night reads
them. Accuracy is at least ten digits against scipy for what can be asked here; the tests hold it.
"""

from collections.abc import Callable
from math import erfc, exp, inf, isfinite, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_STEPS = 200
_FARTHEST = 4.0
_ALMOST_NORMAL = 1e6
_LARGE = 10.0
Tail = Callable[[float], tuple[float, float]]


def normal_cdf(z: float) -> float:
    """Give the probability that a standard normal value is below `z`."""
    return erfc(-z / sqrt(2)) / 2


def normal_quantile(p: float) -> float:
    """Give the value that a standard normal is below with probability `p`; infinite at 0 and 1."""
    if not 0 < p < 1:
        return -inf if p == 0 else inf
    return _NORMAL.inv_cdf(p)


def student_tail(t: float, df: float) -> float:
    """Give the probability that Student's t with `df` degrees of freedom is above `t`."""
    if df > _ALMOST_NORMAL:
        return normal_cdf(-_as_normal(t, df))
    whole = df + t * t
    upper = beta_below(df / 2, 0.5, df / whole, t * t / whole) / 2 if isfinite(whole) else 0.0
    return upper if t >= 0 else 1 - upper


def _as_normal(t: float, df: float) -> float:
    """Give the normal value with the same tail, by the first terms of its series in one over the degrees of freedom."""
    return t - (t**3 + t) / (4 * df) + (13 * t**5 + 8 * t**3 + 3 * t) / (96 * df * df)


def student_quantile(p: float, df: float) -> float:
    """Give the value that Student's t with `df` degrees of freedom is below with probability `p`, 0 < p < 1."""
    if p == 0.5:
        return 0.0
    if p > 0.5:
        return _student_upper(1 - p, df)
    return -_student_upper(p, df)


def student_upper_quantile(tail: float, df: float) -> float:
    """Give the value that Student's t is above with probability `tail`, also where 1 - tail cannot be told from 1."""
    return _student_upper(tail, df) if tail < 0.5 else student_quantile(1 - tail, df)


def _student_upper(tail: float, df: float) -> float:
    """Solve for log t: the log of the tail is concave in it, so that Newton's steps come from one side."""
    if df > _ALMOST_NORMAL:
        z = -normal_quantile(tail)
        return z + (z**3 + z) / (4 * df) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * df * df)

    def tail_at(u: float) -> tuple[float, float]:
        square = exp(2 * u)
        above = max(student_tail(exp(u), df), _TINY)
        kernel = exp(_log_kernel(df / 2, 0.5, df / (df + square), square / (df + square)))
        return log(above), -kernel / above

    return exp(_newton(tail_at, log(tail), log(max(-normal_quantile(tail), 1e-9))))


def beta_quantile(p: float, a: float, b: float) -> float:
    """Give the value that a beta(a, b) is below with probability `p`, 0 < p < 1; solved as log odds."""
    lower = p <= 0.5

    def tail_at(u: float) -> tuple[float, float]:
        x, y = _shares(u)
        below = max(beta_below(a, b, x, y) if lower else beta_below(b, a, y, x), _TINY)
        slope = exp(_log_kernel(a, b, x, y)) / below
        return log(below), slope if lower else -slope

    wanted = p if lower else 1 - p
    return _shares(_newton(tail_at, log(wanted), log(a / b)))[0]


def _shares(log_odds: float) -> tuple[float, float]:
    """Turn log odds into a share and what is left of one, both without cancellation."""
    if log_odds > 0:
        rest = exp(-log_odds)
        return 1 / (1 + rest), rest / (1 + rest)
    odds = exp(log_odds)
    return odds / (1 + odds), 1 / (1 + odds)


def _newton(tail_at: Tail, target: float, start: float) -> float:
    """Find where the log of a tail has its target; steps are bounded, as the first may start where it is flat."""
    u = start
    for _ in range(_STEPS):
        value, slope = tail_at(u)
        step = (target - value) / slope if slope else _FARTHEST
        step = max(-_FARTHEST, min(_FARTHEST, step))
        u += step
        if abs(step) <= 1e-14 * max(1.0, abs(u)):
            break
    return u


def beta_below(a: float, b: float, x: float, y: float) -> float:
    """Give the regularised incomplete beta function at `x`, where `y` is 1 - x (given, so that nothing cancels)."""
    if x <= 0 or y <= 0:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_below(b, a, y, x)
    return exp(_log_kernel(a, b, x, y)) / a * _beta_fraction(a, b, x)


def _log_kernel(a: float, b: float, x: float, y: float) -> float:
    """Give the logarithm of x^a y^b / B(a, b), with the large parts of the three taken from each other first."""
    if a > b:
        a, b, x, y = b, a, y, x
    if b < _LARGE:
        return lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * _log_share(y, x)
    share = a / (a + b)
    of_larger = b * (_log_share(y, x) - log1p(-share)) + log1p(-share) / 2
    if a < _LARGE:
        beyond = _beyond_stirling(a + b) - _beyond_stirling(b)
        return a * log(x * (a + b)) - a - lgamma(a) + of_larger + beyond
    beyond = _beyond_stirling(a + b) - _beyond_stirling(a) - _beyond_stirling(b)
    return a * log(x / share) + of_larger + log(a / (2 * pi)) / 2 + beyond


def _log_share(x: float, y: float) -> float:
    return log1p(-y) if y < 0.5 else log(x)


def _beyond_stirling(x: float) -> float:
    """Give what log gamma is beyond Stirling's formula, for x of ten and more."""
    square = x * x
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / x


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Evaluate the continued fraction of the incomplete beta function by Lentz's method."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, 100_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            found *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return found


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def chi_squared_tail(value: float, df: int) -> float:
    """Give the probability that chi-squared with a whole number of degrees of freedom is above `value`."""
    half = value / 2
    if df % 2:
        found, term, shape = erfc(sqrt(half)), sqrt(half / pi) * 2 * exp(-half), 1.5
    else:
        found, term, shape = 0.0, exp(-half), 1.0
    while shape <= df / 2:
        found += term
        term *= half / shape
        shape += 1
    return min(found, 1.0)
