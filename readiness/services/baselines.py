"""Baselines: a person records what a gate's value was, to compare later values with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from statistics import median

from django.db import transaction

from readiness.collectors.baselines import LinesTold
from readiness.core.audit import Act, Change, RowChange
from readiness.core.conditions import Condition, GateSpec, Records
from readiness.core.items import baseline_title
from readiness.core.permissions import Right
from readiness.core.plan import Plan
from readiness.core.types import EvidenceState
from readiness.models import Baseline, Claim, Evidence, Rollout
from readiness.queries.conditions import find_condition
from readiness.queries.plans import load_plan, load_rollout
from readiness.queries.states import claim_state
from readiness.services.audit import append
from readiness.services.blobs import keep_blob
from readiness.services.items import NotAnItem
from readiness.services.recording import change_rows, lock_rollout, mark_dirty, object_ref, row_changed
from readiness.services.rights import require

WINDOW = timedelta(hours=1)
CollectLines = Callable[[GateSpec, datetime, timedelta], LinesTold]
"""Give a gate's series over a stretch that ends at a moment, or a sentence when there are none."""


class NothingToRecord(Exception):
    """A gate of the baseline has no data over the last hour, so nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Captured:
    """One gate's median over the window, in the unit of its query, of how many values, and their raw answer."""

    gate: str
    value: float
    count: int
    query: str
    answer: bytes


def record_baseline(rollout_key: str, path: str, act: Act, now: datetime, collect: CollectLines) -> int:
    """Record the baseline that an item names: for each gate the median over the last hour. All of them or none."""
    condition, records = _recording_item(load_rollout(rollout_key), path)
    captured = _capture(load_plan(load_rollout(rollout_key)), records, now, collect)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.CLAIM, now, owner=condition.owner)
        replaced = _withdraw_before(rollout, path, act, now)
        claim = _claim(rollout, path, records, act, now)
        for each in captured:
            replaced += _keep(rollout, records, each, act, now)
            _attach(claim, records, each, act, now)
        mark_dirty(rollout, now)
        thing = object_ref(claim, rollout, condition.title)
        return append(Change("baseline.recorded", thing, None, claim_state(claim), also=replaced), act)


def _recording_item(rollout: Rollout, path: str) -> tuple[Condition, Records]:
    condition = find_condition(rollout, path)
    if condition is None or condition.item is None or condition.item.records is None:
        raise NotAnItem(f"The plan of {rollout.key} has no item {path} that records a baseline.")
    return condition, condition.item.records


def _capture(plan: Plan, records: Records, now: datetime, collect: CollectLines) -> list[Captured]:
    gates: Mapping[str, Condition] = {gate.key: gate for gate in plan.gates}
    return [capture_median(gates[key], now, collect) for key in records.gates]


def capture_median(gate: Condition, now: datetime, collect: CollectLines) -> Captured:
    """Give a gate's median over the last hour; raise NothingToRecord when it has no data."""
    if gate.gate is None:
        raise TypeError(f"{gate.path} is not a gate")
    told = collect(gate.gate, now, WINDOW)
    values = [point.value for points in told.lines.values() for point in points if isfinite(point.value)]
    if not values:
        why = f": {told.trouble}" if told.trouble else ""
        raise NothingToRecord(f"{gate.title} has no data over the last hour{why}")
    return Captured(gate.key, float(median(values)), len(values), gate.gate.query, told.raw)


def _withdraw_before(rollout: Rollout, path: str, act: Act, now: datetime) -> tuple[RowChange, ...]:
    before = Claim.objects.filter(rollout=rollout, path=path, withdrawn_at=None)
    return change_rows(before, withdrawn_at=now, withdrawn_by=act.actor.name)


def _claim(rollout: Rollout, path: str, records: Records, act: Act, now: datetime) -> Claim:
    return Claim.objects.create(
        rollout=rollout,
        path=path,
        note=f"Recorded baseline {records.baseline}",
        claimed_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )


def _keep(rollout: Rollout, records: Records, captured: Captured, act: Act, now: datetime) -> tuple[RowChange, ...]:
    kept = Baseline(
        rollout=rollout,
        baseline=records.baseline,
        gate=captured.gate,
        value=captured.value,
        query=captured.query,
        window=WINDOW,
        answer=keep_blob(captured.answer),
        recorded_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
    return replace_baseline(kept)


def replace_baseline(kept: Baseline) -> tuple[RowChange, ...]:
    """Put a value in the place of the one that was compared with until now, which stays to be seen."""
    same = Baseline.objects.filter(rollout=kept.rollout, baseline=kept.baseline, gate=kept.gate, replaced_at=None)
    replaced = change_rows(same, replaced_at=kept.recorded_at)
    kept.save(force_insert=True)
    return (*replaced, row_changed(kept))


def _attach(claim: Claim, records: Records, captured: Captured, act: Act, now: datetime) -> None:
    Evidence.objects.create(
        claim=claim,
        kind="baseline",
        title=baseline_title(records.baseline, captured.gate),
        digest=keep_blob(captured.answer),
        state=EvidenceState.PROVES,
        finding=f"Median of {captured.count} values over the last hour: {captured.value:g}",
        added_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
