"""Documents as they come in: text within bounds, as lines that count from 1 through all of them."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

MOST_BYTES = 1_000_000
MOST_LINES = 20_000
LONGEST_LINE = 2_000
LONGEST_NAME = 200
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_FRONT = re.compile(r"---\s*")
_MOST_FRONT = 60


class RunbookRefused(ValueError):
    """The document cannot be read; the message says what was found, what is allowed and what to do."""


@dataclass(frozen=True, slots=True)
class Page:
    """One document. `lines[0]` is line 1; `front` is how many lines of settings stand above it, between two `---`."""

    name: str
    lines: tuple[str, ...]
    front: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """One document or several. A line's number counts through all of them; `place` says where that is."""

    pages: tuple[Page, ...]

    @property
    def starts(self) -> list[int]:
        """How many lines stand before each page."""
        return [0, *accumulate(len(page.lines) for page in self.pages)][:-1]

    @property
    def lines(self) -> list[str]:
        """The lines of all pages."""
        return [line for page in self.pages for line in page.lines]

    def where(self, line: int) -> tuple[str, int]:
        """The name of the page that a line is on, and its number there."""
        starts = self.starts
        page = bisect_right(starts, line - 1) - 1
        return self.pages[page].name, line - starts[page]

    def place(self, line: int) -> str:
        """Where a line is, as a plan writes it: `runbook.md#12`."""
        name, number = self.where(line)
        return f"{name}#{number}"

    def line_at(self, place: str) -> int:
        """The line at a place that `place` gave."""
        name, _, number = place.rpartition("#")
        names = [page.name for page in self.pages]
        return self.starts[names.index(name)] + int(number)


def open_book(documents: Sequence[tuple[str, str]]) -> Book:
    """Take documents in, each a name and its text. Raises RunbookRefused beyond the bounds, which count for all."""
    size = sum(len(text.encode(errors="replace")) for _, text in documents)
    named = documents[0][0] if len(documents) == 1 else f"{len(documents)} documents"
    have = "has" if len(documents) == 1 else "have"
    if size > MOST_BYTES:
        raise RunbookRefused(f"{named} {have} {size:,} bytes; at most {MOST_BYTES:,} are read. Split it by phase.")
    pages = tuple(_open_page(name, text) for name, text in documents)
    count = sum(len(page.lines) for page in pages)
    if count > MOST_LINES:
        raise RunbookRefused(f"{named} {have} {count:,} lines; at most {MOST_LINES:,} are read. Split it by phase.")
    if not any(line.strip() for page in pages for line in page.lines):
        raise RunbookRefused(f"{named} {have} no text. Choose the document again.")
    return Book(pages)


def _open_page(name: str, text: str) -> Page:
    clean = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.removeprefix("\ufeff").replace("\r\n", "\n"))
    lines = tuple(_LINE_END.split(clean))
    safe = re.sub(r"[#\s]+", "-", _CONTROL.sub("", name)).strip("-")[-LONGEST_NAME:]
    return Page(safe or "runbook.md", lines[:-1] if lines[-1] == "" and len(lines) > 1 else lines, _front_matter(lines))


def _front_matter(lines: tuple[str, ...]) -> int:
    """How many lines of settings stand above the document, between two lines of `---`."""
    if not _FRONT.fullmatch(lines[0]):
        return 0
    ends = (n for n, line in enumerate(lines[1:_MOST_FRONT], start=2) if _FRONT.fullmatch(line))
    last = next(ends, 0)
    settings = [line for line in lines[1 : last - 1] if line.strip()]
    return last if settings and all(re.match(r"[\w-]+\s*:|[ \t-]", line) for line in settings) else 0
