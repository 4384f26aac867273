"""Gaps as rows: what is missing now, what of it is claimed, what is proven, and how much work is left."""

from dataclasses import dataclass

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.forecast_types import ForecastReport
from readiness.core.gaps import (
    ALL_PHASES,
    GapState,
    Tally,
    gap_estimate,
    gap_state,
    gap_weight,
    tally_gap,
    total_effort,
)
from readiness.core.phases import find_phase
from readiness.core.plan import Gap
from readiness.core.types import Outcome
from readiness.core.workdays import Calendar
from readiness.queries.facts import gap_facts
from readiness.queries.pages.board import GapRow, GapsCard
from readiness.queries.scenes import Scene
from readiness.queries.words import (
    count_of,
    day_words,
    days_of_effort,
    join_words,
    lower_first,
    phase_name,
    without_stop,
)

MET = (Outcome.MET, Outcome.WAIVED)


@dataclass(frozen=True, slots=True)
class GapView:
    """A gap as it stands: its state, and how many of its conditions (else tasks) are done, and how that is known."""

    gap: Gap
    state: GapState
    word: str
    tally: Tally
    blocks_now: bool
    waived: int = 0


def fill_gaps(scene: Scene, report: ForecastReport | None) -> GapsCard:
    """Show every gap of the plan, those that block the next phase first, with the day they are likely closed by."""
    views = gap_views(scene)
    zone = Calendar(scene.plan.timezone)
    days = {span.key: zone.day_of(span.ends_at) for span in report.forecast.spans} if report else {}
    today = zone.day_of(scene.now)
    rows = tuple(
        gap_row(scene, view, day_words(days[k], today) if (k := view.gap.key) in days else "") for view in views
    )
    return GapsCard(scene.region("gaps"), rows, _note([view.tally for view in views]), scene.url("gaps"))


def _note(tallies: list[Tally]) -> str:
    total = sum(tally.total for tally in tallies)
    words = standing_words(
        sum(tally.proven for tally in tallies),
        sum(tally.attested for tally in tallies),
        sum(tally.only_claimed for tally in tallies),
    )
    return (
        f"All {count_of(total, 'criterion', 'criteria')} of {count_of(len(tallies), 'gap')}: {words}" if total else ""
    )


def standing_words(proven: int, attested: int, claimed: int) -> str:
    """Say how much is proven, and what is attested or only claimed where anything is."""
    also = f", {attested} attested" if attested else ""
    return f"{proven} proven{also}" + (f", {claimed} only claimed" if claimed else "")


def standing_of(tally: Tally) -> str:
    """Say how much of a gap is proven, attested and only claimed."""
    words = standing_words(tally.proven, tally.attested, tally.only_claimed)
    return words.replace(" proven", f" of {tally.total} proven", 1)


def gap_views(scene: Scene) -> list[GapView]:
    """Judge every gap of the plan: what blocks now first, open before closed, the heavier before the lighter."""
    blocking = {state.gap.key for state in scene.case.gaps}
    views = [_view(scene, gap, gap.key in blocking) for gap in scene.plan.gaps]
    return sorted(views, key=lambda view: (view.state.closed, not view.blocks_now, gap_weight(view.gap)))


def _view(scene: Scene, gap: Gap, blocks_now: bool) -> GapView:
    facts = gap_facts(scene.rows, gap)
    state = gap_state(facts, {condition.path: scene.judge(condition) for condition in gap.closed_when})
    waived = len(state.waived)
    said_done = bool(facts.tasks and facts.conditions) and not state.open_tasks
    word = "Waived" if state.closed and waived else _word(scene, state, said_done)
    return GapView(gap, state, word, tally_gap(facts, state), blocks_now, waived)


def _word(scene: Scene, state: GapState, tasks_done: bool) -> str:
    """Closed, open, or contradicted: people say it is done and the machine finds that it is not."""
    if state.closed:
        return "Closed"
    judged = [scene.judge(each.condition) for each in state.open_conditions]
    contradicted = any(assessment.code == "CLAIM_CONTRADICTED" for assessment in judged)
    said_done = tasks_done and any(assessment.outcome is Outcome.NOT_MET for assessment in judged)
    return "Contradicted" if contradicted or said_done else "Open"


def gap_row(scene: Scene, view: GapView, day: str = "") -> GapRow:
    """Show one gap; `day` is when it is likely closed."""
    gap, day = view.gap, "" if view.state.closed else day
    blocks = blocks_words(scene, gap) if not view.state.closed else ""
    return GapRow(
        key=gap.key,
        severity=gap.severity.capitalize(),
        title=gap.title,
        state=view.word,
        say=gap_sentence(view),
        proven=view.tally.proven,
        attested=view.tally.attested,
        claimed=view.tally.claimed,
        total=view.tally.total,
        counted=standing_of(view.tally),
        effort=day or gap_effort(view),
        effort_note=gap_effort(view) if day else blocks,
        tag=f"Task {join_words([task.key for task in gap.tasks])}" if gap.tasks else "",
        owner=scene.owner(gap.owner),
        url=f"{scene.url('gaps')}#gap-{gap.key}",
    )


def gap_effort(view: GapView) -> str:
    """Say how much work is left, as the plan estimated it."""
    low, high = remaining_effort(view)
    if view.state.closed:
        return ""
    if not high:
        return "not proven" if view.gap.tasks and not view.state.open_tasks else "not estimated"
    return f"{days_of_effort(low, high)} left"


def remaining_effort(view: GapView) -> tuple[float, float]:
    """Give the effort that is left: nothing when closed, the open tasks' where they are estimated, else the whole."""
    if view.state.closed:
        return 0.0, 0.0
    open_keys = {task.key for task in view.state.open_tasks}
    left = total_effort(task.estimate for task in view.gap.tasks if task.key in open_keys)
    some_done = len(open_keys) < len(view.gap.tasks)
    return left if some_done or left[1] else gap_estimate(view.gap)


def blocks_words(scene: Scene, gap: Gap) -> str:
    """Say which phases a gap blocks."""
    if not gap.blocks:
        return "blocks no phase"
    if ALL_PHASES in gap.blocks:
        return "blocks every phase"
    phases = [find_phase(scene.plan, key) for key in gap.blocks]
    return f"blocks {join_words([lower_first(phase_name(phase)) for phase in phases if phase])}"


def gap_sentence(view: GapView) -> str:
    """Say what is missing now; for a closed gap what was found; for one that nothing measures why it matters."""
    if view.state.closed:
        waived = f", {view.waived} waived" if view.waived else ""
        return f"{standing_of(view.tally)}{waived}" if view.gap.closed_when else "Closed by a person"
    conditions = [each.condition for each in view.state.open_conditions]
    parts = [
        _list_of("Not found", [c for c in conditions if c.kind is ConditionKind.CHECK]),
        _list_of("Not shown", [c for c in conditions if c.kind is not ConditionKind.CHECK]),
    ]
    said = [part for part in parts if part]
    if not said and view.state.open_tasks:
        said = [f"Not done: {join_words([task.title for task in view.state.open_tasks])}"]
    return ". ".join(said) or without_stop(view.gap.why) or "Nobody has closed it"


def _list_of(word: str, conditions: list[Condition]) -> str:
    titles = [conditions[0].title, *(lower_first(c.title) for c in conditions[1:])] if conditions else []
    return f"{word}: {lower_first(join_words(titles, 3))}" if titles else ""
