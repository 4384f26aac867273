"""Durations, estimates, shares, sizes and units: how a plan writes them, and how people read them.

Conversions are exact (`Fraction`) until the last step, so that `15ms` is the float nearest to 0.015 and nothing else.
MB is 10^6 bytes and MiB is 2^20 bytes (IEC 80000-13). A day of a duration has 24 hours; a day of an estimate is a
working day of 8 hours.
"""

import math
import re
from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache

_NUMBER = r"\d+(?:\.\d+)?"
_TIME = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "min": 60 * 10**9,
         "h": 3600 * 10**9, "d": 86400 * 10**9, "w": 604800 * 10**9}  # fmt: skip
_TIME |= {"seconds": 10**9, "minutes": 60 * 10**9, "hours": 3600 * 10**9, "days": 86400 * 10**9}
_BYTES = {"bytes": 1, "B": 1, "KB": 1000} | {f"{p}B": 1000 ** (n + 1) for n, p in enumerate("kMGTP")}
_BYTES |= {f"{p}iB": 1024 ** (n + 1) for n, p in enumerate("KMGTP")}
_KNOWN: dict[str, tuple[str, Fraction]] = {
    "": ("", Fraction(1)),
    "ratio": ("ratio", Fraction(1)),
    "%": ("ratio", Fraction(1, 100)),
    "pp": ("ratio", Fraction(1, 100)),
    **{unit: ("time", Fraction(size, 10**9)) for unit, size in _TIME.items()},
    **{unit: ("bytes", Fraction(size)) for unit, size in _BYTES.items()},
}
_WRITABLE = {
    "": "a plain number without a unit",
    "ratio": "% or a plain number",
    "time": "ns, us, ms, s, m, min, h, d or w",
    "bytes": "bytes, kB, MB, GB, TB, KiB, MiB, GiB or TiB",
}
_MOST_DIGITS = 18
_LONGEST = timedelta(days=36500)


class UnreadableQuantity(ValueError):
    """The text is not a duration, share, size or unit; the message says what was found and what is allowed."""


class UnitsDiffer(ValueError):
    """Two units measure different things, so no limit in one can judge a value in the other."""


@lru_cache(maxsize=1024)
def unit_measure(unit: str) -> tuple[str, Fraction]:
    """What `unit` measures (`time`, `bytes`, `ratio`, a noun, or `x/time`) and its size in the base unit.

    Any lower-case word is a unit of its own, such as `cores`, `req` or `concepts`. Raises UnreadableQuantity.
    """
    amount, slash, period = unit.strip().partition("/")
    if slash:
        return _rate_measure(unit, amount, period)
    if amount in _KNOWN:
        return _KNOWN[amount]
    if re.fullmatch(r"[a-z][a-z_]*", amount):
        return amount, Fraction(1)
    raise UnreadableQuantity(f"{unit!r} is not a unit; write one such as s, ms, ratio, %, bytes, MB, bytes/h or req/s.")


def _rate_measure(unit: str, amount: str, period: str) -> tuple[str, Fraction]:
    measure, size = unit_measure(amount)
    per, per_size = _KNOWN.get(period.strip(), ("", Fraction(1)))
    if per != "time":
        raise UnreadableQuantity(f"{unit!r} is not a rate; write what is counted and a time, such as req/s or MB/h.")
    return f"{measure}/time", size / per_size


def convert(value: float | Fraction, unit: str, to_unit: str) -> float:
    """The same quantity in `to_unit`, exact until the last step. Raises UnitsDiffer when both measure other things."""
    numerator, denominator = value.as_integer_ratio()
    times, parts = _ratio(unit, to_unit)
    return numerator * times / (denominator * parts)


@lru_cache(maxsize=1024)
def _ratio(unit: str, to_unit: str) -> tuple[int, int]:
    (measure, size), (to_measure, to_size) = unit_measure(unit), unit_measure(to_unit)
    if measure != to_measure:
        raise UnitsDiffer(f"{unit or 'a plain number'} cannot be compared with {_named(to_unit)}: {_allowed(to_unit)}.")
    return (size / to_size).as_integer_ratio()


def _named(unit: str) -> str:
    return f"a value in {unit}" if unit else "a value without a unit"


def _allowed(unit: str) -> str:
    amount, slash, _ = unit_measure(unit)[0].partition("/")
    writable = _WRITABLE.get(amount, amount)
    return f"write {writable}" + (" per s, min, h or d" if slash else "")


def parse_duration(text: str) -> timedelta:
    """A duration such as `30s`, `10m`, `24h`, `7d`, `1h30m`. Raises UnreadableQuantity."""
    parts = re.findall(rf"({_NUMBER})(ms|s|m|h|d|w)", text.strip())
    if not parts or "".join(number + unit for number, unit in parts) != text.strip():
        raise UnreadableQuantity(f"{text!r} is not a duration; write one such as 30s, 10m, 24h or 7d.")
    total = sum(Fraction(number) * Fraction(_TIME[unit], 1000) for number, unit in parts)
    if total > _LONGEST / timedelta(microseconds=1):
        raise UnreadableQuantity(f"{text!r} is longer than a century; write one such as 30s, 10m, 24h or 7d.")
    return timedelta(microseconds=round(total))


def parse_duration_range(text: str) -> tuple[timedelta, timedelta]:
    """`3-5d` as its lower and upper end; `7d` as the same end twice. Raises UnreadableQuantity."""
    lower_text, upper_text = _range_ends(text)
    lower, upper = parse_duration(lower_text), parse_duration(upper_text)
    if lower > upper:
        raise UnreadableQuantity(f"{text!r} ends before it begins; write the smaller number first, such as 3-5d.")
    return lower, upper


