"""Read a plan file: text in, validated document and plan out, or everything that is wrong with it.

The document is the file as written, with aliases resolved and the spellings of one value made one (`on` is `on`, a
number written as a key is text); its digest is the plan's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from readiness.core.canonical import PlainDict, digest_of
from readiness.core.plan import Plan
from readiness.core.plan_build import build_plan
from readiness.core.plan_document import format_path, mapping_of
from readiness.core.plan_environments import environment_faults
from readiness.core.plan_fault import Fault
from readiness.core.plan_limits import limit_faults
from readiness.core.plan_lint import plan_warnings
from readiness.core.plan_names import names_of
from readiness.core.plan_references import reference_faults
from readiness.core.plan_rules import rule_faults
from readiness.core.plan_ways import way_faults
from readiness.services.plan_faults import describe_value, schema_faults, without_faults
from readiness.services.plan_schema import PlanPart
from readiness.services.plan_yaml import LoadedYaml, Mark, YamlRefused, parse_yaml_text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or worth a warning: where, what was found, what is allowed.

    Line and column count from 1; `path` is as people write it: `phases[2].succeed[0].gate`.
    """

    line: int
    column: int
    path: str
    found: str
    allowed: str
    suggestion: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan that can be imported: its resolved document, the digest of that, and what deserves a warning."""

    document: Mapping[str, object]
    digest: str
    plan: Plan
    warnings: tuple[Problem, ...] = ()


class PlanRefused(Exception):
    """The file is no plan; `problems` say why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*(problem.sentence for problem in problems))
        self.problems = problems


def read_plan(source: str | bytes) -> PlanDraft:
    """Read a plan file; raise PlanRefused with every problem found, in the order of the file."""
    try:
        loaded = parse_yaml_text(source)
    except YamlRefused as refused:
        raise PlanRefused(*_problems(LoadedYaml(None, flaws=list(refused.flaws)), ())) from None
    document, faults = _validated(loaded)
    if faults or loaded.flaws:
        raise PlanRefused(*_problems(loaded, faults))
    digest = digest_of(document)
    plan = build_plan(document, digest)
    if dead_ends := list(way_faults(document, plan)):
        raise PlanRefused(*_problems(loaded, dead_ends))
    return PlanDraft(document, digest, plan, tuple(_problems(loaded, plan_warnings(document, plan))))


def _validated(loaded: LoadedYaml) -> tuple[PlainDict, list[Fault]]:
    """The document in its one spelling, or everything that is wrong with it.

    What the schema refuses is left out before references and limits are looked at, so that one mistake does not hide
    another; the names that a plan gives are taken from the whole of it, so that one mistake is not told twice.
    """
    written = loaded.document
    if not isinstance(written, dict):
        found = describe_value(written)
        return {}, [Fault((), f"Found {found}; a plan is a mapping that begins with readiness: 1.", found)]
    document, faults = _checked_document(written)
    readable = document or mapping_of(without_faults(written, faults))
    sound = document or mapping_of(without_faults(written, faults, whole=True))
    faults += [*reference_faults(readable, names_of(written)), *limit_faults(sound), *rule_faults(sound)]
    faults += environment_faults(sound)
    return document, faults


def _checked_document(written: dict[str, object]) -> tuple[PlainDict, list[Fault]]:
    try:
        part = PlanPart.model_validate(written)
    except ValidationError as refused:
        return {}, schema_faults(refused)
    return part.model_dump(by_alias=True, exclude_unset=True), []


def _problems(loaded: LoadedYaml, faults: Iterable[Fault]) -> list[Problem]:
    found = [_said(flaw.mark, Fault(flaw.path, flaw.sentence)) for flaw in loaded.flaws]
    found += [_said(loaded.mark_of(fault.at, key=fault.at_key), fault) for fault in faults]
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def _said(mark: Mark, fault: Fault) -> Problem:
    """A fault where it stands. What was found and what is allowed are else what its sentence says of them."""
    first, _, then = fault.sentence.rstrip(".").partition("; ")
    found, allowed = fault.found or first, fault.allowed or then or first
    return Problem(mark.line, mark.column, format_path(fault.at), found, allowed, fault.suggestion, fault.sentence)
