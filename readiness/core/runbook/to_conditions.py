"""Conditions of the plan: what the document asks for, as gates where a query measures it, else as items."""

from collections.abc import Iterable, Mapping

from readiness.core.runbook.draft import Draft, Entry
from readiness.core.runbook.naming import Namer, slug_of
from readiness.core.runbook.reading import CLOSE, Finding, Use, Wish
from readiness.core.runbook.to_checks import MOST_CHECKS, Reference, check_key, check_of

AUTOMATION = "automation"


def place_wishes(draft: Draft, wishes: Iterable[Wish]) -> None:
    """Put every wish where it stands."""
    for wish in wishes:
        place = draft.place_of(wish.place)
        name = "enter" if place == CLOSE else wish.list
        if not draft.add(place, name, _condition(draft, wish, place, name)):
            _leave(draft, wish)
        elif wish.ticked:
            _claim(draft, wish)


def _leave(draft: Draft, wish: Wish) -> None:
    draft.reading.ledger.used.pop(wish.line, None)
    if not any(finding.code == "too-much" for finding in draft.gates.findings):
        sentence = "The document asks for more than one plan holds. Split it, and import each part as a rollout."
        draft.gates.findings.append(Finding("too-much", (wish.line,), sentence))


def _claim(draft: Draft, wish: Wish) -> None:
    """A tick of the document is a claim that nothing proves: kept as history, never as met."""
    place = draft.reading.book.place(wish.line)
    draft.reading.criteria.append({"title": wish.text, "found": "ticked in the document", "source": place})
    sentence = f"“{wish.text[:80]}” is ticked. A tick is a claim; here it counts when somebody brings what proves it."
    draft.gates.findings.append(Finding("ticked", (wish.line,), sentence))


def _condition(draft: Draft, wish: Wish, place: str, name: str) -> Entry:
    owner = draft.people.owner(wish.owner, _place_owner(draft, wish.place), draft.reading.owner)
    entry = draft.gates.place(wish, owner) or _item(draft, wish, place, name)
    entry["owner"] = owner
    if wish.section and wish.section.lower() != wish.text.lower():
        entry["section"] = wish.section[:80]
    if name == "abort":
        entry |= _stop(draft, wish, is_gate="gate" in entry)
    return entry | {"from": draft.reading.book.place(wish.line)}


def _place_owner(draft: Draft, place: str) -> str:
    """Who is responsible for a phase, or for a gap."""
    lacks = (lack.owner for lack in draft.reading.lacks if f"gap:{lack.number}" == place)
    return next((stage.owner for stage in draft.stages if stage.number == place), "") or next(lacks, "")


def _item(draft: Draft, wish: Wish, place: str, name: str) -> Entry:
    entry: Entry = {"item": draft.item_key(place, name, slug_of(wish.text)), "title": wish.text}
    if name == "abort":
        return entry | {"reported": True}
    return entry | {"evidence": "attestation" if wish.attested else "required"}


def _stop(draft: Draft, wish: Wish, *, is_gate: bool) -> Entry:
    """Who decides whether to stop, and which way back is taken."""
    automated = wish.decides == AUTOMATION and is_gate
    decides = AUTOMATION if automated else draft.people.decider("" if wish.decides == AUTOMATION else wish.decides)
    own, leading = draft.ways.get(f"phase:{wish.place}"), draft.ways.get(f"to:{wish.back}") if wish.back else None
    return {"decided_by": decides, "roll_back": own or leading or draft.ways["any"]}


def place_baselines(draft: Draft) -> None:
    """Let each phase whose values others are compared with record them before it ends."""
    for phase, gates in draft.gates.baselines.items():
        stage = next(each for each in draft.stages if each.number == phase)
        place = draft.place_of(phase)
        entry: Entry = {
            "item": draft.item_key(place, "succeed", "baseline-recorded"),
            "title": f"Baseline of {stage.title} recorded",
            "owner": draft.people.owner(stage.owner, draft.reading.owner),
            "evidence": "required",
            "records": {"baseline": f"phase-{slug_of(phase)}", "gates": list(gates)},
            "from": draft.reading.book.place(stage.line),
            "added": True,
        }
        draft.lists.setdefault((place, "succeed"), []).append(entry)


def place_references(draft: Draft, references: Iterable[Reference], found: Mapping[str, str]) -> None:
    """Make a check of every reference that a source can look for, asked before the phase that first names it."""
    namer = Namer()
    for reference in references:
        check = check_of(reference, found, draft.reading.told) if len(draft.checks) < MOST_CHECKS else None
        if check is None:
            continue
        place = draft.place_of(draft.reading.mention_places.get(reference.line, ""))
        owner = draft.people.owner(_place_owner(draft, place), draft.reading.owner)
        key = check_key(reference, namer)
        origin = draft.reading.book.place(reference.line)
        name = "closed_when" if place.startswith("gap:") else "enter"
        if draft.add(place, name, {"check": key}):
            draft.checks[key] = {**check, "owner": owner, "from": origin}
            draft.nodes += 16
    for reference in references:
        draft.reading.ledger.put(range(reference.line, reference.line + 1), Use.REFERENCE)
