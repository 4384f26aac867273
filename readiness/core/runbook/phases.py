"""Which headings, items and tables are the phases of a rollout, and which phase a statement belongs to."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from readiness.core.runbook.amounts import find_shares
from readiness.core.runbook.inline import plain
from readiness.core.runbook.naming import heading_name, without_brackets
from readiness.core.runbook.numbering import NOUNS, leads_to, numbered_phase
from readiness.core.runbook.outline import Heading, Outline, Said
from readiness.core.runbook.reading import Stage
from readiness.core.runbook.vocabulary import Role, role_of

_STAGE_NAMES = re.compile(
    r"\b(?:canary|shadow|dark launch|pilot|closed beta|open beta|beta|early access|dogfood\w*|"
    r"internal (?:users?|testing|rollout)|"
    r"ramp(?:[- ]?up)?|full (?:rollout|release|traffic)|general availability|ga\b|everyone|cut-?over|soak|"
    r"baseline|staging|"
    r"blue[/-]green|limited (?:release|availability)|gradual|preparation|pre-?production|switch-?over|"
    r"vorbereitung|vollausbau|"
    r"pilote|généralisation|piloto|despliegue (?:total|completo))\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"criteri|checklist|trigger|metric|command|abort|go[ /-]", re.IGNORECASE)
_NUMBER = re.compile(r"\W{0,4}(?:\d{1,2}(?:\.\d{1,2}){0,3}[.):]?\s+)?")
_NOT_A_STAGE = re.compile(
    r"criteri|checklist|trigger|roll ?back|metric|dashboard|command|config|success|abort|alert|test(?:s|ing)?\b|"
    r"vs\.?\b|analysis|monitor|plan\b|procedure|schedule",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Which headings mean which phase: by the place of the heading's block. `defining` are those that describe it.

    `parts` gives, for the number of a phase that is told in parts, that of its first part.
    """

    stages: tuple[Stage, ...]
    by_heading: dict[int, str]
    defining: frozenset[int] = frozenset()
    parts: Mapping[str, str] = field(default_factory=dict)

    def of(self, said: Said) -> str:
        """The number of the phase that a statement belongs to; empty when it belongs to none."""
        return self.within(said.trail)

    def within(self, trail: Sequence[Heading]) -> str:
        """The number of the phase that the innermost such heading means."""
        number = next((self.by_heading[h.at] for h in reversed(trail) if h.at in self.by_heading), "")
        return self.parts.get(number, number)


def find_phases(outline: Outline) -> Marks:
    """The phases of a document by its numbered headings; none where there are none."""
    noun = _noun(outline.headings)
    return _numbered(outline.headings, noun) if noun else Marks((), {})


def find_named(outline: Outline) -> Marks:
    """The phases of a document whose headings have no numbers: those that name a stage."""
    return _named(outline.headings)


def _noun(headings: Sequence[Heading]) -> str:
    found = Counter(mark[0] for h in headings if (mark := numbered_phase(h.text)) is not None and not leads_to(h.text))
    return next((noun for noun in NOUNS if found[noun]), "")


def _numbered(headings: Sequence[Heading], noun: str) -> Marks:
    """Each number is a phase, described where it is named highest up; elsewhere it is only spoken of."""
    ranked: dict[str, tuple[tuple[int, int], Heading, str]] = {}
    by_heading: dict[int, str] = {}
    for heading in headings:
        mark = numbered_phase(heading.text)
        onward = leads_to(heading.text)
        if onward:
            by_heading[heading.at] = onward
        elif mark is not None and mark[0] == noun:
            by_heading[heading.at] = mark[1]
            rank = (
                heading.level + (10 if role_of(mark[2]) is not Role.NONE and _ABOUT.search(mark[2]) else 0),
                heading.at,
            )
            if mark[1] not in ranked or rank < ranked[mark[1]][0]:
                ranked[mark[1]] = (rank, heading, mark[2])
    stages = [
        Stage(number, name or f"{noun.capitalize()} {number}", heading.first, traffic=_traffic(name))
        for number, (_, heading, name) in ranked.items()
    ]
    known = {stage.number for stage in stages}
    by_heading = {
        at: number for at, number in by_heading.items() if number in known or number.rstrip("abcdefgh") in known
    }
    found = {number: heading for number, (_, heading, _) in ranked.items()}
    for stage in stages:
        inside = _parts_of(found[stage.number], headings) if not find_shares(stage.title) else []
        stage.traffic = stage.traffic or (find_shares(inside[0].text)[0] if len(inside) == 1 else "")
    defining = frozenset(heading.at for heading in found.values())
    return _in_parts(Marks(tuple(sorted(stages, key=_line)), by_heading, defining), found, headings)


