"""Findings: how collectors say what a check found."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from readiness.collectors.sources import SourceTrouble
from readiness.core.types import CheckObservation, Finding

MOST_NAMED = 5


def unanswered(trouble: SourceTrouble, subject: str, now: datetime) -> CheckObservation:
    """A check whose source gave no answer."""
    return CheckObservation(now, Finding.UNREADABLE, subject, trouble.message, trouble=trouble.trouble)


def text_setting(settings: Mapping[str, object], key: str) -> str:
    """A setting as text; empty when it is not written."""
    value = settings.get(key)
    return "" if value is None else str(value)


def names_setting(settings: Mapping[str, object], key: str) -> tuple[str, ...]:
    """A setting as a list of names; one name alone is a list of one, a mapping the list of its keys."""
    value = settings.get(key)
    if isinstance(value, str):
        return (value,)
    return tuple(str(name) for name in value) if isinstance(value, Sequence | Mapping) else ()


def number_setting(settings: Mapping[str, object], key: str, default: int) -> int:
    """A setting as a whole number."""
    value = settings.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def mapping_setting(settings: Mapping[str, object], key: str) -> Mapping[str, object]:
    """A setting as a mapping; empty when it is none."""
    value = settings.get(key)
    return {str(name): part for name, part in value.items()} if isinstance(value, Mapping) else {}


def listing(names: Sequence[str]) -> str:
    """Names for a sentence: `a, b and 3 more`."""
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"
