"""My next step: the one thing the reader should do now, and what waits behind it."""

from collections.abc import Iterator
from dataclasses import dataclass

from readiness.core.conditions import ConditionKind
from readiness.core.facts import ConditionFacts
from readiness.core.permissions import Right
from readiness.core.phases import CLOSE
from readiness.core.signoffs import PollAnswer, Station, all_conditions, part_of
from readiness.core.types import Decision, Outcome, Question
from readiness.models import Firing, Hold, Rollback
from readiness.queries.independence import role_to_sign, uncovered_words
from readiness.queries.override_notes import override_notes
from readiness.queries.pages.parts import Link, StepCard
from readiness.queries.polls import station_people, station_url
from readiness.queries.reasons import condition_url
from readiness.queries.scenes import Scene
from readiness.queries.waiver_pages import counting_waiver, find_waivable, may_decide
from readiness.queries.words import lower_first, phase_name

MOST_TODO = 4
MET = (Outcome.MET, Outcome.WAIVED)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody could do."""

    title: str
    why: str
    label: str
    url: str
    style: str = "primary"
    dialog: bool = True


def fill_step(scene: Scene) -> StepCard:
    """Find the reader's next step; what is worst comes first."""
    region = scene.region("step")
    if not scene.reader.roles:
        return StepCard(region, "You are reading", "You have no part in this rollout", _who_decides(scene))
    poll = (*_signing(scene), *_uncovered(scene))
    steps = [*_urgent(scene), *_waivers(scene), *poll, *_entering(scene), *_own_work(scene)]
    if not steps:
        title = "The rollout is closed" if scene.rows.following is None else "Nothing waits for you"
        return StepCard(region, "Your next step", title, _waits_for(scene))
    first, *others = steps
    todo = tuple(Link(step.title, step.url) for step in others[:MOST_TODO])
    return StepCard(
        region, "Your next step", first.title, first.why, first.label, first.url, first.style, first.dialog, todo
    )


def _who_decides(scene: Scene) -> str:
    rule = scene.facts.target.sign_off if scene.facts.target else None
    people = station_people(scene, rule.last) if rule else ""
    title = scene.titles.get(rule.last, rule.last) if rule else ""
    who = f"{people}, {lower_first(title)}," if people else f"The {lower_first(title)}" if title else "An administrator"
    return f"You can read everything. {who} can give you a role."


def _waits_for(scene: Scene) -> str:
    if scene.rows.following is None:
        return "Everything that was asked is done."
    open_roles = [s.role for s in scene.case.stations if s.answer is not PollAnswer.GO]
    return "What you own is met. Others still have to act." if open_roles else _all_go(scene)


def _all_go(scene: Scene) -> str:
    return uncovered_words(scene) or "Every station says GO."


def _urgent(scene: Scene) -> Iterator[Step]:
    """Holds, what speaks against the running phase, and what is due after a rollback."""
    yield from _holds(scene)
    for note in override_notes(scene):
        if note.url:
            yield Step(note.sentence, f"“{note.reason}”", note.label, note.url, "stop")
    if scene.rows.run is None:
        return
    for firing in Firing.objects.filter(run=scene.rows.run, answer="").order_by("fired_at"):
        condition = next(
            (t.facts.condition for t in scene.facts.triggers if t.facts.condition.path == firing.path), None
        )
        decider = condition.abort.decided_by if condition is not None and condition.abort is not None else ""
        title = condition.title if condition is not None else firing.path
        if scene.may(Right.ANSWER, decider) and decider != "automation":
            url = scene.url("answer-abort", firing.pk)
            yield Step(f"Decide: {title}", f"It fired: {firing.found}.", "Roll back or continue", url, "stop")
        elif scene.may(Right.ROLL_BACK):
            url = scene.url("roll-back")
            yield Step(f"{title} fired", f"{firing.found}. Anybody here may roll back.", "Roll back", url, "stop")
    backs = Rollback.objects.filter(rollout=scene.rollout, reason="", by_id=scene.reader.person.id)
    for back in backs.order_by("-started_at")[:1]:
        why = f"You rolled back at {back.started_at:%H:%M}. Its reason is due by {back.reason_due_at:%H:%M} UTC."
        yield Step("Say why you rolled back", why, "Give the reason", scene.url("explain-rollback", back.pk))


def _holds(scene: Scene) -> Iterator[Step]:
    """Holds that the reader may lift."""
    if not scene.rows.holds:
        return
    for hold in Hold.objects.filter(rollout=scene.rollout, lifted_at=None).order_by("called_at"):
        if scene.may(Right.LIFT_HOLD) or hold.by_id == scene.reader.person.id:
            why = f"{hold.by_name} says: “{hold.reason}”. Lift it once that is settled."
            yield Step("Settle the hold", why, "Lift the hold", scene.url("lift-hold", hold.pk))


