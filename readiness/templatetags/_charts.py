"""The gate's chart, its evaluation strip and the portfolio's track, as SVG text.

Positions are percentages in an outer SVG; only lines live in a stretched inner one, so that text never stretches.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.utils.html import escape

from readiness.queries.pages.gates import ChartPoint, GateChart
from readiness.templatetags._states import find_state
from readiness.templatetags._svg import SMALLEST, finite, path, percent, runs
from readiness.templatetags._text import format_quantity

PLOT = 260  # height of the plot in pixels
_TICKS = tuple(timedelta(minutes=m) for m in (1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880))
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


class Axis:
    """The value axis: a little wider than the data and the limit, with three to five round marks."""

    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        spread = high - low
        room = spread * 0.18 if spread > SMALLEST else abs(high) * 0.2 if abs(high) > SMALLEST else 1.0
        self.low = max(0.0, low - room) if low >= 0 else low - room
        self.high = high + room
        step = (self.high - self.low) / 4
        size = 10.0 ** math.floor(math.log10(step))
        self.step = next(nice * size for nice in _NICE if nice * size >= step * 0.999)

    def at(self, value: float) -> float:
        """The position from the top, 0 to 100."""
        return (1 - (value - self.low) / (self.high - self.low)) * 100

    def marks(self) -> list[float]:
        """Round values inside the axis."""
        first = math.floor(self.low / self.step) + 1
        marks = [n * self.step for n in range(first, first + 8)]
        return [mark for mark in marks if self.low < mark < self.high - self.step * 0.15]


def gate_chart(chart: GateChart) -> str:
    """The line with its limit, the forbidden zone, and what happened. An empty string without a single sample."""
    values = finite([point.value for point in chart.points])
    chart = replace(chart, points=tuple(map(ChartPoint, (point.at for point in chart.points), values)))
    known = [value for value in values if value is not None]
    if not known:
        return ""
    axis = Axis([*known, *([chart.limit] if chart.limit is not None else [])])
    return (
        f'<svg class="chart" height="{PLOT + 26}" width="100%" role="img" aria-labelledby="chart-title" '
        f'aria-describedby="chart-text"><title id="chart-title">{escape(chart.title)}</title>'
        f'<desc id="chart-text">{escape(chart.summary)}</desc>'
        f'<svg x="0" y="0" width="100%" height="{PLOT}" overflow="visible">{_ground(chart, axis)}'
        f'<svg x="0" y="0" width="100%" height="{PLOT}" viewBox="0 0 1000 1000" preserveAspectRatio="none">'
        f"{_lines(chart, axis)}</svg>{_notes(chart, axis)}</svg>{_time_axis(chart)}</svg>"
    )


def _x(chart: GateChart, at: datetime) -> float:
    return (at - chart.starts_at) / max(chart.ends_at - chart.starts_at, timedelta(seconds=1)) * 100


def _ground(chart: GateChart, axis: Axis) -> str:
    parts = []
    if chart.limit is not None:
        y = axis.at(chart.limit)
        top, height = (0.0, y) if chart.worse == "above" else (y, 100 - y)
        parts.append(f'<rect class="c-zone" x="0" width="100%" y="{percent(top)}" height="{percent(height)}"/>')
    for mark in axis.marks():
        y = axis.at(mark)
        parts.append(f'<line class="c-grid" x1="0" x2="100%" y1="{percent(y)}" y2="{percent(y)}"/>')
    if chart.limit is not None:
        y = axis.at(chart.limit)
        parts.append(f'<line class="c-limit" x1="0" x2="100%" y1="{percent(y)}" y2="{percent(y)}"/>')
    for event in chart.events:
        x = percent(_x(chart, event.at))
        parts.append(f'<line class="c-event" x1="{x}" x2="{x}" y1="0" y2="100%"/>')
    return "".join(parts)


def _breaches(chart: GateChart, value: float) -> bool:
    if chart.limit is None:
        return False
    return value > chart.limit if chart.worse == "above" else value < chart.limit


def _lines(chart: GateChart, axis: Axis) -> str:
    every = [None if p.value is None else (_x(chart, p.at) * 10, axis.at(p.value) * 10) for p in chart.points]
    bad: list[tuple[float, float] | None] = []
    for i, point in enumerate(chart.points):
        touches = (value for p in chart.points[i : i + 2] if (value := p.value) is not None)
        bad.append(every[i] if point.value is not None and any(_breaches(chart, v) for v in touches) else None)
        if bad[-1] is None and i and bad[i - 1] is not None:
            bad[-1] = every[i]
    line = "".join(path(run) for run in runs(every))
    breach = "".join(path(run) for run in runs(bad) if len(run) > 1)
    return f'<path class="c-line" d="{line}"/>' + (f'<path class="c-lstop" d="{breach}"/>' if breach else "")


def _notes(chart: GateChart, axis: Axis) -> str:
    parts = []
    for mark in axis.marks():
        if chart.limit is None or abs(axis.at(mark) - axis.at(chart.limit)) > 6:
            text = format_quantity(mark, chart.unit)
            parts.append(f'<text class="c-tick" x="2" y="{percent(axis.at(mark))}" dy="-4">{text}</text>')
    if chart.limit is not None:
        text = f"Limit {format_quantity(chart.limit, chart.unit)}"
        y = percent(axis.at(chart.limit))
        parts.append(f'<text class="c-label c-label--limit" x="0" dx="2" y="{y}" dy="-6">{text}</text>')
    for event in chart.events:
        parts.append(_event_label(_x(chart, event.at), f"{event.at.astimezone(UTC):%H:%M} {event.label}"))
    last = next(point for point in reversed(chart.points) if point.value is not None)
    return "".join(parts) + _last_dot(chart, axis, _x(chart, last.at), last.value or 0.0)


def _event_label(x: float, text: str) -> str:
    anchor, dx = ("end", -6) if x > 50 else ("start", 6)
    return f'<text class="c-label" x="{percent(x)}" dx="{dx}" y="16" text-anchor="{anchor}">{escape(text)}</text>'


def _last_dot(chart: GateChart, axis: Axis, x: float, value: float) -> str:
    tone = "dotstop" if _breaches(chart, value) else "dot"
    x_text, y_text = percent(x), percent(axis.at(value))
    text = format_quantity(value, chart.unit, [chart.limit] if chart.limit is not None else [])
    return (
        f'<circle class="c-{tone}" cx="{x_text}" cy="{y_text}" r="5"/>'
        f'<text class="c-label" x="{x_text}" dx="-2" y="{y_text}" dy="-12" text-anchor="end">{text}</text>'
    )


def _time_axis(chart: GateChart) -> str:
    span = chart.ends_at - chart.starts_at
    step = next((tick for tick in _TICKS if span / tick <= 7), timedelta(days=7))
    first = chart.starts_at.timestamp() // step.total_seconds() + 1
    pattern = "%H:%M" if span <= timedelta(days=1) else "%a %d"
    marks = [(0.0, chart.starts_at)]
    while (at := datetime.fromtimestamp(first * step.total_seconds(), UTC)) < chart.ends_at:
        if 7 < _x(chart, at) < 93:
            marks.append((_x(chart, at), at))
        first += 1
    marks.append((100.0, chart.ends_at))
    return "".join(_tick(x, f"{at.astimezone(UTC):{pattern}}", i % 2 == 1) for i, (x, at) in enumerate(marks))


def _tick(x: float, text: str, hide: bool) -> str:
    anchor = "start" if x < 2 else "end" if x > 98 else "middle"
    kind = "c-tick c-hide-s" if hide and 2 <= x <= 98 else "c-tick"
    return f'<text class="{kind}" x="{percent(x)}" y="{PLOT + 18}" text-anchor="{anchor}">{text}</text>'


_CELLS = {"m": ("go", 8), "w": ("warn", 16), "b": ("stop", 28)}


def strip(cells: str) -> str:
    """The evaluations: low is met, middle is met but not yet long enough, tall is anything else."""
    width = 100 / len(cells)
    bars = []
    for i, cell in enumerate(cells):
        tone, height = _CELLS.get(cell, _CELLS["b"])
        bars.append(
            f'<rect class="f-{tone}" x="{percent(i * width)}" width="{percent(width * 0.82)}" '
            f'y="{28 - height}" height="{height}" rx="1"/>'
        )
    met = cells.count("m")
    label = f"{met} of {len(cells)} evaluations met, the newest {'met' if cells[-1] == 'm' else 'not met'}"
    return f'<svg class="strip" width="100%" height="28" role="img" aria-label="{label}">{"".join(bars)}</svg>'


def track(states: Sequence[str], glyphs: str) -> str:
    """Where a rollout is: one glyph a phase, a solid line behind what is done. `glyphs` is the sprite's address."""
    width = 100 / max(1, len(states))
    centres = [(i + 0.5) * width for i in range(len(states))]
    lines = [
        f'<line x1="{percent(a)}" x2="{percent(b)}" y1="9" y2="9" class="tk-l{" tk-done" if state == "Done" else ""}"/>'
        for a, b, state in zip(centres, centres[1:], states, strict=False)
    ]
    marks = [
        f'<svg x="{percent(x)}" overflow="visible"><use href="{glyphs}#{find_state(state).glyph}" x="-7" y="2" '
        f'width="14" height="14" class="tk tk-{find_state(state).tone}"/></svg>'
        for x, state in zip(centres, states, strict=True)
    ]
    done = sum(state == "Done" for state in states)
    label = f"{done} of {len(states)} phases finished"
    return f'<svg class="track" width="100%" height="18" role="img" aria-label="{label}">{"".join(lines + marks)}</svg>'
