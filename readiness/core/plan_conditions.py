"""From a condition as written to a `Condition`: the thing it names, with the overrides of the place it stands in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from readiness.core.conditions import (
    CHECK_EVERY,
    CHECK_MAX_AGE,
    GATE_EVERY,
    GATE_MAX_AGE,
    AbortSpec,
    Against,
    CheckSpec,
    Condition,
    ConditionKind,
    ConditionList,
    DrillSpec,
    Enough,
    ExperimentSpec,
    GateSpec,
    ReviewSpec,
)
from readiness.core.criteria import parse_criteria
from readiness.core.plan_document import (
    SECTIONS,
    Definitions,
    Entry,
    Site,
    duration_of,
    environments_of,
    mapping_of,
    optional_duration,
    optional_text,
    origins_of,
    texts_of,
    written_text,
)
from readiness.core.plan_items import item_spec_of
from readiness.core.quantities import compact_duration, parse_duration, parse_score, parse_share

FOR_PHASE = "phase"
_COMMON = {"title", "owner", "section", "valid_for", "from", "added"}
_CHECK_KEYS = {"check", "source", "kind", "every", "max_age"}
_EXPERIMENT_KEYS = {"experiment", "harm", "decided_by", "roll_back", "arms"}


class UnknownThing(ValueError):
    """A condition names something that the plan does not define."""


def build_condition(definitions: Definitions, site: Site) -> Condition:
    """The condition that stands at `site`. Raises UnknownThing, UnreadableQuantity or UnreadableCriterion."""
    return _condition(site, site.key, merged_entry(definitions, site))


def merged_entry(definitions: Definitions, site: Site) -> Entry:
    """What stands at `site`, with the defaults of the thing that it names. Raises UnknownThing."""
    defaults = _defaults_at(definitions, site)
    return {**defaults, **site.entry, **_merged_from(defaults, site.entry)}


def _merged_from(defaults: Entry, entry: Entry) -> Entry:
    """Where it was written down and which environment is enough: each from the place, else from the definition."""
    parts = [*(origins_of(entry) or origins_of(defaults)), *(environments_of(entry) or environments_of(defaults))]
    return {"from": parts} if parts else {}


def build_definitions(definitions: Definitions, section: str) -> tuple[Condition, ...]:
    """What a section defines, as conditions that stand nowhere yet (`gates/gate:recall-p99`)."""
    kind = SECTIONS[section]
    sites = (Site((), section, ConditionList.PROOF, {kind.value: key, **e}) for key, e in definitions[kind].items())
    return tuple(_condition(site, site.key, site.entry) for site in sites)


def _defaults_at(definitions: Definitions, site: Site) -> Entry:
    """What the named thing says, without what it must not hand down to this place."""
    if site.kind is ConditionKind.ITEM:
        return {}
    entry = definitions[site.kind].get(site.key)
    if entry is None:
        raise UnknownThing(f"There is no {site.kind} {site.key!r}.")
    not_inherited = {"for", "at_least"} if site.list is ConditionList.ABORT else set()
    return {key: value for key, value in entry.items() if key not in not_inherited}


def _condition(site: Site, key: str, said: Entry) -> Condition:
    kind = site.kind
    reviewer = said.get("by") if kind is ConditionKind.REVIEW else None
    return Condition(
        path=condition_path(site, said),
        kind=kind,
        key=key,
        title=str(said.get("title", key)),
        owner=cast("str | None", said.get("owner") or reviewer or site.owner),
        place=site.place,
        list=site.list,
        section=written_text(said, "section"),
        valid_for=optional_duration(said, "valid_for"),
        origin=next(iter(origins_of(said)), ""),
        environment=next(iter(environments_of(said)), ""),
        added=said.get("added") is True,
        item=item_spec_of(said) if kind is ConditionKind.ITEM else None,
        gate=_gate_spec(said) if kind is ConditionKind.GATE else None,
        check=_check_spec(said) if kind is ConditionKind.CHECK else None,
        experiment=_experiment_spec(said) if kind is ConditionKind.EXPERIMENT else None,
        drill=_drill_spec(said) if kind is ConditionKind.DRILL else None,
        review=_review_spec(said) if kind is ConditionKind.REVIEW else None,
        abort=_abort_spec(said) if site.list is ConditionList.ABORT else None,
    )


def condition_path(site: Site, said: Entry) -> str:
    """The identity of what stands at `site` and says `said`. Raises UnreadableQuantity or UnreadableCriterion."""
    thing = f"{site.kind}:{site.key}"
    if site.place in SECTIONS:
        return f"{site.place}/{thing}"
    step = "verify" if site.place.startswith("rollback:") else site.list.value
    parts = [site.place, step, thing]
    if site.kind is ConditionKind.GATE:
        parts += [_criteria_text(said), _window_text(said)]
    return "/".join([*parts, str(said["harm"])] if "harm" in said else parts)


def _criteria_text(said: Entry) -> str:
    """The canonical text of the criteria, so that blanks make no other condition."""
    criteria = parse_criteria(expect_of(said), written_text(said, "unit"))
    return " or ".join(" and ".join(c.text for c in conjunction) for conjunction in criteria.alternatives)


def _window_text(said: Entry) -> str:
    window = str(said.get("for", "0s"))
    return window if window == FOR_PHASE else compact_duration(parse_duration(window))


def expect_of(said: Entry) -> "str | list[str] | list[list[str]]":
    """The criteria as written."""
    return cast("str | list[str] | list[list[str]]", said["expect"])


def _abort_spec(said: Entry) -> AbortSpec:
    return AbortSpec(str(said["decided_by"]), str(said["roll_back"]), said.get("arms") == "on_entry")


def _gate_spec(said: Entry) -> GateSpec:
    unit, window = written_text(said, "unit"), str(said.get("for", "0s"))
    criteria = parse_criteria(expect_of(said), unit)
    return GateSpec(
        source=str(said["source"]),
        query=str(said["query"]),
        unit=unit,
        expect=tuple(tuple(c.text for c in conjunction) for conjunction in criteria.alternatives),
        hold_for=timedelta(0) if window == FOR_PHASE else parse_duration(window),
        for_phase=window == FOR_PHASE,
        at_least=parse_share(str(said["at_least"])) if "at_least" in said else None,
        against=_against(mapping_of(said.get("against"))),
        enough=_enough(mapping_of(said.get("enough"))),
        max_age=duration_of(said, "max_age", GATE_MAX_AGE),
        every=duration_of(said, "every", GATE_EVERY),
    )


def _against(said: Entry) -> Against | None:
    if not said:
        return None
    return Against(
        query=optional_text(said, "query"),
        baseline=optional_text(said, "baseline"),
        previous=said.get("previous") is True,
        title=written_text(said, "title"),
    )


def _enough(said: Entry) -> Enough | None:
    return Enough(str(said["query"]), float(str(said["at_least"]))) if said else None


def _check_spec(said: Entry) -> CheckSpec:
    return CheckSpec(
        source=str(said["source"]),
        check_kind=str(said["kind"]),
        settings=_settings(said, _CHECK_KEYS),
        every=duration_of(said, "every", CHECK_EVERY),
        max_age=duration_of(said, "max_age", CHECK_MAX_AGE),
    )


def _settings(said: Entry, apart: set[str]) -> Mapping[str, object]:
    """The keys that belong to the thing alone, as written."""
    return {key: value for key, value in said.items() if key not in _COMMON | apart}


def _experiment_spec(said: Entry) -> ExperimentSpec:
    return ExperimentSpec(_settings(said, _EXPERIMENT_KEYS), optional_text(said, "harm"))


def _drill_spec(said: Entry) -> DrillSpec:
    return DrillSpec(
        target=parse_duration(str(said["target"])),
        valid_for=optional_duration(said, "valid_for"),
        level=optional_text(said, "level"),
        expect=written_text(said, "expect"),
        restore=written_text(said, "restore"),
        commands=texts_of(said.get("commands")),
        since_phase_start=said.get("since_phase_start") is True,
    )


def _review_spec(said: Entry) -> ReviewSpec:
    return ReviewSpec(
        by=str(said["by"]),
        score=_optional_score(said, "score"),
        after_gaps=_optional_score(said, "after_gaps"),
        verdict=written_text(said, "verdict"),
        min_score=_optional_score(said, "min_score"),
    )


def _optional_score(said: Entry, key: str) -> float | None:
    return parse_score(str(said[key])) if key in said else None
