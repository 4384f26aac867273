"""When the next phase of each rollout can begin, on one axis for all of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from readiness.core.case import MET
from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.forecast_types import Milestone
from readiness.models import StoredForecast
from readiness.queries.pages.portfolio import PortfolioRow
from readiness.queries.scenes import Answer
from readiness.queries.words import count_of, day_words

SHORTEST, LONGEST = timedelta(days=14), timedelta(days=120)
EARLY, LIKELY, LATE = 0.1, 0.5, 0.9
GAP = "gap:"


def load_next_begins() -> dict[str, Milestone]:
    """Give when the next phase of each rollout can begin, as forecast last, by the rollout's key."""
    rows = StoredForecast.objects.values_list("rollout__key", "payload")
    found = {key: _next_begin(payload) for key, payload in rows}
    return {key: milestone for key, milestone in found.items() if milestone is not None}


def _next_begin(payload: Any) -> Milestone | None:
    """Read one milestone alone: a page of many rollouts needs no more of their forecasts."""
    try:
        plain = next((each for each in payload["forecast"]["milestones"] if each["key"]), None)
        return from_plain(Milestone, plain) if plain is not None else None
    except (UnexpectedShape, KeyError, TypeError):
        return None


def last_day(begins: Iterable[Milestone], today: date) -> date:
    """Give the end of the axis: the latest likely day, within what can be seen apart."""
    days = [milestone.day_by(LATE) for milestone in begins if milestone.known]
    return min(max([today + SHORTEST, *days]), today + LONGEST)


def with_date(row: PortfolioRow, begins: Milestone | None, today: date, last: date) -> PortfolioRow:
    """Show in a row when its next phase can begin."""
    if begins is None:
        return row
    if not begins.known:
        return replace(row, ready="No date")
    days = [begins.day_by(share) for share in (EARLY, LIKELY, LATE)]
    early, likely, late = (min(max((day - today) / (last - today), 0.0), 1.0) * 100 for day in days)
    return replace(row, ready=day_words(days[1], today), ready_line=(early, likely, late))


def granted_note(answer: Answer | None) -> str:
    """Say how many open conditions a date takes for granted: those in no gap, which nobody has estimated."""
    assessments = answer.verdict.assessments if answer else ()
    unmet = sum(each.outcome not in MET and not each.path.startswith(GAP) for each in assessments)
    return f"if {count_of(unmet, 'condition is', 'conditions are')} met" if unmet else ""
