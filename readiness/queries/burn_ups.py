"""Burn-up: how much of the gaps that block the next phase was claimed, attested and proven, from first count to now."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from readiness.core.forecast_types import Forecast, Milestone
from readiness.core.workdays import Calendar
from readiness.models import GapCount
from readiness.queries.gaps import standing_words
from readiness.queries.pages.forecasts import BurnPoint, BurnUp
from readiness.queries.scenes import Scene
from readiness.queries.words import day_words, lower_first, phase_name

MOST_POINTS = 120
AHEAD, A_DAY = timedelta(days=7), timedelta(days=1)


def fill_burn_up(scene: Scene, forecast: Forecast) -> BurnUp | None:
    """Draw done against total; None before anything was counted, and when no gap blocks the next phase."""
    keys = [state.gap.key for state in scene.case.gaps]
    counts = GapCount.objects.filter(rollout=scene.rollout, gap__in=keys).order_by("counted_at", "pk")
    points = _thinned(list(_sums(counts)))
    following = scene.rows.following
    if not points or following is None:
        return None
    title = f"Criteria of the gaps that block {lower_first(phase_name(following))}"
    last, zone = points[-1], Calendar(scene.plan.timezone).zone
    milestone = forecast.milestone("")
    known = milestone if milestone is not None and milestone.known else None
    ends = [datetime.combine(known.day_by(share), time(17), zone) if known else None for share in (0.1, 0.5, 0.9)]
    far = datetime.combine(known.odds[-1][0] + A_DAY, time(0), zone) if known else forecast.at + AHEAD
    today = Calendar(scene.plan.timezone).day_of(forecast.at)
    return BurnUp(
        title=title,
        summary=f"{title}: {_summary(last, known, today)}",
        points=points,
        now=max(forecast.at, last.at),
        ends_at=max(far, forecast.at + A_DAY),
        early_at=ends[0],
        likely_at=ends[1],
        late_at=ends[2],
    )


def _sums(counts: Iterable[GapCount]) -> Iterator[BurnPoint]:
    """Add the newest counts of all gaps up, each time that one of them changes or ends."""
    newest: dict[str, tuple[int, int, int, int]] = {}
    turns = [(count.counted_at, 1, count) for count in counts]
    turns += [(count.ended_at, 0, count) for _, _, count in turns if count.ended_at is not None]
    for at, begins, count in sorted(turns, key=lambda turn: turn[:2]):
        if begins:
            newest[count.gap] = count.claimed, count.proven, count.total, count.attested
        else:
            newest.pop(count.gap, None)
        yield BurnPoint(at, *(sum(each[n] for each in newest.values()) for n in range(4)))


def _thinned(points: Sequence[BurnPoint]) -> tuple[BurnPoint, ...]:
    """Keep the last point of each moment, and of each stretch where there are more than can be seen apart."""
    if not points:
        return ()
    span = max((points[-1].at - points[0].at) / MOST_POINTS, timedelta(microseconds=1))
    kept: dict[int, BurnPoint] = {}
    for point in points:
        kept[(point.at - points[0].at) // span] = point
    return tuple(kept.values())


def _summary(last: BurnPoint, known: Milestone | None, today: date) -> str:
    words = standing_words(last.proven, last.attested, last.only_claimed)
    said = words.replace(" proven", f" of {last.total} proven", 1) + "."
    if last.total == last.proven + last.attested:
        return f"{said} Nothing is left to prove."
    if known is None:
        return f"{said} When all of them are can’t be known."
    early, late = (day_words(known.day_by(share), today) for share in (0.1, 0.9))
    between = f"between {early} and {late}" if early != late else f"by {early}"
    return f"{said} In 8 of 10 runs all are proven {between}."
