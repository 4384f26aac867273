"""What importing a plan would change: the difference to the plan in force, and the signatures that would go void."""

from dataclasses import replace
from datetime import datetime

from readiness.core.case import open_case
from readiness.core.phases import CLOSE, find_phase, phase_after
from readiness.core.plan import Plan
from readiness.core.plan_diff import plan_changes
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Question
from readiness.models import Rollout
from readiness.queries.conditions import every_condition
from readiness.queries.facts import facts_of
from readiness.queries.pages.parts import Change, Fact, Line
from readiness.queries.pages.plans import PlanPreview
from readiness.queries.plans import load_plan
from readiness.queries.rows import Rows, load_rows
from readiness.queries.scenes import role_titles


def load_current(key: str) -> Rollout | None:
    """Give the rollout that a plan is about, when it has a plan already."""
    found = Rollout.objects.exclude(plan=None).filter(key=key).select_related("plan")
    return found.defer("plan__text", "plan__document").first()


def fill_preview(plan: Plan, current: Rollout | None, now: datetime) -> PlanPreview:
    """Show what a plan holds, what it would change, and whom it would ask again."""
    version = current.plan.number if current is not None and current.plan is not None else 0
    unchanged = current is not None and current.plan is not None and current.plan.digest == plan.digest
    return PlanPreview(
        key=plan.key,
        title=plan.title,
        version=version if unchanged else version + 1,
        digest=plan.digest,
        counts=_counts(plan),
        changes=_changes(plan, current) if current is not None else (),
        voids=_voided(plan, current, now) if current is not None and not unchanged else (),
        unchanged=unchanged,
    )


def _changes(plan: Plan, current: Rollout) -> tuple[Change, ...]:
    found = plan_changes(load_plan(current), plan)
    return tuple(Change(change.title, change.before, change.after, change.note) for change in found)


def _counts(plan: Plan) -> tuple[Fact, ...]:
    numbers = {
        "Phases": len(plan.phases),
        "Conditions": sum(1 for _ in every_condition(plan)),
        "Gates": len(plan.gates),
        "Checks": len(plan.checks),
        "Gaps": len(plan.gaps),
        "Roles": len(plan.roles),
    }
    return tuple(Fact(label, str(number)) for label, number in numbers.items())


def _voided(plan: Plan, current: Rollout, now: datetime) -> tuple[Line, ...]:
    """Name the answers that stand now and would not under the new plan."""
    rows = load_rows(current)
    before = open_case(facts_of(rows), Question.ENTER, now).stations
    after = {s.role: s.answer for s in open_case(facts_of(_under(rows, plan)), Question.ENTER, now).stations}
    titles = role_titles(load_plan(current)) | role_titles(plan)
    return tuple(
        Line(titles.get(s.role, s.role), f"GO by {s.signature.by.name}", "Void")
        for s in before
        if s.answer is PollAnswer.GO and s.signature is not None and after.get(s.role) is not PollAnswer.GO
    )


def _under(rows: Rows, plan: Plan) -> Rows:
    """Give the same rows as another plan would read them."""
    running = rows.run.phase if rows.run is not None else None
    known = running is None or find_phase(plan, running) is not None
    closed = rows.runs.get(CLOSE, 0) > 0
    following = phase_after(plan, running) if known and not closed else None
    return replace(rows, plan=plan, following=following)
