"""Lines, marks and charts, as SVG."""

from collections.abc import Sequence

from django import template
from django.templatetags.static import static
from django.utils.safestring import SafeString

from readiness.queries.pages.board import GateRow
from readiness.queries.pages.forecasts import BurnUp, ForecastNote, OddsRow
from readiness.queries.pages.gaps import OrderCard, OrderRow
from readiness.queries.pages.gates import GateChart
from readiness.queries.pages.portfolio import PortfolioRow
from readiness.templatetags import _charts, _forecasts, _svg, _text
from readiness.templatetags._html import safe
from readiness.templatetags._states import find_state

register = template.Library()


@register.simple_tag
def sparkline(row: GateRow) -> SafeString:
    """The last hours of a gate row as a small line, or that there is none."""
    line = row.spark
    if line is None:
        return safe('<span class="nospark">No series</span>')
    points = _svg.finite(line.points)
    known = [value for value in points if value is not None]
    label = f"{row.name}, last {_text.format_age(line.window)}: no samples"
    if known:
        low, high = (_text.format_quantity(edge, line.unit) for edge in (min(known), max(known)))
        label = f"{row.name}, last {_text.format_age(line.window)}: between {low} and {high}, {row.limit}"
    return safe(_svg.spark(points, line.limit, line.worse, find_state(row.state).tone, label))


@register.simple_tag
def pipgrid(met: int, total: int, waived: int = 0) -> SafeString:
    """One mark per condition, about four rows high."""
    columns = max(12, round((total * 3) ** 0.5))
    return safe(_svg.pip_grid(met, waived, total, columns) if total else "")


@register.simple_tag
def pips(proven: int, claimed: int, total: int, attested: int = 0) -> SafeString:
    """One mark per criterion: proven, attested, only claimed, or none of it. `claimed` counts all three."""
    counts = {"proven": proven, "attested": attested, "claimed": max(0, claimed - attested - proven)}
    marks = "".join(f'<i class="{kind}"></i>' * number for kind, number in counts.items())
    marks += "<i></i>" * (total - sum(counts.values()))
    label = f"{proven} of {total} proven, {attested} attested, {counts['claimed']} only claimed"
    return safe(f'<span class="pips" role="img" aria-label="{label}">{marks}</span>')


@register.simple_tag(name="share_bar")
def share_bar_tag(met: int, total: int) -> SafeString:
    """How many of them, as a thin bar."""
    return safe(_svg.share_bar(met, total) if total else "")


@register.simple_tag(name="ramp")
def ramp_tag(percent: float) -> SafeString:
    """A share of traffic as a bar from the ground up."""
    return safe(_svg.ramp(percent))


@register.simple_tag(name="gate_chart")
def gate_chart_tag(chart: GateChart) -> SafeString:
    """The chart of one gate."""
    return safe(_charts.gate_chart(chart))


@register.simple_tag(name="strip")
def strip_tag(cells: str) -> SafeString:
    """The evaluation strip."""
    return safe(_charts.strip(cells) if cells else "")


@register.simple_tag(name="track")
def track_tag(states: Sequence[str]) -> SafeString:
    """Where a rollout is, phase by phase."""
    return safe(_charts.track(states, static("glyphs.svg")))


@register.simple_tag(name="burn_up")
def burn_up_tag(chart: BurnUp) -> SafeString:
    """Done against total."""
    return safe(_forecasts.burn_up(chart))


@register.simple_tag(name="odds_bar")
def odds_bar_tag(row: OddsRow) -> SafeString:
    """How likely, as a bar."""
    return safe(_forecasts.odds_bar(row.share))


@register.simple_tag(name="order_axis")
def order_axis_tag(order: OrderCard) -> SafeString:
    """The days above the order of work."""
    return safe(_forecasts.order_axis(order))


@register.simple_tag(name="order_bar")
def order_bar_tag(row: OrderRow, order: OrderCard) -> SafeString:
    """A gap's work along the days."""
    return safe(_forecasts.order_bar(row, order))


@register.simple_tag(name="forecast_line")
def forecast_line_tag(note: ForecastNote) -> SafeString:
    """The likely days on a small axis."""
    return safe(_forecasts.forecast_line(note))


@register.simple_tag(name="ready_line")
def ready_line_tag(row: PortfolioRow) -> SafeString:
    """When the next phase can begin, on the axis of all rollouts."""
    return safe(_forecasts.ready_line(row))
