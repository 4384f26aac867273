"""What nobody uninvolved has signed for: who could, and what to do where nobody can."""

from readiness.core.facts import ConditionFacts, GapFacts
from readiness.core.independence import involved_in, not_independent
from readiness.core.permissions import Right
from readiness.core.signoffs import PollAnswer, answering_role
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, join_words, lower_first


def uncovered_parts(scene: Scene) -> tuple[ConditionFacts | GapFacts, ...]:
    """Give what only people who worked on it have signed for; nothing before every station says GO."""
    stations = scene.case.stations
    all_go = bool(stations) and all(station.answer is PollAnswer.GO for station in stations)
    return not_independent(scene.facts, stations) if all_go else ()


def independent_words(scene: Scene, facts: ConditionFacts | GapFacts) -> str:
    """Say who could sign for a condition, or for a gap that people closed, without having worked on it."""
    barred = involved_in(scene.facts, facts)
    roles = {role: lower_first(scene.titles.get(role, role)) for role in _roles(scene, facts)}
    ways = [
        f"{_either([p.name for p in free])} signs as {title}"
        for role, title in roles.items()
        if (free := [p for p in scene.roster.holders.get(role, ()) if p.id not in barred])
    ]
    return ", or ".join(ways) or f"Somebody who did not work on it becomes {_either(list(roles.values()))} and signs"


def _either(names: list[str]) -> str:
    return join_words(names, 3).replace(" and ", " or ")


def uncovered_words(scene: Scene) -> str:
    """Say how much is covered by nobody uninvolved, and who could clear the first; empty when all is covered."""
    found = uncovered_parts(scene)
    if not found:
        return ""
    verb = "rests" if len(found) == 1 else "rest"
    nouns = {"gap" if isinstance(each, GapFacts) else "condition" for each in found}
    what = count_of(len(found), nouns.pop() if len(nouns) == 1 else "fact")
    said = f"Every station says GO, but {what} {verb} only on people who worked on it"
    return f"{said if len(found) == 1 else said.removesuffix('it') + 'them'}. {independent_words(scene, found[0])}."


def role_to_sign(scene: Scene) -> str:
    """Give a role of the reader whose signature would clear something, when they had no part in it; else nothing."""
    person, signed = scene.reader.person.id, {s.role: s.signature.by.id for s in scene.case.stations if s.signature}
    for facts in uncovered_parts(scene):
        others = {role for role, by in signed.items() if by == person}
        mine = [role for role in _roles(scene, facts) if scene.may(Right.SIGN, role)]
        if mine and not others and person not in involved_in(scene.facts, facts):
            return mine[0]
    return ""


def _roles(scene: Scene, facts: ConditionFacts | GapFacts) -> list[str]:
    """Give the roles whose signature covers a condition or a gap."""
    rule = scene.facts.target.sign_off if scene.facts.target is not None else None
    return list(dict.fromkeys((answering_role(facts, rule), rule.last))) if rule is not None else []
