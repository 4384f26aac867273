"""Facts: the single crossing from rows to the values that the core judges."""

from dataclasses import replace

from readiness.core.asked import phase_place
from readiness.core.baselines import baseline_key
from readiness.core.codec import from_plain
from readiness.core.conditions import Condition, ConditionKind
from readiness.core.exposure import exposure_words, observed_flags, served_bp
from readiness.core.facts import (
    ConditionFacts,
    ExposureFacts,
    Facts,
    FlagFacts,
    GapFacts,
    RunFacts,
    SinceFacts,
    TargetFacts,
    TaskFacts,
    TriggerFacts,
)
from readiness.core.gaps import gap_blocks
from readiness.core.phases import find_phase, incomplete_before
from readiness.core.plan import Gap, GapTask, Phase
from readiness.core.starts import start_digest
from readiness.core.types import CheckObservation, GateObservation, Person, Question, ReviewFacts
from readiness.core.watches import watch_conditions, watch_lasts_s
from readiness.core.watchlist import find_definition
from readiness.models import Observation, PhaseRun, Rollout
from readiness.queries.changers import changers_at
from readiness.queries.flags import flag_facts
from readiness.queries.policy import policy_digest
from readiness.queries.rows import Rows, load_rows, load_since
from readiness.queries.waivers import open_waiver, waiver_facts


def load_facts(rollout: Rollout, question: Question, phase: Phase | None = None) -> Facts:
    """Load all facts of a rollout for one question; `phase` asks about entering another phase than the next."""
    return facts_of(load_rows(rollout, phase), load_since(rollout, question.value))


def facts_of(rows: Rows, since: tuple[SinceFacts, ...] = ()) -> Facts:
    """Turn rows into facts."""
    running = find_phase(rows.plan, rows.run.phase) if rows.run else None
    target, flags = rows.following, flag_facts(rows.plan, running, rows.flags)
    return Facts(
        rollout=rows.rollout.key,
        plan=rows.plan.digest,
        policy=policy_digest(),
        running=_run_facts(rows.run, running),
        target=_target_facts(rows, target),
        complete=tuple(condition_facts(rows, c) for c in (running.succeed if running else ())),
        enter=tuple(condition_facts(rows, c) for c in (target.enter if target else ())),
        gaps=tuple(gap_facts(rows, g) for g in rows.plan.gaps if target and gap_blocks(g, target.key)),
        triggers=(*_triggers(rows, running, True), *_triggers(rows, target, False)),
        holds=rows.holds,
        signatures=rows.signatures,
        record=rows.record,
        since=since,
        overrides=rows.overrides,
        incomplete=incomplete_before(rows.plan, rows.run.phase if rows.run else None, target.key) if target else (),
        closed_at=rows.closed_at,
        rehearsal=rows.plan.rehearsal,
        changed_by=changers_at(rows.changers, phase_place(target.key)) if target else (),
        exposures=_exposures(rows, running, flags),
        flags=flags if running else (),
        titles={r.key: r.title for r in rows.plan.roles} | {g.key: g.title for g in rows.plan.groups},
    )


def _exposures(rows: Rows, running: Phase | None, flags: tuple[FlagFacts, ...]) -> tuple[ExposureFacts, ...]:
    """Gather what is known about the share of each flag that is observed, beside the share in force."""
    served = {flag.flag: served_bp(flag) for flag in flags}
    return tuple(
        ExposureFacts(c.key, c.title, exposure_words(served[c.key]), condition_facts(rows, c))
        for c in observed_flags(rows.plan, running, served)
    )


def condition_facts(rows: Rows, condition: Condition) -> ConditionFacts:
    """Gather what is known about one condition."""
    seen = rows.observation(condition)
    facts = ConditionFacts(
        condition=condition,
        claims=tuple(rows.claims.get(condition.path, ())),
        run_started_at=rows.run.entered_at if rows.run else None,
        waiver=waiver_facts(open_waiver(rows.waivers, condition)),
        changed_by=changers_at(rows.changers, condition.path),
        failing_since=seen.failing_since if seen is not None else None,
    )
    if condition.kind is ConditionKind.GATE:
        return replace(facts, gate=_with_baseline(rows, condition, seen))
    if condition.kind is ConditionKind.CHECK:
        return replace(facts, check=from_plain(CheckObservation, seen.payload) if seen and seen.payload else None)
    if condition.kind is ConditionKind.DRILL:
        return replace(facts, drill=rows.drills.get(condition.key))
    if condition.kind is ConditionKind.REVIEW:
        return replace(facts, review=rows.reviews.get(condition.key) or _imported_review(rows, condition))
    return _item_facts(rows, facts)


