"""Baselines: the series of a gate's query over a stretch of time, as they were."""

from datetime import datetime, timedelta

from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.questions import Question
from readiness.core.windows import Lines, Stretch

STEP = timedelta(minutes=1)


def collect_lines(batch: PrometheusBatch, query: str, now: datetime, window: timedelta) -> tuple[Lines, str]:
    """Give the query's series over the window that ends now, a value a minute, and why there are none.

    A partial answer gives none: the median of some of the series is not the baseline.
    """
    end_at = now.replace(microsecond=0)
    answer = batch.answer(Question(query, Stretch(end_at - window, end_at, STEP)))
    if answer.warnings:
        return {}, f"{batch.source.key} gave a partial answer: {answer.warnings[0]}"
    return answer.lines, answer.message
