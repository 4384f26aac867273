"""What is wrong with a plan, or worth a warning: where, in one sentence, with what was found and what is allowed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from readiness.core.plan_document import Path

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing at one place of the document. `at_key` points at the key rather than at its value."""

    at: Path
    sentence: str
    found: str = ""
    allowed: str = ""
    suggestion: str = ""
    at_key: bool = False


def nearest_word(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that `word` was probably meant to be; empty when none is close."""
    by_lower = {each.lower().replace("_", "-"): each for each in sorted(allowed)}
    close = get_close_matches(word.lower().replace("_", "-"), by_lower, n=1, cutoff=0.7)
    return by_lower[close[0]] if close else ""


def listed_words(words: Collection[str], last: str = "and") -> str:
    """`a, b and c`; from the ninth on they are only counted."""
    named = list(words)[:_MOST_NAMED]
    more = len(words) - len(named)
    if more:
        return f"{', '.join(named)} and {more} more"
    return f" {last} ".join(part for part in (", ".join(named[:-1]), *named[-1:]) if part)


def unknown_name(at: Path, noun: str, name: str, known: Collection[str]) -> Fault:
    """Say that the plan has no `noun` of that name, with the nearest one or all that there are."""
    meant = nearest_word(name, known)
    if meant:
        hint = f"did you mean {meant}?"
    else:
        hint = f"the plan has {listed_words(sorted(known))}." if known else "the plan has none."
    return Fault(at, f"There is no {noun} {name!r}; {hint}", repr(name), listed_words(sorted(known)), meant)
