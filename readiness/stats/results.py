"""What a look comes to, with everything that it rests on."""

from dataclasses import dataclass

from readiness.stats.blocks import Spread
from readiness.stats.lint import Precondition
from readiness.stats.rulings import Interval, Ruling


@dataclass(frozen=True, slots=True)
class Harm:
    """How sure one must be of harm, the limit of the effect that holds at any time, and whether that is beyond."""

    alpha: float
    lower: float | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Point:
    """Where in the plan a look is: its number (zero between looks), the fraction of the planned information, the
    boundary as a normal value, and the one-sided tail at which its limits are."""

    look: int
    fraction: float
    bound: float
    tail: float


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much there was to compare: blocks, and requests of each arm."""

    blocks_used: int
    blocks_dropped: int
    n_canary: float
    n_control: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected: the chance of a GO by the end, the same if there is truly no difference, the blocks that
    this would take with a chance of 80 %, and the smallest margin that the planned blocks can show."""

    chance: float
    chance_if_equal: float
    blocks_needed: float
    smallest_shown: float


@dataclass(frozen=True, slots=True)
class Result:
    """One look. Effects are above zero where the canary is worse; relative ones are logarithms, as is `limit`.

    `allowance` is what interpolation adds to each side, `worth` the requests that are worth one independent request,
    `tau` what pods add to the standard error; `cohens_d` is shown and decides nothing.
    """

    ruling: Ruling
    method: str
    point: Point
    amounts: Amounts
    interval: Interval
    limit: float
    alpha: float
    spread: Spread
    allowance: float
    worth: float
    tau: float
    harm: tuple[Harm, ...]
    outlook: Outlook
    cohens_d: float
    preconditions: tuple[Precondition, ...]
