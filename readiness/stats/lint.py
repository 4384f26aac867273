"""The instrument, looked at before anything is compared: what is counted, is it counted alike, and is it enough."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum, isfinite

from readiness.stats.fairness import age_doubt, dropped_doubt, errors_doubt, split_doubt
from readiness.stats.pods import pod_noise
from readiness.stats.quantiles import buckets_doubt, coarse_doubt, locate_quantile, tail_doubt
from readiness.stats.rulings import Call, Ruling, first_failing, invalid, undecided
from readiness.stats.tables import Block, Design, Kind, Side, Table

FEWEST_REQUESTS = 30
MOST_THIN = 0.20


@dataclass(frozen=True, slots=True)
class Precondition:
    """Something that must hold for a comparison to be fair: which, whether it holds, and why not."""

    name: str
    holds: bool
    reason: str = ""


Doubt = Callable[[Table, Design], Ruling | None]


def lint_table(table: Table, design: Design) -> tuple[tuple[Precondition, ...], Ruling | None]:
    """Look at everything that can be looked at; give each with its answer, and what keeps one from judging."""
    found = [(name, doubt(table, design)) for name, doubt in PRECONDITIONS.items()]
    listed = tuple(Precondition(name, ruling is None, ruling.reason if ruling else "") for name, ruling in found)
    doubts = [ruling for _, ruling in found if ruling is not None]
    worst = first_failing(ruling for ruling in doubts if ruling.call is Call.INVALID)
    return listed, worst or first_failing(doubts)


def paired(table: Table) -> tuple[tuple[Side, Side], ...]:
    """Give the blocks in which both arms reported."""
    return tuple((b.canary, b.control) for b in table.blocks if b.canary is not None and b.control is not None)


def _sides(table: Table) -> Iterator[Side]:
    for pair in paired(table):
        yield from pair


def arms_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that an arm was never seen."""
    if not table.blocks:
        return undecided("too_few_blocks")
    if all(block.canary is None for block in table.blocks):
        return invalid("no_canary")
    return invalid("no_control") if all(block.control is None for block in table.blocks) else None


def gaps_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that too many blocks lack an arm."""
    used = len(paired(table))
    return dropped_doubt(used, len(table.blocks) - used)


def numbers_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that what was counted cannot have been counted."""
    if design.kind is Kind.QUANTILE:
        return first_failing(buckets_doubt(table.bounds, side.buckets) or _count_doubt(side) for side in _sides(table))
    share = design.kind is Kind.ERRORS
    return first_failing(_side_doubt(side, share, design.kind is Kind.GAUGE) for side in _sides(table))


def _count_doubt(side: Side) -> Ruling | None:
    """The last bucket counts everything, so it is the count but for what rounding adds."""
    apart = abs(side.buckets[-1] - side.bottom)
    return None if apart <= max(2.0, side.bottom / 1000) else invalid("counts_differ")


def _side_doubt(side: Side, is_share: bool, signed: bool) -> Ruling | None:
    impossible = side.bottom < 0 or (side.top < 0 and not signed) or (is_share and side.top > side.bottom)
    if impossible or not (isfinite(side.top) and isfinite(side.bottom)):
        return invalid("not_computable")
    return invalid("not_computable") if side.bottom == 0 else None


def width_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that the buckets are too wide to see the margin, or end below the quantile."""
    if design.kind is not Kind.QUANTILE or numbers_doubt(table, design):
        return None
    found = ([locate_quantile(table.bounds, side.buckets, design.quantile) for side in pair] for pair in paired(table))
    return first_failing(coarse_doubt(canary, control, _log_margin(control.value, design)) for canary, control in found)


def _log_margin(value: float, design: Design) -> float:
    return design.limit if design.relative else design.margin / value if value > 0 else 0.0


def identity_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that both arms counted the very same, so that one thing was measured twice."""
    pairs = paired(table)
    if not pairs or any(canary != control for canary, control in pairs):
        return None
    varied = len({canary for canary, _ in pairs}) > 1
    return invalid("identical_data") if varied or design.kind is not Kind.ERRORS else _same_count(pairs)


def _same_count(pairs: Sequence[tuple[Side, Side]]) -> Ruling | None:
    """Two arms without any error may well be alike; that both have the same errors all the time is no chance."""
    return invalid("identical_data") if any(canary.top for canary, _ in pairs) else None


def thin_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that the canary’s blocks have too few requests: beyond the quantile, or at all."""
    thin = [_thin(canary, design) for canary, _ in paired(table)]
    if sum(doubt is not None for doubt in thin) <= MOST_THIN * len(thin):
        return None
    return first_failing(thin)


def _thin(side: Side, design: Design) -> Ruling | None:
    if design.kind is Kind.QUANTILE:
        return tail_doubt(design.quantile, side.buckets[-1]) if side.buckets else undecided("tail_too_thin")
    if design.kind is Kind.MEAN and not side.bottom >= FEWEST_REQUESTS:
        return undecided("too_few_requests")
    return None


def split_of_units(table: Table, design: Design) -> Ruling | None:
    """Say that the units were not split as they were meant to be."""
    if table.units is None or design.canary_share is None or not 0 < design.canary_share < 1:
        return None
    return split_doubt(table.units, (design.canary_share, 1 - design.canary_share))


def failures_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that so many requests failed that the time of the others says nothing."""
    if table.error_shares is None or design.kind not in (Kind.QUANTILE, Kind.MEAN):
        return None
    return errors_doubt(table.error_shares)


def freshness_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that the newest sample is old."""
    return age_doubt(table.age_s, design.scrape_s) if table.age_s is not None else None


def lone_pod_doubt(table: Table, design: Design) -> Ruling | None:
    """Say that the code cannot be told from the pods: one alone is the canary, or nobody knows how much pods differ."""
    pods = table.pods
    if pods is None or pods.shared:
        return None
    if pods.canary < 2:
        return undecided("one_canary_pod")
    return None if pod_noise(pods.canary_values, pods.control_values) else undecided("pod_noise_unknown")


PRECONDITIONS: dict[str, Doubt] = {
    "arms": arms_doubt,
    "fresh": freshness_doubt,
    "numbers": numbers_doubt,
    "gaps": gaps_doubt,
    "split": split_of_units,
    "failures": failures_doubt,
    "not_identical": identity_doubt,
    "width": width_doubt,
    "traffic": thin_doubt,
    "pods": lone_pod_doubt,
}


def usable_blocks(table: Table, design: Design) -> tuple[Block, ...]:
    """Give the blocks that count: both arms reported, and the canary had enough requests."""
    return tuple(
        block
        for block in table.blocks
        if block.canary is not None and block.control is not None and _thin(block.canary, design) is None
    )


def requests_of(sides: Iterable[Side], design: Design) -> float:
    """Count the requests of an arm; a gauge has none."""
    if design.kind is Kind.GAUGE:
        return 0.0
    return fsum(side.buckets[-1] if side.buckets else side.bottom for side in sides)
