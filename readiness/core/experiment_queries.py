"""The queries of an experiment: what both arms counted in a block, without the first block of a series that is new.

`increase` sees nothing before the first sample of a series, so a pod that has just begun loses its first errors; a
series counts from the first block that it was there at the beginning of. Errors of a kind that did not happen before
are counted from their first sample where the pod itself was there: nothing of them is lost.
"""

import re
from dataclasses import dataclass

import promql_parser as promql

from readiness.core.experiments import Experiment, Metric, Shape
from readiness.core.selectors import UnreadableQuery, parse_query, quote_label, selector_text

LAST_BOUND = "+Inf"
POD = "instance"


@dataclass(frozen=True, slots=True)
class BlockQueries:
    """What is asked for each block (an empty text is not asked), and of this moment."""

    top: str
    bottom: str
    buckets: str
    samples: str
    newest: str
    pods: str
    shared: str
    units: str

    @property
    def of_blocks(self) -> tuple[str, ...]:
        """The queries whose answers make the blocks."""
        return tuple(query for query in (self.top, self.bottom, self.buckets, self.samples) if query)


def block_queries(experiment: Experiment) -> BlockQueries:
    """Write the queries of an experiment. Raises UnreadableQuery."""
    metric, split = experiment.metric, experiment.metric.split_by
    width = f"{round(experiment.block.total_seconds())}s"
    counted = _counted(metric)
    top, bottom, buckets = _block_parts(metric, width)
    return BlockQueries(
        top=top,
        bottom=bottom,
        buckets=buckets,
        samples=f"avg by ({split}) (count_over_time({counted}[{width}]) and {counted} offset {width})",
        newest=f"max by ({split}) (timestamp({counted}))",
        pods=f"count by ({split}) (count by ({split}, {POD}) ({counted}))",
        shared=f"count(count by ({POD}) (count by ({split}, {POD}) ({counted})) > 1)",
        units=f"sum by ({split}) ({arm_selector(metric.units, '', metric)})" if metric.units else "",
    )


def _block_parts(metric: Metric, width: str) -> tuple[str, str, str]:
    split = metric.split_by
    if metric.shape is Shape.QUANTILE:
        counts = _grown(arm_selector(metric.top, "_bucket", metric), width)
        count = _grown(arm_selector(metric.top, "_count", metric), width)
        return "", f"sum by ({split}) ({count})", f"sum by ({split}, le) ({counts})"
    if metric.shape is Shape.MEAN:
        total, count = (_grown(arm_selector(metric.top, end, metric), width) for end in ("_sum", "_count"))
        return f"sum by ({split}) ({total})", f"sum by ({split}) ({count})", ""
    if metric.shape is Shape.ERRORS:
        errors, total = arm_selector(metric.top, "", metric), arm_selector(metric.total, "", metric)
        late = f"({errors} unless {errors} offset {width}) and on (job, {POD}) {total} offset {width}"
        return (
            f"sum by ({split}) (({_grown(errors, width)}) or ({late}))",
            f"sum by ({split}) ({_grown(total, width)})",
            "",
        )
    gauge = arm_selector(metric.top, "", metric)
    return f"avg by ({split}) (avg_over_time({gauge}[{width}]) and {gauge} offset {width})", "", ""


def _grown(selector: str, width: str) -> str:
    """What a counter grew by in a block, for series that were there when it began."""
    return f"increase({selector}[{width}]) and {selector} offset {width}"


def _counted(metric: Metric) -> str:
    """The series by which it is known how many samples, pods and how fresh an arm is."""
    if metric.shape in (Shape.QUANTILE, Shape.MEAN):
        return arm_selector(metric.top, "_count", metric)
    return arm_selector(metric.total or metric.top, "", metric)


def arm_selector(written: str, ending: str, metric: Metric) -> str:
    """Select the series of both arms, under the name with this ending. Raises UnreadableQuery for other than a name."""
    node = parse_query(written)
    if not isinstance(node, promql.VectorSelector) or not node.name or node.offset or node.at:
        raise UnreadableQuery(f"{written} is not the name of a metric; write one such as requests_total")
    base = node.name.removesuffix("_bucket").removesuffix("_sum") if ending else node.name
    arms = "|".join(re.escape(value) for value in (metric.treatment, metric.control))
    inside = selector_text(node).removeprefix(node.name).strip("{}")
    split = f"{metric.split_by}=~{quote_label(arms)}"
    return f"{base}{ending}{{{','.join(part for part in (inside, split) if part)}}}"


def arm_labels(metric: Metric, value: str) -> str:
    """Write the labels of an arm's only series as an answer has them."""
    return f"{{{metric.split_by}={quote_label(value)}}}"


def bucket_labels(metric: Metric, labels: str) -> tuple[str, str] | None:
    """Read the arm and the bound from the labels of a bucket's series; None for any other."""
    node = parse_query(labels)
    if not isinstance(node, promql.VectorSelector):
        return None
    found = {matcher.name: matcher.value for matcher in node.matchers.matchers}
    return (found[metric.split_by], found["le"]) if {metric.split_by, "le"} <= found.keys() else None
