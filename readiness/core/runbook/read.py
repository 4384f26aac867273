"""Read documents: the way through from their text to what they say."""

from collections.abc import Callable, Sequence

from readiness.core.runbook.blocks import Kind, read_blocks
from readiness.core.runbook.conditions import note_details, take_condition, take_everything
from readiness.core.runbook.fences import take_fence
from readiness.core.runbook.fields import take_field, take_front_matter, take_summary
from readiness.core.runbook.gather import gather_mentions
from readiness.core.runbook.history import take_alternative, take_decision, take_headings, take_lesson, take_review
from readiness.core.runbook.inline import plain
from readiness.core.runbook.lacks import take_lack
from readiness.core.runbook.naming import heading_name
from readiness.core.runbook.outline import LABEL, Outline, Said, outline_of
from readiness.core.runbook.page import Book, RunbookRefused, open_book
from readiness.core.runbook.phases import Marks, find_named, find_phases
from readiness.core.runbook.phases_told import told_phases
from readiness.core.runbook.reading import Reading
from readiness.core.runbook.tables import take_row
from readiness.core.runbook.talk import take_drill, take_escalation, take_talk
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, walk
from readiness.core.runbook.ways import take_way

EXAMPLE = """\
# New checkout
Owner: SRE lead

## Phase 1: Canary (5 %)
**Duration:** 2-3 days
- [ ] Support knows about it
- [ ] On-call has read this

**Success criteria**
- Error rate below 1 %: `sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))`
"""
_TAKERS: tuple[Callable[[Reading, Here], bool], ...] = (
    take_alternative,
    take_lack,
    take_drill,
    take_way,
    take_talk,
    take_escalation,
    take_fence,
    take_row,
    take_lesson,
    take_field,
    take_review,
    take_decision,
    take_condition,
    take_summary,
)


def read_runbook(documents: Sequence[tuple[str, str]]) -> Reading:
    """Read documents, each a name and its text, as one runbook.

    Raises RunbookRefused for documents beyond the bounds, and for those in which nothing can be recognised.
    """
    book = open_book(documents)
    reading = Reading(book)
    blocks = [
        block for page, before in zip(book.pages, book.starts, strict=True) for block in read_blocks(page, before)
    ]
    outline = outline_of(blocks)
    marks = next(
        (found for find in (find_phases, told_phases, find_named) if (found := find(outline)).stages), Marks((), {})
    )
    reading.stages = list(marks.stages)
    heres = list(walk(outline, marks))
    _take_title(reading, outline, marks)
    take_front_matter(reading)
    note_details(reading, heres)
    for here in heres:
        next((taker for taker in _TAKERS if taker(reading, here)), None)
    take_headings(reading, outline.headings)
    if not reading.wishes:
        take_everything(reading, heres)
    gather_mentions(reading, heres)
    _frame(reading, outline, marks)
    if not reading.wishes and not reading.stages and not any(len(m.name) > 3 for m in reading.mentions):
        raise RunbookRefused(nothing_sentence(book))
    return reading


def nothing_sentence(book: Book) -> str:
    """Say what was looked for, and show a document in which it would be found."""
    name = book.pages[0].name
    return (
        f"Nothing in {name} looks like a phase, a checklist or a criterion. Phases are headings such as “Phase "
        f"1: Canary”, "
        f"checklists are lines that begin with “- [ ]”. Ten lines are enough:\n\n{EXAMPLE}"
    )


def _take_title(reading: Reading, outline: Outline, marks: Marks) -> None:
    """The first heading that stands over everything is the title."""
    first = next((h for h in outline.headings if h.level <= 2 and not h.is_item), None)
    if first is not None and first.at not in marks.defining:
        reading.title = plain(first.text)[:200]
        reading.ledger.put(range(first.first, first.last + 1))
        return
    said = outline.said[0] if outline.said else None
    if said is not None and _is_title(said):
        reading.title = plain(said.text)
        reading.ledger.put(said.lines)


def _is_title(said: Said) -> bool:
    """Whether the first line of a document without headings is its title."""
    alone = said.block.kind is Kind.PARAGRAPH and said.first == said.last and len(said.text) <= 100
    return alone and not said.label and not said.trail


def _frame(reading: Reading, outline: Outline, marks: Marks) -> None:
    """Keep what stands around what: headings around what they announce, marks around a fence, a head above a table."""
    ends = {heading.at: said.last for said in outline.said for heading in said.trail}
    for heading in outline.headings:
        if heading.at in ends:
            lines = range(heading.first, heading.last + 1)
            tells = heading.role is not Role.NONE or heading.at in marks.by_heading or heading.level >= LABEL
            name = "" if tells and not (heading.is_item and heading.role is Role.NONE) else heading_name(heading.text)
            reading.frames.append((lines, range(lines.stop, ends[heading.at] + 1), name))
    for said in outline.said:
        if said.block.kind is Kind.FENCE:
            inner = range(said.first + 1, said.last)
            reading.frames += [(range(end, end + 1), inner, "") for end in (said.first, said.last)]
        elif said.block.kind is Kind.ROW:
            head = said.block.header_line
            reading.frames.append((range(head, head + 2), said.lines, ""))
