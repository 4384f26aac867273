"""Sources of evidence and flags as the plan file writes them. Secrets are never written, only named."""

import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Discriminator, JsonValue, Tag, model_validator

from readiness.services.plan_numbers import Tolerance
from readiness.services.plan_types import (
    OMITTED,
    TAG,
    Address,
    Key,
    Part,
    Secret,
    Share,
    Span,
    Text,
    Url,
    WebPath,
    Words,
    stated_kind,
    text_or_mapping,
)


class BasicPair(Part):
    """A user and a password."""

    user: Words
    password: Secret


AnyBasic: TypeAlias = Annotated[
    Annotated[Secret, Tag(TAG + "text")] | Annotated[BasicPair, Tag(TAG + "mapping")], Discriminator(text_or_mapping)
]


class _Source(Part):
    """What every source says. A source may name the environment that its evidence is of."""

    environment: Words = OMITTED
    timeout: Span = OMITTED
    every: Span = OMITTED


_SECRETIVE = re.compile(r"(?i)auth|token|secret|cookie|password|(api|access)-?_?key")


def _without_secrets(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if _SECRETIVE.search(name) and "${" not in value:
            sentence = (
                f"A secret is never written in a plan; give {name} by an environment variable, such as ${{TOKEN}}."
            )
            raise ValueError(sentence)
    return headers


class _Web(_Source):
    """A source that is asked over HTTP."""

    url: Url
    bearer: Secret = OMITTED
    basic: AnyBasic = OMITTED
    headers: Annotated[dict[Words, Address], AfterValidator(_without_secrets)] = OMITTED
    ca: Address = OMITTED
    cert: Address = OMITTED
    key: Address = OMITTED


class PrometheusSource(_Web):
    """A Prometheus, or anything that speaks its API."""

    kind: Literal["prometheus"]


class GrafanaSource(_Web):
    """A Grafana."""

    kind: Literal["grafana"]


class HttpSource(_Web):
    """The service itself, or another endpoint."""

    kind: Literal["http"]


class GitSource(_Source):
    """A repository: a checkout on this machine, or an address that is mirrored."""

    kind: Literal["git"]
    path: Address = OMITTED
    url: Url = OMITTED
    token: Secret = OMITTED

    @model_validator(mode="after")
    def _exactly_one(self) -> "GitSource":
        if bool(self.path) == bool(self.url):
            raise ValueError("Name exactly one of path and url.")
        if self.path and self.token:
            raise ValueError("A token goes with url; a checkout on this machine is read without one.")
        return self


AnySource: TypeAlias = Annotated[
    Annotated[PrometheusSource, Tag(TAG + "prometheus")]
    | Annotated[GitSource, Tag(TAG + "git")]
    | Annotated[GrafanaSource, Tag(TAG + "grafana")]
    | Annotated[HttpSource, Tag(TAG + "http")],
    Discriminator(stated_kind),
]


class Apply(Part):
    """How a share is pushed to a service that keeps its own flags."""

    kind: Literal["http"]
    source: Key
    method: Literal["POST", "PUT", "PATCH"] = OMITTED
    path: WebPath
    body: JsonValue = OMITTED


class Observed(Part):
    """The query that measures the share in effect, and how far it may be off."""

    source: Key
    query: Words
    tolerance: Tolerance = OMITTED


class FlagValues(Part):
    """The two values of a flag that is no switch."""

    on: JsonValue
    off: JsonValue


_VALUE_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "float": (int, str),
    "object": (dict,),
}


class Flag(Part):
    """A flag, its values, its share outside of every phase, and how users are put into cohorts."""

    title: Words = OMITTED
    type: Literal["boolean", "string", "integer", "float", "object"] = OMITTED
    values: FlagValues = OMITTED
    default: Share
    bucket_by: Words = OMITTED
    salt: Text = OMITTED
    apply: Apply = OMITTED
    observed: Observed = OMITTED

    @model_validator(mode="after")
    def values_fit(self) -> Self:
        """Refuse values of another type than the flag's: a client that asks for one type is given no other."""
        kind = self.type or "boolean"
        if kind == "boolean":
            if self.values is not None:
                raise ValueError("values go with a type: string, integer, float or object. A switch is on or off.")
            return self
        if self.values is None:
            raise ValueError(f"A flag of type {kind} needs its two values: values: {{on: …, off: …}}.")
        for name in ("on", "off"):
            if not _is_of(kind, getattr(self.values, name)):
                raise ValueError(f"values.{name} is {getattr(self.values, name)!r}, which is no {kind}.")
        return self


def _is_of(kind: str, value: JsonValue) -> bool:
    if isinstance(value, bool) or not isinstance(value, _VALUE_TYPES[kind]):
        return False
    return kind != "float" or bool(re.fullmatch(r"-?\d+(\.\d+)?", str(value)))
