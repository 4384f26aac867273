"""Everything that the document refers to, line by line, and where it does."""

from collections.abc import Iterable, Iterator

from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.fences import is_shell, shell_lines
from readiness.core.runbook.inline import read_words
from readiness.core.runbook.mentions import (
    CAMEL,
    NO_ALERTS,
    Mention,
    RefKind,
    alert_in,
    dashboards_in,
    jobs_in,
    kind_of_path,
    metrics_in,
    named_in_code,
    paths_in_command,
    paths_in_text,
    targets_in,
    web_in,
)
from readiness.core.runbook.page import LONGEST_LINE
from readiness.core.runbook.queries import is_query, metric_names
from readiness.core.runbook.reading import Reading
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here

MOST = 5_000


def gather_mentions(reading: Reading, heres: Iterable[Here]) -> None:
    """Keep every mention of the document, and in which phase each line stands."""
    for here in heres:
        for mention in _mentions(reading, here):
            if len(reading.mentions) >= MOST:
                return
            reading.mentions.append(_by_uid(reading, mention))
            reading.mention_places.setdefault(mention.line, here.phase)


def _by_uid(reading: Reading, mention: Mention) -> Mention:
    """A dashboard that is called by its title, by its uid where the document gives that elsewhere."""
    uid = reading.boards.get(mention.name, "") if mention.inside == "title" else ""
    return Mention(mention.kind, uid, mention.line, "uid") if uid else mention


def _mentions(reading: Reading, here: Here) -> Iterator[Mention]:
    block = here.said.block
    if block.kind is Kind.FENCE:
        yield from _in_fence(here)
        return
    lines = reading.book.lines
    for line in here.said.lines:
        raw = lines[line - 1]
        if len(raw) <= LONGEST_LINE:
            yield from in_prose(raw, line)
            if here.role is Role.ALERTS or here.said.field == "alert":
                yield from _alerts(raw, line)


def in_prose(raw: str, line: int) -> Iterator[Mention]:
    """What a line of prose refers to: in code spans, in links, and in its words."""
    words = read_words(raw)
    rest = raw
    for code in words.code:
        rest = rest.replace(code, " ", 1)
        yield from in_code(code, line)
    for _, address in words.links:
        if "://" not in address and not address.startswith(("#", "mailto:")):
            path = address.partition("#")[0].lstrip("/")
            if path and ".." not in path.split("/") and "." in path:
                yield Mention(kind_of_path(path), path.removeprefix("./"), line)
            rest = rest.replace(address, " ", 1)
    yield from paths_in_text(rest, line)
    yield from web_in(rest, line)
    yield from dashboards_in(raw, line)
    yield from metrics_in(rest, line)


def in_code(code: str, line: int) -> Iterator[Mention]:
    """What a code span refers to."""
    if is_query(code):
        yield from (Mention(RefKind.METRIC, name, line) for name in metric_names(code))
        yield from jobs_in(code, line)
        return
    yield from named_in_code(code, line)
    yield from web_in(code, line)
    yield from metrics_in(code, line)


def _alerts(raw: str, line: int) -> Iterator[Mention]:
    for match in CAMEL.finditer(raw):
        if match[0] not in NO_ALERTS:
            yield Mention(RefKind.ALERT, match[0], line)


def _in_fence(here: Here) -> Iterator[Mention]:
    """What a fence refers to: its files and addresses, and what it queries, expects and defines."""
    block, first = (
        here.said.block,
        here.said.first + (here.said.block.text.count("\n") < here.said.last - here.said.first + 1),
    )
    lines = block.text.rstrip("\n").split("\n")
    yield from _own_path(lines, first)
    shell = is_shell(here)
    for number, text in shell_lines(block.text) if shell else enumerate(lines):
        line = first + number
        if len(text) > LONGEST_LINE:
            continue
        comment = text.lstrip().startswith(("#", "//", "--"))
        if shell and not comment:
            yield from paths_in_command(text, line)
            yield from targets_in(text, line)
        elif comment or block.info in ("", "text"):
            yield from paths_in_text(text, line)
        yield from web_in(text, line)
        yield from metrics_in(text, line)
        yield from jobs_in(text, line)
        if alert := alert_in(text, line):
            yield alert
        if comment and "/rules" in block.text and "expected" in text.lower():
            yield from _alerts(text, line)
    if not shell:
        yield from _queried(lines, first)


def _queried(lines: list[str], first: int) -> Iterator[Mention]:
    """The metrics that queries of a fence read, by names that no ending gives away."""
    for number, text in enumerate(lines):
        if is_query(text):
            yield from (Mention(RefKind.METRIC, name, first + number) for name in metric_names(text))


def _own_path(lines: list[str], first: int) -> Iterator[Mention]:
    """The file that a fence is, as a comment in its first lines says."""
    for number, text in enumerate(lines[:3]):
        words = text.lstrip("#/-; ").strip().removeprefix("File:").strip()
        if text.lstrip().startswith(("#", "//", "--", ";")) and "/" in words and " " not in words:
            yield from paths_in_text(words, first + number)
            return
