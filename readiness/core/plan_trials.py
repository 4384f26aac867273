"""Experiments that could not decide: too short, too few blocks, or too few samples for what they promise."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import ceil
from statistics import NormalDist

from readiness.core.conditions import Condition
from readiness.core.plan import Phase, Plan
from readiness.core.plan_document import mapping_of, optional_duration, written_text
from readiness.core.plan_fault import Fault
from readiness.core.quantities import compact_duration, format_number, parse_duration, parse_share

FEWEST_BLOCKS = 12
FEWEST_IN_TAIL = 30
_BLOCK = timedelta(hours=1)
_DAY = timedelta(days=1)


def trial_warnings(plan: Plan) -> Iterator[Fault]:
    """Every experiment that cannot decide as it is stated."""
    for condition in plan.experiments:
        if condition.experiment is not None:
            yield from _length_warnings(("experiments", condition.key), condition.experiment.settings)
            yield from _look_warnings(("experiments", condition.key), condition.experiment.settings)
            yield from _sample_warnings(("experiments", condition.key), condition.experiment.settings)
    for index, phase in enumerate(plan.phases):
        for condition in phase.succeed:
            yield from _phase_warnings(index, phase, condition)


def _length_warnings(at: tuple[str, str], said: Mapping[str, object]) -> Iterator[Fault]:
    longest, shortest = optional_duration(said, "max_duration"), optional_duration(said, "min_duration")
    block = optional_duration(said, "block") or _BLOCK
    if longest and shortest and longest < shortest:
        sentence = f"It ends after {said['max_duration']} and must run {said['min_duration']}, so it never decides."
        yield Fault(
            (*at, "max_duration"), sentence, written_text(said, "max_duration"), written_text(said, "min_duration")
        )
    elif longest and longest < FEWEST_BLOCKS * block:
        needed = compact_duration(FEWEST_BLOCKS * block)
        sentence = (
            f"Within {said['max_duration']} there are fewer than {FEWEST_BLOCKS} blocks of {compact_duration(block)}, "
            f"so it never decides; let it run {needed} at least."
        )
        yield Fault((*at, "max_duration"), sentence, written_text(said, "max_duration"), needed)


def _look_warnings(at: tuple[str, str], said: Mapping[str, object]) -> Iterator[Fault]:
    """An experiment that ends before anybody looks at it."""
    looks, longest = mapping_of(said.get("looks")), optional_duration(said, "max_duration")
    every = optional_duration(looks, "every")
    if every is not None and longest is not None and every > longest:
        sentence = f"It ends after {said['max_duration']} and is first looked at after {looks['every']}, so never."
        yield Fault((*at, "looks"), sentence, written_text(looks, "every"), written_text(said, "max_duration"))


def _sample_warnings(at: tuple[str, str], said: Mapping[str, object]) -> Iterator[Fault]:
    """What the least stated sample cannot show, however well the canary does."""
    if "min_samples" not in said:
        return
    a_day = int(written_text(said, "min_samples").partition("/")[0])
    metric = mapping_of(said.get("metric"))
    if "quantile" in metric:
        yield from _tail_warnings((*at, "min_samples"), said, a_day)
    if "errors" in metric:
        yield from _certainty_warnings((*at, "min_samples"), said, a_day)
    if "cohens_d" in said:
        yield from _power_warnings((*at, "min_samples"), said, a_day)


def _tail_warnings(at: tuple[str, ...], said: Mapping[str, object], a_day: int) -> Iterator[Fault]:
    """A quantile is known from the requests beyond it, block by block."""
    quantile = float(written_text(mapping_of(said["metric"]), "quantile"))
    block = optional_duration(said, "block") or _BLOCK
    beyond = a_day * (block / _DAY) * (1 - quantile)
    if beyond < FEWEST_IN_TAIL:
        needed = FEWEST_IN_TAIL / ((block / _DAY) * (1 - quantile))
        sentence = (
            f"With {a_day} samples a day, a block of {compact_duration(block)} has {format_number(beyond, 2)} beyond "
            f"quantile {format_number(quantile)}; {FEWEST_IN_TAIL} are needed, which takes {needed:.0f} a day."
        )
        yield Fault(at, sentence, written_text(said, "min_samples"), f"{needed:.0f}/day")


def _certainty_warnings(at: tuple[str, ...], said: Mapping[str, object], a_day: int) -> Iterator[Fault]:
    """Without one error in n requests the share of errors is below 1 - alpha^(1/n), and not known to be lower."""
    margin, days = (
        written_text(said, "margin"),
        optional_duration(said, "max_duration") or optional_duration(said, "min_duration"),
    )
    alpha = float(written_text(said, "alpha", "0.05"))
    if not margin.endswith("pp") or days is None or not 0 < alpha < 1:
        return
    samples = a_day * (days / _DAY)
    surely_below = 1 - alpha ** (1 / samples) if samples >= 1 else 1.0
    if surely_below > parse_share(margin.removesuffix("pp") + "%"):
        sentence = (
            f"Even without one error, {samples:.0f} samples show only that fewer than "
            f"{format_number(surely_below * 100, 2)} % fail, at alpha {format_number(alpha)}; the margin is {margin}."
        )
        yield Fault(at, sentence, written_text(said, "min_samples"))


def _power_warnings(at: tuple[str, ...], said: Mapping[str, object], a_day: int) -> Iterator[Fault]:
    """An effect of d standard deviations takes 2 ((z(1 - alpha) + z(power)) / d)^2 samples in each cohort."""
    days = optional_duration(said, "max_duration") or optional_duration(said, "min_duration")
    effect = float(written_text(said, "cohens_d"))
    if days is None or effect <= 0:
        return
    alpha, power = float(written_text(said, "alpha", "0.05")), float(written_text(said, "power", "0.8"))
    sure = NormalDist().inv_cdf(1 - alpha) + NormalDist().inv_cdf(power)
    needed, samples = 2 * (sure / effect) ** 2, a_day * (days / _DAY)
    if samples < needed:
        sentence = (
            f"An effect of {format_number(effect)} standard deviations takes {ceil(needed)} samples in each cohort, at "
            f"alpha {format_number(alpha)} and power {format_number(power)}; {samples:.0f} are asked for."
        )
        yield Fault(at, sentence, written_text(said, "min_samples"), f"{ceil(needed / (days / _DAY))}/day")


def _phase_warnings(index: int, phase: Phase, condition: Condition) -> Iterator[Fault]:
    """An experiment that must run longer than its phase is planned to."""
    if condition.experiment is None:
        return
    said = condition.experiment.settings
    by_share = mapping_of(said.get("durations"))
    needed = by_share.get(phase.traffic, said.get("min_duration"))
    planned = phase.late_after or phase.dwell
    if needed is not None and planned < parse_duration(str(needed)):
        sentence = (
            f"Experiment {condition.key} must run {needed}, and {phase.key} is planned for {compact_duration(planned)}."
        )
        yield Fault(("phases", index, "duration"), sentence, compact_duration(planned), str(needed))