def parse_estimate(text: str) -> tuple[float, float]:
    """An estimate of work such as `1d`, `2-3d` or `4h`, in working days of 8 hours. Raises UnreadableQuantity."""
    lower, upper = (_working_days(text, end) for end in _range_ends(text))
    if lower > upper:
        raise UnreadableQuantity(f"{text!r} ends before it begins; write the smaller number first, such as 2-3d.")
    return lower, upper


def _range_ends(text: str) -> tuple[str, str]:
    match = re.fullmatch(rf"({_NUMBER})([a-z]*)-({_NUMBER})([a-z]+)", text.strip())
    if match is None:
        return text, text
    lower, lower_unit, upper, unit = match.groups()
    return lower + (lower_unit or unit), upper + unit


def _working_days(text: str, end: str) -> float:
    match = re.fullmatch(rf"({_NUMBER})([hdw])", end.strip())
    if match is None:
        raise UnreadableQuantity(f"{text!r} is not an estimate; write working days such as 1d or 2-3d.")
    return float(Fraction(match[1]) * {"h": Fraction(1, 8), "d": Fraction(1), "w": Fraction(5)}[match[2]])


def parse_share(text: str) -> float:
    """A share such as `5%` or `99.9%`, as a number from 0 to 1. Raises UnreadableQuantity."""
    match = re.fullmatch(rf"({_NUMBER})\s*%", text.strip())
    if match is None or Fraction(match[1]) > 100:
        raise UnreadableQuantity(f"{text!r} is not a share; write a percentage from 0% to 100%, such as 5%.")
    return float(Fraction(match[1]) / 100)


def parse_size(text: str) -> int:
    """A size such as `500MB` (10^6) or `500MiB` (2^20), in bytes. Raises UnreadableQuantity."""
    match = re.fullmatch(rf"({_NUMBER})\s*([A-Za-z]+)", text.strip())
    if match is None or match[2] not in _BYTES:
        raise UnreadableQuantity(f"{text!r} is not a size; write one such as 500kB, 500MB or 2GiB.")
    return int(Fraction(match[1]) * _BYTES[match[2]])


def parse_score(text: str) -> float:
    """A score out of ten, `8`, `6.5` or `6.5/10`. Raises UnreadableQuantity."""
    match = re.fullmatch(rf"({_NUMBER})(?:/10)?", text.strip())
    if match is None or float(match[1]) > 10:
        raise UnreadableQuantity(f"{text!r} is not a score; write a number from 0 to 10, such as 6.5 or 6.5/10.")
    return float(match[1])


def compact_duration(duration: timedelta) -> str:
    """A duration as a plan writes it, always alike and exact: `0s`, `15m`, `24h`, `7d`, `1.5s`."""
    seconds, rest = divmod(duration // timedelta(microseconds=1), 10**6)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if not rest and seconds % size == 0 and seconds >= (2 * size if unit == "d" else size):
            return f"{seconds // size}{unit}"
    return f"{seconds}.{rest:06}".rstrip("0").rstrip(".") + "s"


def format_number(value: float, digits: int = 3) -> str:
    """`value` with `digits` significant digits, whole numbers in full, and no trailing zeros or exponents."""
    if value == 0 or (abs(value) < 10**15 and value == int(value)):
        return str(int(value))
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(places, 20)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_apart(value: float, marks: Iterable[float]) -> str:
    """`value` with the fewest digits, three at least, that leave it on its side of every mark.

    So 99.96 % is not rounded to 100 %, and a breach by a hair is not shown as the limit itself.
    """
    for digits in range(3, _MOST_DIGITS):
        text = format_number(value, digits)
        if all(_side(float(text), mark) == _side(value, mark) for mark in marks):
            return text
    return repr(value)


def _side(value: float, mark: float) -> int:
    return (value > mark) - (value < mark)


def format_duration(duration: timedelta) -> str:
    """A duration in words, the same everywhere: `48 s`, `1 min 48 s`, `12 min`, `5 h`, `3 days`."""
    seconds = duration / timedelta(seconds=1)
    whole = round(seconds)
    if 60 <= whole < 172_800:
        size, unit, part_size, part = (3600, "h", 60, "min") if whole >= 7200 or whole == 3600 else (60, "min", 1, "s")
        number, rest = divmod(whole, size)
        return f"{number} {unit}" + (f" {rest // part_size} {part}" if rest // part_size else "")
    unit = readable_unit(seconds, "s")
    number_text = format_number(convert(seconds, "s", unit))
    return f"{number_text} {'days' if unit == 'd' else unit}"


def readable_unit(value: float, unit: str) -> str:
    """The unit of the same measure in which people read `value` best: ms for 0.018 s, MB for 4.1e8 bytes."""
    measure, _ = unit_measure(unit)
    if measure == "ratio":
        return "%"
    if measure == "time":
        return _readable_time(abs(convert(value, unit, "s")))
    amount, slash, period = unit.partition("/")
    if measure.partition("/")[0] == "bytes":
        return _readable_bytes(abs(convert(value, amount, "bytes"))) + slash + period
    return unit


def _readable_time(seconds: float) -> str:
    if 0 < seconds < 1:
        return "ms" if seconds >= 0.001 else "µs"
    for unit, below in (("s", 120), ("min", 7200), ("h", 172_800)):
        if seconds < below:
            return unit
    return "d"


def _readable_bytes(size: float) -> str:
    for unit, above in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= above:
            return unit
    return "bytes"
