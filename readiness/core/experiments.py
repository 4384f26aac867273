"""Experiments as a plan states them, read into values: what is measured, what is to be shown, and when one looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import ceil
from zoneinfo import ZoneInfo

from readiness.core.plan_document import Entry, duration_of, mapping_of, optional_duration, optional_text, written_text
from readiness.core.quantities import UnitsDiffer, compact_duration, convert, parse_duration, unit_measure

BLOCK = timedelta(hours=1)
EVERY = timedelta(days=1)
AT = "02:00"
LONGEST = timedelta(days=14)
USUAL_BLOCKS = 24
MOST_BLOCKS = 5_000
MOST_LOOKS = 100
A_DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
UNITS = {"time": "s", "bytes": "bytes", "ratio": "ratio"}


class UnreadableExperiment(ValueError):
    """The experiment cannot be run as it is stated; the message says why."""


class Shape(StrEnum):
    """What is measured."""

    QUANTILE = "quantile"
    MEAN = "mean"
    ERRORS = "errors"
    GAUGE = "gauge"


SHAPES: Mapping[str, Shape] = {
    "histogram": Shape.QUANTILE,
    "mean_of": Shape.MEAN,
    "errors": Shape.ERRORS,
    "gauge": Shape.GAUGE,
}
"""The key of the plan that says what is measured."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured in both arms. `top` is the histogram, the mean, the errors or the gauge; `total` of errors."""

    source: str
    shape: Shape
    top: str
    total: str
    quantile: float
    split_by: str
    treatment: str
    control: str
    units: str = ""


