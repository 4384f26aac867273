"""Closings by hand: tasks of gaps, and gaps that nothing measures. Each is done because somebody says so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from readiness.core.codec import Plain, to_plain
from readiness.core.facts import Facts, GapFacts
from readiness.core.plan import SignOffRule
from readiness.core.types import Person


@dataclass(frozen=True, slots=True)
class Closing:
    """A task of a gap, or a whole gap (`task` is then empty) that only a person closes; `by` nobody while it is open.

    `at` is None where facts were kept before it was known when a whole gap was closed.
    """

    gap: str
    task: str
    title: str
    owner: str
    by: Person | None = None
    at: datetime | None = None


def is_bare(gap: GapFacts) -> bool:
    """Say whether a gap has neither tasks nor conditions, so that a person closes it as a whole."""
    return not gap.tasks and not gap.conditions


def covered_closings(facts: Facts, rule: SignOffRule, role: str) -> tuple[Closing, ...]:
    """Give what a role's signature covers of them: what it owns, and for `last` everything; in order of their keys."""
    found = (closing for gap in facts.gaps for closing in _closings(gap))
    covered = (closing for closing in found if role in (rule.last, closing.owner))
    return tuple(sorted(covered, key=lambda closing: (closing.gap, closing.task)))


def _closings(gap: GapFacts) -> Iterator[Closing]:
    key = gap.gap.key
    for task in gap.tasks:
        yield Closing(key, task.key, task.title, task.owner, task.closed_by, task.closed_at)
    if is_bare(gap) and gap.closed_by is not None:
        yield Closing(key, "", gap.gap.title, gap.gap.owner or "", gap.closed_by, gap.closed_at)


def closings_material(closings: Iterable[Closing]) -> Plain:
    """Give what a signature rests on: what is open, and of what is closed by whom and when.

    Opened and closed again it is another closing, whoever closes it.
    """
    return [[c.gap, c.task, False if c.by is None else [c.by.id, to_plain(c.at)]] for c in closings]


def closings_before(closings: Iterable[Closing], signed_at: datetime) -> Plain:
    """Give what a signature rested on while it was only whether a task was closed; None where one was closed since.

    So what was signed before who closed it counted does not go void because that counts now.
    """
    found = tuple(closings)
    late = any(c.at is not None and c.at > signed_at for c in found)
    return None if late else [[c.gap, c.task, c.by is not None] for c in found if c.task]


def closers_of(gap: GapFacts) -> frozenset[str]:
    """Give who closed a gap, or a task of it, by hand."""
    people = [gap.closed_by] if is_bare(gap) else [task.closed_by for task in gap.tasks]
    return frozenset(person.id for person in people if person is not None)


def closers_by_path(facts: Facts) -> dict[str, frozenset[str]]:
    """Give for each condition of a gap who closed that gap or a task of it by hand."""
    return {c.condition.path: closers_of(gap) for gap in facts.gaps for c in gap.conditions}


def hand_closed_gaps(facts: Facts) -> tuple[GapFacts, ...]:
    """Give the gaps without a condition, which nothing but the word of who closed them shows to be closed."""
    return tuple(gap for gap in facts.gaps if not gap.conditions)
