"""Readings: the answer of one query with all that proves it: sample age, missing series, reach of its history."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from readiness.collectors.prometheus import PrometheusBatch, moment_of
from readiness.collectors.prometheus_answers import Answer, Exchange
from readiness.collectors.questions import Asking, Question
from readiness.core.selectors import (
    Selector,
    UnreadableQuery,
    answers_one_series,
    first_sample_query,
    last_sample_query,
    newest_sample_query,
    query_selectors,
    reaches_query,
)
from readiness.core.types import GateObservation, Reading, Trouble
from readiness.core.windows import Stretch

LOST_WITHIN = timedelta(hours=1)
LOST_STEP = timedelta(minutes=1)


@dataclass(slots=True)
class Notes:
    """What whoever asks about one gate writes down: of which source, when, and the raw answers by their digest."""

    source: str
    now: datetime
    _answers: dict[str, Exchange] = field(default_factory=dict)

    def keep(self, answer: Answer) -> str:
        """Note the raw answer and give its digest; empty where nothing was asked."""
        if answer.exchange is None:
            return ""
        self._answers[answer.exchange.digest] = answer.exchange
        return answer.exchange.digest

    def named_by(self, observation: GateObservation) -> tuple[Exchange, ...]:
        """The raw answers that an observation names."""
        readings = (observation.reading, observation.comparand, observation.traffic, observation.window)
        named = dict.fromkeys(each.answer for each in readings if each is not None and each.answer)
        return tuple(self._answers[digest] for digest in named)


def collect_reading(batch: PrometheusBatch, query: str) -> Reading:
    """Ask one query and all that proves its answer."""
    return batch.settle(ask_reading(Notes(batch.source.key, batch.now), query))


def ask_reading(notes: Notes, query: str) -> Asking[Reading]:
    """Ask one query and all that proves its answer, in one round where nothing is missing."""
    try:
        selectors, problem = query_selectors(query), ""
    except UnreadableQuery as refusal:
        selectors, problem = (), str(refusal)
    backwards = sorted((s for s in selectors if s.looks_back and not s.of_absence), key=lambda s: s.looks_back)
    may_lose = not problem and not answers_one_series(query)
    answers = yield (
        Question(query),
        *(Question(newest_sample_query(selector)) for selector in selectors),
        *(Question(reaches_query(selector)) for selector in backwards),
        *([_within_the_hour(notes, query)] if may_lose else []),
    )
    reading = _answered(notes, query, answers[0])
    if reading.trouble is not Trouble.NONE:
        return reading
    if problem:
        return replace(reading, trouble=Trouble.SOURCE_ERROR, message=problem)
    ages, reaches = answers[1 : 1 + len(selectors)], answers[1 + len(selectors) :]
    reading = yield from _with_age(notes, reading, selectors, ages)
    reading = yield from _with_history(notes, reading, backwards, reaches)
    return _with_lost_series(notes, reading, answers[-1]) if may_lose else reading


def _answered(notes: Notes, query: str, answer: Answer) -> Reading:
    return Reading(
        query=query,
        source=notes.source,
        asked_at=notes.now,
        trouble=answer.trouble,
        message=answer.message,
        values=answer.values,
        warnings=answer.warnings,
        answer=notes.keep(answer),
        took=answer.exchange.took if answer.exchange is not None else timedelta(0),
    )


def _with_age(
    notes: Notes, reading: Reading, selectors: Sequence[Selector], answers: Sequence[Answer]
) -> Asking[Reading]:
    """The query is as old as its oldest selector; one that has no sample leaves it without any age."""
    pairs = list(zip(selectors, answers, strict=True))
    silent = [s for s, a in pairs if not a.values and a.trouble is Trouble.NONE and not s.of_absence]
    later = (yield [Question(last_sample_query(selector)) for selector in silent]) if silent else ()
    found = dict(pairs) | dict(zip(silent, later, strict=True))
    for answer in found.values():
        reading = tainted(notes, reading, answer)
    moments = [moment_of(answer) for answer in found.values()]
    known = [moment for moment in moments if moment is not None]
    return replace(reading, sampled_at=min(known)) if known and len(known) == len(moments) else reading


def _with_history(
    notes: Notes, reading: Reading, backwards: Sequence[Selector], answers: Sequence[Answer]
) -> Asking[Reading]:
    """Whether the samples of every selector reach back as far as the query reads them; the shortest history counts.

    `looks_back` is that of the selector named by `covers_from`, so that "covers 6 of 24 h" speaks of one thing.
    """
    pairs = list(zip(backwards, answers, strict=False))
    short = [selector for selector, answer in pairs if not answer.values]
    first = (yield [Question(first_sample_query(selector)) for selector in short]) if short else ()
    begins = dict(zip(short, first, strict=True))
    for answer in (*(answer for _, answer in pairs), *first):
        reading = tainted(notes, reading, answer)
    shortest: tuple[timedelta, timedelta, datetime | None] | None = None
    for selector in backwards:
        reached = notes.now - selector.looks_back
        begins_at = moment_of(begins[selector]) if selector in begins else reached
        lacks = selector.looks_back if begins_at is None else begins_at - reached
        if shortest is None or lacks >= shortest[0]:
            shortest = lacks, selector.looks_back, begins_at
    return reading if shortest is None else replace(reading, looks_back=shortest[1], covers_from=shortest[2])


def _within_the_hour(notes: Notes, query: str) -> Question:
    end_at = notes.now.replace(microsecond=0)
    return Question(query, Stretch(end_at - LOST_WITHIN, end_at, LOST_STEP))


def _with_lost_series(notes: Notes, reading: Reading, answer: Answer) -> Reading:
    present = {series.labels for series in reading.values}
    lost = tuple(sorted(labels for labels in answer.lines if labels not in present))
    return replace(tainted(notes, reading, answer), lost_series=lost)


def tainted(notes: Notes, reading: Reading, answer: Answer) -> Reading:
    """Carry trouble and warnings of a side question into the reading that rests on it."""
    warnings = reading.warnings + tuple(w for w in answer.warnings if w not in reading.warnings)
    if reading.trouble is Trouble.NONE and answer.trouble is not Trouble.NONE:
        message, kept = answer.message, notes.keep(answer)
        return replace(reading, trouble=answer.trouble, message=message, warnings=warnings, answer=kept)
    return replace(reading, warnings=warnings) if warnings != reading.warnings else reading
