"""Forecasts as SVG text: done against total with the fan of what may come, odds, the order of work, a small axis."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from django.utils.html import escape

from readiness.queries.pages.forecasts import BurnPoint, BurnUp, ForecastDay, ForecastNote
from readiness.queries.pages.gaps import OrderCard, OrderRow
from readiness.queries.pages.portfolio import PortfolioRow
from readiness.templatetags._svg import percent

HEIGHT = 280  # of the plot, in pixels
LINE = 7  # the height of a label, in percent of the plot
APART = 36  # how far two days of the small axis must be apart for a label each, in percent
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_DAYS = (1, 2, 3, 4, 7, 14, 28, 56, 91, 182, 365)
_HIGH = 0.9  # the total stands a little below the top


class Plane:
    """Where moments and numbers are, in percent of the plot."""

    def __init__(self, begins: datetime, ends: datetime, total: int) -> None:
        self.begins, self.ends = begins, max(ends, begins + timedelta(hours=1))
        self.top = max(total, 1) / _HIGH

    def x(self, at: datetime) -> float:
        """A moment, from the left."""
        return (at - self.begins) / (self.ends - self.begins) * 100

    def y(self, number: float) -> float:
        """A number, from the top."""
        return (1 - number / self.top) * 100


def burn_up(chart: BurnUp) -> str:
    """Claimed and proven as steps, the total as a line, and when the runs reach it as a fan."""
    total = max(point.total for point in chart.points)
    plane = Plane(chart.points[0].at, chart.ends_at, total)
    return (
        f'<svg class="chart" height="{HEIGHT + 26}" width="100%" role="img" aria-labelledby="burn-title" '
        f'aria-describedby="burn-text"><title id="burn-title">{escape(chart.title)}</title>'
        f'<desc id="burn-text">{escape(chart.summary)}</desc>'
        f'<svg x="0" y="0" width="100%" height="{HEIGHT}" overflow="visible">{_grid(plane, total)}{_now(plane, chart)}'
        f'<svg x="0" y="0" width="100%" height="{HEIGHT}" viewBox="0 0 1000 1000" preserveAspectRatio="none">'
        f"{_fan(plane, chart)}{_steps(plane, chart)}</svg>{_labels(plane, chart)}</svg>"
        f"{_days(plane, HEIGHT + 18)}</svg>"
    )


def _grid(plane: Plane, total: int) -> str:
    step = next((step for step in _STEPS if total / step <= 6), total)
    lines = []
    for number in range(0, total + 1, step):
        y = percent(plane.y(number))
        label = f'<text class="c-tick" x="2" y="{y}" dy="-4">{number}</text>' if number else ""
        lines.append(f'<line class="c-grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>{label}')
    return "".join(lines)


def _now(plane: Plane, chart: BurnUp) -> str:
    x = plane.x(chart.now)
    anchor, dx = ("end", -6) if x > 80 else ("start", 6)
    return (
        f'<line class="c-now" x1="{percent(x)}" x2="{percent(x)}" y1="0" y2="100%"/>'
        f'<text class="c-label" x="{percent(x)}" dx="{dx}" y="12" text-anchor="{anchor}">Now</text>'
    )


def _fan(plane: Plane, chart: BurnUp) -> str:
    """From what is proven now to the total, as early and as late as 8 of 10 runs have it."""
    last = chart.points[-1]
    if chart.early_at is None or chart.late_at is None or chart.likely_at is None or last.proven >= last.total:
        return ""
    here = _spot(plane, chart.now, last.proven)
    early, likely, late = (_spot(plane, at, last.total) for at in (chart.early_at, chart.likely_at, chart.late_at))
    return f'<path class="c-fan2" d="M{here}L{early}L{late}Z"/><path class="c-lmute" d="M{here}L{likely}"/>'


def _spot(plane: Plane, at: datetime, number: float) -> str:
    return f"{plane.x(at) * 10:.0f} {plane.y(number) * 10:.0f}"


def _steps(plane: Plane, chart: BurnUp) -> str:
    points = [*chart.points, BurnPoint(chart.now, *_numbers(chart.points[-1]))]
    drawn = (
        ("lscope", [point.total for point in points]),
        ("lclaim", [point.claimed for point in points]),
        ("lattest", [point.proven + point.attested for point in points]),
        ("lproven", [point.proven for point in points]),
    )
    lines = [f'<path class="c-{kind}" d="{_stairs(plane, points, numbers)}"/>' for kind, numbers in drawn]
    return f'{"".join(lines)}<path class="c-lscope" d="M{_spot(plane, chart.now, points[-1].total)}H1000"/>'


def _numbers(point: BurnPoint) -> tuple[int, int, int, int]:
    return point.claimed, point.proven, point.total, point.attested


def _stairs(plane: Plane, points: Sequence[BurnPoint], numbers: Sequence[int]) -> str:
    parts = [f"M{_spot(plane, points[0].at, numbers[0])}"]
    for point, number in zip(points[1:], numbers[1:], strict=True):
        parts.append(f"H{plane.x(point.at) * 10:.0f}V{plane.y(number) * 10:.0f}")
    return "".join(parts)


def _labels(plane: Plane, chart: BurnUp) -> str:
    last, x = chart.points[-1], plane.x(chart.now)
    anchor, dx = ("end", -10) if x > 70 else ("start", 10)
    texts = [("proven", last.proven, last.proven, "dotgo")]
    texts += [("attested", last.attested, last.proven + last.attested, "dotattest")] if last.attested else []
    texts += [("only claimed", last.only_claimed, last.claimed, "dotwarn")] if last.only_claimed else []
    spots = [plane.y(height) for _, _, height, _ in texts]
    drawn = [
        f'<circle class="c-{dot}" cx="{percent(x)}" cy="{percent(at)}" r="5"/>'
        f'<text class="c-label" x="{percent(x)}" dx="{dx}" y="{percent(place)}" dy="4" '
        f'text-anchor="{anchor}">{number} {word}</text>'
        for (word, number, _, dot), at, place in zip(texts, spots, _apart(spots), strict=True)
    ]
    dy = 16 if x > 70 else -8
    scope = f'<text class="c-label" x="100%" y="{percent(plane.y(last.total))}" dy="{dy}" text-anchor="end">'
    return "".join(drawn) + f"{scope}{last.total} in scope</text>"


def _apart(spots: Sequence[float]) -> list[float]:
    """Move labels up, the lowest first, so that they meet neither each other nor the days below nor the scope's."""
    placed: list[float] = []
    for spot in spots:
        placed.append(min(spot, placed[-1] - LINE if placed else 100 - LINE / 2))
    return placed