def _line(stage: Stage) -> int:
    return stage.line


def _in_parts(marks: Marks, found: Mapping[str, Heading], headings: Sequence[Heading]) -> Marks:
    """A phase of several shares, each under a heading of its own, is as many phases: 4a, 4b."""
    stages: list[Stage] = []
    by_heading, defining, parts = dict(marks.by_heading), set(marks.defining), dict[str, str]()
    for stage in marks.stages:
        inside = _parts_of(found[stage.number], headings) if len(set(find_shares(stage.title))) > 1 else []
        if len(inside) < 2:
            stages.append(stage)
            continue
        parts[stage.number] = f"{stage.number}a"
        for letter, heading in zip("abcdefgh", inside, strict=False):
            number = f"{stage.number}{letter}"
            by_heading[heading.at] = number
            defining.add(heading.at)
            title = heading_name(without_brackets(heading.text))
            stages.append(Stage(number, title, heading.first, traffic=find_shares(heading.text)[0]))
    return Marks(tuple(stages), by_heading, frozenset(defining), parts)


def _parts_of(phase: Heading, headings: Sequence[Heading]) -> list[Heading]:
    """The headings directly inside of a phase that name one share each."""
    inside: list[Heading] = []
    for heading in headings:
        if heading.at > phase.at and heading.level <= phase.level:
            break
        if heading.at > phase.at and heading.level == phase.level + 1 and len(set(find_shares(heading.text))) == 1:
            inside.append(heading)
    return inside


def _named(headings: Sequence[Heading]) -> Marks:
    """Headings of one level that name a stage or a share, or everything directly under `Phases`."""
    chosen = _under_phases(headings) or _most_stages(headings)
    stages = [
        Stage(str(n), _without_number(heading.text), heading.first, traffic=_traffic(heading.text))
        for n, heading in enumerate(chosen, start=1)
    ]
    by_heading = {heading.at: str(n) for n, heading in enumerate(chosen, start=1)}
    return Marks(tuple(stages), by_heading, frozenset(by_heading))


def _under_phases(headings: Sequence[Heading]) -> list[Heading]:
    for n, heading in enumerate(headings):
        if heading.role is not Role.PHASES:
            continue
        inside: list[Heading] = []
        for following in headings[n + 1 :]:
            if following.level <= heading.level:
                break
            inside.append(following)
        top = min((each.level for each in inside), default=0)
        chosen = [each for each in inside if each.level == top and each.role is not Role.ABORT]
        if len(chosen) >= 2:
            return chosen
    return []


def _most_stages(headings: Sequence[Heading]) -> list[Heading]:
    named = [
        h
        for h in headings
        if (_STAGE_NAMES.search(h.text) or find_shares(h.text))
        and not _NOT_A_STAGE.search(h.text)
        and len(h.text) <= 80
    ]
    levels = Counter(h.level for h in named)
    best = max(levels, key=lambda level: (levels[level], -level), default=0)
    return [h for h in named if h.level == best] if levels[best] >= 2 else []


def _without_number(text: str) -> str:
    return text[match.end() :].strip(" :") if (match := _NUMBER.match(text)) else text


def _traffic(text: str) -> str:
    shares = list(dict.fromkeys(find_shares(plain(text))))
    return shares[0] if len(shares) == 1 else ""
