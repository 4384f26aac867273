"""Tables: what a row says, by what the columns of its table are."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from readiness.core.runbook.amounts import find_estimate, find_range, find_shares, find_span
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.columns import column_name
from readiness.core.runbook.conditions import ASKING, place_of
from readiness.core.runbook.fences import stage_numbered
from readiness.core.runbook.inline import plain, read_words
from readiness.core.runbook.lacks import severity_in
from readiness.core.runbook.mentions import CAMEL, RefKind
from readiness.core.runbook.numbering import numbered_phase
from readiness.core.runbook.queries import is_query, make_query, subject_words
from readiness.core.runbook.reading import Lack, Reading, Stage, Way, Wish
from readiness.core.runbook.talk import escalates_after
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, item_text

Row: TypeAlias = Mapping[str, str]
Used: TypeAlias = set[str | int]
_TICK = re.compile(r"^\s*(?:\[x\]|✅|✓|✔|☑|yes|done|ok|complete[d]?|ja|oui|sí|erledigt|x)\s*$", re.IGNORECASE)
_SPLIT = re.compile(r"<br\s*/?>|;\s+|•\s*")
_OFF = {
    "off": "off",
    "false": "off",
    "no": "off",
    "disabled": "off",
    "aus": "off",
    "0%": "off",
    "–": "",
    "-": "",
    "": "",
}


def take_row(reading: Reading, here: Here) -> bool:
    """Take a row of a table; columns that no one asks for are left over."""
    if here.said.block.kind is not Kind.ROW:
        return False
    names = [column_name(head) for head in here.said.block.header]
    row = {name: cell for name, cell in zip(names, here.said.block.cells, strict=False) if name}
    for needed, take in _TABLES:
        if all(row.get(name, "").strip() for name in needed.split()):
            used = take(reading, here, row)
            if used:
                _placed(reading, here, names, used)
                return True
    return False


def _placed(reading: Reading, here: Here, names: list[str], used: Used) -> None:
    block = here.said.block
    reading.ledger.put(here.said.lines)
    for n, (head, name, cell) in enumerate(zip(block.header, names, block.cells, strict=False)):
        if n not in used and name not in used and re.search(r"\w", plain(cell)):
            reading.ledger.leave(here.said.first, f"{plain(head)}: {plain(cell)}")


# ------------------------------------------------------------------------------------------------- kinds of table


def _flags(reading: Reading, here: Here, row: Row) -> Used:
    """A flag, with its share in each phase whose name is a column."""
    name = plain(row["flag"]).strip("` ")
    if not re.fullmatch(r"[A-Za-z][\w.-]{0,63}", name):
        return set()
    reading.flags.setdefault(name, "off")
    used: Used = {"flag", "goal"}
    for n, (head, cell) in enumerate(zip(here.said.block.header, here.said.block.cells, strict=False)):
        share = share_of(plain(cell))
        for stage in _stages_called(reading, plain(head)) if share else ():
            stage.flags[name] = share
            used.add(n)
    reading.told["flag", name] = plain(row.get("goal", ""))[:200]
    return used


def share_of(cell: str) -> str:
    """The share that a cell gives a flag: `on`, `off`, `5%`; empty for a cell that gives none."""
    word = cell.strip(" *`").lower()
    if word in _OFF:
        return _OFF[word]
    shares = find_shares(word)
    if len(shares) == 1:
        return "on" if shares[0] == "100%" else shares[0]
    return "on" if re.match(r"(?:on|true|yes|enabled|an|ein)\b", word) else ""


def _stages_called(reading: Reading, head: str) -> list[Stage]:
    """The phases that a column's head means: by number, or by most of its words."""
    mark = numbered_phase(head)
    if mark is not None:
        return [stage for stage in reading.stages if stage.number == mark[1]]
    words = subject_words(head)
    return [stage for stage in reading.stages if words and words <= subject_words(stage.title)]


def _alert(reading: Reading, here: Here, row: Row) -> Used:
    """An alert rule, and what it is said to watch for."""
    match = CAMEL.search(row["alert"]) or re.search(r"`([A-Za-z_]\w{3,80})`", row["alert"])
    if match is None:
        return set()
    name = match[0].strip("`")
    told = [plain(row[part]) for part in ("condition", "target", "severity") if row.get(part)]
    reading.told[RefKind.ALERT.value, name] = ", ".join(told)
    return {"alert", "condition", "target", "severity"}


def _limit(reading: Reading, here: Here, row: Row) -> Used:
    """A metric with its limit, and with the limit at which to stop."""
    metric, query = plain(row["metric"]), _query(row.get("query", ""))
    name = "enter" if here.role in (Role.ENTER, Role.EVERY) else "succeed"
    made: Used = set()
    for part, listed in (("target", name), ("abort", "abort")):
        text = plain(row.get(part, ""))
        if not re.search(r"\w", text):
            continue
        wish = Wish(f"{metric} {text}"[:400], here.said.first, place_of(here), listed, here.section)
        control = _query(row.get("control", ""))
        reading.wishes.append(_with(wish, query, control, plain(row.get("owner", ""))))
        made.add(part)
    if query and (known := make_query(query, metric, here.said.first)):
        reading.queries.append(known)
    return {"metric", "query", "control", "owner", *made} if made else set()


