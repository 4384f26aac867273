"""From what was read to the document of a plan, so that the plan's importer takes it as it is.

What the document leaves open and a plan must say is chosen here, marked `added: true` where the plan can say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from readiness.core.runbook.draft import Draft, Entry
from readiness.core.runbook.naming import Namer, slug_of, title_slug
from readiness.core.runbook.reading import CLOSE, EVERY, Finding, Reading, Stage, Way
from readiness.core.runbook.to_checks import Reference, references_of
from readiness.core.runbook.to_conditions import place_baselines, place_references, place_wishes
from readiness.core.runbook.to_gates import Gates
from readiness.core.runbook.to_people import People, in_order
from readiness.core.runbook.to_things import communication_of, flags_of, gaps_of, place_drills, reviews_of, sets_of

RESERVED = ("close", "every_phase", "previous", "all")
NO_WAY = "(The document does not say how to go back. Write it down here.)"
WITHIN = "1h"
_LISTS = ("enter", "succeed", "abort")
_SOURCES: Mapping[str, Entry] = {
    "metrics": {"kind": "prometheus", "url": "${PROMETHEUS_URL}"},
    "dashboards": {"kind": "grafana", "url": "${GRAFANA_URL}"},
    "service": {"kind": "http", "url": "${SERVICE_URL}"},
    "repository": {"kind": "git", "path": "${SERVICE_CHECKOUT}"},
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What a draft is made of: the plan's document, what the document refers to, and what a reader should look at."""

    plan: Mapping[str, object]
    references: tuple[Reference, ...]
    findings: tuple[Finding, ...]


def settle_plan(reading: Reading, sources: Mapping[str, Entry], found: Mapping[str, str]) -> Settled:
    """The plan that a reading comes to.

    `sources` says where to ask instead of what the environment names; `found` are the paths at which a repository has
    what the document names by less than its path.
    """
    stages = reading.stages or [Stage("", reading.title or "Checklist", 1)]
    namer = Namer(RESERVED)
    phases = {stage.number: namer.name(title_slug(stage.title)) for stage in stages}
    draft = Draft(reading, stages, People(reading), Gates(reading), phases)
    ways = _ways(draft)
    place_wishes(draft, reading.wishes)
    place_baselines(draft)
    references = tuple(references_of(reading.mentions))
    place_references(draft, references, found)
    drills = place_drills(draft)
    plan = _plan(draft, ways, drills, sources)
    reading.close_frames()
    return Settled(plan, references, (*reading.findings, *draft.gates.findings))


def _plan(draft: Draft, ways: list[Entry], drills: Mapping[str, Entry], sources: Mapping[str, Entry]) -> Entry:
    reading = draft.reading
    flags = flags_of(draft)
    phases = [_phase(draft, n) for n in range(len(draft.stages))]
    parts: Entry = {
        "readiness": 1,
        "rollout": _rollout(reading),
        "decisions": [dict(each) for each in reading.decisions],
        "alternatives": [dict(each) for each in reading.alternatives],
        "lessons": list(reading.lessons),
        "criteria": [dict(each) for each in reading.criteria],
        "roles": {},
        "sources": _sources(draft, sources),
        "flags": flags,
        "gates": draft.gates.entries,
        "checks": draft.checks,
        "gaps": gaps_of(draft),
        "reviews": reviews_of(draft),
        "rollbacks": ways,
        "drills": dict(drills),
        "every_phase": {name: list(there) for name in _LISTS if (there := draft.lists.get((EVERY, name)))},
        "phases": phases,
        "close": _close(draft),
        "communication": communication_of(draft),
    }
    parts["roles"] = draft.people.roles()
    return {name: part for name, part in parts.items() if part or name == "readiness"}


def _rollout(reading: Reading) -> Entry:
    title = reading.title or "Rollout"
    said = {"key": slug_of(title, 48), "title": title, "service": reading.service, "owner": reading.owner}
    said |= {"summary": reading.summary, "planned_start": reading.start}
    return {key: value for key, value in said.items() if value}


def _sources(draft: Draft, given: Mapping[str, Entry]) -> Entry:
    asked = {str(check["source"]) for check in draft.checks.values()}
    asked |= {"metrics"} if draft.gates.entries else set()
    known: dict[str, Entry] = {**_SOURCES, **given}
    return {name: dict(source) for name, source in known.items() if name in asked or name in given}


def _phase(draft: Draft, n: int) -> Entry:
    stage = draft.stages[n]
    key = draft.phases[stage.number]
    said: Entry = {"key": key, "number": stage.number.upper() if stage.number.isalpha() else stage.number}
    said |= {"title": stage.title, "objective": stage.objective, "duration": stage.duration, "traffic": stage.traffic}
    said |= {"flags": dict(stage.flags), "config": "\n\n".join(stage.config)}
    said["commands"] = [{"title": title, "run": run} if title else run for title, run, _ in stage.commands]
    said = {name: value for name, value in said.items() if value}
    said |= {name: there for name in _LISTS if (there := draft.lists.get((key, name)))}
    before = draft.phases[draft.stages[n - 1].number] if n else ""
    said["sign_off"] = _sign_off(draft, [(key, "enter"), (before, "succeed"), (EVERY, "enter"), (EVERY, "succeed")])
    said["from"] = draft.reading.book.place(stage.line)
    return said


def _sign_off(draft: Draft, lists: list[tuple[str, str]]) -> Entry:
    """Whoever owns a condition that the poll covers answers, then who answers over everything."""
    owners = [str(entry.get("owner") or "") for at in lists for entry in draft.lists.get(at, [])]
    owners += [
        str(draft.checks[str(e["check"])]["owner"]) for at in lists for e in draft.lists.get(at, []) if "check" in e
    ]
    polled = in_order([*draft.people.signers, *(owner for owner in owners if owner)], draft.people.last)
    return {"roles": polled, "last": draft.people.last}


def _close(draft: Draft) -> Entry:
    last = draft.phases[draft.stages[-1].number]
    enter = draft.lists.get((CLOSE, "enter"), [])
    if not enter and not draft.lists.get((last, "succeed")):
        return {}
    said: Entry = {"title": "Close the rollout", "enter": enter} if enter else {"title": "Close the rollout"}
    return said | {"sign_off": _sign_off(draft, [(CLOSE, "enter"), (last, "succeed"), (EVERY, "succeed")])}


def _ways(draft: Draft) -> list[Entry]:
    """The ways back, with one of our own where triggers need one and the document has none."""
    namer = Namer()
    entries = [_way(draft, way, namer) for way in draft.reading.ways]
    triggers = any(wish.list == "abort" for wish in draft.reading.wishes)
    if "any" not in draft.ways and (triggers or entries):
        key = draft.ways["any"] = namer.name("roll-back")
        entry: Entry = {"key": key, "title": "Go back", "within": WITHIN, "to": "previous", "commands": [NO_WAY]}
        entries.append(entry | {"added": True})
    return entries


def _way(draft: Draft, way: Way, namer: Namer) -> Entry:
    key = namer.name(title_slug(way.title))
    to = draft.phases.get(way.to, "previous") if way.to else "previous"
    draft.ways.setdefault(f"to:{way.to}", key)
    draft.ways.setdefault(f"phase:{way.phase}" if way.phase else "any", key)
    said: Entry = {"key": key, "title": way.title, "within": way.within or WITHIN, "to": to}
    said |= {"sets": sets_of(draft, way)}
    said |= {"commands": [run for run, _ in way.commands] or [NO_WAY], "recovers": dict(way.recovers)}
    said = {name: value for name, value in said.items() if value}
    return said | {"from": draft.reading.book.place(way.line)}
