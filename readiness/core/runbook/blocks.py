"""Markdown as a flat list of blocks, each with the lines that it stands on.

Only the block rules of CommonMark and GitHub's tables are used. Text inside of a block stays as it was written, so that
nothing in it is ever run, rendered or followed; `inline.py` takes it apart.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.token import Token

from readiness.core.runbook.page import LONGEST_LINE, Page

MOST_NESTING = 40
MOST_BARS = 50_000
_TASK = re.compile(r"\[([ xX✓✔-]?)\]\s+|([☐☑☒✅⬜])\s*")
_TICKED = "xX✓✔☑☒✅"
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_HTML_HEADING = re.compile(r"<h([1-6])\b[^<>]*>|<(summary)\b[^<>]*>", re.IGNORECASE)
_HTML_ITEM = re.compile(r"<li\b[^<>]*>", re.IGNORECASE)
_HTML_TICK = re.compile(r"<input\b[^<>]*checkbox[^<>]*>", re.IGNORECASE)


class Kind(StrEnum):
    """What a block is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    FENCE = "fence"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Block:
    """One block. Lines count from 1 and both ends belong to it.

    `level` is that of a heading, or how deep an item or what belongs to it is nested (0: in no list). `number` is what
    an ordered item begins with. `ticked` is None for what is no task. A row has its `cells` and those of its `header`,
    whose line is `header_line`; a fence has the language that its `info` names.
    """

    kind: Kind
    first: int
    last: int
    text: str
    level: int = 0
    number: str = ""
    ticked: bool | None = None
    info: str = ""
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    header_line: int = 0


def read_blocks(page: Page, before: int = 0) -> list[Block]:
    """Every block of the page in its order, with `before` lines counted before it.

    Lines that belong to no block are those that Markdown passes over, and those beyond the bound.
    """
    source = [line if fits else "" for line, fits in zip(page.lines, _readable(page), strict=True)]
    tokens = _parser(sum(line.count("|") for line in source) <= MOST_BARS).parse("\n".join(source))
    return list(_Walk(tokens, before).blocks())


def _readable(page: Page) -> Iterator[bool]:
    """Which lines are read as Markdown: neither settings above the document nor lines beyond the bound."""
    for number, line in enumerate(page.lines, start=1):
        yield number > page.front and len(line) <= LONGEST_LINE


def _parser(tables: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MOST_NESTING}).disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser.enable("table") if tables else parser


class _Walk:
    """Follows the tokens and keeps where it is: in which lists, and in which table."""

    def __init__(self, tokens: Sequence[Token], before: int) -> None:
        self._tokens, self._before = tokens, before
        self._items: list[Token] = []
        self._fresh = False
        self._header: tuple[str, ...] = ()
        self._header_line = 0

    def blocks(self) -> Iterator[Block]:
        """Every block, in order."""
        for at, token in enumerate(self._tokens):
            match token.type:
                case "list_item_open":
                    self._items.append(token)
                    self._fresh = True
                case "list_item_close":
                    self._items.pop()
                    self._fresh = False
                case _ if token.map:
                    yield from self._block(at, token, token.map[0] + 1 + self._before, token.map[1] + self._before)

    def _block(self, at: int, token: Token, first: int, last: int) -> Iterator[Block]:
        match token.type:
            case "heading_open":
                yield Block(Kind.HEADING, first, last, self._tokens[at + 1].content, int(token.tag[1:]))
            case "paragraph_open":
                yield self._paragraph(self._tokens[at + 1].content, first, last)
            case "tr_open":
                yield from self._row(at, first)
            case "fence" | "code_block":
                yield Block(Kind.FENCE, first, last, token.content, self._depth, info=_language(token.info))
            case "hr":
                yield Block(Kind.RULE, first, last, "")
            case "html_block":
                yield from _html_blocks(token.content, first)

    @property
    def _depth(self) -> int:
        return len(self._items)

    def _paragraph(self, text: str, first: int, last: int) -> Block:
        """The first paragraph of an item is the item; what follows in it belongs to it."""
        if not self._items or not self._fresh:
            return Block(Kind.PARAGRAPH, first, last, text, self._depth)
        self._fresh = False
        return _item(text, first, last, self._depth, self._items[-1].info)

    def _row(self, at: int, first: int) -> Iterator[Block]:
        closing = next(n for n in range(at, len(self._tokens)) if self._tokens[n].type == "tr_close")
        inside = self._tokens[at + 1 : closing]
        cells = tuple(token.content.replace("\\|", "|") for token in inside if token.type == "inline")
        if inside and inside[0].type == "th_open":
            self._header, self._header_line = cells, first
            return
        text = " | ".join(cells)
        yield Block(Kind.ROW, first, first, text, cells=cells, header=self._header, header_line=self._header_line)


def _item(text: str, first: int, last: int, depth: int, number: str = "") -> Block:
    task = _TASK.match(text)
    if task is None:
        return Block(Kind.ITEM, first, last, text, depth, number)
    ticked = (task[1] or task[2] or " ") in _TICKED
    return Block(Kind.ITEM, first, last, text[task.end() :], depth, number, ticked)


def _language(info: str) -> str:
    return info.strip().partition(" ")[0].strip("{}.").lower()


def _html_blocks(content: str, first: int) -> Iterator[Block]:
    """HTML inside of Markdown: headings and items keep their meaning, of everything else the text is left."""
    for number, line in enumerate(content.rstrip("\n").split("\n"), start=first):
        text = plain_html(line)
        if not text:
            continue
        if heading := _HTML_HEADING.search(line):
            yield Block(Kind.HEADING, number, number, text, int(heading[1] or 6))
        elif _HTML_ITEM.search(line):
            box = _HTML_TICK.search(line)
            mark = "" if box is None else "[x] " if "checked" in box[0].lower() else "[ ] "
            yield _item(mark + text, number, number, 1)
        else:
            yield Block(Kind.PARAGRAPH, number, number, text)


def plain_html(line: str) -> str:
    """The text of a line without its tags, which are never shown nor followed."""
    return html.unescape(_TAG.sub(" ", line)).strip() if "<" in line or "&" in line else line.strip()
