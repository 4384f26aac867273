"""What was decided, scored, considered and learned before: kept with its place, and never counted."""

import re
from collections.abc import Iterable

from readiness.core.runbook.amounts import number_text
from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import slug_of, without_brackets
from readiness.core.runbook.outline import LABEL, Heading
from readiness.core.runbook.reading import Reading
from readiness.core.runbook.vocabulary import Role, field_name
from readiness.core.runbook.walk import Here, item_text

_SCORE = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*(?:/|out of|von|sur)\s*10\b")
_SAID = re.compile(r"verdict:?\s*([A-Za-z][\w ]{1,40})", re.IGNORECASE)
_LATER = re.compile(r"post[- ]|after|once|predict|projected|nach\b", re.IGNORECASE)
_NO = re.compile(r"\bno[ -]?go\b|not ready|nicht bereit|do not (?:start|proceed)|pas prêt", re.IGNORECASE)
_YES = re.compile(r"\bgo\b|ready for production|approved|freigegeben", re.IGNORECASE)
_OPTION = re.compile(r"(?:option|alternative|variante)\s*#?\s*\w{1,3}\s*[:.)–-]\s*(.+)", re.IGNORECASE)
_AGAINST = re.compile(r"risk|con\b|cons\b|drawback|rejected|against|nachteil|inconvén|desventaj", re.IGNORECASE)
LONGEST = 400


def take_review(reading: Reading, here: Here) -> bool:
    """Take a score out of ten, and whose it is."""
    text = plain(here.said.text)
    score = _SCORE.search(text) if here.is_text and here.said.block.ticked is None and len(text) <= 200 else None
    spoken = here.role in (Role.REVIEWS, Role.SUMMARY, Role.NONE, Role.GAPS)
    verdict = _SAID.search(text) if here.is_text and spoken else None
    if (score is None and verdict is None) or (score is not None and float(number_text(score[1])) > 10):
        return False
    label = here.said.label or re.split(r"[:(–-]", text)[0].strip()
    rest = re.sub(r"^[\s:–-]+", "", text.removeprefix(label))
    title = (
        without_brackets(rest).strip(" :.") if re.search(r"review|assess|method|audit", rest, re.IGNORECASE) else label
    )
    if not label or not title:
        return False
    review: dict[str, object] = {"key": slug_of(title), "title": title[:120], "by": label if title != label else ""}
    later = _LATER.search(" ".join([*(h.text for h in here.said.trail[-2:]), text]))
    if score is not None:
        review["after_gaps" if later else "score"] = f"{number_text(score[1])}/10"
    review |= {"verdict": verdict[1].strip().lower()} if verdict is not None else {}
    reading.reviews.append(review | {"from": reading.book.place(here.said.first)})
    reading.ledger.put(here.said.lines)
    return True


def take_decision(reading: Reading, here: Here) -> bool:
    """Take a verdict that the document states of itself. It has a day, or it is only text."""
    said = here.said
    if not here.is_text or said.field != "verdict" or not reading.date or here.phase:
        return False
    return _decide(reading, plain(said.value), said.first)


def _decide(reading: Reading, value: str, line: int) -> bool:
    verdict = "NO_GO" if _NO.search(value) else "GO" if _YES.search(value) else ""
    if not verdict:
        return False
    decision: dict[str, object] = {"at": reading.date, "by": reading.owner or "the document", "verdict": verdict}
    reading.decisions.append(decision | {"title": value[:LONGEST], "source": reading.book.place(line)})
    reading.ledger.put(range(line, line + 1))
    return True


def take_lesson(reading: Reading, here: Here) -> bool:
    """Take a lesson."""
    if here.role is not Role.LESSONS or here.said.block.kind is not Kind.ITEM or here.said.block.ticked is not None:
        return False
    reading.lessons.append(item_text(here.said.text)[:LONGEST])
    reading.ledger.put(here.said.lines)
    return True


def take_alternative(reading: Reading, here: Here) -> bool:
    """Take what was considered: what it is, and what speaks against it."""
    option = next((h for h in here.said.trail if _OPTION.match(h.text) and not h.is_item), None)
    if option is None or not here.is_text or here.said.block.ticked is not None:
        return False
    place = reading.book.place(option.first)
    known = next((each for each in reading.alternatives if each["source"] == place), None)
    if known is None:
        match = _OPTION.match(option.text)
        known = dict[str, object](title=match[1][:200] if match else option.text, source=place)
        reading.alternatives.append(known)
    part = here.said.trail[-1].text if here.said.trail[-1] != option else ""
    name = "rejected" if _AGAINST.search(part) else "gist" if not part else ""
    if not name:
        return False
    known[name] = f"{known.get(name, '')} {item_text(here.said.text)}".strip()[:LONGEST]
    reading.ledger.put(here.said.lines)
    return True


def take_headings(reading: Reading, headings: Iterable[Heading]) -> None:
    """Take a verdict that a heading states, such as `Go/No-Go: NO-GO`."""
    for heading in headings:
        label, colon, value = heading.text.partition(":")
        if colon and field_name(label) == "verdict" and reading.date and heading.level < LABEL:
            _decide(reading, value.strip(), heading.first)