def _item_facts(rows: Rows, facts: ConditionFacts) -> ConditionFacts:
    item = facts.condition.item
    if item is None:
        return facts
    named = (find_definition(rows.plan, key) for key in item.proved_by)
    proofs = tuple(condition_facts(rows, proof) for proof in named if proof is not None)
    members = rows.members.get(item.each, ()) if item.each else ()
    return replace(facts, proofs=proofs, members=members)


def _with_baseline(rows: Rows, condition: Condition, row: Observation | None) -> GateObservation | None:
    against = condition.gate.against if condition.gate else None
    seen = from_plain(GateObservation, row.payload) if row is not None and row.payload else None
    name = baseline_key(against)
    return replace(seen, baseline=rows.baselines.get((name, condition.key))) if seen is not None and name else seen


def _imported_review(rows: Rows, condition: Condition) -> ReviewFacts | None:
    review, version = condition.review, rows.rollout.plan
    if review is None or review.score is None or version is None:
        return None
    return ReviewFacts(review.score, Person(f"role:{review.by}", review.by), version.imported_at, "plan")


def gap_facts(rows: Rows, gap: Gap) -> GapFacts:
    """Gather what is known about one gap."""
    whole = rows.closures.get((gap.key, ""))
    return GapFacts(
        gap=gap,
        tasks=tuple(_task_facts(rows, gap, task) for task in gap.tasks),
        conditions=tuple(condition_facts(rows, c) for c in gap.closed_when),
        closed_by=Person(whole.by_id, whole.by_name) if whole else None,
        closed_at=whole.closed_at if whole else None,
    )


def _task_facts(rows: Rows, gap: Gap, task: GapTask) -> TaskFacts:
    closure = rows.closures.get((gap.key, task.key))
    return TaskFacts(
        task.key,
        task.title,
        task.owner or gap.owner or "",
        Person(closure.by_id, closure.by_name) if closure else None,
        closure.closed_at if closure else None,
    )


def _triggers(rows: Rows, phase: Phase | None, running: bool) -> tuple[TriggerFacts, ...]:
    own = phase.abort if phase else ()
    return tuple(_trigger_facts(rows, c, running) for c in (*own, *_closer_triggers(rows, phase, running)))


def _closer_triggers(rows: Rows, phase: Phase | None, running: bool) -> tuple[Condition, ...]:
    """The triggers of the closer watch: before the phase begins, while the watch lasts, and what fired in it."""
    closer = watch_conditions(rows.plan, phase)
    if not closer or phase is None or not running or rows.run is None:
        return closer
    lasts = rows.run.clock.counted_s < watch_lasts_s(phase)
    return closer if lasts else tuple(c for c in closer if rows.firings.get(c.path))


def _trigger_facts(rows: Rows, condition: Condition, running: bool) -> TriggerFacts:
    seen = rows.observation(condition)
    blind_since = seen.blind_since if seen else None
    if blind_since is None and (seen is None or seen.payload is None) and rows.run is not None:
        blind_since = rows.run.entered_at
    firings, sound_at = tuple(rows.firings.get(condition.path, ())), seen.sound_at if seen else None
    return TriggerFacts(condition_facts(rows, condition), running, blind_since, firings, sound_at)


def _run_facts(run: PhaseRun | None, phase: Phase | None) -> RunFacts | None:
    if run is None or phase is None:
        return None
    dwell_s, watch_s = int(phase.dwell.total_seconds()), watch_lasts_s(phase)
    dwelt_s = min(run.clock.counted_s, max(dwell_s, watch_s))
    return RunFacts(run.phase, phase.title, run.number, run.entered_at, dwell_s, dwelt_s, watch_s)


def _target_facts(rows: Rows, phase: Phase | None) -> TargetFacts | None:
    if phase is None:
        return None
    starts = start_digest(rows.plan, phase)
    return TargetFacts(phase.key, phase.title, rows.runs.get(phase.key, 0) + 1, phase.sign_off, starts)
