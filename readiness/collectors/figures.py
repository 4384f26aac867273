"""Figures of load test reports: numbers that a test can have measured, and a sentence about every other one."""

import math
import re
from collections.abc import Mapping
from datetime import timedelta

MOST = 10**15
LONGEST_S = 366 * 86_400
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?|[+-]?(nan|inf|infinity)", re.ASCII | re.IGNORECASE)


class NotLoadTest(ValueError):
    """The bytes are no load test report that can be read; the message says why, for people."""


def read_figure(value: object, name: str) -> float:
    """The number that a report states under `name`. Raises NotLoadTest unless it is one from 0 to 10¹⁵."""
    said = f"The report says {name} {str(value)[:20] if not isinstance(value, int) else _short(value)!r}"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLoadTest(f"{said}, which is not a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise NotLoadTest(f"{said}, which nothing can measure")
    if value < 0:
        raise NotLoadTest(f"{said}, which is less than nothing")
    if value > MOST:
        raise NotLoadTest(f"{said}, which is more than any test measures")
    return float(value)


def _short(value: int) -> str:
    return str(value) if abs(value) <= MOST else f"{'-' if value < 0 else ''}10¹⁵ and more"


def optional_figure(values: Mapping[str, object], *names: str) -> float | None:
    """The number under the first of `names` that is there."""
    return next((read_figure(values[name], name) for name in names if values.get(name) is not None), None)


def read_cell(text: str, name: str) -> float:
    """The number that a cell or a key holds as text."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise NotLoadTest(f"The report says {name} {text[:20]!r}, which is not a number")
    return read_figure(float(text), name)


def as_duration(seconds: float | None) -> timedelta | None:
    """A duration; refused beyond a year, which no test runs."""
    if seconds is None:
        return None
    if not seconds <= LONGEST_S:
        raise NotLoadTest("The report says that the test ran for more than a year, which is not believed")
    return timedelta(seconds=seconds)


def as_share(value: float | None) -> float | None:
    """A share from 0 to 1."""
    if value is not None and not value <= 1:
        raise NotLoadTest(f"The report says an error rate of {value:g}; it is a share from 0 to 1")
    return value
