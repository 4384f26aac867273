"""Looks at experiments: from what was read of both arms to what statistics make of it. Only the worker imports this."""

from datetime import datetime
from math import ceil
from statistics import median

from readiness.core.blocks import Arm, ArmNow, BlocksSeen
from readiness.core.experiments import Experiment
from readiness.stats.blocks import FEWEST_BLOCKS
from readiness.stats.fairness import MOST_DROPPED
from readiness.stats.results import Result
from readiness.stats.tables import Asked, Block, Design, Kind, Pods, Side, Table
from readiness.stats.trial import look_at

HARM_ALPHA = 0.05
USUAL_SCRAPE_S = 15.0


def look_between(experiment: Experiment, seen: BlocksSeen, siblings: int, now: datetime) -> Result:
    """Say how an experiment stands between looks, which is never GO. `siblings` are all experiments of the phase."""
    return look_at(table_of(seen, now), design_of(experiment, seen, siblings), (), False)


def design_of(experiment: Experiment, seen: BlocksSeen, siblings: int) -> Design:
    """Say what is asked. Who does not say how sure one must be of harm shares 5 % with the other experiments."""
    return Design(
        kind=Kind(experiment.metric.shape.value),
        asked=Asked(experiment.question),
        margin=experiment.margin.amount,
        relative=experiment.margin.relative,
        lower_is_better=experiment.lower_is_better,
        planned=experiment.planned_blocks,
        fewest=max(FEWEST_BLOCKS, ceil((1 - MOST_DROPPED) * experiment.fewest_blocks)),
        alpha=experiment.alpha,
        harm_alphas=(experiment.harm or HARM_ALPHA / max(siblings, 1),),
        quantile=experiment.metric.quantile,
        scrape_s=_scrape_s(experiment, seen),
    )


def _scrape_s(experiment: Experiment, seen: BlocksSeen) -> float:
    """Say how far samples are apart, from how many a block usually has."""
    arms = [arm for row in seen.table.rows for arm in (row.canary, row.control) if arm is not None and arm.samples > 0]
    usual = median(arm.samples for arm in arms) if arms else 0.0
    return experiment.block.total_seconds() / usual if usual else USUAL_SCRAPE_S


def table_of(seen: BlocksSeen, now: datetime) -> Table:
    """Turn what was read into what is compared."""
    units = (seen.canary.units, seen.control.units)
    return Table(
        blocks=tuple(
            Block(int(row.end_at.timestamp()), _side(row.canary), _side(row.control)) for row in seen.table.rows
        ),
        bounds=seen.table.bounds,
        units=(units[0], units[1]) if units[0] is not None and units[1] is not None else None,
        age_s=max(_age_s(arm, now) for arm in (seen.canary, seen.control)),
        pods=Pods(
            seen.canary.pods,
            seen.control.pods,
            seen.shared_pods,
            seen.canary.pod_values,
            seen.control.pod_values,
        ),
    )


def _side(arm: Arm | None) -> Side | None:
    return None if arm is None else Side(arm.top, arm.bottom, arm.buckets)


def _age_s(arm: ArmNow, now: datetime) -> float:
    """Give the age of an arm's newest sample; an arm without one is older than anything."""
    return (now - arm.sampled_at).total_seconds() if arm.sampled_at is not None else FOREVER_S


FOREVER_S = float("inf")
