"""From the validated document of a plan to the `Plan` that everything else reads."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import cast

from readiness.core.conditions import Condition, ConditionList
from readiness.core.plan import WORKDAYS, Phase, Plan
from readiness.core.plan_common import decides_otherwise
from readiness.core.plan_conditions import build_condition, build_definitions
from readiness.core.plan_document import (
    CLOSE,
    EVERY_PHASE,
    Definitions,
    Entry,
    definitions_of,
    entries_of,
    mapping_of,
    sites_of,
    texts_of,
    written_text,
)
from readiness.core.plan_environments import located, source_words
from readiness.core.plan_parts import (
    Standing,
    build_authority,
    build_command,
    build_gap,
    build_group,
    build_role,
    build_rollback,
    build_sign_off,
    build_source,
    build_watch,
    texts_by_key,
)
from readiness.core.plan_paths import implied_checks
from readiness.core.quantities import parse_duration_range

HISTORY = ("decisions", "alternatives", "lessons", "criteria")


class SamePath(ValueError):
    """Two conditions of one place have the same identity, so neither could be told from the other."""


def build_plan(document: Entry, digest: str) -> Plan:
    """The plan that `document` states. Raises UnknownThing, SamePath, UnreadableQuantity or UnreadableCriterion.

    `digest` is that of the document's canonical bytes. Conditions of `every_phase` become the first of each phase,
    where a phase's own condition with the same identity takes the place of the common one; see `core/plan_common.py`.
    """
    definitions, sources = definitions_of(document), source_words(document)
    standing = _standing_conditions(document, definitions, sources)
    rollout = mapping_of(document["rollout"])
    plan = Plan(
        key=str(rollout["key"]),
        title=str(rollout["title"]),
        digest=digest,
        service=written_text(rollout, "service"),
        owner=written_text(rollout, "owner"),
        summary=written_text(rollout, "summary"),
        timezone=written_text(rollout, "timezone", "UTC"),
        workdays=texts_of(rollout["workdays"]) if "workdays" in rollout else WORKDAYS,
        holidays=tuple(date.fromisoformat(day) for day in texts_of(rollout.get("holidays"))),
        planned_start=_optional_date(rollout.get("planned_start")),
        rehearsal=rollout.get("rehearsal") is True,
        roles=tuple(build_role(key, said) for key, said in mapping_of(document.get("roles")).items()),
        groups=tuple(build_group(key, mapping_of(said)) for key, said in mapping_of(document.get("groups")).items()),
        authority=build_authority(mapping_of(document.get("authority"))),
        sources=tuple(build_source(key, mapping_of(said)) for key, said in mapping_of(document.get("sources")).items()),
        flags={key: mapping_of(said) for key, said in mapping_of(document.get("flags")).items()},
        gates=_defined(definitions, "gates", sources),
        checks=_defined(definitions, "checks", sources),
        experiments=_defined(definitions, "experiments", sources),
        drills=_defined(definitions, "drills", sources),
        reviews=_defined(definitions, "reviews", sources),
        gaps=tuple(build_gap(said, standing) for said in entries_of(document.get("gaps"))),
        rollbacks=tuple(build_rollback(said, standing) for said in entries_of(document.get("rollbacks"))),
        phases=tuple(_phase(n, said, standing) for n, said in enumerate(entries_of(document.get("phases")))),
        close=_close(mapping_of(document.get(CLOSE)), standing),
        communication=mapping_of(document.get("communication")),
        history={name: document[name] for name in HISTORY if name in document},
    )
    return replace(plan, implied=implied_checks(plan))


def _defined(definitions: Definitions, section: str, sources: Mapping[str, str]) -> tuple[Condition, ...]:
    return tuple(located(condition, sources) for condition in build_definitions(definitions, section))


def _standing_conditions(document: Entry, definitions: Definitions, sources: Mapping[str, str]) -> Standing:
    standing: Standing = {}
    for site in sites_of(document):
        found = standing.setdefault((site.place, site.list), [])
        condition = located(build_condition(definitions, site), sources)
        if any(other.path == condition.path for other in found):
            raise SamePath(f"{condition.path} stands twice.")
        found.append(condition)
    return standing


def _optional_date(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


def _phase(index: int, said: Entry, standing: Standing) -> Phase:
    lower, upper = parse_duration_range(str(said.get("duration", "0s")))
    return Phase(
        key=str(said["key"]),
        number=written_text(said, "number", str(index)),
        title=str(said["title"]),
        objective=written_text(said, "objective"),
        dwell=lower,
        late_after=upper if upper > lower else None,
        traffic=written_text(said, "traffic"),
        flags=texts_by_key(said.get("flags")),
        config=written_text(said, "config"),
        commands=tuple(build_command(command) for command in cast("list[object]", said.get("commands", []))),
        watch=build_watch(mapping_of(said.get("watch"))),
        sign_off=build_sign_off(mapping_of(said.get("sign_off"))),
        enter=_merged(standing, str(said["key"]), ConditionList.ENTER),
        succeed=_merged(standing, str(said["key"]), ConditionList.SUCCEED),
        abort=_merged(standing, str(said["key"]), ConditionList.ABORT),
        origin=written_text(said, "from"),
        added=said.get("added") is True,
    )


def _merged(standing: Standing, phase: str, name: ConditionList) -> tuple[Condition, ...]:
    """The conditions of every phase, as they stand in this one, and then its own."""
    common = [_moved(condition, phase) for condition in standing.get((EVERY_PHASE, name), ())]
    merged = {condition.path: condition for condition in common}
    own = (_told_apart(condition, merged.get(condition.path)) for condition in standing.get((phase, name), ()))
    merged |= {condition.path: condition for condition in own}
    return tuple(merged.values())


def _told_apart(own: Condition, common: Condition | None) -> Condition:
    """A trigger that somebody else decides stands beside the common one, so that no person replaces automation."""
    if common is None or not decides_otherwise(own, common) or own.abort is None:
        return own
    return replace(own, path=f"{own.path}/{own.abort.decided_by}")


def _moved(condition: Condition, phase: str) -> Condition:
    return replace(condition, place=phase, path=phase + condition.path.removeprefix(EVERY_PHASE))


def _close(said: Entry, standing: Standing) -> Phase | None:
    """The close has only its own conditions, and no number."""
    if not said:
        return None
    return Phase(
        key=CLOSE,
        number="",
        title=written_text(said, "title", "Close"),
        sign_off=build_sign_off(mapping_of(said.get("sign_off"))),
        enter=tuple(standing.get((CLOSE, ConditionList.ENTER), ())),
    )
