"""The parts of a plan that are not conditions: roles, sources, gaps, ways back, and who signs."""

from datetime import date, datetime

from readiness.core.conditions import Condition, ConditionList
from readiness.core.plan import (
    SIGN_OFF_VALID_FOR,
    SOURCE_TIMEOUT,
    VOID_AFTER,
    Authority,
    Command,
    Gap,
    GapTask,
    Group,
    Role,
    RollbackLevel,
    SignOffRule,
    Source,
    Watch,
)
from readiness.core.plan_document import (
    Entry,
    duration_of,
    entries_of,
    mapping_of,
    optional_duration,
    optional_text,
    texts_of,
    written_text,
)
from readiness.core.quantities import parse_duration, parse_estimate

_SOURCE_KEYS = {"kind", "environment", "timeout", "every"}
Standing = dict[tuple[str, ConditionList], list[Condition]]
"""The conditions by place and list."""


def build_role(key: str, said: object) -> Role:
    """A role, written as its title alone or with deputies."""
    if isinstance(said, str):
        return Role(key, said)
    entry = mapping_of(said)
    deputies = entries_of(entry.get("deputies"))
    return Role(
        key,
        str(entry["title"]),
        tuple((str(d["name"]), _optional_moment(d.get("from")), _optional_moment(d.get("until"))) for d in deputies),
    )


def _optional_moment(text: object) -> date | datetime | None:
    if text is None:
        return None
    return date.fromisoformat(str(text)) if len(str(text)) == len("2025-12-08") else datetime.fromisoformat(str(text))


def build_group(key: str, said: Entry) -> Group:
    """A group of people and the role that keeps it."""
    return Group(key, str(said["title"]), str(said["owner"]))


def build_authority(said: Entry) -> Authority:
    """Which roles may waive, break glass and lift holds."""
    return Authority(texts_of(said.get("waive")), texts_of(said.get("break_glass")), texts_of(said.get("lift_hold")))


def build_source(key: str, said: Entry) -> Source:
    """A source of evidence; what belongs to its kind alone stays as written."""
    return Source(
        key=key,
        kind=str(said["kind"]),
        settings={name: value for name, value in said.items() if name not in _SOURCE_KEYS},
        environment=written_text(said, "environment"),
        timeout=duration_of(said, "timeout", SOURCE_TIMEOUT),
        every=optional_duration(said, "every"),
    )


def build_gap(said: Entry, standing: Standing) -> Gap:
    """A gap with its tasks and the conditions that close it."""
    key, blocks = str(said["key"]), said["blocks"]
    return Gap(
        key=key,
        title=str(said["title"]),
        severity=str(said["severity"]),
        owner=optional_text(said, "owner"),
        blocks=(blocks,) if isinstance(blocks, str) else texts_of(blocks),
        why=written_text(said, "why"),
        estimate=_estimate(said),
        after=texts_of(said.get("after")),
        found_by=texts_of(said.get("found_by")),
        tasks=tuple(_task(task, optional_text(said, "owner")) for task in entries_of(said.get("tasks"))),
        closed_when=tuple(standing.get((f"gap:{key}", ConditionList.CLOSED_WHEN), ())),
        origin=written_text(said, "from"),
        added=said.get("added") is True,
    )


def _task(said: Entry, gap_owner: str | None) -> GapTask:
    return GapTask(
        key=str(said["key"]),
        title=str(said["title"]),
        owner=optional_text(said, "owner") or gap_owner,
        estimate=_estimate(said),
        after=texts_of(said.get("after")),
        url=written_text(said, "url"),
        origin=written_text(said, "from"),
        added=said.get("added") is True,
    )


def _estimate(said: Entry) -> tuple[float, float] | None:
    return parse_estimate(str(said["estimate"])) if "estimate" in said else None


def build_rollback(said: Entry, standing: Standing) -> RollbackLevel:
    """A way back."""
    key = str(said["key"])
    verify = standing.get((f"rollback:{key}", ConditionList.PROOF), [])
    return RollbackLevel(
        key=key,
        title=str(said["title"]),
        within=parse_duration(str(said["within"])),
        to=str(said["to"]),
        sets=texts_by_key(said.get("sets")),
        commands=texts_of(said.get("commands")),
        verify=verify[0] if verify else None,
        recovers=texts_by_key(said.get("recovers")),
        origin=written_text(said, "from"),
        added=said.get("added") is True,
    )


def texts_by_key(said: object) -> dict[str, str]:
    """A mapping of the document with texts for values; an absent one is empty."""
    return {key: str(value) for key, value in mapping_of(said).items()}


def build_command(said: object) -> Command:
    """A command, written as text alone or with a title."""
    if isinstance(said, str):
        return Command(said)
    entry = mapping_of(said)
    return Command(str(entry["run"]), written_text(entry, "title"))


def build_watch(said: Entry) -> Watch | None:
    """The closer watch of a phase's first hours, if there is one."""
    if not said:
        return None
    return Watch(parse_duration(str(said["for"])), parse_duration(str(said["every"])), texts_of(said["triggers"]))


def build_sign_off(said: Entry) -> SignOffRule | None:
    """Who signs to enter a phase, if anyone does."""
    if not said:
        return None
    return SignOffRule(
        roles=texts_of(said["roles"]),
        last=str(said["last"]),
        valid_for=duration_of(said, "valid_for", SIGN_OFF_VALID_FOR),
        void_after=duration_of(said, "void_after", VOID_AFTER),
    )
