"""The sheets that close a task of a gap, reopen it, or close a gap that nothing measures."""

from readiness.core.permissions import Right
from readiness.core.plan import Gap, GapTask
from readiness.models import GapClosure
from readiness.queries.heads import fill_head
from readiness.queries.pages.sheets import ReasonSheet, TaskSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, condition_line, refusal_of
from readiness.queries.words import days_of_effort


def find_gap(scene: Scene, key: str) -> Gap | None:
    """Give a gap of the plan."""
    return next((gap for gap in scene.plan.gaps if gap.key == key), None)


def find_task(scene: Scene, gap_key: str, task_key: str) -> tuple[Gap, GapTask] | None:
    """Give a task and its gap."""
    gap = find_gap(scene, gap_key)
    task = next((task for task in gap.tasks if task.key == task_key), None) if gap else None
    return (gap, task) if gap is not None and task is not None else None


def find_closure(scene: Scene, gap: str, task: str) -> GapClosure | None:
    """Give what closed a task (or, without one, the gap), while it is closed."""
    return scene.rows.closures.get((gap, task))


def close_task_sheet(scene: Scene, gap: Gap, task: GapTask, place: Place) -> TaskSheet:
    """Show a task and what the machine looks for once it is done."""
    return TaskSheet(
        fill_head(scene),
        *place,
        title=task.title,
        sub=_task_line(scene, gap, task),
        why_not=refusal_of(scene, Right.CLOSE_TASK, task.owner or gap.owner),
        gap=gap.title,
        estimate=days_of_effort(*task.estimate) if task.estimate else "",
        conditions=tuple(condition_line(scene, condition) for condition in gap.closed_when),
    )


def _task_line(scene: Scene, gap: Gap, task: GapTask) -> str:
    owner = scene.titles.get(task.owner or gap.owner or "", "")
    parts = [days_of_effort(*task.estimate) if task.estimate else "", owner]
    return ", ".join(part for part in parts if part)


def reopen_task_sheet(scene: Scene, gap: Gap, task: GapTask, place: Place) -> ReasonSheet:
    """Show who closed a task, to open it again."""
    closure = find_closure(scene, gap.key, task.key)
    by = f"{closure.by_name} closed it on {closure.closed_at:%d %b %Y}. " if closure else ""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"Reopen “{task.title}”",
        sub=_task_line(scene, gap, task),
        why_not=refusal_of(scene, Right.CLOSE_TASK, task.owner or gap.owner),
        lead=f"{by}Both entries stay in the record.",
        label="Reopen the task",
        busy="Reopening…",
        failed="The task is still closed",
    )


def close_gap_sheet(scene: Scene, gap: Gap, place: Place) -> ReasonSheet:
    """Close (or reopen) a gap that has neither tasks nor conditions; without a measurement it takes a reason."""
    measured = bool(gap.tasks or gap.closed_when)
    closes_itself = "This gap closes by itself when its tasks are done and its conditions are met." if measured else ""
    closure = find_closure(scene, gap.key, "")
    verb, label, busy = (
        ("Reopen", "Reopen the gap", "Reopening…") if closure else ("Close", "Close the gap", "Closing…")
    )
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"{verb} “{gap.title}”",
        sub=scene.plan.title,
        why_not=closes_itself or refusal_of(scene, Right.CLOSE_TASK, gap.owner),
        lead="Nothing measures this gap, so your reason is what others have. Everyone on this rollout will read it.",
        label=label,
        busy=busy,
        failed=f"The gap is still {'closed' if closure else 'open'}",
    )