@dataclass(frozen=True, slots=True)
class Margin:
    """How much is allowed, or needed: a share of the control (0.05 for 5 %), or an amount in the metric's base unit."""

    amount: float
    relative: bool
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as one place asks it. `harm` is how sure one must be of harm; None leaves that to the phase."""

    question: str
    metric: Metric
    lower_is_better: bool
    margin: Margin
    alpha: float
    power: float
    block: timedelta
    looks_every: timedelta
    looks_at: time
    longest: timedelta
    shortest: timedelta
    harm: float | None = None
    per_day: int | None = None
    cohens_d: float | None = None

    @property
    def planned_blocks(self) -> int:
        """How many blocks the longest time has."""
        return self.longest // self.block

    @property
    def fewest_blocks(self) -> int:
        """How many blocks there are before the first look."""
        return max(1, min(ceil(self.shortest / self.block), self.planned_blocks))


def read_experiment(said: Entry, traffic: str = "", harm: str | None = None) -> Experiment:
    """Read what a place states, for a phase with this share of traffic. Raises UnreadableExperiment.

    `harm` is what an abort trigger says, such as `p < 0.01`.
    """
    try:
        found = _experiment(said, traffic, harm)
    except (ValueError, KeyError, TypeError, UnitsDiffer) as problem:
        raise UnreadableExperiment(f"it cannot be read: {problem}") from problem
    if found.block < SECOND or found.block % SECOND:
        raise UnreadableExperiment("its blocks are not whole seconds")
    if found.planned_blocks > MOST_BLOCKS:
        raise UnreadableExperiment(
            f"its longest time has {found.planned_blocks} blocks of {compact_duration(found.block)}; "
            f"at most {MOST_BLOCKS} are kept, so make the blocks longer"
        )
    return found


def _experiment(said: Entry, traffic: str, harm: str | None) -> Experiment:
    looks, block = mapping_of(said.get("looks")), duration_of(said, "block", BLOCK)
    needed = mapping_of(said.get("durations")).get(traffic, said.get("min_duration"))
    per_day = optional_text(said, "min_samples")
    distance = optional_text(said, "cohens_d")
    return Experiment(
        question=written_text(said, "question"),
        metric=_metric(mapping_of(said["metric"])),
        lower_is_better=written_text(said, "direction") == "lower_is_better",
        margin=read_margin(written_text(said, "margin", written_text(said, "min_effect"))),
        alpha=float(written_text(said, "alpha", "0.05")),
        power=float(written_text(said, "power", "0.8")),
        block=block,
        looks_every=optional_duration(looks, "every") or EVERY,
        looks_at=time.fromisoformat(written_text(looks, "at", AT)),
        longest=duration_of(said, "max_duration", LONGEST),
        shortest=parse_duration(str(needed)) if needed else USUAL_BLOCKS * block,
        harm=_harm(said, harm),
        per_day=int(per_day.partition("/")[0]) if per_day else None,
        cohens_d=float(distance) if distance else None,
    )


def _metric(said: Entry) -> Metric:
    key = next((key for key in SHAPES if key in said), None)
    if key is None:
        raise ValueError(f"its metric names none of {', '.join(SHAPES)}")
    return Metric(
        source=written_text(said, "source"),
        shape=SHAPES[key],
        top=written_text(said, key),
        total=written_text(said, "total"),
        quantile=float(written_text(said, "quantile", "0.99")),
        split_by=written_text(said, "split_by"),
        treatment=written_text(said, "treatment"),
        control=written_text(said, "control"),
        units=written_text(said, "units"),
    )


def read_margin(text: str) -> Margin:
    """Read a margin: `5%` of the control, `0.5pp` of all requests, `2ms` or `10MB`. Raises UnreadableQuantity."""
    number = text.strip().rstrip("%abcdefghijklmnopqrstuvwxyzµABCDEFGHIJKLMNOPQRSTUVWXYZ/").strip()
    unit = text.strip().removeprefix(number).strip()
    if unit == "%":
        return Margin(float(number) / 100, True, "%")
    measure = unit_measure(unit)[0]
    return Margin(convert(float(number), unit, UNITS.get(measure, unit)), False, unit)


def _harm(said: Entry, harm: str | None) -> float | None:
    """How sure one must be of harm: what the trigger says, else what the experiment says."""
    if harm is not None:
        return float(harm.partition("<")[2])
    stated = mapping_of(said.get("stop_for_harm"))
    return float(written_text(stated, "p")) if "p" in stated else None


# ------------------------------------------------------------------------------------- when one looks


def look_times(experiment: Experiment, began_at: datetime, zone: str) -> tuple[datetime, ...]:
    """Give the moments of all planned looks of a run that began then, in order; the end of the longest time is one.

    Days are those of the zone, so that a look at 02:00 stays at 02:00. More than a hundred looks are thinned out.
    """
    first_at, end_at = began_at + experiment.shortest, began_at + experiment.longest
    every = max(experiment.looks_every, experiment.block)
    anchor = datetime.combine(began_at.astimezone(ZoneInfo(zone)).date(), experiment.looks_at, ZoneInfo(zone))
    count = int((end_at - anchor) / every) + 2
    found = [at for at in (_later(anchor, every, n) for n in range(count)) if first_at <= at < end_at]
    thin = ceil((len(found) + 1) / MOST_LOOKS)
    return (*found[thin - 1 :: thin], end_at) if end_at >= first_at else ()


def _later(anchor: datetime, every: timedelta, times: int) -> datetime:
    """Add whole days on the wall clock, anything else in time that passes."""
    if every % A_DAY:
        return anchor.astimezone(ZoneInfo("UTC")) + times * every
    return (anchor.replace(tzinfo=None) + times * every).replace(tzinfo=anchor.tzinfo).astimezone(ZoneInfo("UTC"))


def block_ends(experiment: Experiment, began_at: datetime, until: datetime) -> tuple[datetime, datetime] | None:
    """Give the ends of the first and the last whole block of a run within its longest time; None before there is one.

    Blocks lie on a grid of whole lengths since the epoch: blocks of an hour begin on the hour.
    """
    epoch = datetime(1970, 1, 1, tzinfo=began_at.tzinfo)
    first_at = epoch + (-(-(began_at - epoch) // experiment.block) + 1) * experiment.block
    latest = min(until, began_at + experiment.longest)
    last_at = epoch + (latest - epoch) // experiment.block * experiment.block
    return (first_at, last_at) if last_at >= first_at else None
