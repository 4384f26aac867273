"""Labels with a value: what a phase, or the document itself, says of itself (`**Duration:** 1 week`)."""

import re
from collections.abc import Callable, Mapping

from readiness.core.runbook.amounts import find_day, find_range, find_shares
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.fences import stage_numbered
from readiness.core.runbook.inline import plain
from readiness.core.runbook.reading import Reading, Stage
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here

LONGEST = 400


def take_field(reading: Reading, here: Here) -> bool:
    """Take a label with its value, where it is one that is known here. What the value says beyond that is left over."""
    said = here.said
    if not here.is_text or not said.field or said.block.ticked is not None or here.thing is not None:
        return False
    if here.parent is not None and not here.phase:
        return False
    stage = stage_numbered(reading, here.phase)
    value = plain(said.value)
    taken = _of_phase(stage, said.field, value) if stage is not None else _of_document(reading, said.field, value)
    if taken:
        reading.ledger.put(said.lines)
        rest = value.replace(taken, "", 1) if taken != value else ""
        reading.ledger.leave(said.first, rest.strip(" .,;()") if re.search(r"\w{3}", rest) else "")
    return bool(taken)


def _of_phase(stage: Stage, field: str, value: str) -> str:
    """Keep what a phase says; the part of the value that was read, empty when it was not."""
    take = _PHASE_FIELDS.get(field)
    return take(stage, value) if take is not None else ""


def _duration(stage: Stage, value: str) -> str:
    each = re.search(r"[(,;]([^(),;]*\b(?:per|each|je|par|por)\b[^(),;]*)", value)
    if not stage.duration:
        stage.duration = find_range(each[1] if each else value)
    return value if stage.duration and len(value) <= 60 else ""


def _objective(stage: Stage, value: str) -> str:
    if stage.objective or not value:
        return ""
    stage.objective = value[:LONGEST]
    return stage.objective


def _traffic(stage: Stage, value: str) -> str:
    shares = find_shares(value)
    if len(set(shares)) != 1 or (stage.traffic and stage.traffic != shares[0]):
        return ""
    stage.traffic = shares[0]
    return value if len(value) <= 40 else ""


def _owner(stage: Stage, value: str) -> str:
    if stage.owner or len(value) > 60:
        return ""
    stage.owner = value
    return value


_PHASE_FIELDS: Mapping[str, Callable[[Stage, str], str]] = {
    "duration": _duration,
    "time": _duration,
    "objective": _objective,
    "traffic": _traffic,
    "owner": _owner,
}


def _of_document(reading: Reading, field: str, value: str) -> str:
    if field == "title" and value and not reading.title:
        reading.title = value[:LONGEST]
        return reading.title
    if field == "date" and not reading.date:
        reading.date = find_day(value)
        return value if reading.date else ""
    if field == "start" and not reading.start:
        reading.start = find_day(value)
        return value if reading.start else ""
    for name in ("owner", "service"):
        if field in (name, "team") and value and len(value) <= 80 and not getattr(reading, name):
            setattr(reading, name, value)
            return value
    return ""


def take_front_matter(reading: Reading) -> None:
    """Take the settings above a document: its title, owner, service and start."""
    number = 0
    for page in reading.book.pages:
        for line in page.lines[: page.front]:
            number += 1
            name, _, value = line.partition(":")
            field = {"name": "title"}.get(name.strip().lower(), name.strip().lower())
            if value.strip() and _of_document(reading, field, value.strip(" \"'")):
                reading.ledger.put(range(number, number + 1))
        number += len(page.lines) - page.front


def take_summary(reading: Reading, here: Here) -> bool:
    """Take the first paragraph of the document, or of its summary, as what the rollout is about."""
    said = here.said
    if reading.summary or said.block.kind is not Kind.PARAGRAPH or here.phase or here.thing is not None or said.label:
        return False
    if here.role not in (Role.SUMMARY, Role.NONE) or len(said.trail) > 2 or len(said.text) < 40:
        return False
    if here.role is Role.NONE and any(h.level > 1 for h in said.trail):
        return False
    reading.summary = plain(said.text)[:1_000]
    reading.ledger.put(said.lines)
    reading.ledger.leave(said.first, plain(said.text)[1_000:])
    return True
