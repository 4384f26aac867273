"""Conditions where they stand: what a list of a phase, a gap or a way back may hold, with what each may override."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Discriminator, Field, Tag

from readiness.core.conditions import ConditionKind
from readiness.services.plan_entries import Against, AnyEvidence, Enough, Named, Records
from readiness.services.plan_numbers import Harm, MinScore, MinShare
from readiness.services.plan_types import OMITTED, TAG, Duration, Expect, HoldFor, Key, Span, Switch

NO_KIND = "A condition names exactly one of item, gate, check, experiment, drill and review."


def _named_thing(value: object) -> str | None:
    """Which kind a condition names; none when it names several or nothing."""
    keys = type(value).model_fields if isinstance(value, BaseModel) else value if isinstance(value, dict) else {}
    kinds = [kind for kind in ConditionKind if kind in keys]
    return TAG + kinds[0] if len(kinds) == 1 else None


_BY_KIND = Discriminator(_named_thing, custom_error_type="condition_kind", custom_error_message=NO_KIND)


class ItemPlace(Named):
    """A checklist item."""

    item: Key
    evidence: AnyEvidence = OMITTED
    proved_by: Annotated[list[Key], Field(min_length=1)] = OMITTED
    each: Key = OMITTED
    records: Records = OMITTED
    valid_for: Span = OMITTED


class GatePlace(Named):
    """A gate, with a limit of its own where the place needs another."""

    gate: Key
    expect: Expect = OMITTED
    for_: Annotated[HoldFor, Field(alias="for")] = OMITTED
    at_least: MinShare = OMITTED
    against: Against = OMITTED
    enough: Enough = OMITTED
    max_age: Span = OMITTED
    every: Span = OMITTED


class CheckPlace(Named):
    """A check."""

    check: Key
    every: Span = OMITTED
    max_age: Span = OMITTED


class ExperimentPlace(Named):
    """An experiment."""

    experiment: Key


class DrillPlace(Named):
    """A drill."""

    drill: Key
    target: Span = OMITTED
    valid_for: Span = OMITTED
    since_phase_start: Switch = OMITTED


class ReviewPlace(Named):
    """A review, with the score that it needs here."""

    review: Key
    min_score: MinScore = OMITTED


class _Trigger(Named):
    """What every abort trigger says: who decides, and which way back is taken."""

    decided_by: Key
    roll_back: Key


class GateTrigger(_Trigger):
    """A gate that stops the phase when the opposite of `expect` has held for `for`."""

    gate: Key
    expect: Expect = OMITTED
    for_: Annotated[Duration, Field(alias="for")] = OMITTED
    against: Against = OMITTED
    enough: Enough = OMITTED
    max_age: Span = OMITTED
    every: Span = OMITTED
    arms: Literal["on_entry"] = OMITTED


class ExperimentTrigger(_Trigger):
    """An experiment that stops the phase when it shows harm."""

    experiment: Key
    harm: Harm
    arms: Literal["on_entry"] = OMITTED


class ReportTrigger(_Trigger):
    """Something that people report."""

    item: Key
    reported: Switch


Place: TypeAlias = Annotated[
    Annotated[ItemPlace, Tag(TAG + "item")]
    | Annotated[GatePlace, Tag(TAG + "gate")]
    | Annotated[CheckPlace, Tag(TAG + "check")]
    | Annotated[ExperimentPlace, Tag(TAG + "experiment")]
    | Annotated[DrillPlace, Tag(TAG + "drill")]
    | Annotated[ReviewPlace, Tag(TAG + "review")],
    _BY_KIND,
]
Trigger: TypeAlias = Annotated[
    Annotated[GateTrigger, Tag(TAG + "gate")]
    | Annotated[ExperimentTrigger, Tag(TAG + "experiment")]
    | Annotated[ReportTrigger, Tag(TAG + "item")],
    _BY_KIND,
]
Proof: TypeAlias = Annotated[
    Annotated[GatePlace, Tag(TAG + "gate")] | Annotated[CheckPlace, Tag(TAG + "check")],
    _BY_KIND,
]
