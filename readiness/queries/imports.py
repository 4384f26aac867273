"""What importing a plan would change: the difference to the plan in force, and the signatures that would go void."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from readiness.core.asked import changed_conditions, changed_phases
from readiness.core.case import Case, open_case
from readiness.core.conditions import Condition
from readiness.core.independence import covered_thing, not_independent
from readiness.core.permissions import Right, has_right, refusal, roles_for
from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Phase, Plan
from readiness.core.plan_diff import plan_changes
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Person, Question
from readiness.models import Rollout
from readiness.queries.changers import changers_after
from readiness.queries.conditions import every_condition
from readiness.queries.facts import facts_of
from readiness.queries.pages.parts import Change, Fact, Line
from readiness.queries.pages.plans import PlanPreview
from readiness.queries.people import load_roles
from readiness.queries.plans import load_plan
from readiness.queries.rows import Rows, load_rows
from readiness.queries.scenes import role_titles
from readiness.queries.sheets import phase_words
from readiness.queries.words import count_of, join_words

MOST_NAMED = 6
SOMEBODY_ELSE = "Somebody else must sign for these"


def load_current(key: str) -> Rollout | None:
    """Give the rollout that a plan is about, when it has a plan already."""
    found = Rollout.objects.exclude(plan=None).filter(key=key).select_related("plan")
    return found.defer("plan__text", "plan__document").first()


def fill_preview(plan: Plan, current: Rollout | None, by: Person | None, now: datetime) -> PlanPreview:
    """Show what a plan holds, what it would change, whom it would ask again, and what `by` could not sign for."""
    version = current.plan.number if current is not None and current.plan is not None else 0
    unchanged = current is not None and current.plan is not None and current.plan.digest == plan.digest
    effect = _effect(plan, current, by, now) if current is not None and not unchanged else _Effect()
    return PlanPreview(
        key=plan.key,
        title=plan.title,
        version=version if unchanged else version + 1,
        digest=plan.digest,
        counts=plan_counts(plan),
        changes=_changes(plan, current) if current is not None else (),
        voids=effect.voids,
        involved=effect.involved,
        unchanged=unchanged,
        why_not=_why_not(current, by, now) if current is not None and by is not None else "",
    )


def _why_not(current: Rollout, by: Person, now: datetime) -> str:
    """Say who may import a version of a rollout, to somebody who may not."""
    plan = load_plan(current)
    needed, held = roles_for(Right.IMPORT_PLAN, plan), load_roles(current, plan, by, now)
    return "" if has_right(Right.IMPORT_PLAN, held, needed) else refusal(Right.IMPORT_PLAN, needed, role_titles(plan))


def _changes(plan: Plan, current: Rollout) -> tuple[Change, ...]:
    found = plan_changes(load_plan(current), plan)
    return tuple(Change(change.title, change.before, change.after, change.note) for change in found)


def plan_counts(plan: Plan) -> tuple[Fact, ...]:
    """Count what a plan holds."""
    numbers = {
        "Phases": len(plan.phases),
        "Conditions": sum(1 for _ in every_condition(plan)),
        "Gates": len(plan.gates),
        "Checks": len(plan.checks),
        "Gaps": len(plan.gaps),
        "Roles": len(plan.roles),
    }
    return tuple(Fact(label, str(number)) for label, number in numbers.items())


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a new version does to the poll: answers that go void, and what its importer could not sign for."""

    voids: tuple[Line, ...] = ()
    involved: tuple[Line, ...] = ()


def _effect(plan: Plan, current: Rollout, by: Person | None, now: datetime) -> _Effect:
    rows = load_rows(current)
    before, after = (open_case(facts_of(each), Question.ENTER, now) for each in (rows, _under(rows, plan, by)))
    titles = role_titles(load_plan(current)) | role_titles(plan)
    involved = _involved(load_plan(current), plan, by) if by is not None else ()
    return _Effect(_voided(before, after, titles), (*involved, *_uncovered(before, after)))


def _voided(before: Case, after: Case, titles: Mapping[str, str]) -> tuple[Line, ...]:
    """Name the answers that stand now and would not under the new plan."""
    answers = {s.role: s.answer for s in after.stations}
    return tuple(
        Line(titles.get(s.role, s.role), f"GO by {s.signature.by.name}", "Void")
        for s in before.stations
        if s.answer is PollAnswer.GO and s.signature is not None and answers.get(s.role) is not PollAnswer.GO
    )


def _involved(old: Plan, new: Plan, by: Person) -> tuple[Line, ...]:
    """Say what a person would have changed, phases as a whole too, so that their own signature does not cover it."""
    whole, changed = changed_phases(old, new), changed_conditions(old, new)
    lines = [_whole_phase(by, phase) for phase in whole]
    return (*lines, *(_changed(by, changed) if changed else ()))


def _whole_phase(by: Person, phase: Phase) -> Line:
    what = "which conditions it has, its abort triggers, what entering it starts, or who signs"
    name = f"Changes {phase_words(phase)} as a whole: {what}"
    return Line(by.name, name, "", end_note="Somebody else must sign for every condition of it")


def _changed(by: Person, changed: Sequence[Condition]) -> tuple[Line, ...]:
    named = join_words(list(dict.fromkeys(condition.title for condition in changed)), MOST_NAMED)
    return (Line(by.name, f"Changes {count_of(len(changed), 'condition')}: {named}", "", end_note=SOMEBODY_ELSE),)


def _uncovered(before: Case, after: Case) -> tuple[Line, ...]:
    """Name what the answers that stand would no longer cover, because who gave them imported the change."""
    known = {covered_thing(each) for each in not_independent(before.facts, before.stations)}
    lacking = not_independent(after.facts, after.stations) if _all_go(after) else ()
    things = (thing for each in lacking if (thing := covered_thing(each)) not in known)
    return tuple(Line(thing.title, "Signed only by people who worked on it", "Not independent") for thing in things)


def _all_go(case: Case) -> bool:
    return bool(case.stations) and all(s.answer is PollAnswer.GO for s in case.stations)


def _under(rows: Rows, plan: Plan, by: Person | None) -> Rows:
    """Give the same rows as another plan, imported by somebody, would read them."""
    running = rows.run.phase if rows.run is not None else None
    known = running is None or find_phase(plan, running) is not None
    closed = rows.runs.get(CLOSE, 0) > 0
    following = phase_after(plan, running) if known and not closed else None
    changers = changers_after(plan, rows.rollout.plan, by)
    return replace(rows, plan=plan, following=following, changers=changers)
