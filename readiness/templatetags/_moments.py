"""Moments, durations and quantities, as text. Nothing here reads a clock: `now` comes from the context."""

from datetime import UTC, datetime, timedelta

from django import template
from django.template import Context
from django.utils.html import escape
from django.utils.safestring import SafeString

from readiness.queries.pages.gates import ChartPoint
from readiness.queries.pages.parts import Quantity
from readiness.templatetags import _text
from readiness.templatetags._html import safe

register = template.Library()


def _time(at: datetime, text: str, kind: str = "", extra: str = "") -> SafeString:
    cls = f' class="{kind}"' if kind else ""
    return safe(f'<time{cls} datetime="{_text.iso(at)}" title="{_text.full_time(at)}"{extra}>{text}</time>')


@register.filter(name="iso")
def iso_filter(at: datetime | None) -> str:
    """The moment for machines: 2025-12-02T14:32:06Z."""
    return "" if at is None else _text.iso(at)


@register.filter
def utc(at: datetime | None) -> str:
    """The whole moment, to the second: 2 Dec 2025, 14:32:06 UTC."""
    return "" if at is None else _time(at, _text.full_time(at))


@register.filter
def clock(at: datetime | None) -> str:
    """14:32:06."""
    return "" if at is None else _time(at, f"{at.astimezone(UTC):%H:%M:%S}")


@register.filter
def weekday(at: datetime | None) -> str:
    """Tue 2 Dec."""
    return "" if at is None else _time(at, _text.short_day(at))


@register.simple_tag(takes_context=True)
def moment(context: Context, at: datetime | None) -> str:
    """The clock for today, the day otherwise. Needs `now` in the context."""
    return "" if at is None else _time(at, _text.near_time(at, context["now"]))


@register.simple_tag(takes_context=True)
def ago(context: Context, at: datetime | None, max_age: timedelta | None = None, never: str = "never") -> str:
    """How old, as of `now` in the context. The page keeps counting; past `max_age` it is marked old."""
    if at is None:
        return never
    age = context["now"] - at
    limit = f' data-max-age="{int(max_age.total_seconds())}"' if max_age else ""
    kind = "age is-old" if max_age and age > max_age else "age"
    return _time(at, f"{_text.format_age(age)} ago", kind, f' data-at="{_text.iso(at)}"{limit}')


@register.simple_tag(takes_context=True)
def left(context: Context, at: datetime | None) -> str:
    """How long until then, as of `now` in the context: "2 days left". The page keeps counting down."""
    if at is None:
        return ""
    rest = at - context["now"]
    text = f"{_text.format_age(rest)} left" if rest > timedelta(0) else "over"
    return _time(at, text, "age", f' data-until="{_text.iso(at)}"')


@register.simple_tag(takes_context=True)
def lasting(context: Context, at: datetime | None) -> str:
    """How long since, without "ago": "for 22 min". Needs `now` in the context."""
    return "" if at is None else _text.format_age(context["now"] - at)


@register.filter
def duration(span: timedelta | None) -> str:
    """1 min 48 s, 41 min, 3 days; a dash for none."""
    return "–" if span is None else _text.format_span(span)


@register.filter
def quantity(measured: Quantity | None) -> str:
    """18.2 ms, 99.6 %, 0.04 GB/h; a dash for none."""
    return "–" if measured is None else _text.format_quantity(measured.value, measured.unit, measured.marks)


@register.filter
def counted(number: int) -> str:
    """A number of things: 1,284."""
    return f"{number:,}"


@register.filter
def point_value(point: ChartPoint, unit: str) -> str:
    """The value of one sample of a chart."""
    return _text.format_quantity(point.value, unit)


@register.filter
def share(percent: float) -> str:
    """A share of traffic given in percent: 5 %."""
    return _text.format_quantity(percent, "%")


@register.simple_tag
def reading(measured: Quantity | None) -> SafeString:
    """A number in bold with its unit beside it, for gate rows."""
    if measured is None or measured.value is None:
        return safe("<b>–</b>")
    number, unit = _text.split_quantity(measured.value, measured.unit, measured.marks)
    return safe(f"<b>{escape(number)}</b>" + (f"<span>{escape(unit)}</span>" if unit else ""))
