"""Criteria, checklists and triggers: which statements ask for something, where, of whom and measured by what."""

import re
from collections.abc import Iterable

from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.inline import owner_in, plain, read_words
from readiness.core.runbook.limits import find_limits
from readiness.core.runbook.mentions import dashboards_in, web_in
from readiness.core.runbook.numbering import numbered_phase
from readiness.core.runbook.outline import Heading
from readiness.core.runbook.queries import is_query, make_query
from readiness.core.runbook.reading import CLOSE, EVERY, Reading, Wish
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here, item_text

LONGEST_TITLE = 400
ASKING = {
    Role.ENTER: "enter",
    Role.EVERY: "enter",
    Role.SUCCEED: "succeed",
    Role.CLOSE: "succeed",
    Role.LIMITS: "succeed",
    Role.ABORT: "abort",
}
DETAILS = frozenset({"query", "target", "alert", "owner", "verify", "expect", "time", "uid"})
_PLACES = {Role.ABORT: EVERY, Role.LIMITS: EVERY, Role.SUCCEED: CLOSE, Role.CLOSE: CLOSE, Role.EVERY: EVERY}
_PEOPLE = (
    ("automation", re.compile(r"\bautomat", re.IGNORECASE)),
    ("Engineering manager", re.compile(r"engineering manager", re.IGNORECASE)),
    ("Incident commander", re.compile(r"incident commander", re.IGNORECASE)),
    ("On-call", re.compile(r"on-?call", re.IGNORECASE)),
    ("Release manager", re.compile(r"release manager", re.IGNORECASE)),
)
_BACK_TO = re.compile(
    r"\b(?:to|auf|à|a)\s+((?:phase|stage|wave|ring|étape|etapa|fase)\s*#?\s*\w{1,4})\b", re.IGNORECASE
)
_STOPS = re.compile(r"(?:abort|roll(?:ing)? ?back|stop|halt|abbruch)\b.{0,40}\b(?:if|when|wenn)\b", re.IGNORECASE)
_ATTESTED = re.compile(
    r"\b(?:read|familiar\w*|trained|knows?|agreed?|acknowledged?|understands?|gelesen|lu|leído)\b", re.IGNORECASE
)


def note_details(reading: Reading, heres: Iterable[Here]) -> None:
    """Keep what the items inside of another say of it."""
    for here in heres:
        if here.parent is not None:
            notes = reading.notes.setdefault(here.parent.first, {})
            if here.said.field == "uid":
                _note_board(reading, here, here.parent)
            if here.said.field in DETAILS:
                _note_query(reading, here, here.parent)
                notes.setdefault(here.said.field, (here.said.value, here.said.first))


def _note_board(reading: Reading, here: Here, parent: Heading) -> None:
    """Keep what a dashboard is called beside its uid."""
    for mention in (*dashboards_in(here.said.text, here.said.first), *web_in(here.said.text, here.said.first)):
        if mention.inside == "uid":
            reading.told[mention.kind.value, mention.name] = parent.text
            reading.boards[parent.text] = mention.name
            reading.ledger.put(range(parent.first, parent.last + 1))


def _note_query(reading: Reading, here: Here, parent: Heading) -> None:
    """Keep a query under the name of the item that it stands in."""
    promql = query_in(here.said.text)
    query = make_query(promql, parent.text, here.said.first) if promql else None
    if query is not None:
        reading.queries.append(query)


def take_condition(reading: Reading, here: Here) -> bool:
    """Take a statement that asks for something. What only groups others, or explains one, asks for nothing itself."""
    name = _list_of(here)
    if not name or (here.thing is not None and here.role not in (Role.ABORT, Role.ENTER, Role.SUCCEED)):
        return False
    if _is_detail(here) or _is_group(reading, here):
        return False
    return add_wish(reading, here, name)