def _with(wish: Wish, query: str, against: str, owner: str) -> Wish:
    return Wish(wish.text, wish.line, wish.place, wish.list, wish.section, owner, query=query, against=against)


def _query(cell: str) -> str:
    return next((code for code in (*read_words(cell).code, cell.strip()) if is_query(code)), "")


def _task(reading: Reading, here: Here, row: Row) -> Used:
    """A line of a checklist that is a table."""
    asks = here.role in ASKING or "done" in row
    text = item_text(row["metric"])
    if not asks or not re.search(r"\w", text):
        return set()
    name = ASKING.get(here.role, "succeed" if here.phase else "enter")
    ticked = bool(_TICK.match(plain(row.get("done", ""))))
    owner = plain(row.get("owner", ""))
    reading.wishes.append(Wish(text[:400], here.said.first, place_of(here), name, here.section, owner, ticked))
    return {"metric", "owner", "done"}


def _phase(reading: Reading, here: Here, row: Row) -> Used:
    """A phase, or more about one: how long, which share, and what it needs."""
    stage = _stage_of_row(reading, here, row)
    if stage is None:
        return set()
    stage.duration = stage.duration or find_range(plain(row.get("duration", "")))
    shares = find_shares(plain(row.get("traffic", "")))
    stage.traffic = stage.traffic or (shares[0] if len(shares) == 1 else "")
    stage.objective = stage.objective or plain(row.get("goal", ""))[:400]
    stage.owner = stage.owner or plain(row.get("owner", ""))[:60]
    used: Used = {"phase", "traffic", "duration", "owner"}
    if stage.objective == plain(row.get("goal", "")):
        used.add("goal")
    for column, name in (("entry", "enter"), ("target", "succeed"), ("abort", "abort")):
        for part in _SPLIT.split(row.get(column, "")):
            if re.search(r"\w", part):
                query = _query(part)
                reading.wishes.append(Wish(item_text(part)[:400], here.said.first, stage.number, name, query=query))
                used.add(column)
    return used


def _stage_of_row(reading: Reading, here: Here, row: Row) -> Stage | None:
    """The phase of a row; one of its own where the document has no such phase."""
    name = plain(row["phase"])
    mark = numbered_phase(name) or numbered_phase(f"phase {name}")
    if mark is not None:
        return stage_numbered(reading, mark[1])
    called = _stages_called(reading, name)
    return called[0] if len(called) == 1 else None


def _gap(reading: Reading, here: Here, row: Row) -> Used:
    """A gap, or more about one that the document describes elsewhere."""
    title = plain(row["gap"])
    words = subject_words(title)
    rated = sorted(reading.lacks, key=lambda lack: -len(words & subject_words(lack.title)))
    near = rated[0] if rated and 2 * len(words & subject_words(rated[0].title)) > len(words) else None
    lack = near or Lack(str(len(reading.lacks) + 1), title[:200], here.said.first)
    if near is None:
        reading.lacks.append(lack)
    lack.severity = lack.severity or severity_in(plain(row.get("severity", "")))
    lack.effort = lack.effort or find_estimate(plain(row.get("effort", "")))
    lack.owner = lack.owner or plain(row.get("owner", ""))[:60]
    lack.blocks = lack.blocks or plain(row.get("blocks", ""))
    return {"gap", "severity", "effort", "owner", "blocks"}


def _way(reading: Reading, here: Here, row: Row) -> Used:
    """A way back, with the time it takes."""
    within = find_span(plain(row["duration"]))
    if here.role not in (Role.WAYS, Role.NONE) or not within:
        return set()
    steps = [plain(row[part]) for part in ("goal", "metric") if row.get(part)]
    way = Way(plain(row["level"])[:120], here.said.first, here.phase, within)
    way.commands += [(step, here.said.first) for step in steps if step]
    reading.ways.append(way)
    return {"level", "duration", "goal", "metric"}


def _escalation(reading: Reading, here: Here, row: Row) -> Used:
    """Who is asked, after how long."""
    after = escalates_after(plain(row.get("when") or row.get("duration", "")))
    who = plain(row.get("owner") or row.get("role", ""))
    if here.role is not Role.ESCALATION or not after or not who:
        return set()
    reading.escalation.append((after, who[:80]))
    return {"when", "duration", "owner", "role", "level"}


def _person(reading: Reading, here: Here, row: Row) -> Used:
    """A role of the rollout, and whether it signs."""
    if here.role is not Role.PEOPLE:
        return set()
    title = plain(row.get("role") or row.get("owner", ""))[:60]
    reading.roles[title] = title
    if any(re.search(r"sign|approv|freigabe", h.text, re.IGNORECASE) for h in here.said.trail):
        reading.signers.append(title)
    return {"role"}


_TABLES: tuple[tuple[str, Callable[[Reading, Here, Row], Used]], ...] = (
    ("flag", _flags),
    ("role", _person),
    ("when", _escalation),
    ("level duration", _escalation),
    ("alert", _alert),
    ("gap effort", _gap),
    ("gap severity", _gap),
    ("phase", _phase),
    ("level duration", _way),
    ("metric target", _limit),
    ("metric abort", _limit),
    ("metric", _task),
)
