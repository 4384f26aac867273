"""The readable difference between two versions of a plan: what people confirm before a new version counts.

Conditions are told apart by path. A limit and a window are part of a path, so a condition that stands in the same list
as before with another limit is told as changed, not as gone and new. What several phases get alike is told once, and a
place that only inherits what its definition changed is told with the definition.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from readiness.core.plan import Plan
from readiness.core.plan_fault import listed_words
from readiness.core.plan_things import Thing, plan_things
from readiness.core.plan_words import joined_words

_VOIDS_NOTHING = {"title", "section", "from", "added"}


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One difference. `before` is empty for what is new, `after` for what is gone; `note` says what follows from it."""

    title: str
    before: str
    after: str
    path: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Difference:
    """What one thing says otherwise than before; `field` is empty when all of it is new or gone."""

    thing: Thing
    field: str
    before: str
    after: str


def plan_changes(old: Plan | None, new: Plan) -> tuple[PlanChange, ...]:
    """Every difference from `old` to `new`, in the order of the plan; empty when both say the same.

    Without an old plan there is one change, which says what the new plan holds.
    """
    if old is None:
        return (PlanChange(new.title, "", _summary(new), "", "A new rollout."),)
    found = list(_differences(_by_identity(old), _by_identity(new)))
    defined = {(d.thing.defines, d.field, d.before, d.after) for d in found if d.thing.defines}
    own = (d for d in found if not _inherits(d, defined))
    return (*_order_changes(old, new), *_told_once(own, len(new.phases)))


def _summary(plan: Plan) -> str:
    counts = {"phase": len(plan.phases), "gate": len(plan.gates), "check": len(plan.checks), "gap": len(plan.gaps)}
    counts["role"] = len(plan.roles)
    return ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items() if count)


def _by_identity(plan: Plan) -> dict[str, list[Thing]]:
    """The things of a plan by what stays when a limit changes; a list may hold one gate with several limits."""
    found: dict[str, list[Thing]] = {}
    for thing in plan_things(plan):
        found.setdefault(thing.identity, []).append(thing)
    return found


def _differences(before: Mapping[str, list[Thing]], after: Mapping[str, list[Thing]]) -> Iterator[_Difference]:
    for identity in dict.fromkeys([*after, *before]):
        for one, other in _pairs(before.get(identity, []), after.get(identity, [])):
            yield from _between(one, other)


def _pairs(before: list[Thing], after: list[Thing]) -> Iterator[tuple[Thing | None, Thing | None]]:
    """Which thing became which: the same path first, then in the order in which they stand."""
    olds, news = {thing.path: thing for thing in before}, {thing.path: thing for thing in after}
    yield from ((olds[path], news[path]) for path in news if path in olds)
    gone = [thing for path, thing in olds.items() if path not in news]
    came = [thing for path, thing in news.items() if path not in olds]
    for index in range(max(len(gone), len(came))):
        yield gone[index] if index < len(gone) else None, came[index] if index < len(came) else None


def _between(one: Thing | None, other: Thing | None) -> Iterator[_Difference]:
    if one is None and other is not None:
        yield _Difference(other, "", "", joined_words(other.said) or other.title)
    elif one is not None and other is None:
        yield _Difference(one, "", joined_words(one.said) or one.title, "")
    elif one is not None and other is not None:
        for name in dict.fromkeys([*other.said, *one.said]):
            if one.said.get(name) != other.said.get(name):
                yield _Difference(other, name, one.said.get(name, ""), other.said.get(name, ""))


def _inherits(difference: _Difference, defined: set[tuple[str, str, str, str]]) -> bool:
    """Whether a place says otherwise only because the thing that it names does."""
    thing = difference.thing
    same = (thing.names, difference.field, difference.before, difference.after)
    return bool(thing.names and difference.field) and same in defined


def _told_once(differences: Iterator[_Difference], phases: int) -> Iterator[PlanChange]:
    """The same difference in several phases becomes one change that names them."""
    alike: dict[tuple[str, str, str, str], list[_Difference]] = {}
    for difference in differences:
        tail = difference.thing.tail or difference.thing.path
        alike.setdefault((tail, difference.field, difference.before, difference.after), []).append(difference)
    yield from (_change(same, phases) for same in alike.values())


def _change(same: list[_Difference], phases: int) -> PlanChange:
    first = same[0]
    thing = first.thing
    title = f"{_where(same, phases)}, {thing.title}" if thing.place else thing.title
    path = f"every_phase/{thing.tail}" if 1 < len(same) == phases else thing.path
    note = "" if first.field in _VOIDS_NOTHING | thing.quiet else thing.note
    return PlanChange(f"{title}: {first.field}" if first.field else title, first.before, first.after, path, note)


def _where(same: list[_Difference], phases: int) -> str:
    if 1 < len(same) == phases:
        return "Every phase"
    return listed_words([difference.thing.place_title for difference in same])


def _order_changes(old: Plan, new: Plan) -> Iterator[PlanChange]:
    """The phases that stay, when they come in another order."""
    kept = {phase.key for phase in old.phases} & {phase.key for phase in new.phases}
    before, after = ([phase for phase in plan.phases if phase.key in kept] for plan in (old, new))
    if [phase.key for phase in before] != [phase.key for phase in after]:
        was, becomes = (", ".join(phase.title for phase in phases) for phases in (before, after))
        yield PlanChange("Order of the phases", was, becomes, "phases")