def add_wish(reading: Reading, here: Here, name: str, place: str | None = None) -> bool:
    """Ask for what a statement says, in the list `name` of its phase or of `place`."""
    said = here.said
    owner, text = owner_in(said.text)
    title = item_text(text)
    if not re.search(r"\w", title):
        return False
    if said.field == "target" and here.parent is not None:
        title = f"{here.parent.text}: {plain(said.value)}"
        reading.ledger.put(range(here.parent.first, here.parent.last + 1))
    notes = reading.notes.get(here.parent.first if said.field == "target" and here.parent else said.first, {})
    wish = Wish(
        text=title[:LONGEST_TITLE],
        line=said.first,
        place=place_of(here) if place is None else place,
        list=name,
        section=here.section,
        owner=owner or plain(notes.get("owner", ("", 0))[0]),
        ticked=said.block.ticked is True,
        decides=_decider(here) if name == "abort" else "",
        back=_back_to(here) if name == "abort" else "",
        query=query_in(text) or query_in(notes.get("query", ("", 0))[0]),
        attested=bool(_ATTESTED.search(title)) and not find_limits(title),
    )
    reading.wishes.append(wish)
    reading.ledger.put(said.lines)
    reading.ledger.leave(said.first, title[LONGEST_TITLE:])
    used = [
        notes[field][1]
        for field, of_wish in (("owner", wish.owner), ("query", wish.query))
        if of_wish and field in notes
    ]
    for line in used:
        reading.ledger.put(range(line, line + 1))
    return True


def query_in(raw: str) -> str:
    """The query that a text gives in a code span; empty when it gives none."""
    return next((code for code in read_words(raw).code if is_query(code)), "")


def _list_of(here: Here) -> str:
    """The list in which a statement asks; empty for one that asks for nothing."""
    said, name = here.said, ASKING.get(here.role, "")
    if said.block.kind is not Kind.ITEM:
        sure = (
            here.role in (Role.ENTER, Role.SUCCEED, Role.ABORT) and here.is_text and said.block.kind is Kind.PARAGRAPH
        )
        return name if sure and len(said.text) < 200 and find_limits(plain(said.text)) else ""
    if said.block.ticked is not None:
        name = name or ("succeed" if here.phase else "enter")
    elif not name and here.phase and _STOPS.match(plain(said.text)):
        name = "abort"
    elif here.role is Role.LIMITS and not (said.field in ("", "target") and find_limits(plain(said.text))):
        return ""
    return "enter" if here.role is Role.CLOSE and not here.phase else name


def place_of(here: Here) -> str:
    """Where a statement asks: in its phase, in every phase, at the end, or before the first phase."""
    every = here.role is Role.EVERY or any(h.role is Role.EVERY for h in here.said.trail)
    return here.phase or (EVERY if every else _PLACES.get(here.role, ""))


def _is_group(reading: Reading, here: Here) -> bool:
    """Whether an item only announces the items inside of it."""
    if here.said.first not in reading.notes or here.said.block.ticked is not None:
        return False
    name = plain(here.said.text)
    return name.endswith(":") or numbered_phase(name) is not None or (not find_limits(name) and len(name) <= 60)


def _is_detail(here: Here) -> bool:
    """Whether an item says more of the condition that it stands in."""
    parent, said = here.parent, here.said
    if parent is None or said.block.ticked is not None:
        return False
    return parent.is_task or (said.field in DETAILS and not (here.role is Role.LIMITS and said.field == "target"))


def _decider(here: Here) -> str:
    """Who decides whether to stop, as the headings say it; the innermost that says so."""
    told = (h.text for h in reversed(here.said.trail))
    return next((name for text in told for name, pattern in _PEOPLE if pattern.search(text)), "")


def _back_to(here: Here) -> str:
    """The phase to which the heading of a list of triggers leads back."""
    for heading in reversed(here.said.trail):
        if heading.role is Role.ABORT and (match := _BACK_TO.search(heading.text)):
            mark = numbered_phase(match[1])
            return mark[1] if mark is not None else ""
    return ""


def take_everything(reading: Reading, heres: Iterable[Here]) -> None:
    """Where nothing asks for anything, a plain list is a checklist as it stands."""
    for here in heres:
        free = not set(here.said.lines) & reading.ledger.used.keys()
        if here.said.block.kind is Kind.ITEM and free and not here.said.field:
            add_wish(reading, here, "enter", here.phase)
