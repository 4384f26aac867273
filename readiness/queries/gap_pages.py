"""The gaps of a rollout: how much work is left, in which order, and each gap with its tasks and conditions."""

from collections.abc import Sequence

from readiness.core.conditions import Condition
from readiness.core.facts import TaskFacts
from readiness.core.gaps import total_effort
from readiness.core.permissions import Right
from readiness.core.plan import Gap, GapTask
from readiness.core.types import Outcome
from readiness.queries.facts import gap_facts
from readiness.queries.forecast_cards import fill_dates, fill_forecast, fill_turns
from readiness.queries.forecasts import load_report
from readiness.queries.gaps import (
    GapView,
    blocks_words,
    fill_gaps,
    gap_effort,
    gap_sentence,
    gap_views,
    remaining_effort,
    standing_of,
)
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.orders import fill_order
from readiness.queries.pages.gaps import GapCard, GapsPage, TaskRow
from readiness.queries.pages.parts import Line, Live
from readiness.queries.scenes import Scene
from readiness.queries.sheets import state_word
from readiness.queries.untracked import untracked_rows
from readiness.queries.waiver_pages import waiver_note
from readiness.queries.words import (
    count_of,
    days_of_effort,
    join_words,
    lower_first,
    phase_name,
    upper_first,
    without_stop,
)


def make_gaps(scene: Scene, live: Live) -> GapsPage:
    """Fill the page of gaps."""
    views, report = gap_views(scene), load_report(scene.rollout)
    return GapsPage(
        head=fill_head(scene),
        live=live,
        forecast=fill_forecast(scene, report, f"{_sentence(views)}. {_lead(scene, views)}".rstrip()),
        order=fill_order(scene, views, report),
        dates=fill_dates(scene, report),
        turns=fill_turns(scene, report),
        gaps=fill_gaps(scene, report),
        cards=tuple(_card(scene, view) for view in views),
        bar=fill_bar(scene),
        untracked=untracked_rows(scene),
    )


def _sentence(views: Sequence[GapView]) -> str:
    open_gaps = [view for view in views if not view.state.closed]
    if not views:
        return "The plan names no gap"
    if not open_gaps:
        return "No gap is open"
    low, high = total_effort(remaining_effort(view) for view in open_gaps)
    verb = "is" if len(open_gaps) == 1 else "are"
    effort = f": {days_of_effort(low, high, ' to ')} of effort" if high else ""
    return f"{count_of(len(open_gaps), 'gap')} {verb} open{effort}"


def _lead(scene: Scene, views: Sequence[GapView]) -> str:
    following, open_now = scene.rows.following, [view for view in views if view.blocks_now and not view.state.closed]
    if following is None:
        return "The rollout is closed."
    name = lower_first(phase_name(following))
    if not open_now:
        return f"None of them blocks {name}." if any(not view.state.closed for view in views) else ""
    low, high = total_effort(remaining_effort(view) for view in open_now)
    longest = max(open_now, key=lambda view: remaining_effort(view)[1]).gap.title
    verb = "blocks" if len(open_now) == 1 else "block"
    effort = f", {days_of_effort(low, high, ' to ')} of effort together" if high and len(open_now) > 1 else ""
    return f"{len(open_now)} of them {verb} {name}{effort}. The longest is “{longest}”."


# ------------------------------------------------------------------------------------- one gap


def _card(scene: Scene, view: GapView) -> GapCard:
    gap, facts = view.gap, gap_facts(scene.rows, view.gap)
    bare = not gap.tasks and not gap.closed_when
    may_close = bare and not view.state.closed and scene.may(Right.CLOSE_TASK, gap.owner)
    tasks = tuple(_task_row(scene, gap, task, done, view) for task, done in zip(gap.tasks, facts.tasks, strict=True))
    claim, claim_note = _claim(facts.tasks) if view.word == "Contradicted" else ("", "")
    evidence, evidence_note = _evidence(scene, view) if claim else ("", "")
    return GapCard(
        region=scene.region(f"gap-{gap.key}"),
        key=gap.key,
        number=str(scene.plan.gaps.index(gap) + 1),
        title=gap.title,
        severity=gap.severity.capitalize(),
        state=view.word,
        say=f"{without_stop(gap.why)}. {gap_sentence(view)}" if gap.why and gap.closed_when else gap_sentence(view),
        counted=standing_of(view.tally),
        waived=view.waived,
        conditions=tuple(_condition_line(scene, condition) for condition in gap.closed_when),
        tasks=tasks,
        effort=gap_effort(view),
        blocks=blocks_words(scene, gap),
        claim=claim,
        claim_note=claim_note,
        evidence=evidence,
        evidence_note=evidence_note,
        owner=scene.owner(gap.owner),
        close_url=scene.url("close-gap", gap.key) if may_close else "",
    )


def _condition_line(scene: Scene, condition: Condition) -> Line:
    assessment = scene.judge(condition)
    word = state_word(assessment)
    met = assessment.outcome in (Outcome.MET, Outcome.WAIVED)
    url = scene.url("claim", condition.path) if condition.item is not None and _may_claim(scene, condition) else ""
    return Line(
        condition.title,
        upper_first(assessment.found),
        word,
        "Proven" if met and word == "Met" else "",
        url=url,
        waiver=waiver_note(scene, condition),
    )


def _may_claim(scene: Scene, condition: Condition) -> bool:
    return scene.may(Right.CLAIM, condition.owner) or bool(scene.rows.claims.get(condition.path))


def _task_row(scene: Scene, gap: Gap, task: GapTask, done: TaskFacts, view: GapView) -> TaskRow:
    owner = task.owner or gap.owner
    closed = "Contradicted" if view.word == "Contradicted" else "Closed"
    may_close = done.closed_by is None and scene.may(Right.CLOSE_TASK, owner)
    after = join_words([title for title in (_task_title(gap, key) for key in task.after) if title])
    return TaskRow(
        key=task.key,
        title=task.title,
        state=closed if done.closed_by else "Open",
        estimate=days_of_effort(*task.estimate) if task.estimate else "not estimated",
        owner=scene.owner(owner),
        after=f"after {after}" if after else "",
        closed_by=done.closed_by.name if done.closed_by else "",
        closed_at=done.closed_at,
        url=task.url,
        close_url=scene.url("close-task", gap.key, task.key) if may_close else "",
    )


def _task_title(gap: Gap, key: str) -> str:
    return next((f"“{task.title}”" for task in gap.tasks if task.key == key), key)


def _claim(tasks: Sequence[TaskFacts]) -> tuple[str, str]:
    closed = [task for task in tasks if task.closed_by is not None]
    newest = max(closed, key=lambda task: task.closed_at.timestamp() if task.closed_at else 0.0, default=None)
    if newest is None or newest.closed_by is None or newest.closed_at is None:
        return "Claimed as done.", "A claim of it is contradicted"
    at = f"{newest.closed_at:%H:%M} UTC on {newest.closed_at.day} {newest.closed_at:%b}"
    return f"Done. {count_of(len(closed), 'task')} closed.", f"{newest.closed_by.name}, {at}"


def _evidence(scene: Scene, view: GapView) -> tuple[str, str]:
    judged = [scene.judge(each.condition) for each in view.state.open_conditions]
    found = [assessment.found for assessment in judged if assessment.outcome is Outcome.NOT_MET]
    return f"{view.tally.proven} of {view.tally.total} proven.", upper_first(join_words(found, 2))
