"""Where a statement stands: in which phase, under what kind of heading, and inside of which thing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import heading_name
from readiness.core.runbook.outline import LABEL, Heading, Outline, Said
from readiness.core.runbook.phases import Marks
from readiness.core.runbook.vocabulary import Role

_GAP = re.compile(r"\W{0,4}(?:gap|issue|blocker|risk|lücke|lacune)\s*#?\s*(\d{1,3}[a-z]?)\b", re.IGNORECASE)
_DRILL = re.compile(r"\W{0,4}(?:drill|exercise|scenario|game day|übung)\s*#?\s*(\d{1,3}|[a-z]\b)", re.IGNORECASE)
_OPTION = re.compile(r"\W{0,4}(?:option|alternative|variante)\s*#?\s*\w{1,3}\s*[:.)–-]", re.IGNORECASE)
THINGS = (Role.GAPS, Role.WAYS, Role.DRILLS)


@dataclass(frozen=True, slots=True)
class Here:
    """A statement and what it stands in. `thing` is the gap, way back or drill that it describes; `part` its label."""

    said: Said
    phase: str
    role: Role
    thing: Heading | None
    kind: Role
    part: Role
    section: str
    parent: Heading | None

    @property
    def is_text(self) -> bool:
        """Whether it is an item or a paragraph, and not a fence or a row."""
        return self.said.block.kind in (Kind.ITEM, Kind.PARAGRAPH)


def walk(outline: Outline, marks: Marks) -> Iterator[Here]:
    """Every statement of the document with where it stands."""
    title = _title_of(outline)
    for said in outline.said:
        trail = _inside_phase(said.trail, marks)
        thing, kind = _thing([heading for heading in trail if heading is not title])
        role = next((h.role for h in reversed(trail) if h.role is not Role.NONE), Role.NONE)
        after = trail[trail.index(thing) + 1 :] if thing in trail else ()
        part = next((h.role for h in reversed(after) if h.role is not Role.NONE), Role.NONE)
        parent = said.trail[-1] if said.trail and said.trail[-1].is_item else None
        yield Here(said, marks.of(said), role, thing, kind, part, _section(trail), parent)


def _title_of(outline: Outline) -> Heading | None:
    """The heading of the whole document, where others stand under it: it is no thing itself."""
    headings = [heading for heading in outline.headings if heading.level < LABEL]
    return headings[0] if len(headings) > 1 and headings[0].level < min(h.level for h in headings[1:]) else None


def _inside_phase(trail: Sequence[Heading], marks: Marks) -> tuple[Heading, ...]:
    """What announces a statement inside of its phase: the words of the phase's own heading announce nothing else."""
    for n in range(len(trail) - 1, -1, -1):
        if trail[n].at in marks.defining:
            return tuple(trail[n + 1 :])
    return tuple(trail)


def _thing(trail: Sequence[Heading]) -> tuple[Heading | None, Role]:
    """The gap, way back or drill that the statement is about, with what it is; of a list of them, the listed one."""
    for n, heading in enumerate(trail):
        if _GAP.match(heading.text) and heading.level < LABEL:
            return heading, Role.GAPS
        if _DRILL.match(heading.text):
            return heading, Role.DRILLS
        if _OPTION.match(heading.text):
            return None, Role.NONE
        if heading.role in THINGS and not (n + 1 < len(trail) and _lists(heading, trail[n + 1])):
            return heading, heading.role
        if heading.role in THINGS and trail[n + 1].role in (Role.NONE, heading.role, Role.MISSING):
            deeper, kind = _thing(trail[n + 1 :])
            return (deeper, kind) if deeper is not None else (trail[n + 1], heading.role)
    return None, Role.NONE


def _lists(heading: Heading, following: Heading) -> bool:
    """Whether a heading is one of a list of things that the heading above it announces."""
    return following.level < LABEL and following.level > heading.level


def _section(trail: Sequence[Heading]) -> str:
    """What groups the statement, where that is more than which list it is in."""
    groups = [h for h in trail if h.role is Role.NONE and not (h.is_item and len(h.text) > 60)]
    return heading_name(groups[-1].text) if groups and groups[-1].level > 1 else ""


def item_text(raw: str) -> str:
    """The text of an item as people read it, without what a form leaves open."""
    return re.sub(r"\s*_{3,}\s*", " … ", plain(raw)).strip(" :")
