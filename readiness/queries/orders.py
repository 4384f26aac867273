"""The order of work: which gap can be built when, in days of effort, with its shorter and its longer estimate."""

from collections.abc import Sequence
from dataclasses import dataclass

from readiness.core.gaps import gap_estimate, total_effort
from readiness.queries.gaps import GapView
from readiness.queries.pages.gaps import OrderCard, OrderRow
from readiness.queries.scenes import Scene
from readiness.queries.words import days_of_effort, join_words


@dataclass(frozen=True, slots=True)
class Slot:
    """When a gap's work can be done, in days of effort from now: at the earliest, at the latest."""

    starts: float
    ends: float
    ends_at_most: float


def fill_order(scene: Scene, views: Sequence[GapView]) -> OrderCard:
    """Show the work on what blocks the next phase along an axis of days of effort."""
    work = [view for view in views if view.blocks_now]
    slots = schedule(work)
    rows = tuple(_order_row(scene, view, slots[view.gap.key]) for view in work)
    rows = tuple(sorted(rows, key=lambda row: (row.starts, row.ends_at_most)))
    last = max(rows, key=lambda row: row.ends_at_most, default=None)
    days = max(last.ends_at_most if last else 0.0, 1.0)
    note = f"“{last.title}” decides the date" if last and last.ends_at_most else "Nothing is left to do"
    return OrderCard(scene.region("order"), rows, days, note)


def schedule(work: Sequence[GapView]) -> dict[str, Slot]:
    """Place each gap's work after what it waits for, one gap at a time for each owner, others side by side."""
    views = {view.gap.key: view for view in work}
    slots: dict[str, Slot] = {}
    free: dict[str, tuple[float, float]] = {}
    for key in _waiting_order(views):
        view, owner = views[key], views[key].gap.owner or key
        waits_for = [slots[other] for other in view.gap.after if other in slots]
        earliest = max([free.get(owner, (0.0, 0.0))[0], *(slot.ends for slot in waits_for)])
        latest = max([free.get(owner, (0.0, 0.0))[1], *(slot.ends_at_most for slot in waits_for)])
        low, high = remaining_effort(view)
        slots[key] = Slot(earliest, earliest + low, latest + high)
        free[owner] = (earliest + low, latest + high)
    return slots


def _waiting_order(views: dict[str, GapView]) -> list[str]:
    """The gaps so that each comes behind those it waits for; a circle is broken where it closes."""
    ordered: list[str] = []

    def place(key: str, trail: tuple[str, ...]) -> None:
        if key in ordered or key in trail or key not in views:
            return
        for other in views[key].gap.after:
            place(other, (*trail, key))
        ordered.append(key)

    for key in views:
        place(key, ())
    return ordered


def remaining_effort(view: GapView) -> tuple[float, float]:
    """Give the effort that is left: nothing when closed, the open tasks' when some are done, else the whole."""
    if view.state.closed:
        return 0.0, 0.0
    open_keys = {task.key for task in view.state.open_tasks}
    left = total_effort(task.estimate for task in view.gap.tasks if task.key in open_keys)
    some_done = len(open_keys) < len(view.gap.tasks)
    return left if some_done or left[1] else gap_estimate(view.gap)


def _order_row(scene: Scene, view: GapView, slot: Slot) -> OrderRow:
    titles = {gap.key: gap.title for gap in scene.plan.gaps}
    after = join_words([f"“{titles.get(key, key)}”" for key in view.gap.after])
    owner = scene.titles.get(view.gap.owner or "", "")
    note = ", ".join(filter(None, [owner, f"after {after}" if after else ""]))
    low, high = remaining_effort(view)
    effort = days_of_effort(low, high) if high else "done" if view.state.closed else "not estimated"
    url = f"{scene.url('gaps')}#gap-{view.gap.key}"
    return OrderRow(view.gap.title, note, view.word, slot.starts, slot.ends, slot.ends_at_most, effort, url)
