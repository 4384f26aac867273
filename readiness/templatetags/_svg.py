"""Small drawings as SVG text: no style attribute, text and dots in percent, so that they scale without script."""

from collections.abc import Sequence

from django.utils.html import escape

HEIGHT = 32  # of a sparkline, in pixels
LARGEST, SMALLEST = 1e30, 1e-30  # what can be told apart on a screen


def finite(values: Sequence[float | None]) -> list[float | None]:
    """NaN, infinity and the absurdly large are no place to draw: they become a moment without a sample."""
    return [value if value is not None and abs(value) < LARGEST else None for value in values]


def percent(share: float) -> str:
    """A position as a percentage with two digits."""
    return f"{share:.2f}%"


def short(number: float) -> str:
    """A coordinate with at most one digit after the point."""
    text = f"{number:.1f}"
    return text[:-2] if text.endswith(".0") else text


def path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points of a 1000 by 1000 plane, as a path's `d`."""
    return "M" + "L".join([f"{int(x)} {int(y)}" for x, y in points])


def runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The unbroken stretches between the holes."""
    found: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            found[-1].append(point)
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def spark(values: Sequence[float | None], limit: float | None, worse: str, tone: str, label: str) -> str:
    """A sparkline: limit dashed, its forbidden side shaded, the newest sample as a dot, silence as a dotted tail."""
    known = [value for value in values if value is not None]
    if not known:
        return '<span class="nospark">No series</span>'
    low, high = _bounds([*known, *([limit] if limit is not None else [])])
    step, scale = 980 / max(1, len(values) - 1), 840 / (high - low)
    points = [None if v is None else (i * step, 920 - (v - low) * scale) for i, v in enumerate(values)]
    zone = "" if limit is None else _zone(92 - (limit - low) * scale / 10, worse)
    return (
        f'<svg class="spark spark--{tone}" width="100%" height="{HEIGHT}" role="img" aria-label="{escape(label)}">'
        f'{zone}<svg width="100%" height="{HEIGHT}" viewBox="0 0 1000 1000" preserveAspectRatio="none">'
        f'<path class="spark-line" d="{"".join(map(path, runs(points)))}"/></svg>{_newest(points)}</svg>'
    )


def _newest(points: Sequence[tuple[float, float] | None]) -> str:
    last = next(point for point in reversed(points) if point is not None)
    x, y = percent(last[0] / 10), percent(last[1] / 10)
    silence = "" if points[-1] else f'<line class="spark-gap" x1="{x}" x2="98%" y1="{y}" y2="{y}"/>'
    return f'{silence}<circle class="spark-dot" cx="{x}" cy="{y}" r="2.75"/>'


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = abs(low) / 10 + SMALLEST
    return (low, high) if high - low > SMALLEST else (low - room, high + room)


def _zone(y: float, worse: str) -> str:
    top, bottom = (0.0, y) if worse == "above" else (y, 100.0)
    return (
        f'<rect class="spark-zone" x="0" width="100%" y="{percent(top)}" height="{percent(bottom - top)}"/>'
        f'<line class="spark-limit" x1="0" x2="100%" y1="{percent(y)}" y2="{percent(y)}"/>'
    )


def pip_grid(met: int, waived: int, total: int, columns: int) -> str:
    """One mark per condition: filled when met, pale and dashed when waived, hollow else."""
    rows = -(-total // columns)
    marks = "".join(
        f'<rect x="{short(i % columns * 11.5 + 0.75)}" y="{short(i // columns * 14.5 + 0.75)}" width="7.5" '
        f'height="10.5" rx="1.5" class="{"p1" if i < met else "pw" if i < met + waived else "p0"}"/>'
        for i in range(total)
    )
    size = f"{columns * 11.5 - 2.5:.1f} {rows * 14.5 - 2.5:.1f}"
    label = f"{met} of {total} conditions met" + (f", {waived} waived" if waived else "")
    return f'<svg class="pipgrid" viewBox="0 0 {size}" role="img" aria-label="{label}">{marks}</svg>'


def share_bar(met: int, total: int) -> str:
    """How many of them, as a bar; full turns to the tone of GO."""
    fill = "f-go" if met == total else "f-ink"
    return (
        '<svg class="metbar" width="100%" height="6" aria-hidden="true"><rect class="f-track" width="100%" height="6" '
        f'rx="1.5"/><rect class="{fill}" width="{percent(met / total * 100)}" height="6" rx="1.5"/></svg>'
    )


def ramp(share: float) -> str:
    """The share of traffic as a bar from the ground up; `share` in percent."""
    height = short(34 * share / 100 + 1)
    return (
        '<svg class="traffic" viewBox="0 0 100 36" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect x="0" width="100" y="{short(36 - 34 * share / 100 - (1 if share else 0))}" height="{height}"/></svg>'
    )
