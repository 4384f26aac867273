"""Forecasts in words: the newest one as it is kept, what it says of the next decision, and what it can't know."""

from dataclasses import dataclass
from datetime import date

from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.forecast_types import Doubt, Forecast, ForecastReport, Milestone, Unknown
from readiness.core.phases import find_phase
from readiness.core.plan import Gap, Plan
from readiness.models import Rollout, StoredForecast
from readiness.queries.pages.parts import Line
from readiness.queries.scenes import Scene
from readiness.queries.words import day_words, lower_first, phase_name, without_stop

HALF, MOST, NEARLY = 0.5, 0.8, 0.95
SHARES = (HALF, MOST, NEARLY)


def load_report(rollout: Rollout) -> ForecastReport | None:
    """Give the newest forecast of a rollout; one that another version wrote and this one can't read is none."""
    payload = StoredForecast.objects.filter(rollout=rollout).values_list("payload", flat=True).first()
    try:
        return from_plain(ForecastReport, payload) if payload is not None else None
    except UnexpectedShape:
        return None


@dataclass(frozen=True, slots=True)
class Headline:
    """The milestone that everybody waits for, and the words before a date of it."""

    milestone: Milestone
    by: str  # "Ready by", "Phase 1 can begin by"
    what: str  # "Every gap that blocks phase 0 is closed"
    odds: str  # "Odds of being ready by"


def headline(plan: Plan, forecast: Forecast) -> Headline | None:
    """Give what is reached next: the gaps closed, or without an open one the next phase begun."""
    if not forecast.milestones:
        return None
    first = forecast.milestones[0]
    phase = find_phase(plan, next((each.key for each in forecast.milestones if each.key), ""))
    name = phase_name(phase) if phase else "The next phase"
    if not first.key:
        closed = f"Every gap that blocks {lower_first(name)} is closed"
        return Headline(first, "Ready by", closed, "Odds of being ready by")
    return Headline(first, f"{name} can begin by", f"{name} can begin", f"Odds that {lower_first(name)} begins by")


def share_words(share: float) -> str:
    """61 %; never 0 for what is only nearly so, and never 100: all runs of a simulation are no promise."""
    if 0 < share < 0.01:
        return "under 1 %"
    return "over 99 %" if share > 0.99 else f"{share * 100:.0f} %"


def strong_days(milestone: Milestone) -> tuple[date, ...]:
    """The days of 50, 80 and 95 %, each once."""
    return tuple(dict.fromkeys(milestone.day_by(share) for share in SHARES))


def odds_words(milestone: Milestone, today: date) -> str:
    """61 % by Wed 10 Dec, 93 % by Fri 12 Dec."""
    return ", ".join(
        f"{share_words(milestone.share_by(day))} by {day_words(day, today)}" for day in strong_days(milestone)
    )


# ------------------------------------------------------------------------------------- what it can't know


def unknown_lines(scene: Scene, forecast: Forecast) -> tuple[Line, ...]:
    """Say what the forecast can't know, and what would tell."""
    return tuple(_unknown_line(scene, unknown) for unknown in forecast.unknowns)


def unknown_words(plan: Plan, unknown: Unknown) -> str:
    """Say one thing that nobody has said."""
    gap = next((gap for gap in plan.gaps if gap.key == unknown.key), None)
    what = f"“{_titled(plan, gap, unknown)}”"
    said = {
        Doubt.NO_ESTIMATE: f"{what} has no estimate",
        Doubt.NO_OWNER: f"{what} has no owner",
        Doubt.UNPROVEN: f"{what} is claimed and not proven",
        Doubt.UNDECIDED: f"{what} is undecided after its planned time",
        Doubt.TOO_FAR: "the plan reaches further than ten years",
    }
    return said[unknown.doubt]


def _titled(plan: Plan, gap: Gap | None, unknown: Unknown) -> str:
    if gap is None:
        return next((each.title for each in plan.experiments if each.key == unknown.key), unknown.key)
    return next((task.title for task in gap.tasks if task.key == unknown.task), gap.title)


_EXITS = {
    Doubt.NO_ESTIMATE: "A range in the plan, such as 2-3d, would tell",
    Doubt.NO_OWNER: "It begins when the plan names who does it",
    Doubt.UNPROVEN: "Its conditions are met, or one of its tasks is reopened",
    Doubt.UNDECIDED: "A later look decides it; which one, nobody knows",
    Doubt.TOO_FAR: "Smaller estimates, or a planned start that is nearer",
}
_STATES = {Doubt.UNPROVEN: "Unproven", Doubt.UNDECIDED: "Not proven"}


def _unknown_line(scene: Scene, unknown: Unknown) -> Line:
    words = unknown_words(scene.plan, unknown)
    gap = any(gap.key == unknown.key for gap in scene.plan.gaps)
    url = f"{scene.url('gaps')}#gap-{unknown.key}" if gap else ""
    return Line(
        words[:1].upper() + words[1:],
        _EXITS[unknown.doubt],
        _STATES.get(unknown.doubt, "No data"),
        "Not known",
        url=url,
    )


def no_date_words(plan: Plan, forecast: Forecast) -> str:
    """Say why there is no date: the one reason, or how many there are."""
    unknowns = forecast.unknowns
    if len(unknowns) == 1:
        return f"No date can be known: {without_stop(unknown_words(plan, unknowns[0]))}"
    return f"No date can be known, for {len(unknowns)} reasons"
