"""Baselines: the series of a gate's query over a stretch of time, as they were."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.questions import Question
from readiness.core.windows import Point, Stretch

STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class LinesTold:
    """A query's series over a stretch and the raw answer; or `trouble`, a sentence that says why there are none."""

    lines: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    trouble: str = ""
    raw: bytes = b""


def collect_lines(batch: PrometheusBatch, query: str, now: datetime, window: timedelta) -> LinesTold:
    """Give the query's series over the window that ends now, a value a minute, or why there are none.

    A partial answer gives none: the median of some of the series is not the baseline.
    """
    end_at = now.replace(microsecond=0)
    answer = batch.answer(Question(query, Stretch(end_at - window, end_at, STEP)))
    if answer.warnings:
        return LinesTold(trouble=f"{batch.source.key} gave a partial answer: {answer.warnings[0]}")
    raw = answer.exchange.data if answer.exchange is not None else b""
    return LinesTold(answer.lines, answer.message, raw)
