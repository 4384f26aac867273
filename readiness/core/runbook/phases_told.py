"""Phases that no heading announces: the rows of a table, or the items of a list that is one of phases."""

import re

from readiness.core.runbook.amounts import find_range, find_shares
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.columns import column_name
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import without_brackets
from readiness.core.runbook.numbering import numbered_phase
from readiness.core.runbook.outline import Outline, Said
from readiness.core.runbook.phases import Marks
from readiness.core.runbook.reading import Stage
from readiness.core.runbook.vocabulary import Role

_NAME = re.compile(r"^(?:\*\*|__)?(?P<name>[^*:–—]{2,80}?)(?:\*\*|__)?\s*(?:[:–—]|\s-\s|\(|$)")
_TELLING = {"traffic", "duration", "entry", "target", "abort", "goal", "owner"}
MOST = 40


def told_phases(outline: Outline) -> Marks:
    """The phases of a table, else those of a list; none where neither tells any."""
    rows = [said for said in outline.said if said.block.kind is Kind.ROW and _tells_phases(said)]
    if len(rows) >= 2:
        return Marks(tuple(_row_stage(said, n) for n, said in enumerate(rows[:MOST], start=1)), {})
    return _listed(outline)


def _tells_phases(said: Said) -> bool:
    """Whether a row is of a table that has a column of phases and says more about them."""
    names = [column_name(head) for head in said.block.header]
    if "phase" not in names or not set(names) & _TELLING:
        return False
    about = said.trail[-1].role if said.trail else Role.NONE
    fits = about in (Role.PHASES, Role.NONE, Role.SUMMARY)
    return fits and bool(re.search(r"\w", plain(_cell(said, "phase"))))


def _cell(said: Said, column: str) -> str:
    names = [column_name(head) for head in said.block.header]
    pairs = zip(names, said.block.cells, strict=False)
    return next((cell for name, cell in pairs if name == column), "")


def _row_stage(said: Said, n: int) -> Stage:
    """A phase by its row. A number alone is named by what the row says it is for."""
    text = plain(_cell(said, "phase"))
    mark = numbered_phase(text) or numbered_phase(f"phase {text}")
    number, name = (mark[1], mark[2]) if mark is not None else (str(n), text)
    others = [
        plain(cell) for head, cell in zip(said.block.header, said.block.cells, strict=False) if not column_name(head)
    ]
    name = name or next((other for other in others if re.search(r"[^\W\d]", other)), "") or plain(_cell(said, "goal"))
    return Stage(number, without_brackets(name)[:120] or f"Phase {number}", said.first, traffic=_share(text))


def _share(text: str) -> str:
    shares = list(dict.fromkeys(find_shares(text)))
    return shares[0] if len(shares) == 1 else ""


def _listed(outline: Outline) -> Marks:
    """The items of a list under a heading of phases, or that are numbered phases themselves."""
    items = [
        said for said in outline.said if said.block.kind is Kind.ITEM and said.block.level == 1 and _is_phase(said)
    ]
    if len(items) < 2:
        return Marks((), {})
    stages, by_heading = list[Stage](), dict[int, str]()
    inner = {heading.first: heading.at for heading in outline.headings if heading.is_item}
    for n, said in enumerate(items[:MOST], start=1):
        text = plain(said.text)
        mark = numbered_phase(text)
        number, name = (mark[1], mark[2]) if mark is not None else (str(n), text)
        match = _NAME.match(name)
        title = without_brackets(match["name"] if match else name).strip(" .")[:120]
        stages.append(Stage(number, title or f"Phase {number}", said.first, find_range(text), traffic=_share(text)))
        if said.first in inner:
            by_heading[inner[said.first]] = number
    return Marks(tuple(stages), by_heading, frozenset(by_heading))


def _is_phase(said: Said) -> bool:
    if said.block.ticked is not None:
        return False
    if numbered_phase(plain(said.text)) is not None:
        return True
    inner = said.trail[-1].role if said.trail else Role.NONE
    return inner is Role.PHASES and bool(said.block.number or find_range(said.text) or find_shares(plain(said.text)))
