"""What stands under what: every block with the headings, labels and items that it belongs to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.core.runbook.blocks import Block, Kind
from readiness.core.runbook.inline import field_in, plain
from readiness.core.runbook.numbering import begins_phase
from readiness.core.runbook.vocabulary import Role, field_name, role_of

LABEL = 7
"""The level of a label: a paragraph that announces what follows. Items are deeper by their nesting."""
_ALL_BOLD = re.compile(r"(\*\*|__)[^*_]{1,120}(\*\*|__)\s*[:.]?")
_LONGEST_LABEL = 160


@dataclass(frozen=True, slots=True)
class Heading:
    """Something that announces what follows it. `at` is the place of its block in the document."""

    text: str
    level: int
    first: int
    last: int
    role: Role
    at: int
    is_item: bool = False
    is_task: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One block, or one line of a paragraph of `label: value` lines, with everything that announces it.

    `label` and `value` are set where it begins with a label; `field` is the name of a label that is known.
    """

    block: Block
    text: str
    first: int
    last: int
    trail: tuple[Heading, ...] = ()
    label: str = ""
    value: str = ""

    @property
    def field(self) -> str:
        """The known name of its label; empty when it has none that is known."""
        return field_name(self.label) if self.label else ""

    @property
    def lines(self) -> range:
        """The lines it stands on."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole document: what it says, and what announces it, in their order."""

    said: tuple[Said, ...]
    headings: tuple[Heading, ...]


def outline_of(blocks: Sequence[Block]) -> Outline:
    """Put every block under what announces it."""
    said: list[Said] = []
    headings: list[Heading] = []
    trail: list[Heading] = []
    for at, block in enumerate(blocks):
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        if block.kind is not Kind.HEADING and not block.level:
            _close(trail, LABEL if _is_field(block) else LABEL + 1)
        heading = _heading(block, following, at)
        if heading is not None:
            _close(trail, heading.level)
        elif block.level:
            _close(trail, LABEL + block.level + (block.kind is not Kind.ITEM))
        if heading is None or heading.is_item:
            said += _statements(block, tuple(trail))
        if heading is not None:
            headings.append(heading)
            trail.append(heading)
    return Outline(tuple(said), tuple(headings))


def _close(trail: list[Heading], level: int) -> None:
    """Leave everything that does not stand above `level`."""
    while trail and trail[-1].level >= level:
        trail.pop()


def _heading(block: Block, following: Block | None, at: int) -> Heading | None:
    """The block as something that announces, if it is: a heading, a label, or an item with others inside."""
    if block.kind is Kind.HEADING:
        text = plain(block.text)
        return Heading(text, block.level, block.first, block.last, role_of(text), at) if text else None
    if block.kind is Kind.PARAGRAPH and not block.level and _is_label(block, following):
        text = plain(block.text).rstrip(" :")
        level = LABEL - 1 if begins_phase(text) else LABEL
        return Heading(text, level, block.first, block.last, role_of(text), at)
    if block.kind is Kind.ITEM and following is not None and following.level >= block.level:
        inside = following.level > block.level or following.kind is not Kind.ITEM
        if inside and following.first > block.last:
            text = plain(block.text).rstrip(" :")
            announces = block.text.rstrip().endswith((":", ":**", "**")) or len(text) <= 40
            role = role_of(text) if block.ticked is None and announces else Role.NONE
            level, is_task = LABEL + block.level, block.ticked is not None
            return Heading(text, level, block.first, block.last, role, at, is_item=True, is_task=is_task)
    return None


def _is_field(block: Block) -> bool:
    """Whether a paragraph says something of what the heading announces, so that a label before it is over."""
    return block.kind is Kind.PARAGRAPH and bool(field_name(field_in(block.text.partition("\n")[0])[0]))


def _is_label(block: Block, following: Block | None) -> bool:
    if block.first != block.last or len(block.text) > _LONGEST_LABEL or following is None:
        return False
    text = block.text.strip()
    if begins_phase(plain(text)):
        return True
    if _ALL_BOLD.fullmatch(text):
        return following.kind is not Kind.HEADING
    return text.endswith(":") and following.kind in (Kind.ITEM, Kind.FENCE, Kind.ROW)


def _statements(block: Block, trail: tuple[Heading, ...]) -> Iterator[Said]:
    """The block whole, or line by line where its lines are fields."""
    if block.kind is not Kind.PARAGRAPH:
        label, value = field_in(block.text) if block.kind is Kind.ITEM else ("", "")
        yield Said(block, block.text, block.first, block.last, trail, label, value)
        return
    lines = block.text.split("\n")
    starts = [n for n, line in enumerate(lines) if n == 0 or field_in(line)[0] or _begins_anew(lines[n - 1])]
    for n, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        text = "\n".join(lines[n:end]).strip()
        label, value = field_in(text)
        yield Said(block, text, block.first + n, block.first + end - 1, trail, label, value)


def _begins_anew(before: str) -> bool:
    """Whether the line before ends with a hard line break."""
    return before.endswith(("  ", "\\"))
