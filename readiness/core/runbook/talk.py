"""What people are told, who is asked next when nobody answers, and what is practised before it is needed."""

import re

from readiness.core.runbook.amounts import find_span, find_spans
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import heading_name
from readiness.core.runbook.outline import Heading
from readiness.core.runbook.reading import Practice, Reading
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, item_text

_CHANNEL = re.compile(r"(?:slack|channel|teams|kanal|canal)\b[^#\n]{0,40}(#[a-z0-9][\w-]{1,60})", re.IGNORECASE)
_PUBLIC = re.compile(r"extern|public|user|customer|status page|kunden|client|público", re.IGNORECASE)
_MESSAGE = re.compile(r"\"text\"\s*:\s*\"((?:[^\"\\]|\\.){3,1000})\"")
_NAMES = (
    ("phase", "phase"),
    ("reason", "reason"),
    ("action", "action"),
    ("eta", "eta"),
    ("recovery", "eta"),
    ("start", "since"),
    ("since", "since"),
)
_VARIABLE = re.compile(r"'?\$\{([A-Za-z_]{1,40})\}'?|<([A-Za-z_ ]{1,40})>|\{\{?\s*([A-Za-z_.$ ]{1,40})\s*\}?\}")
_STEP = re.compile(
    r"\s*(?:level|stufe|niveau|tier|l|step)\s*\d+\s*(?:\(([^()]{1,60})\))?\s*[:–-]\s*(.+)", re.IGNORECASE
)
_AFTER = re.compile(r"\s*(?:after|nach|après|tras|t\+)\s*([^:,–]{1,30}?)\s*[:,–-]\s*(.+)", re.IGNORECASE)
_VERB = re.compile(
    r"\s+(?:investigat|join|is paged|paged|takes|decide|page\b|consider|is called|notified|is asked).*$|[,;(].*$",
    re.IGNORECASE,
)
LONGEST = 1_000


def take_talk(reading: Reading, here: Here) -> bool:
    """Take the texts of a communication plan, and the channel in which the team talks."""
    found = _CHANNEL.search(plain(here.said.text)) if here.is_text else None
    if found is not None and "channel" not in reading.communication:
        reading.communication["channel"] = found[1]
        if here.role in (Role.TALK, Role.NONE, Role.ESCALATION) and here.said.block.ticked is None:
            reading.ledger.put(here.said.lines)
            return True
    if here.role is not Role.TALK or here.said.block.kind is not Kind.FENCE:
        return False
    told = " ".join(h.text for h in here.said.trail)
    inner = here.said.trail[-1].text if here.said.trail else ""
    name = "rollback_public" if _PUBLIC.search(inner) else "rollback_internal"
    text = _message(here.said.block.text)
    if (
        not text
        or name in reading.communication
        or not re.search(r"roll ?back|revert|incident|status|zurück|retour", told + text, re.IGNORECASE)
    ):
        return False
    reading.communication[name] = text
    reading.ledger.put(here.said.lines)
    return True


def _message(raw: str) -> str:
    """The text that people would read, with the places that are filled in as the plan names them."""
    sent = _MESSAGE.findall(raw)
    text = " ".join(sent[-1].replace("\\n", " ").replace('\\"', '"').split()) if sent else raw.strip()
    text = _VARIABLE.sub(_filled, text)
    return re.sub(r"\{(?!(?:phase|reason|action|eta|since)\})[^{}]*\}?|(?<!\w)\}", " ", text)[:LONGEST].strip(" #\n")


def _filled(match: re.Match[str]) -> str:
    name = next(part for part in match.groups() if part).lower()
    return next((f"{{{ours}}}" for word, ours in _NAMES if word in name), f"({name.strip()})")


def take_escalation(reading: Reading, here: Here) -> bool:
    """Take who is asked, and after how long: lines of a fence, or items."""
    if here.role is not Role.ESCALATION or here.said.block.kind is Kind.ROW:
        return False
    taken = False
    for number, line in enumerate(here.said.block.text.split("\n")):
        step = _step(plain(line))
        if step is not None:
            reading.escalation.append(step)
            offset = 1 if here.said.block.kind is Kind.FENCE else 0
            reading.ledger.put(range(here.said.first + number + offset, here.said.first + number + offset + 1))
            taken = True
    return taken


def _step(text: str) -> tuple[str, str] | None:
    """After how long, and who."""
    match = _STEP.fullmatch(text) or _AFTER.fullmatch(text)
    if match is None:
        return None
    when, who = match[1] or match[2], match[2]
    after = escalates_after(when)
    named = _VERB.sub("", re.sub(r"^\s*(?:page|call|ask|notify)\s+(?:the\s+)?", "", who, flags=re.IGNORECASE)).strip(
        " ."
    )
    return (after, named[:80]) if named and after else None


def escalates_after(text: str) -> str:
    """When a step of an escalation begins: `First 15 min` at once, `15-30 min` after 15 minutes."""
    spans = find_spans(text)
    if not spans or re.match(r"\s*(?:first|erste|immediate|0)\b", text, re.IGNORECASE):
        return "0m" if spans or re.search(r"immediate|at once|sofort|first|start", text, re.IGNORECASE) else ""
    low, high = spans[0]
    return low if low != high else high


def take_drill(reading: Reading, here: Here) -> bool:
    """Take what is said of a drill: how it is done, what must happen, and how it is undone."""
    if here.kind is not Role.DRILLS or here.thing is None or here.said.block.kind is Kind.ROW:
        return False
    said = here.said
    if said.block.ticked is not None or here.role in (Role.SUCCEED, Role.ENTER, Role.ABORT):
        return False
    listed = said.block.kind is Kind.ITEM and said.trail[-1] == here.thing and here.thing.role is Role.DRILLS
    drill = drill_at(reading, here.thing, here.phase) if not listed else _listed(reading, here)
    if not listed and not _take_part(drill, here):
        return False
    reading.ledger.put(said.lines)
    return True


def drill_at(reading: Reading, heading: Heading, phase: str) -> Practice:
    """The drill that a heading describes; a new one for a heading that is met for the first time."""
    drill = next((drill for drill in reading.drills if drill.line == heading.first), None)
    if drill is None:
        drill = Practice(
            re.sub(r"(?i)^drill\s*#?\w{1,3}\s*[:.)–-]\s*", "", heading_name(heading.text))[:200], heading.first, phase
        )
        reading.drills.append(drill)
    return drill


def _listed(reading: Reading, here: Here) -> Practice:
    text = item_text(here.said.text)
    name, _, expect = text.partition(":")
    drill = Practice(name[:200], here.said.first, here.phase, find_span(text), expect.strip())
    reading.drills.append(drill)
    return drill


def _take_part(drill: Practice, here: Here) -> bool:
    """A fence of commands, what must happen, or within what time."""
    said = here.said
    text = plain(said.value or said.text)
    if said.block.kind is Kind.FENCE:
        drill.commands.append(said.block.text.rstrip("\n"))
        told = re.search(r"#\s*Expected:?\s*(\S.*)", said.block.text)
        drill.expect = drill.expect or (told[1].strip() if told else "")
        return True
    if said.field in ("expect", "target") or re.match(r"(?i)expected", said.text.lstrip("*")):
        drill.expect = drill.expect or text
        drill.target = drill.target or find_span(text)
        return True
    if not drill.target and find_span(text) and re.search(r"(?i)within|under|in less|recover|innerhalb", text):
        drill.target = find_span(text)
        return True
    return False
