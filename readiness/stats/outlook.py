"""What is shown beside a ruling and decides nothing: amounts, chances, and an effect size that people ask for."""

from collections.abc import Sequence
from math import isfinite, nan, sqrt

from readiness.stats.blocks import spread_of
from readiness.stats.estimates import Estimate, safest_spread, value_of
from readiness.stats.lint import requests_of
from readiness.stats.power import blocks_needed, chance_if_equal, chance_of_go, smallest_shown
from readiness.stats.quantiles import locate_quantile
from readiness.stats.results import Amounts, Outlook
from readiness.stats.tables import Asked, Block, Design, Kind, Side, Table

POWER = 0.8


def amounts_of(table: Table, blocks: Sequence[Block], design: Design) -> Amounts:
    """Count what was compared."""
    canary = requests_of((b.canary for b in blocks if b.canary is not None), design)
    control = requests_of((b.control for b in blocks if b.control is not None), design)
    return Amounts(len(blocks), len(table.blocks) - len(blocks), canary, control)


def outlook_of(estimate: Estimate, design: Design) -> Outlook:
    """Look ahead to the end of the longest time allowed; nothing is likely where nothing is known."""
    spread, alpha = safest_spread(estimate), design.alpha
    if not (isfinite(spread.se) and spread.se > 0 and spread.n and design.is_possible):
        return Outlook(0.0, 0.0, nan, nan)
    sd, planned = spread.se * sqrt(spread.n), design.planned
    better = design.asked is Asked.SUPERIORITY
    margin = estimate.worked(-design.limit if better else design.limit) - estimate.allowance
    mean = abs(spread.mean) if design.asked is Asked.EQUIVALENCE else spread.mean
    equal = 0.0 if better else chance_if_equal(spread.n, planned, mean, sd, (margin, alpha))
    return Outlook(
        chance=chance_of_go(spread.n, planned, mean, sd, (margin, alpha)),
        chance_if_equal=equal,
        blocks_needed=blocks_needed(sd, estimate.worked(design.limit), alpha, POWER) if design.limit > 0 else nan,
        smallest_shown=estimate.shown(smallest_shown(sd, planned, alpha, POWER)),
    )


def cohens_d_of(blocks: Sequence[Block], table: Table, design: Design) -> float:
    """Give the difference of the arms' blocks in standard deviations of a block; it grows with the length of blocks."""
    canary = spread_of([_value(b.canary, table, design) for b in blocks if b.canary is not None])
    control = spread_of([_value(b.control, table, design) for b in blocks if b.control is not None])
    pooled = sqrt((canary.sd**2 + control.sd**2) / 2) if isfinite(canary.sd) and isfinite(control.sd) else nan
    return (canary.mean - control.mean) / pooled if pooled > 0 else nan


def _value(side: Side, table: Table, design: Design) -> float:
    if design.kind is Kind.QUANTILE:
        return locate_quantile(table.bounds, side.buckets, design.quantile).value
    return value_of(side)
