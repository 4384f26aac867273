"""Gaps, drills, reviews, flags and what is told, as a plan writes them."""

import re

from readiness.core.quantities import UnreadableQuantity, parse_estimate
from readiness.core.runbook.draft import Draft, Entry
from readiness.core.runbook.naming import Namer, slug_of, title_slug
from readiness.core.runbook.reading import Finding, Lack, Practice, Way

TARGET = "15m"


def gaps_of(draft: Draft) -> list[Entry]:
    """Every gap, with what closes it."""
    namer = Namer()
    return [_gap(draft, lack, namer.name(slug_of(lack.title))) for lack in draft.reading.lacks]


def _gap(draft: Draft, lack: Lack, key: str) -> Entry:
    severity = lack.severity or "high"
    owner = draft.people.owner(lack.owner, draft.reading.owner)
    said: Entry = {"key": key, "title": lack.title, "severity": severity, "owner": owner}
    if lack.effort and _readable(lack.effort):
        said["estimate"] = lack.effort
    said |= {"found_by": list(dict.fromkeys(lack.found_by)), "blocks": [] if severity == "low" else "all"}
    said |= {"why": " ".join(f"{part.rstrip('.')}." for part in lack.why)[:1_000]}
    said["tasks"] = [_task(draft, n, task) for n, task in enumerate(lack.tasks, start=1)]
    said["closed_when"] = draft.lists.get((f"gap:{lack.number}", "closed_when"), [])
    said = {name: value for name, value in said.items() if value or name == "blocks"}
    return said | {"from": draft.reading.book.place(lack.line)}


def _readable(estimate: str) -> bool:
    try:
        return parse_estimate(estimate)[1] > 0
    except UnreadableQuantity:
        return False


def _task(draft: Draft, number: int, task: tuple[str, str, int]) -> Entry:
    title, owner, line = task
    said: Entry = {"key": str(number), "title": title[:300]}
    return said | ({"owner": draft.people.key(owner)} if owner else {}) | {"from": draft.reading.book.place(line)}


def place_drills(draft: Draft) -> dict[str, Entry]:
    """Every drill, asked for by the phase that describes it, or else before the first."""
    namer, drills = Namer(), dict[str, Entry]()
    for drill in draft.reading.drills:
        key = namer.name(title_slug(drill.title))
        drills[key] = _drill(draft, drill)
        place = draft.place_of(drill.phase)
        draft.add(place, "succeed" if drill.phase else "enter", {"drill": key, "from": drills[key]["from"]})
    return drills


def _drill(draft: Draft, drill: Practice) -> Entry:
    said: Entry = {"title": drill.title or "Drill", "owner": draft.people.owner(drill.owner, draft.reading.owner)}
    said |= {"target": drill.target or TARGET, "commands": list(drill.commands), "expect": drill.expect[:400]}
    said = {name: value for name, value in said.items() if value}
    said["from"] = draft.reading.book.place(drill.line)
    return said if drill.target else said | {"added": True}


def reviews_of(draft: Draft) -> list[Entry]:
    """Every review, with a key of its own and the role that gave it."""
    namer, found = Namer(), list[Entry]()
    for review in draft.reading.reviews:
        said = {**review, "key": namer.name(str(review["key"])), "by": draft.people.owner(str(review["by"]))}
        found.append(said)
    return found


def communication_of(draft: Draft) -> Entry:
    """What people are told, and who is asked next."""
    said: Entry = dict(draft.reading.communication)
    if draft.reading.escalation:
        said["escalation"] = [{"after": after, "to": who} for after, who in draft.reading.escalation]
    return said


def flags_of(draft: Draft) -> dict[str, Entry]:
    """Every flag, off outside of the phases; a phase between two takes the share of its traffic."""
    for name in draft.reading.flags:
        _fill_shares(draft, name)
    flags = dict[str, Entry]()
    for name, default in draft.reading.flags.items():
        title = draft.reading.told.get(("flag", name), "")
        flags[name] = {"title": title, "default": default} if title else {"default": default}
    return flags


def _fill_shares(draft: Draft, name: str) -> None:
    """Give a flag a share in each phase between two that have one: that of the traffic, or what both have."""
    stages = draft.stages
    said = [n for n, stage in enumerate(stages) if name in stage.flags]
    follows = any(stage.traffic and stage.flags.get(name) == stage.traffic for stage in stages)
    for n in range(said[0] + 1, said[-1]) if said else ():
        stage, before = stages[n], stages[n - 1].flags.get(name, "")
        after = next(stages[m].flags[name] for m in said if m > n)
        share = stage.traffic if follows and stage.traffic else before if before == after else ""
        if name not in stage.flags and share:
            stage.flags[name] = {"100%": "on", "0%": "off"}.get(share, share)
            sentence = f"The document gives {name} no share in “{stage.title}”; we took {share}. Look at it."
            draft.gates.findings.append(Finding("assumed-share", (stage.line,), sentence))


def sets_of(draft: Draft, way: Way) -> dict[str, str]:
    """The flags that the commands of a way back turn off."""
    text = "\n".join(run for run, _ in way.commands)
    found = {}
    for name in draft.reading.flags:
        if re.search(
            rf"\b{re.escape(name)}\b[\"'\\\s]{{0,4}}[:= ]\s{{0,2}}[\"']?(?:false|off|0)\b", text, re.IGNORECASE
        ):
            found[name] = "off"
    return found
