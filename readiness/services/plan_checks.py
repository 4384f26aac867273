"""Checks as the plan file writes them: what must exist, one model for each kind of source that can say so."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, JsonValue, Tag, model_validator

from readiness.services.plan_entries import Defined
from readiness.services.plan_numbers import Count, Status
from readiness.services.plan_types import OMITTED, TAG, Key, Part, Pattern, Span, Switch, WebPath, Words, stated_kind


def _list_or_mapping(value: object) -> str:
    return TAG + ("mapping" if isinstance(value, dict) else "list")


class Check(Defined):
    """What every check says."""

    source: Key
    every: Span = OMITTED
    max_age: Span = OMITTED


class FileCheck(Check):
    """A file of a git source."""

    kind: Literal["file"]
    path: Words
    executable: Switch = OMITTED
    non_empty: Switch = OMITTED
    parses: Literal["json", "yaml", "toml"] = OMITTED
    contains: Pattern = OMITTED
    lacks: Pattern = OMITTED


class ConfigKey(Part):
    """What a configuration key must hold."""

    type: Literal["text", "integer", "number", "boolean", "list", "table"] = OMITTED
    value: JsonValue = OMITTED


class ConfigCheck(Check):
    """Keys of a TOML, YAML or JSON file, with what they must hold where the plan says so."""

    kind: Literal["config"]
    path: Words
    keys: Annotated[
        Annotated[list[Words], Field(min_length=1), Tag(TAG + "list")]
        | Annotated[dict[Words, ConfigKey], Field(min_length=1), Tag(TAG + "mapping")],
        Discriminator(_list_or_mapping),
    ]


class AlertRuleCheck(Check):
    """A loaded and healthy alert rule, or a group with at least so many."""

    kind: Literal["alert_rule"]
    name: Words = OMITTED
    group: Words = OMITTED
    min_rules: Count = OMITTED

    @model_validator(mode="after")
    def _exactly_one(self) -> "AlertRuleCheck":
        if bool(self.name) == bool(self.group):
            raise ValueError("Name exactly one of name and group.")
        return self


class SeriesCheck(Check):
    """Metric names that must exist."""

    kind: Literal["series"]
    names: Annotated[list[Words], Field(min_length=1)]


class TargetCheck(Check):
    """A job that is scraped and up."""

    kind: Literal["target"]
    job: Words
    min_up: Count = OMITTED


class DashboardCheck(Check):
    """A dashboard that Grafana can resolve."""

    kind: Literal["dashboard"]
    uid: Words


class HttpAnswer(Part):
    """What an answer must be: its status, and the shape of its JSON."""

    status: Status = OMITTED
    json_shape: Annotated[JsonValue, Field(alias="json")] = OMITTED


class HttpCheck(Check):
    """An endpoint that answers as stated."""

    kind: Literal["http"]
    path: WebPath
    method: Literal["GET", "HEAD", "POST"] = OMITTED
    expect: HttpAnswer


class ManifestObject(Part):
    """An object that a manifest must hold."""

    kind: Words
    name: Words = OMITTED


class KubernetesCheck(Check):
    """A manifest of a git source that parses and holds the stated objects."""

    kind: Literal["kubernetes"]
    path: Words
    objects: list[ManifestObject] = OMITTED


AnyCheck: TypeAlias = Annotated[
    Annotated[FileCheck, Tag(TAG + "file")]
    | Annotated[ConfigCheck, Tag(TAG + "config")]
    | Annotated[AlertRuleCheck, Tag(TAG + "alert_rule")]
    | Annotated[SeriesCheck, Tag(TAG + "series")]
    | Annotated[TargetCheck, Tag(TAG + "target")]
    | Annotated[DashboardCheck, Tag(TAG + "dashboard")]
    | Annotated[HttpCheck, Tag(TAG + "http")]
    | Annotated[KubernetesCheck, Tag(TAG + "kubernetes")],
    Discriminator(stated_kind),
]
