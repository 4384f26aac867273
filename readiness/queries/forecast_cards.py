"""The forecast on pages: in full with the gaps, in short on the board, and what changed since a day before."""

from datetime import date, timedelta

from readiness.core.case import MET
from readiness.core.forecast_types import Forecast, ForecastReport, GapTurn, Milestone, Turn
from readiness.core.phases import find_phase
from readiness.core.plan import Plan
from readiness.core.workdays import Calendar
from readiness.queries.burn_ups import fill_burn_up
from readiness.queries.forecasts import (
    HALF,
    MOST,
    NEARLY,
    Headline,
    headline,
    no_date_words,
    odds_words,
    share_words,
    strong_days,
    unknown_lines,
    unknown_words,
)
from readiness.queries.pages.forecasts import DateRow, DatesCard, ForecastCard, ForecastDay, ForecastNote, OddsRow
from readiness.queries.pages.parts import FeedCard, FeedRow
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, day_words, join_words, lower_first, phase_name, phase_share

MOST_DAYS = 8
LIKELY = ", more likely than not"
FULL = 100.0


def fill_forecast(scene: Scene, report: ForecastReport | None, effort: str) -> ForecastCard:
    """Show the forecast with its odds and how the gaps have come along."""
    region, today = scene.region("forecast"), plan_day(scene)
    head = headline(scene.plan, report.forecast) if report else None
    if report is None or head is None:
        sentence, lead = _nothing_words(scene, report)
        lines = unknown_lines(scene, report.forecast) if report else ()
        return ForecastCard(region, sentence, lead, effort, report.made_at if report else None, lines)
    known = head.milestone.known
    day = day_words(head.milestone.day_by(HALF), today)
    return ForecastCard(
        region=region,
        sentence=f"{head.by} {day}{LIKELY}" if known else no_date_words(scene.plan, report.forecast),
        lead=_lead(scene, report, head, today),
        effort=effort,
        made_at=report.made_at,
        unknowns=unknown_lines(scene, report.forecast),
        burn_up=fill_burn_up(scene, report.forecast),
        odds_title=head.odds if known else "Without what is not known",
        odds=_odds(head.milestone, today),
        rules=_rules(report.forecast),
    )


def plan_day(scene: Scene) -> date:
    """Give the date that people of the plan have."""
    return Calendar(scene.plan.timezone).day_of(scene.now)


def _nothing_words(scene: Scene, report: ForecastReport | None) -> tuple[str, str]:
    if scene.rows.following is None:
        return "Nothing is left to forecast", "No phase is left to enter."
    if report is None:
        return "No forecast yet", "The worker makes one as soon as it has judged the rollout."
    return no_date_words(scene.plan, report.forecast), "No date is given that far."


def _lead(scene: Scene, report: ForecastReport, head: Headline, today: date) -> str:
    milestone = head.milestone
    if not milestone.known:
        day = day_words(milestone.day_by(HALF), today)
        return f"What is estimated alone takes until {day} at least{LIKELY}."
    first = report.first.milestone(milestone.key) if report.first else None
    begun = f" The first estimate was {day_words(first.day_by(HALF), today)}." if first and first.known else ""
    return f"{odds_words(milestone, today)}: {lower_first(head.what)}.{begun}"


def _odds(milestone: Milestone, today: date) -> tuple[OddsRow, ...]:
    """The days of 50, 80 and 95 %, and others between them, as many as fit."""
    strong = strong_days(milestone)
    days = [day for day, _ in milestone.odds]
    while len(days) > MOST_DAYS:
        weak = [day for day in days if day not in strong]
        days.remove(min(weak, key=lambda day: _lone(day, days, milestone)))
    rows = ((day, milestone.share_by(day)) for day in days)
    return tuple(OddsRow(day_words(day, today), share, share_words(share), day in strong) for day, share in rows)


def _lone(day: date, days: list[date], milestone: Milestone) -> float:
    """How much a day adds to the one before it: the least is left out first."""
    place = days.index(day)
    return milestone.share_by(day) - (milestone.share_by(days[place - 1]) if place else 0.0)


def _rules(forecast: Forecast) -> str:
    return (
        f"{forecast.runs:,} simulated runs. An open task takes a length from its estimate, a closed one none; an owner "
        "does one at a time, on working days from 9:00 to 17:00, what blocks an earlier phase first. A poll takes a "
        "working day, a phase its planned time."
    )


def _taken_for_granted(scene: Scene) -> str:
    """Say what the dates of phases rest on and nobody has estimated: the open conditions that are in no gap."""
    facts, judged = scene.facts, scene.case.judged
    unmet = sum(judged[each.condition.path].outcome not in MET for each in (*facts.complete, *facts.enter))
    conditions = count_of(unmet, "condition that nobody has estimated is", "conditions that nobody has estimated are")
    return f"It takes for granted that {conditions} met by then." if unmet else ""


# ------------------------------------------------------------------------------------- every phase


