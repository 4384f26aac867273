"""Small words that several pages share: counts, ranges of days, joined lists, identifiers for elements."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from zlib import crc32

from django.utils.text import slugify

from readiness.core.plan import Phase, Plan
from readiness.core.quantities import format_duration, format_number, parse_share

ABOVE, BELOW = "above", "below"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """5 gaps, 1 gap."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def join_words(words: Sequence[str], most: int = 3) -> str:
    """A, b and c; a, b, c and 4 more."""
    if len(words) > most + 1:
        return f"{', '.join(words[:most])} and {len(words) - most} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def days_of_effort(low: float, high: float, joint: str = "–") -> str:
    """2–3 days; 1 day; with ` to ` as joint for sentences."""
    numbers = [format_number(low)] if low == high else [format_number(low), format_number(high)]
    return f"{joint.join(numbers)} day{'' if high == 1 and low == high else 's'}"


def day_words(day: date, today: date) -> str:
    """Wed 10 Dec; with its year when that is another one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def phase_name(phase: Phase) -> str:
    """Phase 0; the close has no number and keeps its title."""
    return f"Phase {phase.number}" if phase.number else phase.title


def phase_takes(phase: Phase) -> str:
    """How long a phase runs: 3–5 days, 7 days, 2 min."""
    if not phase.dwell:
        return "no set time"
    if phase.late_after is None:
        return phase_length(phase.dwell)
    low, high = phase_length(phase.dwell), phase_length(phase.late_after)
    same = low.split()[-1] == high.split()[-1]
    return f"{low.split()[0]}–{high}" if same else f"{low} to {high}"


def phase_length(span: timedelta) -> str:
    """A length as people plan it: whole days when it is."""
    days, rest = divmod(span, timedelta(days=1))
    return f"{days} day{'' if days == 1 else 's'}" if days and not rest else format_duration(span)


def phase_share(plan: Plan, phase: Phase | None) -> float:
    """The share of traffic on the new version, in percent: what the phase says, else the most that its flags give.

    Only flags that choose users (`bucket_by`) say how many are on the new version.
    """
    if phase is None:
        return 0.0
    if phase.traffic:
        return parse_share(phase.traffic) * 100
    choosing = [value for flag, value in phase.flags.items() if plan.flags.get(flag, {}).get("bucket_by")]
    return max((_flag_share(value) for value in choosing), default=0.0)


def _flag_share(value: str) -> float:
    return parse_share(value) * 100 if value.endswith("%") else 100.0 if value == "on" else 0.0


@lru_cache(maxsize=16_384)
def moment_words(at: datetime) -> str:
    """A moment that reads the same on every day, for what is printed: 2025-12-02 14:32 UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def size_words(size: int) -> str:
    """Name the record of so many entries by the last of them, for they are counted from 0."""
    return f"record through entry {size - 1:,}" if size else "empty record"


def element_key(*parts: str) -> str:
    """A name for an element: letters, digits and hyphens, the same for the same parts."""
    return f"{slugify(parts[0])[:40]}-{crc32(' '.join(parts).encode()):08x}"


def without_stop(sentence: str) -> str:
    """A sentence that stands alone in a row has no full stop."""
    return sentence.removesuffix(".")


def lower_first(text: str) -> str:
    """Let a sentence continue another one; names in capitals stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """Begin a sentence; a path or a name in code stays as it is."""
    is_code = any(mark in text.partition(" ")[0] for mark in "/._")
    return text if is_code else text[:1].upper() + text[1:]


def rough_length(span: timedelta) -> str:
    """A measured length in whole units: 46 min, 2 h, 3 days."""
    seconds = max(0, round(span.total_seconds()))
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{seconds} s"