def _waivers(scene: Scene) -> Iterator[Step]:
    """Waivers that others ask for and the reader may grant."""
    for row in scene.rows.waivers.values():
        condition = find_waivable(scene, row.path)
        if condition is None or counting_waiver(scene, condition) is None or not may_decide(scene, row):
            continue
        until = f"{row.expires_at:%H:%M} UTC on {row.expires_at.day} {row.expires_at:%b}"
        why = f"{row.by_name} asks to waive it until {until}: “{row.reason}”"
        yield Step(f"Decide: waive “{row.title}”?", why, "Grant or decline", scene.url("waiver", row.pk))


def _signing(scene: Scene) -> Iterator[Step]:
    for station in scene.case.stations:
        if station.role not in scene.reader.roles or not _can_sign(scene, station):
            continue
        title, url = scene.titles.get(station.role, station.role), station_url(scene, station.role)
        if station.answer in (PollAnswer.VOID, PollAnswer.EXPIRED):
            why = f"Your answer no longer counts: {station.why}."
            yield Step(f"Sign again as {lower_first(title)}", why, "Review and answer", url)
        elif station.answer is not PollAnswer.GO and station.answer is not PollAnswer.NO_GO:
            why = "Nothing that your signature covers stands in the way."
            yield Step(f"Answer as {lower_first(title)}", why, "Review and answer", url, "go")


def _uncovered(scene: Scene) -> Iterator[Step]:
    """Sign for what only people who worked on it have signed for."""
    if role := role_to_sign(scene):
        title = lower_first(scene.titles.get(role, role))
        yield Step(f"Sign as {title}", uncovered_words(scene), "Review and answer", station_url(scene, role))


def _can_sign(scene: Scene, station: Station) -> bool:
    """Say whether nothing but this answer is missing in what it covers; the sheet itself decides."""
    rule = scene.facts.target.sign_off if scene.facts.target else None
    mine = (s for s in _going(scene, station) if s.signature and s.signature.by == scene.reader.person)
    if rule is None or (not scene.plan.rehearsal and any(mine)):
        return False
    if station.role == rule.last:
        answer = scene.answers.get(Question.ENTER)
        return answer is not None and all(
            reason.kind == "sign_off" and reason.key == rule.last for reason in answer.verdict.reasons
        )
    return all(scene.judge(facts.condition).outcome in MET for facts in part_of(scene.facts, rule, station.role))


def _going(scene: Scene, station: Station) -> list[Station]:
    return [s for s in scene.case.stations if s.answer is PollAnswer.GO and s.role != station.role]


def _entering(scene: Scene) -> Iterator[Step]:
    following, answer = scene.rows.following, scene.answers.get(Question.ENTER)
    if following is None or answer is None or answer.verdict.decision is not Decision.GO:
        return
    if answer.verdict.phase != following.key:
        return
    if scene.may(Right.ENTER, phase=following):
        verb = "Close" if following.key == CLOSE else "Start" if scene.rows.run is None else "Enter"
        name = "the rollout" if following.key == CLOSE else f"{lower_first(phase_name(following))}, {following.title}"
        why = "It is GO: everything that was asked holds."
        yield Step(f"{verb} {name}", why, f"{verb} it", scene.url("enter", following.key), "go")


def _own_work(scene: Scene) -> Iterator[Step]:
    """Conditions of the reader's roles that only a person can move, and tasks of gaps."""
    for facts in all_conditions(scene.facts):
        if facts.condition.owner in scene.reader.roles and scene.judge(facts.condition).outcome not in MET:
            step = _work_on(scene, facts)
            if step is not None:
                yield step
    for gap in scene.facts.gaps:
        for task in gap.tasks:
            if task.closed_by is None and task.owner in scene.reader.roles:
                url = scene.url("close-task", gap.gap.key, task.key)
                why = f"It closes the gap “{gap.gap.title}”."
                yield Step(f"Do: {task.title}", why, "Close the task", url)


def _work_on(scene: Scene, facts: ConditionFacts) -> Step | None:
    condition = facts.condition
    assessment = scene.judge(condition)
    if condition.kind is ConditionKind.ITEM:
        verb = "Prove" if facts.claims else "Claim"
        label = "Add evidence" if facts.claims else "Claim it"
        return Step(f"{verb}: {condition.title}", _why(assessment.required), label, scene.url("claim", condition.path))
    if condition.kind is ConditionKind.DRILL:
        url = scene.url("drill", condition.key)
        return Step(f"Practise: {condition.title}", _why(assessment.required), "Record the drill", url)
    if condition.kind is ConditionKind.REVIEW:
        url = scene.url("review", condition.key)
        return Step(f"Review: {condition.title}", _why(assessment.required), "Record the score", url)
    if assessment.outcome is Outcome.NOT_MET:
        url = condition_url(scene, condition.path)
        return Step(f"Look at: {condition.title}", f"Found: {assessment.found}.", "Open it", url, dialog=False)
    return None


def _why(required: str) -> str:
    return f"It needs this: {required}." if required else ""
