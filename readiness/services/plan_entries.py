"""Definitions as the plan file writes them: gates, experiments, drills, reviews, and evidence."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from readiness.services.plan_numbers import (
    Alpha,
    Amount,
    Chance,
    Count,
    MinNumber,
    MinScore,
    MinShare,
    Number,
    PerDay,
    Score,
    Unit,
)
from readiness.services.plan_types import (
    OMITTED,
    TAG,
    Clock,
    Expect,
    HoldFor,
    Key,
    Origin,
    Part,
    Share,
    Span,
    Switch,
    Words,
    text_or_mapping,
)

EvidenceKind: TypeAlias = Literal["junit", "loadtest", "file", "link", "report"]
EvidenceWord: TypeAlias = Literal["required", "attestation", "junit", "loadtest", "file", "link", "report"]


class Against(Part):
    """What a relative limit is compared with."""

    query: Words = OMITTED
    baseline: Key = OMITTED
    previous: Switch = OMITTED
    title: Words = OMITTED

    @model_validator(mode="after")
    def _exactly_one(self) -> "Against":
        if len(self.model_fields_set & {"query", "baseline", "previous"}) != 1:
            raise ValueError("Name exactly one thing to compare with: query, baseline or previous.")
        return self


class Enough(Part):
    """The traffic below which a gate decides nothing."""

    query: Words
    at_least: MinNumber


class Evidence(Part):
    """What a claim must bring, with the limits that judge it."""

    kind: EvidenceKind
    min_suites: Count = OMITTED
    min_duration: Span = OMITTED
    p99: Words = OMITTED
    error_rate: Words = OMITTED
    fields: list[Words] = OMITTED


AnyEvidence: TypeAlias = Annotated[
    Annotated[EvidenceWord, Tag(TAG + "text")] | Annotated[Evidence, Tag(TAG + "mapping")],
    Discriminator(text_or_mapping),
]


class Records(Part):
    """The baseline that an item records, and of which gates."""

    baseline: Key
    gates: Annotated[list[Key], Field(min_length=1)]


class Named(Part):
    """What every condition may say. `title` is of the thing, unless the place says another.

    `from` is where it was written down (`file#line`), the environment whose evidence is enough, or both in a list.
    """

    title: Words = OMITTED
    owner: Key = OMITTED
    section: Words = OMITTED
    from_: Annotated[Origin, Field(alias="from")] = OMITTED
    added: Switch = OMITTED


class Defined(Named):
    """A definition, which must have a title."""

    title: Words


class Gate(Defined):
    """A measurement with its limit."""

    source: Key
    query: Words
    unit: Unit = OMITTED
    expect: Expect
    for_: Annotated[HoldFor, Field(alias="for")] = OMITTED
    at_least: MinShare = OMITTED
    against: Against = OMITTED
    enough: Enough = OMITTED
    max_age: Span = OMITTED
    every: Span = OMITTED


class Metric(Part):
    """What an experiment measures in both cohorts: one of four shapes."""

    source: Key
    histogram: Words = OMITTED
    quantile: Chance = OMITTED
    mean_of: Words = OMITTED
    errors: Words = OMITTED
    total: Words = OMITTED
    gauge: Words = OMITTED
    split_by: Words
    treatment: Words
    control: Words

    @model_validator(mode="after")
    def _one_shape(self) -> "Metric":
        said = self.model_fields_set & {"histogram", "quantile", "mean_of", "errors", "total", "gauge"}
        if said not in ({"histogram", "quantile"}, {"mean_of"}, {"errors", "total"}, {"gauge"}):
            raise ValueError("Say what is measured: histogram with quantile, mean_of, errors with total, or gauge.")
        return self


class StopForHarm(Part):
    """How sure one must be of harm to stop early."""

    p: Chance


class Looks(Part):
    """When the experiment is looked at for GO."""

    every: Span
    at: Clock = OMITTED


class Experiment(Defined):
    """A comparison of canary and control."""

    question: Literal["non_inferiority", "superiority", "equivalence"]
    metric: Metric
    direction: Literal["lower_is_better", "higher_is_better"]
    margin: Amount = OMITTED
    min_effect: Amount = OMITTED
    alpha: Alpha = OMITTED
    power: Chance = OMITTED
    min_samples: PerDay = OMITTED
    min_duration: Span = OMITTED
    stop_for_harm: StopForHarm = OMITTED
    block: Span = OMITTED
    looks: Looks = OMITTED
    max_duration: Span = OMITTED
    durations: dict[Share, Span] = OMITTED
    cohens_d: Number = OMITTED

    @model_validator(mode="after")
    def _has_its_limit(self) -> "Experiment":
        needed = "min_effect" if self.question == "superiority" else "margin"
        if needed not in self.model_fields_set:
            raise ValueError(f"A question of {self.question} needs {needed}, such as 5%.")
        if self.question == "equivalence" and not float(re.split(r"[^\d.]", self.margin)[0]):
            raise ValueError(f"A margin of {self.margin} is never kept on both sides; write one such as 5%.")
        return self


class Drill(Defined):
    """A practised failure or way back."""

    target: Span
    level: Key = OMITTED
    valid_for: Span = OMITTED
    commands: list[Words] = OMITTED
    expect: Words = OMITTED
    restore: Words = OMITTED
    since_phase_start: Switch = OMITTED


class Review(Defined):
    """A scored review."""

    key: Key
    by: Key
    score: Score = OMITTED
    after_gaps: Score = OMITTED
    verdict: Words = OMITTED
    min_score: MinScore = OMITTED
