"""Refresh what is due: lease it, let the caller collect outside any transaction, then keep one batch and judge.

Measurements are history, not the record; what the record gets is a change of outcome that lasted two evaluations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from math import isfinite

from django.db import transaction

from readiness.collectors.gates import GateCollected
from readiness.core.aborts import trigger_breach, trigger_doubt
from readiness.core.assess import assess_condition
from readiness.core.audit import Act
from readiness.core.codec import from_plain, to_plain
from readiness.core.conditions import ConditionList, GateSpec
from readiness.core.facts import ConditionFacts, TriggerFacts
from readiness.core.gates import has_data, measurement_doubt
from readiness.core.pace import next_look
from readiness.core.types import Assessment, CheckObservation, GateObservation, Outcome, Trouble
from readiness.core.watchlist import observed_definition
from readiness.models import Observation, Rollout
from readiness.services.leases import Leased, Seen
from readiness.services.measurements import TELLING_EVERY, Made, keep_measurements
from readiness.services.recording import lock_rollout
from readiness.services.sources import SourceTold, note_source
from readiness.services.verdicts import judge_rollout


def refresh_rollout(
    rollout_key: str,
    seen: Mapping[int, tuple[Leased, Seen]],
    act: Act,
    now: datetime,
    told: Sequence[SourceTold] = (),
) -> None:
    """Keep one batch of observations and judge the rollout, in one transaction.

    What was leased by somebody else meanwhile, or became due anew because the plan or the phase changed, is dropped.
    """
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        rows = Observation.objects.filter(pk__in=list(seen)).defer("trail")
        own = [row for row in rows if row.lease == seen[row.pk][0].token]
        made: list[Made] = []
        outcomes: dict[str, tuple[str, str]] = {}
        for row in own:
            leased, collected = seen[row.pk]
            found = _with_baseline(leased, collected)
            assessment = _keep(row, leased, found, now)
            row.failing_since = (row.failing_since or now) if assessment.outcome is Outcome.NOT_MET else None
            row.next_due_at = _next_look(rollout, leased, assessment, now)
            outcomes |= _lasting_change(row, leased, assessment)
            made += _made(row, leased, found, assessment, now)
        _save(own, KEPT_FIELDS)
        _keep_trails([(row, *seen[row.pk]) for row in own], now)
        keep_measurements(rollout, made)
        for each in told:
            note_source(rollout, each, now)
        judge_rollout(rollout_key, act, now, outcomes)


# What is not met is looked at again soon, so that whoever fixes it sees it count.
UNMET_EVERY = timedelta(seconds=15)
PAST_LIMIT = "GATE_BREACHED"
KEPT_FIELDS = [
    "payload",
    "definition",
    "collected_at",
    "next_due_at",
    "leased_until",
    "lease",
    "blind_since",
    "failing_since",
    "shown",
    "pending",
    "code",
    "told_at",
    "first_at",
    "sound_at",
    "red_at",
]


def _next_look(rollout: Rollout, leased: Leased, assessment: Assessment, now: datetime) -> datetime:
    """What is watched is looked at on the grid of its source; a check that is not met, soon again."""
    every = leased.watched.every
    if leased.watched.condition.check is not None and assessment.outcome is not Outcome.MET:
        every = min(every, UNMET_EVERY)
    return next_look(now, every, f"{rollout.key} {leased.watched.source}")


def _keep(row: Observation, leased: Leased, found: Seen, now: datetime) -> Assessment:
    _begin_anew(row, observed_definition(leased.watched.condition))
    row.collected_at, row.leased_until, row.lease = now, None, ""
    if isinstance(found, CheckObservation):
        check = _with_last_content(row, found)
        row.payload = to_plain(check)
        return assess_condition(ConditionFacts(leased.watched.condition, check=check), now)
    row.payload = to_plain(_with_last_sample(row, found.observation))
    doubt = measurement_doubt(_spec(leased), found.observation, now)
    row.blind_since = (row.blind_since or now) if doubt else None
    row.first_at = row.first_at or now
    row.sound_at = now if has_data(_spec(leased), found.observation, now) else row.sound_at
    assessment = _assess(leased, found.observation, now)
    row.red_at = now if assessment.code == PAST_LIMIT else row.red_at
    return assessment


def _begin_anew(row: Observation, definition: str) -> None:
    """Forget what was seen of something else, and since when."""
    if row.definition != definition:
        row.definition, row.payload = definition, None
        row.blind_since = row.failing_since = row.first_at = row.sound_at = row.red_at = None


def _with_baseline(leased: Leased, found: Seen) -> Seen:
    """Put what a gate compares with beside what was measured, as whoever judges it later reads both."""
    if isinstance(found, CheckObservation) or leased.baseline is None:
        return found
    return replace(found, observation=replace(found.observation, baseline=leased.baseline))


def _spec(leased: Leased) -> GateSpec:
    if leased.watched.condition.gate is None:
        raise TypeError(f"{leased.watched.path} is not a gate")
    return leased.watched.condition.gate


def _made(row: Observation, leased: Leased, found: Seen, assessment: Assessment, now: datetime) -> list[Made]:
    """Give the measurement of a gate; one that tells something new is kept for longer."""
    if isinstance(found, CheckObservation):
        return []
    code = assessment.code or "MET"
    telling = code != row.code or row.told_at is None or now - row.told_at >= TELLING_EVERY
    row.code, row.told_at = code, now if telling else row.told_at
    seen = found.observation
    plain = to_plain(seen) if _lacks_sample(seen) else row.payload
    return [Made(row.path, row.definition, _spec(leased), found, plain, assessment, telling)]


def _assess(leased: Leased, seen: GateObservation, now: datetime) -> Assessment:
    """Judge a gate in its role: as what must hold, or as an abort trigger that must not fire."""
    facts = ConditionFacts(leased.watched.condition, gate=seen)
    if not leased.watched.abort:
        return assess_condition(facts, now)
    trigger = TriggerFacts(facts, running=leased.watched.of_running)
    if doubt := trigger_doubt(trigger, now):
        return Assessment(facts.condition.path, Outcome.UNKNOWN, "ABORT_BLIND", doubt)
    breached, _ = trigger_breach(trigger, now)
    outcome, code = (Outcome.NOT_MET, PAST_LIMIT) if breached else (Outcome.MET, "")
    return Assessment(facts.condition.path, outcome, code)


def _save(rows: Sequence[Observation], fields: Sequence[str]) -> None:
    """Write some fields of many rows in one statement; all of them exist, so that none is inserted.

    What was not read is not written either, but the statement names it.
    """
    for row in rows:
        if "trail" in row.get_deferred_fields():
            row.trail = []
    Observation.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _keep_trails(kept: Sequence[tuple[Observation, Leased, Seen]], now: datetime) -> None:
    """Keep the line of the last hours; a source that gives none leaves the one that is known."""
    asked = [(row, found) for row, leased, found in kept if leased.with_trail and isinstance(found, GateCollected)]
    drawn = []
    for row, found in asked:
        row.trail = [[int(point.at.timestamp()), point.value] for point in found.trail if isfinite(point.value)]
        drawn += [row] if row.trail else []
    Observation.objects.filter(pk__in=[row.pk for row, _ in asked]).update(trail_at=now)
    _save(drawn, ["trail"])


def _with_last_sample(row: Observation, found: GateObservation) -> GateObservation:
    """Keep when a sample was last seen where none is now: what has no value proves nothing, and its age is shown."""
    if not _lacks_sample(found) or not row.payload:
        return found
    last = from_plain(GateObservation, row.payload)
    return replace(found, reading=replace(found.reading, sampled_at=last.reading.sampled_at))


def _lacks_sample(found: GateObservation) -> bool:
    return not found.reading.values and found.reading.sampled_at is None


def _with_last_content(row: Observation, found: CheckObservation) -> CheckObservation:
    """Keep what was last read when the source is in trouble: unknown blocks, and does not void signatures."""
    if found.trouble is Trouble.NONE or not row.payload:
        return found
    last = from_plain(CheckObservation, row.payload)
    return replace(found, finding=last.finding, content=last.content, version=last.version)


def _lasting_change(row: Observation, leased: Leased, assessment: Assessment) -> dict[str, tuple[str, str]]:
    """Note an outcome; give it as a change once it has lasted two evaluations. Definitions alone are not outcomes."""
    code = assessment.code or "MET"
    lasted = code not in (row.shown, "") and code == row.pending
    change = (
        {row.path: (row.shown, code)} if lasted and leased.watched.condition.list is not ConditionList.PROOF else {}
    )
    row.pending = "" if code == row.shown or lasted else code
    row.shown = code if lasted else row.shown
    return change
