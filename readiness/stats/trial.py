"""One look at an experiment: from a table of blocks to a ruling with everything that it rests on.

GO comes only from a planned look, by its boundary. NO_GO comes at any time, from a sequence that holds however often
one looks. Whatever cannot be computed is INVALID; whatever is not shown is UNDECIDED.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite, nan, sqrt

from readiness.stats.blocks import FEWEST_BLOCKS, blocks_doubt, guard_spikes, spread_of
from readiness.stats.estimates import (
    BURSTY,
    Estimate,
    estimate_effect,
    estimate_quantiles,
    safest_spread,
    with_pods,
)
from readiness.stats.lint import lint_table, usable_blocks
from readiness.stats.looks import fractions_of, harm_limit, look_bounds, tail_of_bound
from readiness.stats.outlook import amounts_of, cohens_d_of, outlook_of
from readiness.stats.pods import PodNoise, pod_noise
from readiness.stats.results import Harm, Point, Result
from readiness.stats.rulings import (
    Call,
    Interval,
    Ruling,
    invalid,
    rule_better,
    rule_no_worse,
    rule_same,
    undecided,
)
from readiness.stats.tables import Asked, Block, Design, Kind, Table

METHOD = "paired-blocks/1"
LIKELY = 0.5
RULES = {Asked.NON_INFERIORITY: rule_no_worse, Asked.SUPERIORITY: rule_better, Asked.EQUIVALENCE: rule_same}
NOTHING = Estimate(spread_of(()), ())


def look_at(table: Table, design: Design, earlier: Sequence[int], is_look: bool) -> Result:
    """Look once. `earlier` are the usable blocks at each earlier look; `is_look` says whether this is a planned one."""
    preconditions, doubt = lint_table(table, design) if design.is_possible else ((), invalid("not_computable"))
    hopeless = doubt is not None and doubt.call is Call.INVALID
    blocks = () if hopeless else usable_blocks(table, design)
    estimate = _estimate(blocks, table, design) if blocks else NOTHING
    noise = _noise(table)
    if noise is not None and table.pods is not None:
        estimate = with_pods(estimate, noise, table.pods.canary, table.pods.control)
    point = _point(blocks, design, earlier, is_look)
    harm = tuple(_harm(estimate, alpha, design) for alpha in design.harm_alphas)
    doubt = doubt or _estimate_doubt(estimate, design, len(blocks))
    ruling = _ruled(estimate, design, point, harm, doubt)
    return Result(
        ruling=ruling,
        method=METHOD,
        point=point,
        amounts=amounts_of(table, blocks, design),
        interval=_sided(estimate, point.tail),
        limit=design.limit,
        alpha=design.alpha,
        spread=safest_spread(estimate),
        allowance=estimate.allowance,
        worth=estimate.worth(point.tail),
        tau=sqrt(noise.variance) if noise else 0.0,
        harm=harm,
        outlook=outlook_of(estimate, design),
        cohens_d=cohens_d_of(blocks, table, design),
        preconditions=preconditions,
    )


def _estimate(blocks: Sequence[Block], table: Table, design: Design) -> Estimate:
    if design.kind is Kind.QUANTILE:
        return estimate_quantiles(blocks, table.bounds, design)
    return estimate_effect(blocks, design)


def _noise(table: Table) -> PodNoise | None:
    """Say how much pods differ; where the same pods serve both arms that noise is in both."""
    pods = table.pods
    if pods is None or pods.shared:
        return None
    return pod_noise(pods.canary_values, pods.control_values)


def _point(blocks: Sequence[Block], design: Design, earlier: Sequence[int], is_look: bool) -> Point:
    """Say where in the plan this is. A look before there are enough blocks is none, and spends nothing."""
    used = len(blocks)
    if not design.is_possible:
        return Point(0, nan, nan, nan)
    if not is_look or used < max(design.fewest, FEWEST_BLOCKS):
        return Point(0, min(1.0, used / design.planned), nan, design.alpha)
    fractions = fractions_of((*earlier, used), design.planned)
    bound = look_bounds(fractions, design.alpha)[-1]
    return Point(len(fractions), fractions[-1], bound, tail_of_bound(bound))


def _estimate_doubt(estimate: Estimate, design: Design, used: int) -> Ruling | None:
    """Say what keeps an estimate from being judged; None when nothing does."""
    if used < max(design.fewest, FEWEST_BLOCKS):
        return undecided("too_few_blocks")
    if design.kind is Kind.ERRORS and design.relative and not all(isfinite(value) for value in estimate.values):
        return undecided("no_events")
    if design.kind is Kind.ERRORS and not design.relative and not estimate.rate:
        return None if isfinite(estimate.spread.mean) else invalid("not_computable")
    return blocks_doubt(estimate.values)


def _ruled(estimate: Estimate, design: Design, point: Point, harm: Sequence[Harm], doubt: Ruling | None) -> Ruling:
    """Harm first, at any time; then what keeps from judging; GO only at a look."""
    if doubt is not None and doubt.call is Call.INVALID:
        return doubt
    if any(each.shown for each in harm[:1]):
        return Ruling(Call.NO_GO, "worse_beyond_margin")
    return doubt or _judged(estimate, design, point)


def _judged(estimate: Estimate, design: Design, point: Point) -> Ruling:
    judged = RULES[design.asked](_sided(estimate, point.tail), design.limit)
    if judged.call is Call.INVALID:
        return judged
    if not point.look:
        return undecided("on_track" if outlook_of(estimate, design).chance >= LIKELY else "at_risk")
    if judged.call is Call.NO_GO:
        return undecided("worse_size_unclear")
    return _unless_spiky(judged, estimate)


def _unless_spiky(ruling: Ruling, estimate: Estimate) -> Ruling:
    """Withhold a GO where a few blocks dominate; counts that vary no more than chance lets them are no spikes."""
    calm = estimate.counts is not None and estimate.burstiness <= BURSTY
    return ruling if calm else guard_spikes(ruling, estimate.spread)


def _sided(estimate: Estimate, tail: float) -> Interval:
    return estimate.interval(tail) if 0 < tail < 0.5 else Interval(estimate.spread.mean, nan, nan)


def _harm(estimate: Estimate, alpha: float, design: Design) -> Harm:
    """Say whether harm is shown: beyond the margin; where an improvement is asked, worse at all."""
    spread = safest_spread(estimate)
    if design.asked is Asked.EQUIVALENCE and spread.mean < 0:
        spread = replace(spread, mean=-spread.mean)
    beyond = 0.0 if design.asked is Asked.SUPERIORITY else design.limit
    sided = alpha / 2 if design.asked is Asked.EQUIVALENCE else alpha
    lower = harm_limit(spread, sided, design.planned) if design.is_possible else None
    if lower is None:
        return Harm(alpha, None, False)
    lower = estimate.shown(lower - estimate.allowance)
    return Harm(alpha, lower, lower > beyond)
