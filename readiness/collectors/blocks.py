"""Blocks from Prometheus: what both arms of an experiment counted, on a grid of whole blocks, and how the arms are now.

Counters come out of `increase` with fractions and are rounded to whole numbers. Nothing is decided here: what an arm
did not report is None, what cannot be asked is trouble with a sentence.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from statistics import median

from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.prometheus_answers import Answer
from readiness.collectors.questions import Question
from readiness.core.blocks import Arm, ArmNow, BlockRow, BlocksSeen, BlockTable
from readiness.core.experiment_queries import BlockQueries, arm_labels, block_queries, bucket_labels
from readiness.core.experiments import Experiment, Metric, Shape
from readiness.core.selectors import UnreadableQuery
from readiness.core.types import Trouble
from readiness.core.windows import Stretch

FEWEST_SAMPLES = 0.8
Values = Mapping[datetime, float]
Ends = tuple[datetime, datetime]


def collect_blocks(batch: PrometheusBatch, experiment: Experiment, ends: Ends | None) -> BlocksSeen:
    """Ask for the blocks that end from the first to the last of `ends`, and for how both arms are now."""
    empty = BlockTable(experiment.metric.source, (), experiment.block)
    try:
        queries = block_queries(experiment)
    except UnreadableQuery as problem:
        return BlocksSeen(empty, trouble=Trouble.SOURCE_ERROR, message=str(problem))
    stretch = Stretch(ends[0], ends[1], experiment.block) if ends else None
    asked = [Question(query, stretch) for query in queries.of_blocks] if stretch else []
    now = {query: Question(query) for query in (queries.newest, queries.pods, queries.shared, queries.units) if query}
    found = batch.answer_all([*asked, *now.values()])
    if trouble := next((answer for answer in found if answer.trouble is not Trouble.NONE or answer.warnings), None):
        return BlocksSeen(empty, trouble=Trouble.SOURCE_ERROR, message=_trouble_words(batch, trouble))
    ranges = dict(zip(queries.of_blocks, found, strict=False)) if stretch else {}
    table = _table(experiment, queries, ranges, stretch)
    answers = dict(zip(now, found[len(asked) :], strict=True))
    return _with_arms(BlocksSeen(table), experiment.metric, queries, answers)


def _trouble_words(batch: PrometheusBatch, answer: Answer) -> str:
    return answer.message or f"{batch.source.key} gave a partial answer: {answer.warnings[0]}"


# ------------------------------------------------------------------------------------- the blocks


def _table(
    experiment: Experiment, queries: BlockQueries, answers: Mapping[str, Answer], stretch: Stretch | None
) -> BlockTable:
    metric = experiment.metric
    bounds, buckets = _buckets(metric, answers.get(queries.buckets))
    arms = {
        value: _arm_blocks(metric, value, queries, answers, buckets.get(value, {}))
        for value in (metric.treatment, metric.control)
    }
    rows = tuple(
        BlockRow(at, arms[metric.treatment].get(at), arms[metric.control].get(at))
        for at in (stretch.moments() if stretch else ())
    )
    return BlockTable(metric.source, queries.of_blocks, experiment.block, bounds, rows)


def _arm_blocks(
    metric: Metric,
    value: str,
    queries: BlockQueries,
    answers: Mapping[str, Answer],
    buckets: Mapping[datetime, tuple[float, ...]],
) -> dict[datetime, Arm]:
    """Put together what the queries say of one arm; a block counts when all of them speak, from enough samples."""
    top, bottom, samples = (
        _line(metric, value, answers.get(query)) for query in (queries.top, queries.bottom, queries.samples)
    )
    usual = median(samples.values()) if samples else 0.0
    found = {}
    for at, count in samples.items():
        spoken = (not queries.top or at in top) and (not queries.bottom or at in bottom)
        if count >= FEWEST_SAMPLES * usual and spoken and (at in buckets or not queries.buckets):
            whole = metric.shape is not Shape.GAUGE
            parts = _whole(top.get(at, 0.0), metric.shape is Shape.ERRORS), _whole(bottom.get(at, 1.0), whole)
            found[at] = Arm(*parts, buckets.get(at, ()), count)
    return found


def _whole(value: float, counted: bool) -> float:
    return float(round(value)) if counted and isfinite(value) else value


def _line(metric: Metric, value: str, answer: Answer | None) -> dict[datetime, float]:
    points = answer.lines.get(arm_labels(metric, value), ()) if answer is not None else ()
    return {point.at: point.value for point in points}


def _buckets(
    metric: Metric, answer: Answer | None
) -> tuple[tuple[float, ...], dict[str, dict[datetime, tuple[float, ...]]]]:
    """Give the bounds of all buckets, and for each arm and block its counts in their order; as many as there were."""
    counts: dict[tuple[str, datetime], dict[float, float]] = {}
    for labels, points in answer.lines.items() if answer is not None else ():
        if (known := bucket_labels(metric, labels)) is not None:
            for point in points:
                counts.setdefault((known[0], point.at), {})[float(known[1])] = _whole(point.value, True)
    bounds = tuple(sorted({bound for found in counts.values() for bound in found}))
    arms: dict[str, dict[datetime, tuple[float, ...]]] = {}
    for (arm, at), found in counts.items():
        arms.setdefault(arm, {})[at] = tuple(found[bound] for bound in sorted(found))
    return bounds, arms


# ------------------------------------------------------------------------------------- the arms now


def _with_arms(seen: BlocksSeen, metric: Metric, queries: BlockQueries, answers: Mapping[str, Answer]) -> BlocksSeen:
    canary, control = (_arm_now(metric, value, queries, answers) for value in (metric.treatment, metric.control))
    shared = any(series.value > 0 for series in answers[queries.shared].values)
    return BlocksSeen(seen.table, canary, control, shared)


def _arm_now(metric: Metric, value: str, queries: BlockQueries, answers: Mapping[str, Answer]) -> ArmNow:
    labels = arm_labels(metric, value)

    def said(query: str) -> float | None:
        answer = answers.get(query)
        found = [series.value for series in (answer.values if answer else ()) if series.labels == labels]
        return found[0] if found and isfinite(found[0]) else None

    newest = said(queries.newest)
    return ArmNow(
        sampled_at=datetime.fromtimestamp(newest, UTC) if newest is not None else None,
        pods=round(said(queries.pods) or 0),
        units=said(queries.units) if queries.units else None,
    )
