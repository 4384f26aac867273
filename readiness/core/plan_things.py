"""Everything that a plan says, as a flat list of things with a path and words: what a difference is made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from readiness.core.conditions import Condition
from readiness.core.plan import Gap, Phase, Plan, RollbackLevel, Source
from readiness.core.plan_environments import HOW_IT_IS_ASKED
from readiness.core.plan_words import Said, condition_words, fields_words, value_words

VOIDS = "A signature that covers it is void."
VOIDS_ALL = "Every signature of this phase is void."
VOIDS_READERS = "A signature that covers what is read from it is void."
VOIDS_EVERY = "Every signature is void."
_WORDS_ALONE = frozenset({"title", "objective", "number", "late after", "from", "added"})
_WORDS_ALONE |= {"severity", "why", "estimate", "after", "found by", "url"}
_ROLLOUT = ("title", "service", "owner", "summary", "timezone", "workdays", "holidays", "planned_start", "rehearsal")
_PHASE_APART = ("sign_off", "enter", "succeed", "abort")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a plan. `path` tells it from all others, `identity` is what stays when its limit changes.

    `defines` and `names` are the `kind:key` that a definition or a place is about. `place` is the phase that it stands
    in, with its title; `tail` is the rest of its path there. `note` is not true of the fields in `quiet`.
    """

    path: str
    title: str
    said: Said
    note: str = ""
    identity: str = ""
    defines: str = ""
    names: str = ""
    place: str = ""
    place_title: str = ""
    tail: str = ""
    quiet: frozenset[str] = frozenset()


def plan_things(plan: Plan) -> Iterator[Thing]:
    """Every thing of a plan, in the order of the plan."""
    yield from _named_things(plan)
    for conditions in (plan.gates, plan.checks, plan.experiments, plan.drills, plan.reviews):
        yield from (_definition(condition) for condition in conditions)
    for gap in plan.gaps:
        yield from _gap_things(gap)
    for level in plan.rollbacks:
        yield from _level_things(level)
    for phase in (*plan.phases, *((plan.close,) if plan.close else ())):
        yield from _phase_things(phase)
    yield from _told_things(plan)


def _named_things(plan: Plan) -> Iterator[Thing]:
    """The rollout itself, its people, its sources and its flags."""
    rollout = {name.replace("_", " "): value_words(getattr(plan, name)) for name in _ROLLOUT}
    yield _thing("rollout", "Rollout", {name: text for name, text in rollout.items() if text})
    yield from (_thing(f"roles/{role.key}", f"Role {role.title}", fields_words(role)) for role in plan.roles)
    yield from (_thing(f"groups/{each.key}", f"Group {each.title}", fields_words(each)) for each in plan.groups)
    yield _thing("authority", "Authority", fields_words(plan.authority))
    for source in plan.sources:
        yield _source_thing(source)
    for key, flag in plan.flags.items():
        said = {name: value_words(value) for name, value in flag.items()}
        yield _thing(f"flags/{key}", f"Flag {key}", said, VOIDS_EVERY)


def _source_thing(source: Source) -> Thing:
    path, settings = f"sources/{source.key}", {name: value_words(value) for name, value in source.settings.items()}
    said = {"type": source.kind, **settings, **fields_words(source, ("settings",))}
    return Thing(path, f"Source {source.key}", said, VOIDS_READERS, identity=path, quiet=frozenset(HOW_IT_IS_ASKED))


def _thing(path: str, title: str, said: Said, note: str = "") -> Thing:
    return Thing(path, title, said, note, identity=path, quiet=_WORDS_ALONE)


def _definition(condition: Condition) -> Thing:
    title = f"{condition.kind.value.capitalize()} {condition.title}"
    about = f"{condition.kind}:{condition.key}"
    said = condition_words(condition)
    return Thing(condition.path, title, said, VOIDS, identity=condition.path, defines=about)


def _gap_things(gap: Gap) -> Iterator[Thing]:
    title = f"Gap {gap.title}"
    yield _thing(f"gaps/{gap.key}", title, fields_words(gap, ("tasks", "closed_when")), VOIDS)
    for task in gap.tasks:
        path, named = f"gaps/{gap.key}/tasks/{task.key}", f"{title}, task {task.title}"
        yield _thing(path, named, fields_words(task), VOIDS)
    yield from _placed(gap.closed_when, "", f"{title}, closed when")


def _level_things(level: RollbackLevel) -> Iterator[Thing]:
    yield _thing(f"rollbacks/{level.key}", f"Way back {level.title}", fields_words(level, ("verify",)), VOIDS_EVERY)
    if level.verify is not None:
        yield from _placed((level.verify,), "", f"Way back {level.title}, verified by")


def _phase_things(phase: Phase) -> Iterator[Thing]:
    yield _thing(f"phases/{phase.key}", f"Phase {phase.title}", fields_words(phase, _PHASE_APART), VOIDS_ALL)
    if phase.sign_off is not None:
        path = f"phases/{phase.key}/sign_off"
        yield _thing(path, f"{phase.title}, sign-off", fields_words(phase.sign_off), VOIDS_ALL)
    yield from _placed(phase.enter, phase.title, "to enter")
    yield from _placed(phase.succeed, phase.title, "to succeed")
    yield from _placed(phase.abort, phase.title, "abort trigger")


def _placed(conditions: Iterable[Condition], place_title: str, role: str) -> Iterator[Thing]:
    """Conditions where they stand. Those of a gap or a way back stand in no phase, and the role names them."""
    for condition in conditions:
        place, step, about, *_ = condition.path.split("/")
        yield Thing(
            path=condition.path,
            title=f"{role}: {condition.title}",
            said=condition_words(condition),
            note=VOIDS,
            identity=f"{place}/{step}/{about}",
            names=about,
            place=place if place_title else "",
            place_title=place_title,
            tail=condition.path.removeprefix(f"{place}/") if place_title else "",
        )


def _told_things(plan: Plan) -> Iterator[Thing]:
    for name, value in plan.communication.items():
        yield _thing(f"communication/{name}", f"Communication, {name.replace('_', ' ')}", {"text": value_words(value)})
    for name, value in plan.history.items():
        yield _thing(name, f"History, {name}", {"text": value_words(value)})
