"""Gaps: what a document says is missing, how heavy that is, who closes it and how one sees that it is closed."""

import re
import tomllib
from collections.abc import Iterator, Mapping

from readiness.core.runbook.amounts import find_estimate
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.conditions import add_wish
from readiness.core.runbook.fences import CONFIGS
from readiness.core.runbook.inline import owner_in, plain, read_words
from readiness.core.runbook.mentions import CAMEL, Mention, RefKind, kind_of_path, paths_in_text
from readiness.core.runbook.naming import heading_name
from readiness.core.runbook.outline import Heading
from readiness.core.runbook.reading import Lack, Reading
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, item_text

_SEVERITIES = (
    (
        "blocking",
        r"critical|blocking|blocker|\bp0\b|sev(?:erity)?[ -]?1\b|kritisch|blockierend|critique|bloquant|crític",
    ),
    ("high", r"high|major|\bp1\b|sev(?:erity)?[ -]?2\b|hoch|élevé|alta\b"),
    ("medium", r"medium|moderate|\bp2\b|sev(?:erity)?[ -]?3\b|mittel|moyen|media\b"),
    ("low", r"low\b|minor|trivial|\bp3\b|nice[ -]to|niedrig|gering|faible|baja\b"),
)
_LEAD = re.compile(r"^(?:gap|issue|blocker|risk|lücke|lacune)\s*#?\s*\d{0,3}[a-z]?\s*[:.)–—-]?\s*", re.IGNORECASE)
_WHY = re.compile(
    r"problem|impact|issue|detail|why|beschreibung|auswirkung|quality|gap$|symptom|description", re.IGNORECASE
)
_WORK = re.compile(
    r"deliverable|recommend|task|work|action|todo|to do|next step|fix|maßnahme|mesures|acciones|required", re.IGNORECASE
)
_NOT_FOUND = re.compile(
    r"\s+[-–—:]\s*(not found|missing|no source code|does not exist|absent|fehlt|manquant|not present|todo)\b",
    re.IGNORECASE,
)
_IN_FILE = re.compile(r"(?:missing from|in|from)\s+`?([\w./-]+\.(?:toml|ya?ml|json))`?", re.IGNORECASE)
MOST_KEYS = 60


def take_lack(reading: Reading, here: Here) -> bool:
    """Take what is said of a gap."""
    if here.kind is not Role.GAPS or here.thing is None:
        return False
    said = here.said
    if said.block.kind is Kind.FENCE:
        return _take_fence(reading, here, here.thing)
    if said.block.kind is Kind.ROW:
        return False
    if here.thing.role is Role.GAPS and not _LEAD.match(here.thing.text) and _is_one_of_many(here):
        return _take_listed(reading, here)
    lack = lack_at(reading, here.thing)
    if here.part is Role.SUCCEED or said.block.ticked is not None:
        return add_wish(reading, here, "closed_when", f"gap:{lack.number}")
    taken = _take_field(lack, here) or _take_item(lack, here)
    if taken:
        reading.ledger.put(said.lines)
    return taken


def lack_at(reading: Reading, heading: Heading) -> Lack:
    """The gap that a heading describes; a new one for a heading that is met for the first time."""
    lack = next((lack for lack in reading.lacks if lack.line == heading.first), None)
    if lack is None:
        title = _LEAD.sub("", heading_name(heading.text), count=1) or heading.text
        lack = Lack(str(len(reading.lacks) + 1), title[:200], heading.first, severity_in(heading.text, named=False))
        reading.lacks.append(lack)
    return lack


def _is_one_of_many(here: Here) -> bool:
    """Whether an item stands directly in a list of gaps, and not in what is said of one."""
    return here.said.block.kind is Kind.ITEM and here.said.trail[-1] == here.thing


def _take_listed(reading: Reading, here: Here) -> bool:
    """An item of a list of gaps is a gap."""
    owner, text = owner_in(here.said.text)
    title = item_text(text)
    lack = Lack(
        str(len(reading.lacks) + 1), title[:200], here.said.first, severity_in(text), owner, find_estimate(text)
    )
    reading.lacks.append(lack)
    reading.ledger.put(here.said.lines)
    return True


