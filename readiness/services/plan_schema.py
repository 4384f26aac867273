"""The plan file as a whole: every key that it may have. What is not named here is refused."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from readiness.core.quantities import parse_duration
from readiness.services.plan_checks import AnyCheck
from readiness.services.plan_entries import Drill, Experiment, Gate, Review
from readiness.services.plan_history import AlternativePart, CommunicationPart, CriterionPart, DecisionPart
from readiness.services.plan_numbers import Estimate, Percent
from readiness.services.plan_places import Place, Proof, Trigger
from readiness.services.plan_sources import AnySource, Flag
from readiness.services.plan_types import (
    OMITTED,
    TAG,
    Day,
    Duration,
    DurationRange,
    Key,
    Moment,
    Part,
    Severity,
    Share,
    ShareOrPrevious,
    Span,
    Switch,
    Text,
    Version,
    Words,
    Zone,
    text_or_mapping,
)


class RolloutPart(Part):
    """What the rollout is."""

    key: Key
    title: Words
    service: Words = OMITTED
    owner: Words = OMITTED
    summary: Words = OMITTED
    timezone: Zone = OMITTED
    workdays: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)] = OMITTED
    holidays: list[Day] = OMITTED
    planned_start: Day = OMITTED
    rehearsal: Switch = OMITTED


class Deputy(Part):
    """Who stands in for a role, and when."""

    name: Words
    from_: Annotated[Moment, Field(alias="from")] = OMITTED
    until: Moment = OMITTED

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> "Deputy":
        if {"from_", "until"} <= self.model_fields_set and self.until[:10] < self.from_[:10]:
            raise ValueError(f"This ends on {self.until} and begins on {self.from_}; write the earlier one as from.")
        return self


class LongRole(Part):
    """A role with deputies."""

    title: Words
    deputies: list[Deputy] = OMITTED


AnyRole: TypeAlias = Annotated[
    Annotated[Words, Tag(TAG + "text")] | Annotated[LongRole, Tag(TAG + "mapping")], Discriminator(text_or_mapping)
]


class GroupPart(Part):
    """A list of people and the role that keeps it."""

    title: Words
    owner: Key


class AuthorityPart(Part):
    """Which roles may waive, break glass and lift holds; a missing entry means nobody."""

    waive: list[Key] = OMITTED
    break_glass: list[Key] = OMITTED
    lift_hold: list[Key] = OMITTED


class TaskPart(Part):
    """A piece of work that closes a gap."""

    key: Key
    title: Words
    owner: Key = OMITTED
    estimate: Estimate = OMITTED
    after: list[Key] = OMITTED
    url: Words = OMITTED
    from_: Annotated[Words, Field(alias="from")] = OMITTED
    added: Switch = OMITTED


def _all_or_list(value: object) -> str:
    return TAG + ("list" if isinstance(value, list) else "text")


class GapPart(Part):
    """What is missing."""

    key: Key
    title: Words
    severity: Severity
    owner: Key = OMITTED
    estimate: Estimate = OMITTED
    after: list[Key] = OMITTED
    found_by: list[Words] = OMITTED
    blocks: Annotated[
        Annotated[Literal["all"], Tag(TAG + "text")] | Annotated[list[Key], Tag(TAG + "list")],
        Discriminator(_all_or_list),
    ]
    why: Words = OMITTED
    tasks: list[TaskPart] = OMITTED
    closed_when: list[Place] = OMITTED
    from_: Annotated[Words, Field(alias="from")] = OMITTED
    added: Switch = OMITTED


class RollbackPart(Part):
    """A way back."""

    key: Key
    title: Words
    within: Span
    to: Key
    sets: dict[Key, ShareOrPrevious] = OMITTED
    commands: list[Words] = OMITTED
    verify: Proof = OMITTED
    recovers: dict[Words, Span] = OMITTED
    from_: Annotated[Words, Field(alias="from")] = OMITTED
    added: Switch = OMITTED


class EveryPhasePart(Part):
    """What is asked before, during and after every phase."""

    enter: list[Place] = OMITTED
    succeed: list[Place] = OMITTED
    abort: list[Trigger] = OMITTED


class SignOffPart(Part):
    """Who answers the poll to enter."""

    roles: Annotated[list[Key], Field(min_length=1)]
    last: Key
    valid_for: Span = OMITTED
    void_after: Duration = OMITTED


class TitledCommand(Part):
    """A command with a title."""

    title: Words = OMITTED
    run: Words


AnyCommand: TypeAlias = Annotated[
    Annotated[Words, Tag(TAG + "text")] | Annotated[TitledCommand, Tag(TAG + "mapping")],
    Discriminator(text_or_mapping),
]


class WatchPart(Part):
    """The closer watch of the first hours."""

    for_: Annotated[Span, Field(alias="for")]
    every: Span
    triggers: Annotated[list[Key], Field(min_length=1)]

    @model_validator(mode="after")
    def _looks_while_it_lasts(self) -> "WatchPart":
        if parse_duration(self.every) > parse_duration(self.for_):
            raise ValueError(f"It lasts {self.for_} and looks every {self.every}, so never; write a shorter every.")
        return self


class PhasePart(EveryPhasePart):
    """A stage of the rollout."""

    key: Key
    title: Words
    number: Text = OMITTED
    objective: Words = OMITTED
    duration: DurationRange = OMITTED
    traffic: Percent = OMITTED
    flags: dict[Key, Share] = OMITTED
    config: Text = OMITTED
    commands: list[AnyCommand] = OMITTED
    watch: WatchPart = OMITTED
    sign_off: SignOffPart
    from_: Annotated[Words, Field(alias="from")] = OMITTED
    added: Switch = OMITTED


class ClosePart(Part):
    """What ends the rollout."""

    title: Words = OMITTED
    enter: list[Place] = OMITTED
    sign_off: SignOffPart


class PlanPart(Part):
    """The plan of a rollout."""

    readiness: Version
    rollout: RolloutPart
    decisions: list[DecisionPart] = OMITTED
    alternatives: list[AlternativePart] = OMITTED
    lessons: list[Words] = OMITTED
    criteria: list[CriterionPart] = OMITTED
    roles: Annotated[dict[Key, AnyRole], Field(min_length=1)]
    groups: dict[Key, GroupPart] = OMITTED
    authority: AuthorityPart = OMITTED
    sources: dict[Key, AnySource] = OMITTED
    flags: dict[Key, Flag] = OMITTED
    gates: dict[Key, Gate] = OMITTED
    checks: dict[Key, AnyCheck] = OMITTED
    experiments: dict[Key, Experiment] = OMITTED
    gaps: list[GapPart] = OMITTED
    reviews: list[Review] = OMITTED
    rollbacks: list[RollbackPart] = OMITTED
    drills: dict[Key, Drill] = OMITTED
    every_phase: EveryPhasePart = OMITTED
    phases: Annotated[list[PhasePart], Field(min_length=1)]
    close: ClosePart = OMITTED
    communication: CommunicationPart = OMITTED
