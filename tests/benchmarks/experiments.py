"""How often experiments err: `python -m tests.benchmarks.experiments [RUNS]`, 2,000 runs of each world by default.

Each world is followed as the board does it: hourly pairs of blocks, a look each night, harm looked for at the same
times, variance and autocorrelation estimated. Printed for each: how often it was GO when the canary was as bad as the
margin, when it was equal, and when it was twice as bad. The exit code is 1 when one errs more than is allowed.
"""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from math import log
from random import Random

from readiness.stats.rulings import Call
from readiness.stats.tables import Block, Design, Kind
from tests.stats.worlds import (
    BOUNDS,
    MARGIN,
    bucket_blocks,
    design,
    error_blocks,
    mean_blocks,
    seeded,
    shares_of,
    split_finds,
    widest,
)

RUNS, FEW = 2_000, 200
MOST_FALSE_GO, LEAST_GO = 0.065, 0.85
HOURS = 168
World = Callable[[Random, float], tuple[Block, ...]]


def worlds() -> Iterator[tuple[str, World, Design, float, bool, dict[str, object]]]:
    """Name, blocks for an effect in margins, design, runs as a part of all, whether traffic is enough, and how."""
    for phi in (0.0, 0.3, 0.6):
        for sd in (0.1, 0.2):
            enough = sd < 0.15
            yield f"mean, SD {sd:.0%}, φ {phi}", partial(latency, sd, phi), design(), 1.0, enough, {}
    for burst, word in (((0.0, 0.0), "calm"), ((0.7, 0.5), "bursty")):
        for phi in (0.0, 0.6) if burst[0] else (0.0,):
            calm = not burst[0]
            points = design(Kind.ERRORS, margin=0.001, relative=False)
            times = design(Kind.ERRORS, margin=1.0)
            yield f"errors by points, {word}, φ {phi}", partial(errors, burst, phi), points, 0.5, calm, {}
            yield f"errors by ratio, {word}, φ {phi}", partial(errors, burst, phi), times, 0.5, calm, {}
    yield "p99 from buckets, SD 10 %", histograms, design(Kind.QUANTILE), 0.1, True, {"bounds": widest(BOUNDS)}


def latency(sd: float, phi: float, random: Random, margins: float) -> tuple[Block, ...]:
    """Blocks of mean latency."""
    return mean_blocks(random, HOURS, margins * log(1 + MARGIN), sd, phi)


def errors(burst: tuple[float, float], phi: float, random: Random, margins: float) -> tuple[Block, ...]:
    """Blocks of errors, one in a thousand; the margin is another one in a thousand."""
    return error_blocks(random, HOURS, (0.001 * (1 + margins), 0.001), burst=burst, phi=phi)


def histograms(random: Random, margins: float) -> tuple[Block, ...]:
    """Blocks of a latency histogram."""
    return bucket_blocks(random, HOURS, margins * log(1 + MARGIN))


def measured(runs: int) -> Iterator[tuple[str, bool]]:
    """A line for each world, and whether it errs no more than it may."""
    for name, blocks, asked, part, enough, how in worlds():
        began_at, count = time.monotonic(), max(FEW, round(runs * part))
        at, none, twice = (
            shares_of(lambda random, m=m, blocks=blocks: blocks(random, m), asked, count, f"{name} {m}", **how)
            for m in (1.0, 0.0, 2.0)
        )
        holds = at[Call.GO] <= MOST_FALSE_GO and twice[Call.GO] <= 0.01 and (none[Call.GO] >= LEAST_GO or not enough)
        yield f"{name:34} {count:5} runs  {said(at, none, twice)}  {time.monotonic() - began_at:5.0f} s", holds
    yield from splits(runs)


def said(at: dict[Call, float], none: dict[Call, float], twice: dict[Call, float]) -> str:
    """The shares that matter, in words."""
    return (
        f"GO at margin {at[Call.GO]:6.2%}  GO at none {none[Call.GO]:7.2%}  NO-GO at none {none[Call.NO_GO]:6.2%}  "
        f"at twice: GO {twice[Call.GO]:.2%}, NO-GO {twice[Call.NO_GO]:7.2%}"
    )


def splits(runs: int) -> Iterator[tuple[str, bool]]:
    """How often a split of users is called wrong when it is right, and when it is 5.5 % instead of 5 %."""
    false = split_finds(seeded("right"), 100_000, 0.05, 0.05, runs)
    found = split_finds(seeded("wrong"), 100_000, 0.055, 0.05, runs)
    line = f"split of 100,000 users: false alarm {false:.2%}, 5.5 % for 5 % found {found:.2%}"
    yield line, max(false, 1 - found) < 0.005


def main(arguments: list[str]) -> int:
    """Print every line as soon as it is known."""
    wrong = 0
    for line, holds in measured(int(arguments[0]) if arguments else RUNS):
        print(line if holds else f"{line}  ERRS TOO MUCH", flush=True)
        wrong += not holds
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
