"""What is compared: the blocks of both arms as they were counted, and what is asked of them."""

from dataclasses import dataclass
from enum import StrEnum
from math import isfinite, log


class Kind(StrEnum):
    """What is measured in each block."""

    QUANTILE = "quantile"
    MEAN = "mean"
    ERRORS = "errors"
    GAUGE = "gauge"


class Asked(StrEnum):
    """What is to be shown."""

    NON_INFERIORITY = "non_inferiority"
    SUPERIORITY = "superiority"
    EQUIVALENCE = "equivalence"


@dataclass(frozen=True, slots=True)
class Side:
    """One arm in one block: `top` of `bottom` (errors of requests, a sum of a count, a gauge of one), or buckets."""

    top: float
    bottom: float
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of time that ends at `at`, in POSIX seconds; an arm that did not report is None."""

    at: int
    canary: Side | None
    control: Side | None


@dataclass(frozen=True, slots=True)
class Pods:
    """How many pods each arm has, whether any serves both, and the value of each: as a logarithm if margins are so."""

    canary: int
    control: int
    shared: bool
    canary_values: tuple[float, ...] = ()
    control_values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The blocks of an experiment in order. `bounds` are those of the buckets, the last infinite.

    `units` are how many were hashed into the canary and into the control, `error_shares` how many requests of each
    failed, `age_s` the age of the oldest arm's newest sample; None where nobody measured it.
    """

    blocks: tuple[Block, ...]
    bounds: tuple[float, ...] = ()
    units: tuple[float, float] | None = None
    error_shares: tuple[float, float] | None = None
    age_s: float | None = None
    pods: Pods | None = None


@dataclass(frozen=True, slots=True)
class Design:
    """What is asked. `margin` is relative (0.05 for 5 %), or an amount in the metric's own unit.

    `planned` are the blocks of the longest time allowed, `fewest` those before anybody may say GO. `harm_alphas` are
    how sure one must be of harm, the condition's own first. `canary_share` is the share of units meant for the canary.
    """

    kind: Kind
    asked: Asked
    margin: float
    relative: bool
    lower_is_better: bool
    planned: int
    fewest: int
    alpha: float = 0.05
    harm_alphas: tuple[float, ...] = (0.05,)
    quantile: float = 0.99
    scrape_s: float = 15.0
    canary_share: float | None = None

    @property
    def limit(self) -> float:
        """The margin as the effect is measured: a logarithm if it is relative."""
        if not self.relative:
            return self.margin
        grows = self.lower_is_better != (self.asked is Asked.SUPERIORITY) or self.asked is Asked.EQUIVALENCE
        if grows:
            return log(1 + self.margin)
        return -log(1 - self.margin) if self.margin < 1 else float("inf")

    @property
    def is_possible(self) -> bool:
        """Whether these numbers can ask for anything."""
        alphas = (self.alpha, *self.harm_alphas)
        return (
            isfinite(self.limit)
            and self.margin >= 0
            and self.planned >= self.fewest > 0
            and all(0 < alpha < 0.5 for alpha in alphas)
            and 0 < self.quantile < 1
        )
