"""Drills and reviews: keep what was practised and what was scored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from readiness.core.audit import Act, Change
from readiness.core.conditions import Condition
from readiness.core.material import practice_of
from readiness.core.permissions import Right
from readiness.models import DrillRecord, ReviewRecord
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import require

CLOCKS_APART = timedelta(seconds=5)
"""How far the clock of whoever ran a drill may be ahead of ours."""


class NoSuchDrill(LookupError):
    """The plan has no such drill."""


class NoSuchReview(LookupError):
    """The plan has no such review."""


class NotPossible(ValueError):
    """What was entered cannot have happened."""


@dataclass(frozen=True, slots=True)
class DrillRun:
    """A drill as it was run: when it began, how long until everything had recovered, whether it passed."""

    ran_at: datetime
    took: timedelta
    passed: bool
    note: str = ""


def add_drill(
    rollout_key: str,
    drill_key: str,
    act: Act,
    now: datetime,
    ran: DrillRun,
) -> int:
    """Keep a drill as it was run: when, how long until it had recovered, whether it passed."""
    ends_at = ran.ran_at + ran.took
    if ran.ran_at > now or ran.took < timedelta(0) or ends_at > now + CLOCKS_APART:
        raise NotPossible(
            f"This drill would end at {ends_at:%Y-%m-%d %H:%M:%S} UTC, and it is {now:%H:%M:%S} UTC. "
            "A drill that is over can’t end in the future. Give when it began and how long it took."
        )
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        drill = _named(load_plan(rollout).drills, drill_key)
        if drill is None:
            raise NoSuchDrill(f"The plan of {rollout_key} has no drill {drill_key}.")
        require(rollout, act, Right.RECORD_DRILL, now, owner=drill.owner)
        row = DrillRecord.objects.create(
            rollout=rollout,
            drill=drill_key,
            ran_at=ran.ran_at,
            took=ran.took,
            passed=ran.passed,
            note=ran.note,
            practised=practice_of(drill),
            recorded_at=now,
            by_id=act.actor.id,
            by_name=act.actor.name,
        )
        mark_dirty(rollout, now)
        thing = object_ref(row, rollout, drill.title)
        return append(Change("drill.recorded", thing, before=None, after=row_state(row)), act)


def add_review(rollout_key: str, review_key: str, act: Act, now: datetime, *, score: Decimal, note: str) -> int:
    """Keep a review's score, 0 to 10; the newest counts."""
    if not (score.is_finite() and 0 <= score <= 10 and round(score, 2) == score):
        raise NotPossible(f"A score is between 0 and 10 with at most 2 decimals, such as 7.5; {score} is not.")
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        review = _named(load_plan(rollout).reviews, review_key)
        if review is None or review.review is None:
            raise NoSuchReview(f"The plan of {rollout_key} has no review {review_key}.")
        require(rollout, act, Right.RECORD_REVIEW, now, owner=review.review.by)
        row = ReviewRecord.objects.create(
            rollout=rollout,
            review=review_key,
            score=score,
            note=note,
            reviewed_at=now,
            by_id=act.actor.id,
            by_name=act.actor.name,
        )
        mark_dirty(rollout, now)
        thing = object_ref(row, rollout, review.title)
        return append(Change("review.recorded", thing, before=None, after=row_state(row)), act)


def _named(conditions: tuple[Condition, ...], key: str) -> Condition | None:
    return next((c for c in conditions if c.key == key), None)