def _days(plane: Plane, y: int) -> str:
    """Days along the axis, as many as fit; every other one only where there is room."""
    days = max((plane.ends - plane.begins) // timedelta(days=1), 1)
    step = next((step for step in _DAYS if days / step <= 8), days // 8)
    first = plane.begins.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    marks = [first + timedelta(days=n) for n in range(0, days + 2, step)]
    inside = [at for at in marks if -2 <= plane.x(at) <= 96]
    return "".join(_tick(max(plane.x(at), 0.0), f"{at.day} {at:%b}", y, n % 2 == 1) for n, at in enumerate(inside))


def _tick(x: float, text: str, y: int, hide: bool) -> str:
    anchor = "start" if x < 2 else "middle"
    kind = "c-tick c-hide-s" if hide else "c-tick"
    return f'<text class="{kind}" x="{percent(x)}" y="{y}" text-anchor="{anchor}">{text}</text>'


def odds_bar(share: float) -> str:
    """How likely, as a bar beside its number."""
    return (
        '<svg class="odds" width="100%" height="10" aria-hidden="true"><rect class="f-track" width="100%" height="10" '
        f'rx="2"/><rect class="f-go" width="{percent(share * 100)}" height="10" rx="2"/></svg>'
    )


def order_axis(order: OrderCard) -> str:
    """The days above the order of work."""
    if order.starts_at is None or order.ends_at is None:
        return ""
    plane = Plane(order.starts_at, order.ends_at, 1)
    return f'<svg class="gantt-axis" width="100%" height="18" aria-hidden="true">{_days(plane, 13)}</svg>'


def order_bar(row: OrderRow, order: OrderCard) -> str:
    """Work along the days: solid to where it likely ends, dashed to where 95 of 100 runs have it; closed as a mark."""
    if order.starts_at is None or order.ends_at is None or order.now is None:
        return ""
    plane = Plane(order.starts_at, order.ends_at, 1)
    x = percent(plane.x(order.now))
    bars = f'<line class="c-now" x1="{x}" x2="{x}" y1="-80" y2="120"/>'
    if row.closed_at is not None:
        at = max(plane.x(row.closed_at), 0.6)
        bars += f'<circle class="c-dotgo" cx="{percent(at)}" cy="18" r="6"/>'
    if row.begins_at is not None and row.ends_at is not None and row.ends_late_at is not None:
        bars += _bar("f-p90", plane, row.begins_at, row.ends_late_at, 12.5, 11)
        bars += _bar("f-p50", plane, row.begins_at, row.ends_at, 12, 12)
    label = escape(f"{row.title}: {row.state.lower()}, {row.when}" + (f", {row.when_note}" if row.when_note else ""))
    return f'<svg class="gantt" width="100%" height="36" role="img" aria-label="{label}">{bars}</svg>'


def _bar(kind: str, plane: Plane, begins: datetime, ends: datetime, y: float, height: int) -> str:
    x, width = plane.x(begins), max(plane.x(ends) - plane.x(begins), 0.4)
    return f'<rect class="{kind}" x="{percent(x)}" width="{percent(width)}" y="{y:g}" height="{height}" rx="3"/>'


def forecast_line(note: ForecastNote) -> str:
    """The days of 50 and 95 % on an axis from today, with the band of the runs behind them."""
    if not note.days or note.wide is None or note.narrow is None:
        return ""
    span = max((note.wide[1] - note.today).days + 1, 1)
    marks = note.days if len(note.days) < 3 else (note.days[0], note.days[-1])
    anchors = ("end", "start") if len(marks) > 1 else ("middle",)
    spots = [(mark, _place(mark.day, note.today, span), anchor) for mark, anchor in zip(marks, anchors, strict=True)]
    label = escape(f"{note.sentence} {', '.join(f'{day.words}: {day.odds}' for day in note.days)}")
    drawn = _marks(spots)
    if spots[0][1] > 60:
        drawn += '<text class="c-tick" x="0" y="66">Today</text>'
    return (
        f'<svg class="chart" height="78" width="100%" role="img" aria-label="{label}">'
        '<line class="c-axis" x1="0" x2="100%" y1="36" y2="36"/>'
        f"{_band('c-fan1', note.wide, note.today, span)}{_band('c-fan2', note.narrow, note.today, span)}"
        f'<line class="c-now" x1="1" x2="1" y1="28" y2="44"/>{drawn}</svg>'
    )


def ready_line(row: PortfolioRow) -> str:
    """When the next phase can likely begin, on the axis that all rollouts share."""
    if row.ready_line is None:
        return ""
    early, likely, late = (2 + place * 0.96 for place in row.ready_line)
    band = f'<rect class="c-fan2" x="{percent(early)}" width="{percent(late - early)}" y="3" height="10" rx="5"/>'
    label = escape(f"{row.title}: next phase by {row.ready}, more likely than not")
    return (
        f'<svg class="pf" width="100%" height="16" role="img" aria-label="{label}">'
        f'<line class="c-axis" x1="0" x2="100%" y1="8" y2="8"/>{band if late > early else ""}'
        f'<circle class="c-dotgo" cx="{percent(likely)}" cy="8" r="4.5"/></svg>'
    )


def _place(day: date, today: date, span: int) -> float:
    return 6 + (day - today).days / span * 86


def _band(kind: str, days: tuple[date, date], today: date, span: int) -> str:
    x, width = _place(days[0], today, span) - 2, _place(days[1], today, span) - _place(days[0], today, span) + 4
    return f'<rect class="{kind}" x="{percent(x)}" width="{percent(width)}" y="28" height="16" rx="8"/>'


def _marks(spots: Sequence[tuple[ForecastDay, float, str]]) -> str:
    """Mark the days; two that stand too near for two labels share one."""
    at_edge = spots[0][1] < 25 or spots[-1][1] > 75
    if len(spots) < 2 or spots[1][1] - spots[0][1] >= (APART if at_edge else APART / 3):
        return "".join(_mark(place, mark.words, mark.odds, anchor) for mark, place, anchor in spots)
    (first, one, _), (last, other, _) = spots
    middle, dots = (one + other) / 2, "".join(map(_dot, (one, other)))
    anchor = "start" if middle < APART else "end" if middle > 100 - APART else "middle"
    edge = {"start": one, "end": other, "middle": middle}[anchor]
    texts = (("c-label", 18, f"{first.odds} and {last.odds}"), ("c-tick", 66, f"{first.words} and {last.words}"))
    return dots + "".join(
        f'<text class="{kind}" x="{percent(edge)}" y="{y}" text-anchor="{anchor}">{text}</text>'
        for kind, y, text in texts
    )


def _dot(place: float) -> str:
    return f'<circle class="c-dotgo" cx="{percent(place)}" cy="36" r="5"/>'


def _mark(place: float, words: str, odds: str, anchor: str) -> str:
    anchor = "start" if place < 25 else "end" if place > 75 and anchor != "end" else anchor
    dx = {"end": 8, "start": -8, "middle": 0}[anchor]
    x = percent(place)
    return (
        f'<circle class="c-dotgo" cx="{x}" cy="36" r="5"/><text class="c-label" x="{x}" y="18" text-anchor="middle">'
        f'{odds}</text><text class="c-tick" x="{x}" dx="{dx}" y="66" text-anchor="{anchor}">{words}</text>'
    )
