"""Warnings about queries that answer for what is not measured, or that leave out what would have to be judged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.core.conditions import ConditionKind
from readiness.core.criteria import Criteria, criteria_hold, needs_comparand, parse_criteria
from readiness.core.plan_conditions import expect_of
from readiness.core.plan_document import Entry, Path, keyed_entries, mapping_of, written_text
from readiness.core.plan_fault import Fault
from readiness.core.plan_times import stated_entries
from readiness.core.quantities import format_number
from readiness.core.query_shapes import Absence, Filling, dropping_comparisons, query_absences, query_fillings


@dataclass(frozen=True, slots=True)
class Asked:
    """A query where it stands, with every limit that its answer is held to; without any where it is only shown."""

    at: Path
    query: str
    limits: Sequence[Criteria] = ()

    def allows(self, value: float | None) -> bool:
        """Whether an answer would be good; one that is not known might be."""
        return value is None or not self.limits or any(_holds(limit, value) for limit in self.limits)


def _holds(limit: Criteria, value: float) -> bool:
    return needs_comparand(limit) or criteria_hold(limit, value, None)


def query_warnings(document: Entry) -> Iterator[Fault]:
    """Every query that looks good, or stays silent, where nothing is measured or something is not good."""
    for asked in _asked(document):
        yield from (_filled(asked, filling) for filling in query_fillings(asked.query) if _looks_good(asked, filling))
        yield from _absent(asked)
        yield from (_dropped(asked, text) for text in dropping_comparisons(asked.query))


def _asked(document: Entry) -> Iterator[Asked]:
    limits = _limits(document)
    for stated in stated_entries(document, ConditionKind.GATE):
        held_to = limits[str(stated.at[-1])] if stated.defined else ()
        yield from _queries(stated.at, stated.entry, tuple(held_to))
    for key, flag in keyed_entries(document.get("flags")):
        yield from _queries(("flags", key, "observed"), mapping_of(flag.get("observed")), ())


def _limits(document: Entry) -> dict[str, dict[Criteria, None]]:
    """The limits that each gate is held to: its own, and those of the places that name it."""
    limits: dict[str, dict[Criteria, None]] = {}
    for stated in stated_entries(document, ConditionKind.GATE):
        key = str(stated.at[-1] if stated.defined else stated.entry[ConditionKind.GATE])
        criteria = parse_criteria(expect_of(stated.said), written_text(stated.said, "unit"))
        limits.setdefault(key, {})[criteria] = None
    return limits


def _queries(at: Path, entry: Entry, limits: Sequence[Criteria]) -> Iterator[Asked]:
    """The query of an entry, that of what it compares with, and that of its traffic."""
    if "query" in entry:
        yield Asked((*at, "query"), str(entry["query"]), limits)
    against, enough = mapping_of(entry.get("against")), mapping_of(entry.get("enough"))
    if "query" in against:
        yield Asked((*at, "against", "query"), str(against["query"]))
    if enough:
        least = parse_criteria(f">= {enough['at_least']}", "")
        yield Asked((*at, "enough", "query"), str(enough["query"]), (least,))


def _looks_good(asked: Asked, filling: Filling) -> bool:
    return not filling.whole or asked.allows(filling.value)


def _filled(asked: Asked, filling: Filling) -> Fault:
    number = "" if filling.value is None else f" with {format_number(filling.value)}"
    good = ", which its limit allows" if filling.whole and asked.limits and number else ""
    sentence = (
        f"Where {filling.missing} has no answer, {filling.stands_in} answers{number}{good}; leave that out, so that "
        "what is not measured is seen to be missing."
    )
    return Fault(asked.at, sentence, filling.stands_in[:60], "an answer of what is measured")


def _absent(asked: Asked) -> Iterator[Fault]:
    for absence in query_absences(asked.query):
        if not absence.whole or asked.allows(1.0):
            sentence = (
                f"{absence.text} is 1 while nothing is measured, so it cannot tell what is as it should be from a "
                f"metric that is misspelt or gone; ask for what must be there, such as count({absence.of})."
            )
            yield Fault(asked.at, sentence, absence.text[:60], f"count({absence.of})"[:60])
        elif absence.alone:
            yield _silent(asked, absence)


def _silent(asked: Asked, absence: Absence) -> Fault:
    sentence = (
        f"{absence.text} has an answer only while nothing is measured, so this is without data as long as all is well; "
        f"ask for what must be there, such as count({absence.of})."
    )
    return Fault(asked.at, sentence, absence.text[:60], f"count({absence.of})"[:60])


def _dropped(asked: Asked, text: str) -> Fault:
    sentence = (
        f"{text} leaves out every series for which it does not hold, so those are never judged; write the limit into "
        "expect, or bool behind the comparison, which then answers 0 or 1."
    )
    return Fault(asked.at, sentence, text[:60], "expect, or bool")
