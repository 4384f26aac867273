"""Pods as units: what differs from pod to pod stays however long one measures."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite, nan, sqrt

from readiness.stats.means import Welch

FEWEST_PODS = 4


@dataclass(frozen=True, slots=True)
class PodNoise:
    """How much pods differ from each other: variance between pods, and with how many degrees of freedom it is known."""

    variance: float
    df: float

    def of_difference(self, canary_pods: int, control_pods: int) -> float:
        """Give the variance that pods add to the difference of two arms."""
        return self.variance * (1 / canary_pods + 1 / control_pods)


def pod_noise(*arms: Sequence[float]) -> PodNoise | None:
    """Estimate it from the means of the pods, each against its own arm; None when no arm has two."""
    df = sum(len(arm) - 1 for arm in arms if arm)
    if df < 1 or not all(isfinite(value) for arm in arms for value in arm):
        return None
    squares = fsum((value - fsum(arm) / len(arm)) ** 2 for arm in arms if arm for value in arm)
    return PodNoise(squares / df, float(df))


def pod_difference(canary: Sequence[float], control: Sequence[float]) -> Welch:
    """Compare the means of pods by a pooled t test, in which one arm may have a single pod."""
    noise = pod_noise(canary, control)
    if noise is None or not canary or not control:
        return Welch(nan, nan, nan)
    effect = fsum(canary) / len(canary) - fsum(control) / len(control)
    return Welch(effect, sqrt(noise.of_difference(len(canary), len(control))), noise.df)