def fill_dates(scene: Scene, report: ForecastReport | None) -> DatesCard:
    """Show when each phase can begin."""
    milestones = [each for each in (report.forecast.milestones if report else ()) if each.key]
    today = plan_day(scene)
    rows = tuple(_date_row(scene.plan, each, today) for each in milestones)
    full = next((each for each in milestones if _is_full(scene.plan, each.key)), None)
    note = f"100 % of traffic by {day_words(full.day_by(HALF), today)}{LIKELY}" if full and full.known else ""
    return DatesCard(scene.region("dates"), rows, note, _taken_for_granted(scene) if rows else "")


def _is_full(plan: Plan, key: str) -> bool:
    return phase_share(plan, find_phase(plan, key)) >= FULL


def _date_row(plan: Plan, milestone: Milestone, today: date) -> DateRow:
    phase = find_phase(plan, milestone.key)
    name = phase_name(phase) if phase else milestone.key
    title = f"{name}, {lower_first(phase.title)}" if phase and phase.number else name
    days = [day_words(milestone.day_by(p), today) if milestone.known else "" for p in (HALF, MOST, NEARLY)]
    return DateRow(title, "100 % of traffic" if _is_full(plan, milestone.key) else "", *days)


# ------------------------------------------------------------------------------------- the board


def fill_note(scene: Scene, report: ForecastReport | None) -> ForecastNote:
    """Show the forecast in short."""
    region, today, url = scene.region("forecast"), plan_day(scene), scene.url("gaps")
    head = headline(scene.plan, report.forecast) if report else None
    if report is None or head is None:
        sentence, lead = _nothing_words(scene, report)
        return ForecastNote(region, sentence, lead, url, today)
    milestone = head.milestone
    if not milestone.known:
        why = join_words([unknown_words(scene.plan, each) for each in report.forecast.unknowns], 2)
        return ForecastNote(region, "No date can be known", f"{why[:1].upper()}{why[1:]}.", url, today)
    days = tuple(
        ForecastDay(day, day_words(day, today), share_words(milestone.share_by(day))) for day in strong_days(milestone)
    )
    taken = _taken_for_granted(scene) if milestone.key else ""
    moved = _moved(report, head, today)
    note = " ".join(filter(None, [f"{report.forecast.runs:,} simulated runs.", taken, moved]))
    return ForecastNote(
        region, f"{head.what} by", note, url, today, days, _band(milestone, 0.01, 0.99), _band(milestone, 0.1, 0.9)
    )


def _band(milestone: Milestone, low: float, high: float) -> tuple[date, date]:
    return milestone.day_by(low), milestone.day_by(high)


# ------------------------------------------------------------------------------------- since yesterday


def fill_turns(scene: Scene, report: ForecastReport | None) -> FeedCard:
    """Show what changed since a day before: the date, tasks and gaps."""
    region = scene.region("turns")
    head = headline(scene.plan, report.forecast) if report else None
    if report is None or head is None or report.yesterday is None:
        return FeedCard(region, "Since yesterday", (), empty="There is no day before to compare with")
    moved = FeedRow(report.made_at, _moved(report, head, plan_day(scene)).removesuffix("."))
    rows = tuple(_turn_row(scene, turn) for turn in reversed(report.turns))
    return FeedCard(region, "Since yesterday", (moved, *rows))


def _moved(report: ForecastReport, head: Headline, today: date) -> str:
    """Say how the date moved since the facts of a day before."""
    before = report.yesterday.milestone(head.milestone.key) if report.yesterday else None
    now = head.milestone
    if before is None:
        return "" if report.yesterday is None else "A day ago this was not what was waited for."
    if before.known and now.known:
        old, new = before.day_by(HALF), now.day_by(HALF)
        late = (new - old) // timedelta(days=1)
        how = "later" if late > 0 else "earlier"
        return (
            f"{count_of(abs(late), 'day')} {how} than a day ago: {day_words(old, today)}."
            if late
            else "The same day as a day ago."
        )
    if now.known:
        return "A day ago no date could be known."
    return (
        f"A day ago it was {day_words(before.day_by(HALF), today)}."
        if before.known
        else "A day ago no date could be known either."
    )


_TURNS = {
    Turn.TASK_CLOSED: ("Closed: {task}", "Closed"),
    Turn.TASK_REOPENED: ("Reopened: {task}", "Open"),
    Turn.GAP_CLOSED: ("Gap closed: {gap}", "Proven"),
    Turn.GAP_OPENED: ("Gap open: {gap}", "Open"),
}


def _turn_row(scene: Scene, turn: GapTurn) -> FeedRow:
    gap = next((gap for gap in scene.plan.gaps if gap.key == turn.gap), None)
    task = next((task.title for task in gap.tasks if task.key == turn.task), turn.task) if gap else turn.task
    sentence, state = _TURNS[turn.turn]
    title = gap.title if gap else turn.gap
    note = ", ".join(filter(None, [title if turn.task else "", turn.by]))
    return FeedRow(
        turn.at,
        sentence.format(task=task, gap=title),
        note,
        state,
        f"{scene.url('gaps')}#gap-{turn.gap}" if gap else "",
    )
