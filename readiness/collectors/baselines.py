"""Baselines: the series of a gate's query over a stretch of time, as they were."""

from datetime import datetime, timedelta

from readiness.collectors.prometheus import PrometheusBatch
from readiness.core.windows import Lines, Stretch

STEP = timedelta(minutes=1)


def collect_lines(batch: PrometheusBatch, query: str, now: datetime, window: timedelta) -> tuple[Lines, str]:
    """Give the query's series over the window that ends now, a value a minute, and why there are none."""
    answer = batch.ask_range(query, Stretch(now - window, now, STEP))
    return answer.lines, answer.message