def severity_in(text: str, *, named: bool = True) -> str:
    """The weight of a gap by the words of a text; empty when it does not say."""
    lower = text.lower()
    return next((name for name, words in _SEVERITIES if re.search(words, lower)), "") if named else ""


def _take_field(lack: Lack, here: Here) -> bool:
    """What a gap says of itself by label."""
    field, value = here.said.field, plain(here.said.value)
    if field == "severity" and not lack.severity:
        lack.severity = severity_in(value)
        lack.blocks = "all" if re.search(r"\ball\b", value.lower()) else lack.blocks
        return bool(lack.severity)
    if field == "effort" and not lack.effort:
        lack.effort = find_estimate(value)
        return bool(lack.effort)
    if field == "owner" and not lack.owner and 0 < len(value) <= 60:
        lack.owner = value
        return True
    if field == "found_by":
        lack.found_by += [name.strip() for name in re.split(r",|;|\band\b", value) if name.strip()]
        return True
    return False


def _take_item(lack: Lack, here: Here) -> bool:
    """What is wrong, and what is to be done."""
    part = here.said.trail[-1].text if here.said.trail and here.said.trail[-1] != here.thing else ""
    text = item_text(here.said.text)
    if not text or here.said.block.level > 2:
        return False
    if _WORK.search(part) and here.said.block.kind is Kind.ITEM:
        owner, title = owner_in(here.said.text)
        lack.tasks.append((item_text(title), owner, here.said.first))
        return True
    if not part or _WHY.search(part):
        lack.why.append(text)
        return True
    return False


def _take_fence(reading: Reading, here: Here, thing: Heading) -> bool:
    """A list of what was not found, or the configuration that is missing: each is a reference that closes the gap."""
    place = f"gap:{lack_at(reading, thing).number}"
    block = here.said.block
    found = list(_keys(here)) if block.info in CONFIGS else list(_not_found(here))
    for mention in found:
        reading.mentions.append(mention)
        reading.mention_places[mention.line] = place
    return bool(found)


def _not_found(here: Here) -> Iterator[Mention]:
    """Each line that names something and says that it is missing, or that it exists."""
    for number, text in enumerate(here.said.block.text.split("\n"), start=here.said.first + 1):
        name = _NOT_FOUND.split(text)[0].strip()
        if not _NOT_FOUND.search(text) and not re.search(
            r"\s[-–—:]\s*(exists|ok|present|found)\b", text, re.IGNORECASE
        ):
            continue
        paths = list(paths_in_text(name.split(" ")[0], number))
        if paths:
            yield from paths
        elif CAMEL.fullmatch(name):
            yield Mention(RefKind.ALERT, name, number)


def _keys(here: Here) -> Iterator[Mention]:
    """The keys of a configuration that a file lacks, where what stands above names the file."""
    told = " ".join(h.text for h in here.said.trail[-2:])
    match = _IN_FILE.search(told)
    if match is None or here.said.block.info != "toml":
        return
    try:
        document = tomllib.loads(here.said.block.text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return
    lines = here.said.block.text.split("\n")
    for key in list(dotted_keys(document))[:MOST_KEYS]:
        last = key.rpartition(".")[2]
        at = next((n for n, line in enumerate(lines) if line.strip().startswith(last)), 0)
        yield Mention(RefKind.CONFIG, key, here.said.first + 1 + at, match[1])


def dotted_keys(document: Mapping[str, object], before: str = "") -> Iterator[str]:
    """The keys of a configuration that hold values, each with those above it."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from dotted_keys(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def named_files(raw: str, line: int) -> Iterator[Mention]:
    """Files that a deliverable names in code spans."""
    for code in read_words(raw).code:
        if "/" in code and " " not in code:
            yield from (Mention(kind_of_path(m.name), m.name, line) for m in paths_in_text(code, line))
