"""Blocks: what both arms of an experiment counted in each stretch of time, kept to be worked out again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from readiness.core.types import Trouble


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm in one block: `top` of `bottom` (errors of requests, a sum of a count, a gauge of one), or buckets.

    `samples` is how many samples each of its series has in the block, on average.
    """

    top: float
    bottom: float
    buckets: tuple[float, ...] = ()
    samples: float = 0.0


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block: when it ended, and both arms; None is an arm that did not report."""

    end_at: datetime
    canary: Arm | None
    control: Arm | None


@dataclass(frozen=True, slots=True)
class BlockTable:
    """The blocks of an experiment in order, with the queries they were asked with. The last bound is infinite.

    An arm whose buckets are fewer than the bounds did not have all of them.
    """

    source: str
    queries: tuple[str, ...]
    block: timedelta
    bounds: tuple[float, ...] = ()
    rows: tuple[BlockRow, ...] = ()

    def with_more(self, later: "BlockTable") -> "BlockTable":
        """Put later blocks behind these; blocks that are known stay as they are."""
        known = {row.end_at for row in self.rows}
        fresh = tuple(row for row in later.rows if row.end_at not in known)
        bounds = later.bounds if not self.rows else self.bounds
        if fresh and later.bounds != bounds:
            fresh, bounds = tuple(_without_buckets(row) for row in fresh), bounds
        rows = sorted((*self.rows, *fresh), key=lambda row: row.end_at)
        return replace(later, bounds=bounds, rows=tuple(rows))


def _without_buckets(row: BlockRow) -> BlockRow:
    """Leave the counts of buckets out whose bounds have moved: they cannot be compared with those before."""
    arms = (replace(arm, buckets=()) if arm is not None else None for arm in (row.canary, row.control))
    return BlockRow(row.end_at, *arms)


@dataclass(frozen=True, slots=True)
class ArmNow:
    """An arm as it is now: when its newest sample was taken, its pods, and how many units were hashed into it."""

    sampled_at: datetime | None = None
    pods: int = 0
    units: float | None = None
    pod_values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class BlocksSeen:
    """What one refresh saw of an experiment: the blocks that were asked for, and both arms as they are now.

    `shared_pods` says that a pod serves both arms. With `trouble` there is only a `message`.
    """

    table: BlockTable
    canary: ArmNow = ArmNow()
    control: ArmNow = ArmNow()
    shared_pods: bool = False
    trouble: Trouble = Trouble.NONE
    message: str = ""
