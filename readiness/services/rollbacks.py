"""Rollbacks that are under way: note when what proves one holds, and how long it took."""

from datetime import datetime

from readiness.core.assess import assess_condition
from readiness.core.audit import Act, Change
from readiness.core.conditions import Condition
from readiness.core.material import practice_of
from readiness.core.types import Outcome
from readiness.models import DrillRecord, Rollback, Rollout
from readiness.queries.facts import condition_facts
from readiness.queries.rows import Rows
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.recording import object_ref, row_changed


def verify_rollbacks(rollout: Rollout, rows: Rows, act: Act, now: datetime) -> int:
    """Mark each rollback whose proof has held since it began; return how many. One without a proof stays open."""
    done = 0
    levels = {level.key: level for level in rows.plan.rollbacks}
    for back in Rollback.objects.filter(rollout=rollout, verified_at=None):
        level = levels.get(back.level)
        if level is None or level.verify is None or not _holds_since(rows, level.verify, back, now):
            continue
        before = row_state(back)
        back.verified_at = now
        back.save(update_fields=["verified_at"])
        drills = tuple(row_changed(row) for row in _as_drills(rows, back, now))
        thing = object_ref(back, rollout, level.title)
        append(Change("rollback.verified", thing, before, row_state(back), also=drills), act)
        done += 1
    return done


def _as_drills(rows: Rows, back: Rollback, now: datetime) -> list[DrillRecord]:
    """Keep a verified rollback as a measured run of each drill that practises its level."""
    practised = [c for c in rows.plan.drills if c.drill is not None and c.drill.level == back.level]
    return [
        DrillRecord.objects.create(
            rollout=rows.rollout,
            drill=condition.key,
            ran_at=back.started_at,
            took=now - back.started_at,
            passed=True,
            note="Measured when it was rolled back for real",
            practised=practice_of(condition),
            recorded_at=now,
            by_id=back.by_id,
            by_name=back.by_name,
        )
        for condition in practised
    ]


def _holds_since(rows: Rows, proof: Condition, back: Rollback, now: datetime) -> bool:
    facts = condition_facts(rows, proof)
    seen_at = facts.gate.reading.asked_at if facts.gate else facts.check.checked_at if facts.check else None
    return seen_at is not None and seen_at > back.started_at and assess_condition(facts, now).outcome is Outcome.MET
