"""Ways back: what a document says of how to return, how long that takes, and what recovers when."""

import re

from readiness.core.runbook.amounts import find_range, find_span, find_spans
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.fences import is_shell, stage_numbered
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import heading_name, without_brackets
from readiness.core.runbook.outline import Heading
from readiness.core.runbook.reading import Reading, Way
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, item_text

_LEVEL = re.compile(r"(?:level|stufe|niveau|nivel|tier|option)\s*\d+\s*[:.)–-]\s*", re.IGNORECASE)
_RECOVERS = re.compile(r"recover|stabili[sz]|erholung|rétabliss", re.IGNORECASE)
_PHASE = re.compile(r"\bto\s+(?:phase|stage|step)\s+(\w{1,4})\b", re.IGNORECASE)
LONGEST_RUN = 4_000


def take_way(reading: Reading, here: Here) -> bool:
    """Take what is said of a way back. Steps are told as they are written: people carry them out."""
    if here.kind is not Role.WAYS or here.thing is None or here.role in (Role.TALK, Role.ABORT, Role.DRILLS):
        return False
    said = here.said
    level = _level(reading, here)
    if level is not None:
        return True
    way = way_at(reading, here.thing, here.phase)
    labels = [heading.text for heading in said.trail[said.trail.index(here.thing) + 1 :]]
    way.within = way.within or next((span for text in labels if (span := find_span(text))), "")
    if said.block.kind is Kind.FENCE:
        if not is_shell(here) and said.block.info not in ("", "text"):
            return False
        way.commands.append((said.block.text.rstrip("\n")[:LONGEST_RUN], said.first))
    elif said.block.kind is Kind.ITEM:
        _take_item(way, here)
    elif not _take_line(way, here):
        return False
    reading.ledger.put(said.lines)
    return True


def way_at(reading: Reading, heading: Heading, phase: str) -> Way:
    """The way back that a heading describes; a new one for a heading that is met for the first time."""
    way = next((way for way in reading.ways if way.line == heading.first), None)
    if way is None:
        title = without_brackets(heading_name(heading.text)) or heading.text
        stage = stage_numbered(reading, phase)
        if stage is not None and len(title.split()) <= 3:
            title = f"Go back from {stage.title}"
        way = Way(title[:120], heading.first, phase, within=find_span(heading.text))
        reading.ways.append(way)
    return way


def _level(reading: Reading, here: Here) -> Way | None:
    """A way back of its own, when a list of levels names one in each item."""
    said = here.said
    text = plain(said.text)
    if said.block.kind is not Kind.ITEM or here.parent is not None or not _LEVEL.match(text):
        return None
    name, _, steps = _LEVEL.sub("", text, count=1).partition(":")
    way = Way(without_brackets(name)[:120] or text[:120], said.first, here.phase, within=find_span(text))
    way.commands += [(steps.strip(), said.first)] if steps.strip() else []
    reading.ways.append(way)
    reading.ledger.put(said.lines)
    return way


def _take_item(way: Way, here: Here) -> None:
    """An item says what recovers when, or is a step."""
    label, value = here.said.label, plain(here.said.value)
    section = here.section + " ".join(h.text for h in here.said.trail[-1:])
    if label and _RECOVERS.search(f"{label} {section}") and (span := find_span(value)):
        name = re.sub(r"(?i)\s*recovery$", "", label).strip().lower() or "all"
        way.recovers[name[:60]] = span
        return
    if here.said.field == "time" and not way.within and find_span(value):
        way.within = find_span(value)
        return
    way.commands.append((item_text(here.said.text)[:LONGEST_RUN], here.said.first))


def _take_line(way: Way, here: Here) -> bool:
    """A paragraph says how long it takes, or to which phase it leads."""
    text = plain(here.said.text)
    taken = False
    if match := _PHASE.search(text):
        way.to, taken = match[1].lower(), True
    if not way.within and find_spans(text) and find_range(text):
        way.within, taken = find_span(text), True
    return taken and len(text) <= 120
