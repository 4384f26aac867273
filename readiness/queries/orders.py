"""The order of work: which gap can be worked on when, along the calendar, and what decides the date."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from readiness.core.forecast_types import ForecastReport, GapSpan
from readiness.core.workdays import Calendar
from readiness.models import GapCount
from readiness.queries.forecast_cards import plan_day
from readiness.queries.forecasts import share_words
from readiness.queries.gaps import GapView, gap_effort
from readiness.queries.pages.gaps import OrderCard, OrderRow
from readiness.queries.scenes import Scene
from readiness.queries.words import day_words, join_words

A_DAY, LONG_AGO = timedelta(days=1), timedelta(days=21)


def fill_order(scene: Scene, views: Sequence[GapView], report: ForecastReport | None) -> OrderCard:
    """Show the gaps that phases wait for: what is closed, then what is open in order of work."""
    spans = {span.key: span for span in report.forecast.spans} if report else {}
    closed = _closed_since(scene)
    work = [view for view in views if view.gap.blocks or view.gap.key in spans]
    rows = tuple(
        _row(scene, view, spans.get(view.gap.key), closed.get(view.gap.key)) for view in _sorted(work, spans, closed)
    )
    if report is None or not rows:
        return OrderCard(scene.region("order"), rows)
    now = report.forecast.at
    begins = [row.closed_at for row in rows if row.closed_at is not None and now - row.closed_at < LONG_AGO]
    ends = [span.ends_late_at for span in spans.values()]
    return OrderCard(
        region=scene.region("order"),
        rows=rows,
        note=_decides(views, spans),
        path=_path(scene, report),
        now=now,
        starts_at=_midnight(scene, min([now, *begins])),
        ends_at=_midnight(scene, max([now, *ends])) + A_DAY,
    )


def _closed_since(scene: Scene) -> Mapping[str, datetime]:
    counts = GapCount.objects.filter(rollout=scene.rollout, ended_at=None, closed=True)
    return dict(counts.values_list("gap", "counted_at"))


def _sorted(work: Sequence[GapView], spans: Mapping[str, GapSpan], closed: Mapping[str, datetime]) -> list[GapView]:
    """What is closed as it was closed, what has dates as it begins and ends, what has none at the end."""

    def place(view: GapView) -> tuple[int, float, float, str]:
        key = view.gap.key
        if view.state.closed:
            return 0, closed[key].timestamp() if key in closed else 0.0, 0.0, key
        span = spans.get(key)
        return (1, span.begins_at.timestamp(), span.ends_at.timestamp(), key) if span else (2, 0.0, 0.0, key)

    return sorted(work, key=place)


def _midnight(scene: Scene, at: datetime) -> datetime:
    calendar = Calendar(scene.plan.timezone)
    return datetime.combine(calendar.day_of(at), time(0), calendar.zone)


def _row(scene: Scene, view: GapView, span: GapSpan | None, closed_at: datetime | None) -> OrderRow:
    closed_at = closed_at if view.state.closed else None
    span = span if not view.state.closed else None
    when, note = _when(scene, view, span, closed_at)
    titles = {gap.key: gap.title for gap in scene.plan.gaps}
    after = join_words([f"“{titles.get(key, key)}”" for key in view.gap.after])
    critical = span is not None and span.critical
    said = [
        scene.titles.get(view.gap.owner or "", ""),
        f"after {after}" if after else "",
        "critical" if critical else "",
    ]
    return OrderRow(
        title=view.gap.title,
        note=", ".join(filter(None, said)),
        state=view.word,
        when=when,
        when_note=note,
        url=f"{scene.url('gaps')}#gap-{view.gap.key}",
        critical=critical,
        begins_at=span.begins_at if span else None,
        ends_at=span.ends_at if span else None,
        ends_late_at=span.ends_late_at if span else None,
        closed_at=closed_at,
    )


def _when(scene: Scene, view: GapView, span: GapSpan | None, closed_at: datetime | None) -> tuple[str, str]:
    today, calendar = plan_day(scene), Calendar(scene.plan.timezone)
    if view.state.closed:
        return (day_words(calendar.day_of(closed_at), today) if closed_at else "closed"), ""
    if span is None:
        return "not known", gap_effort(view)
    likely, late = (day_words(calendar.day_of(at), today) for at in (span.ends_at, span.ends_late_at))
    return likely, f"95 % by {late}" if late != likely else gap_effort(view)


def _decides(views: Sequence[GapView], spans: Mapping[str, GapSpan]) -> str:
    """Name the gap that is closed last most often."""
    last = max(spans.values(), key=lambda span: (span.decides, span.key), default=None)
    if last is None or not last.decides:
        return ""
    title = next((view.gap.title for view in views if view.gap.key == last.key), last.key)
    return f"“{title}” decides the date in {share_words(last.decides)} of the runs"


def _path(scene: Scene, report: ForecastReport) -> str:
    """Tell the critical path in order of work, task by task."""
    titles = {(gap.key, task.key): task.title for gap in scene.plan.gaps for task in gap.tasks}
    gaps = {gap.key: gap.title for gap in scene.plan.gaps}
    steps = [titles.get(step, gaps.get(step[0], step[0])) for step in report.forecast.path]
    if not steps:
        return ""
    return f"Critical path: {' → '.join(steps)}"
