"""Simulated requests of one service, split into cohorts. The clock and the faults are arguments; nothing is random."""

import math
from dataclasses import asdict, dataclass, field
from itertools import accumulate, pairwise
from math import inf

COHORTS = ("control", "canary")
DAY = 86_400.0
# Edges above this share of requests belong to the tail, which is what breathes.
TAIL_FROM = 0.9


@dataclass(frozen=True)
class Weather:
    """What differs from moment to moment on a good day: how many requests come, and how many of them are slow."""

    load: float = 1.0
    tail: float = 1.0

    @classmethod
    def at(cls, at: float) -> "Weather":
        """The same moment has the same weather: fewer requests at night, a tail that breathes within a few hours."""
        load = 1 + 0.2 * math.sin(2 * math.pi * (at - 9 * 3600) / DAY)
        tail = 1 + 0.05 * math.sin(2 * math.pi * at / 9_100) + 0.02 * math.sin(2 * math.pi * at / 1_340)
        return cls(load, round(tail, 2))


@dataclass(frozen=True)
class Faults:
    """What is made worse, per cohort: added latency in milliseconds, and the share of requests that fail."""

    latency_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COHORTS, 0.0))
    error_rate: dict[str, float] = field(default_factory=lambda: dict.fromkeys(COHORTS, 0.0))


@dataclass(frozen=True)
class Profile:
    """How a service behaves when nothing is wrong.

    `bounds` are the upper edges of the histogram in seconds; `below` gives, per cohort, the share of requests that
    finish below each edge. Both are chosen so that the interpolated quantiles are the ones that the story tells.
    """

    requests_per_second: float
    shares: dict[str, float]
    error_rate: dict[str, float]
    bounds: tuple[float, ...]
    below: dict[str, tuple[float, ...]]

    def shape(self, cohort: str, added_ms: float, tail: float = 1.0) -> tuple[float, ...]:
        """Share of a cohort's requests in each bucket, the last one being open; added latency moves them up."""
        below = (1 - (1 - share) * tail if share > TAIL_FROM else share for share in self.below[cohort])
        edges = (0.0, *below, 1.0)
        shares = [high - low for low, high in pairwise(edges)]
        moved = [0.0] * len(shares)
        for index, share in enumerate(shares):
            moved[bucket_of(self.bounds, self.middle(index) + added_ms / 1000)] += share
        return tuple(moved)

    def middle(self, index: int) -> float:
        """A typical latency of a bucket, in seconds."""
        if index == len(self.bounds):
            return self.bounds[-1] * 1.5
        low = self.bounds[index - 1] if index else 0.0
        return (low + self.bounds[index]) / 2


def bucket_of(bounds: tuple[float, ...], seconds: float) -> int:
    """Index of the bucket that counts a request of this length."""
    return next((index for index, edge in enumerate(bounds) if seconds <= edge), len(bounds))


@dataclass
class Tally:
    """Everything a cohort has counted since the service began; fractions are kept and shown as whole requests."""

    buckets: list[float]
    errors: float = 0.0
    seconds: float = 0.0

    def add(self, requests: float, shape: tuple[float, ...], mean_seconds: float, error_rate: float) -> None:
        """Count the requests of one stretch of time."""
        for index, share in enumerate(shape):
            self.buckets[index] += requests * share
        self.seconds += requests * mean_seconds
        self.errors += requests * error_rate

    def cumulative(self, bounds: tuple[float, ...]) -> list[tuple[float, int]]:
        """Whole requests up to each edge, as Prometheus histograms count them; the last edge is infinite."""
        return [(edge, int(count)) for edge, count in zip((*bounds, inf), accumulate(self.buckets), strict=True)]


@dataclass
class Traffic:
    """A service's requests so far."""

    profile: Profile
    tallies: dict[str, Tally]
    _shapes: dict[tuple[str, float, float], tuple[float, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def fresh(cls, profile: Profile) -> "Traffic":
        """A service that has answered nothing yet."""
        return cls(profile, {cohort: Tally([0.0] * (len(profile.bounds) + 1)) for cohort in COHORTS})

    def advance(self, seconds: float, faults: Faults, weather: Weather) -> None:
        """Let time pass."""
        for cohort, tally in self.tallies.items():
            requests = self.profile.requests_per_second * self.profile.shares[cohort] * seconds * weather.load
            shape = self.shape(cohort, faults.latency_ms[cohort], weather.tail)
            mean = sum(share * self.profile.middle(index) for index, share in enumerate(shape))
            tally.add(requests, shape, mean, max(self.profile.error_rate[cohort], faults.error_rate[cohort]))

    def shape(self, cohort: str, added_ms: float, tail: float) -> tuple[float, ...]:
        """The profile's shape, worked out once for each fault and weather."""
        key = (cohort, added_ms, tail)
        if key not in self._shapes:
            self._shapes[key] = self.profile.shape(cohort, added_ms, tail)
        return self._shapes[key]

    def dump(self) -> dict[str, object]:
        """The counters as plain values."""
        return {cohort: asdict(tally) for cohort, tally in self.tallies.items()}
