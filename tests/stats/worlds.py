"""Worlds in which experiments run: series of blocks whose truth is known, from a seed."""

from itertools import accumulate
from math import exp, inf, log, sqrt
from random import Random
from statistics import NormalDist

from readiness.stats.fairness import split_doubt
from readiness.stats.rulings import Call
from readiness.stats.tables import Asked, Block, Design, Kind, Side, Table
from readiness.stats.trial import look_at

MARGIN = 0.05
NIGHT = 24


def design(kind=Kind.MEAN, **changed):
    """A comparison that runs for seven days of hourly blocks, unless changed."""
    asked = {
        "kind": kind,
        "asked": Asked.NON_INFERIORITY,
        "margin": MARGIN,
        "relative": True,
        "lower_is_better": True,
        "planned": 168,
        "fewest": 24,
    }
    return Design(**(asked | changed))


def seeded(seed):
    """Random numbers that are the same each time."""
    return Random(seed)  # noqa: S311


def correlated(random, n, sd, phi):
    """A series of normal values in which each remembers `phi` of the one before."""
    values, value, fresh = [], random.gauss(0, sd), sd * sqrt(1 - phi * phi)
    for _ in range(n):
        values.append(value)
        value = phi * value + random.gauss(0, fresh)
    return values


def mean_blocks(random, n, effect, sd=0.1, phi=0.0, shared=0.15):
    """Blocks of mean latency: what both arms share, and a difference that varies from block to block."""
    both, own = correlated(random, n, shared, phi), correlated(random, n, sd, phi)
    return tuple(
        Block(place, Side(4000 * exp(both[place] + effect + own[place]), 1000), Side(76000 * exp(both[place]), 19000))
        for place in range(n)
    )


def poisson(random, mean):
    """A Poisson number; by the normal law where that is as good."""
    if mean > 50:
        return max(0, round(random.gauss(mean, sqrt(mean))))
    limit, count, product = exp(-mean), 0, random.random()
    while product > limit:
        count, product = count + 1, product * random.random()
    return count


def error_blocks(random, n, rates, requests=(3000, 57000), burst=(0.0, 0.0), phi=0.0):
    """Blocks of errors: a rate of each arm, which varies in bursts that are shared, and in bursts that are its own."""
    shared = correlated(random, n, burst[0], phi)
    own = [correlated(random, n, burst[1], phi) for _ in rates]
    mean = (burst[0] ** 2 + burst[1] ** 2) / 2

    def side(place, arm):
        rate = rates[arm] * exp(shared[place] + own[arm][place] - mean)
        return Side(float(min(poisson(random, rate * requests[arm]), requests[arm])), float(requests[arm]))

    return tuple(Block(place, side(place, 0), side(place, 1)) for place in range(n))


BOUNDS = tuple(0.002 * 2 ** (step / 8) for step in range(40))
NORMAL = NormalDist()


def bucket_blocks(random, n, effect, sd=0.1, requests=(4000, 40000), bounds=BOUNDS):
    """Blocks of a latency histogram: lognormal requests, and a shift of each arm that varies from block to block."""

    def side(shift, count):
        shares = [NORMAL.cdf((log(bound / 0.004) - shift) / 0.5) for bound in bounds]
        drawn = [max(0.0, b - a) * count for a, b in zip([0.0, *shares], [*shares, 1.0], strict=True)]
        counts = [float(poisson(random, expected)) if expected > 0 else 0.0 for expected in drawn]
        return Side(0.0, sum(counts), tuple(accumulate(counts)))

    both = correlated(random, n, 0.15, 0)
    return tuple(
        Block(place, side(both[place] + effect + random.gauss(0, sd), requests[0]), side(both[place], requests[1]))
        for place in range(n)
    )


def followed(blocks, asked, every=NIGHT, harm_every=NIGHT, bounds=()):
    """Follow a world to its end as the board does: the call that stands at the end, and when it was made."""
    earlier = []
    for used in range(harm_every, len(blocks) + 1, harm_every):
        is_look = used % every == 0
        result = look_at(Table(blocks[:used], bounds), asked, earlier, is_look)
        if is_look and result.point.look:
            earlier.append(result.amounts.blocks_used)
        if result.ruling.call in (Call.GO, Call.NO_GO):
            return result.ruling.call, used
    return result.ruling.call, len(blocks)


def shares_of(make, asked, runs, seed, **how):
    """How often each call stands at the end of as many worlds."""
    counts = dict.fromkeys(Call, 0)
    for number in range(runs):
        counts[followed(make(seeded(f"{seed} {number}")), asked, **how)[0]] += 1
    return {call: count / runs for call, count in counts.items()}


def widest(bounds):
    """Bounds with the last at infinity."""
    return (*bounds, inf)


def split_finds(random, users, share, intended, runs):
    """How often the split of users is called a mismatch."""
    found = 0
    for _ in range(runs):
        canary = round(random.gauss(users * share, sqrt(users * share * (1 - share))))
        found += split_doubt((canary, users - canary), (intended, 1 - intended)) is not None
    return found / runs
