"""The `now` page: what broke, by how much and how long, who decides by when, the share, the ways back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from readiness.core.aborts import (
    AUTOMATION,
    BLIND_AFTER,
    TriggerState,
    blind_from,
    describe_trigger,
    trigger_doubt,
    trigger_state,
)
from readiness.core.exposure import exposure_trouble
from readiness.core.facts import TriggerFacts
from readiness.core.gates import worst_series
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.quantities import parse_duration
from readiness.core.types import Question
from readiness.models import Firing, Rollback
from readiness.queries.gates import gate_quantity, limit_words, trigger_word
from readiness.queries.heads import fill_head
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Live
from readiness.queries.pages.runs import ClockCard, NowPage, ShareCard, TroubleCard, TroubleRow
from readiness.queries.pages.sheets import LevelChoice
from readiness.queries.runs import level_choices
from readiness.queries.scenes import Scene
from readiness.queries.trigger_notes import continued_words
from readiness.queries.verdicts import verdict_card
from readiness.queries.ways_back import plain_commands
from readiness.queries.ways_under_way import DONE, rollback_state, way_back_state, way_back_words
from readiness.queries.words import element_key, join_words, lower_first, phase_share, upper_first

SHOWN_FOR = timedelta(hours=24)
NOT_OBSERVED = "Nothing measures which share the service serves, so look at the service itself"


def make_now(scene: Scene, live: Live) -> NowPage:
    """Fill the page that a notification opens."""
    running = scene.rows.run is not None
    return NowPage(
        head=fill_head(scene),
        live=live,
        verdict=_verdict(scene),
        trouble=_trouble(scene),
        exposure=replace(_exposure(scene), flags_url=scene.url("flags") if scene.plan.flags else ""),
        clock=_clock(scene),
        levels=_levels(scene) if scene.may(Right.ROLL_BACK) else (),
        roll_back_url=scene.url("roll-back") if running and scene.may(Right.ROLL_BACK) else "",
        hold_url=scene.url("hold") if scene.may(Right.CALL_HOLD) else "",
    )


def _levels(scene: Scene) -> tuple[LevelChoice, ...]:
    """The ways back; none is the main act while one is under way and no share is left to lower."""
    levels = level_choices(scene)
    if way_back_state(scene) in ("", DONE) or phase_share(scene.plan, scene.running):
        return levels
    return tuple(replace(level, suggested=False) for level in levels)


def _verdict(scene: Scene) -> VerdictCard:
    question = Question.CONTINUE if scene.rows.run else Question.ENTER
    card = replace(verdict_card(scene, scene.region("verdict"), question), slim=True, rests_on=(), reasons=())
    return replace(card, url=scene.url("board"), url_label="Open the board")


def _exposure(scene: Scene) -> ShareCard:
    """Show the share asked for beside the observed one; of several flags the one that agrees least."""
    region, asked = scene.region("exposure"), phase_share(scene.plan, scene.running)
    entered_at = scene.rows.run.entered_at if scene.rows.run else scene.now
    seen = [(each, exposure_trouble(each, entered_at, scene.now)) for each in scene.facts.exposures]
    each, trouble = min(seen, key=lambda pair: pair[1] is None, default=(None, None))
    if each is None:
        return ShareCard(region, asked, None, False, NOT_OBSERVED)
    gate, spec = each.facts.gate, each.facts.condition.gate
    share = float(each.asked.partition(" ")[0])
    if gate is None or spec is None or not gate.reading.values or (trouble and trouble[0] == "EXPOSURE_UNOBSERVED"):
        return ShareCard(region, share, None, False, f"{each.title}: {trouble[1] if trouble else 'not measured yet'}")
    value = worst_series(spec, gate)[0].value * 100
    note = f"{each.title}: {trouble[1]}" if trouble else each.title
    return ShareCard(region, share, value, trouble is None, note, gate.reading.sampled_at, spec.max_age)


# ------------------------------------------------------------------------------------- what broke


def _trouble(scene: Scene) -> TroubleCard:
    firings = {f.path: f for f in Firing.objects.filter(run=scene.rows.run, answer="")} if scene.rows.run else {}
    speaking = [t for t in scene.facts.triggers if t.running and _speaks(t, scene.now)]
    rows = [_trigger_row(scene, trigger, firings.get(trigger.facts.condition.path)) for trigger in speaking]
    holds = [
        TroubleRow(element_key(hold.by.id, str(hold.called_at)), f"“{hold.reason}”", "Held", f"held by {hold.by.name}",
                   since_at=hold.called_at)
        for hold in scene.facts.holds
    ]  # fmt: skip
    authority = join_words([scene.titles.get(role, role) for role in scene.plan.authority.break_glass])
    overrides = [
        TroubleRow(element_key("override", str(each.id)), f"“{each.reason}”", "Overridden",
                   f"entered without GO by {each.by.name} and {each.confirmed_by.name}",
                   since_at=each.entered_at, decided_by=authority)
        for each in scene.facts.overrides
    ]  # fmt: skip
    quiet = "Nothing is broken" if scene.rows.run else "No phase is running"
    if way_back_state(scene) not in ("", DONE):
        quiet = way_back_words(scene)
    return TroubleCard(scene.region("trouble"), (*rows, *overrides, *holds), quiet)


def _speaks(trigger: TriggerFacts, now: datetime) -> bool:
    """What can’t be measured is no good news either, also while that is still borne."""
    return trigger_state(trigger, now) is not TriggerState.QUIET or bool(trigger_doubt(trigger, now))


def _trigger_state(scene: Scene, trigger: TriggerFacts) -> str:
    unseen = trigger_state(trigger, scene.now) is TriggerState.QUIET
    return "Can’t be measured" if unseen else trigger_word(trigger, scene)


def _limit(scene: Scene, trigger: TriggerFacts) -> str:
    """The limit, and on whose word the phase goes on over it."""
    spec, continued = trigger.facts.condition.gate, continued_words(trigger, scene.now)
    said = limit_words(spec) if spec else describe_trigger(trigger, scene.now)
    return f"{said}; continues over it {continued}" if continued else said


def _trigger_row(scene: Scene, trigger: TriggerFacts, firing: Firing | None) -> TroubleRow:
    condition, seen = trigger.facts.condition, trigger.facts.gate
    spec, decider = condition.gate, condition.abort.decided_by if condition.abort else ""
    may_answer = firing is not None and decider != AUTOMATION and scene.may(Right.ANSWER, decider)
    return TroubleRow(
        key=element_key(condition.key, condition.path),
        title=condition.title,
        state=_trigger_state(scene, trigger),
        limit=_limit(scene, trigger),
        now=gate_quantity(spec, seen) if spec else None,
        since_at=_since(scene, trigger, firing),
        sampled_at=seen.reading.sampled_at if seen else None,
        max_age=spec.max_age if spec else scene.max_age,
        decided_by=upper_first(scene.titles.get(decider, decider)),
        due_at=_due_at(scene, trigger, firing),
        answer_url=scene.url("answer-abort", firing.pk) if firing is not None and may_answer else "",
    )


def _since(scene: Scene, trigger: TriggerFacts, firing: Firing | None) -> datetime | None:
    window = trigger.facts.gate.window if trigger.facts.gate else None
    breached_since = window.breached_since if window else None
    return breached_since or (firing.fired_at if firing else _unseen_since(scene, trigger))


def _unseen_since(scene: Scene, trigger: TriggerFacts) -> datetime | None:
    return blind_from(trigger, scene.now) if trigger_doubt(trigger, scene.now) else None


def _due_at(scene: Scene, trigger: TriggerFacts, firing: Firing | None) -> datetime | None:
    """When somebody else is asked: after the first step of the escalation; a blind trigger when it freezes."""
    if firing is None:
        unseen_since = _unseen_since(scene, trigger)
        return unseen_since + BLIND_AFTER if unseen_since else None
    steps = cast("Sequence[Mapping[str, str]]", scene.plan.communication.get("escalation") or [])
    waits = sorted(parse_duration(str(step["after"])) for step in steps if "after" in step)
    later = next((wait for wait in waits if wait), None)
    return firing.fired_at + later if later else None


# ------------------------------------------------------------------------------------- the way back, under way


def _clock(scene: Scene) -> ClockCard:
    region = scene.region("clock")
    back = Rollback.objects.filter(rollout=scene.rollout).order_by("-started_at").first()
    if back is None or (back.verified_at is not None and scene.now - back.started_at > SHOWN_FOR):
        return ClockCard(region)
    target = find_phase(scene.plan, back.to_phase)
    level = next((each for each in scene.plan.rollbacks if each.key == back.level), None)
    title = f"{'Rolled' if back.verified_at else 'Rolling'} back to {lower_first(target.title if target else '')}"
    needs_reason = not back.reason and scene.may(Right.ROLL_BACK)
    return ClockCard(
        region=region,
        title=title,
        started_at=back.started_at,
        within=back.due_at - back.started_at,
        done_at=back.verified_at,
        state=rollback_state(back, scene.now),
        took=back.verified_at - back.started_at if back.verified_at else None,
        late_since=back.due_at if scene.now > back.due_at and not back.verified_at else None,
        reason_url=scene.url("explain-rollback", back.pk) if needs_reason else "",
        reason_due_at=back.reason_due_at if needs_reason else None,
        commands=plain_commands(scene, level.commands) if level else (),
    )
