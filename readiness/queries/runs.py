"""The sheets that enter a phase, roll it back, say why, and answer an abort trigger."""

from dataclasses import replace
from datetime import datetime, timedelta

from readiness.core.aborts import AUTOMATION
from readiness.core.conditions import Condition
from readiness.core.permissions import Right
from readiness.core.phases import find_phase, phase_after, roll_back_target
from readiness.core.plan import Phase, RollbackLevel
from readiness.core.quantities import format_duration
from readiness.core.types import Decision, Outcome, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import Firing, Rollback
from readiness.queries.commands import fill_commands
from readiness.queries.conditions import every_condition
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Choice, Fact, Line
from readiness.queries.pages.phases import CommandRow
from readiness.queries.pages.sheets import AbortSheet, EnterSheet, LevelChoice, ReasonSheet, RollBackSheet
from readiness.queries.reasons import reason_rows
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, enter_words, phase_words, refusal_of
from readiness.queries.ways_back import (
    Measured,
    last_way_back,
    measured_ways,
    measured_words,
    plain_commands,
)
from readiness.queries.words import count_of, join_words, phase_length, phase_share, phase_takes

UNTIL_MINUTES = (15, 30, 60, 240)


def next_phase(scene: Scene) -> Phase | None:
    """Give the phase that may be entered next; None once the rollout is closed."""
    run = scene.rows.run
    return phase_after(scene.plan, run.phase if run else None) if scene.rows.following else None


def judge_entry(scene: Scene) -> Verdict:
    """Judge entering the phase that the scene is about, at its moment."""
    return evaluate_verdict(scene.facts, Question.ENTER, scene.now)


def enter_sheet(scene: Scene, phase: Phase, place: Place, verdict: Verdict, moved: int = 0) -> EnterSheet:
    """Show whether a phase can be entered now, its commands, and what entering starts."""
    go = verdict.decision is Decision.GO
    rows = reason_rows(scene, verdict.reasons)
    stands = "reason stands" if len(rows) == 1 else "reasons stand"
    return EnterSheet(
        fill_head(scene),
        *place,
        title=enter_words(phase),
        sub=scene.plan.title,
        why_not=_why_not_enter(scene, phase),
        question=f"Every condition is met{_or_waived(scene)} and everyone polled says GO.",
        go=go,
        locked="" if go else f"{len(rows)} {stands} in the way of {enter_words(phase).lower()}.",
        reasons=tuple(Line(row.what, row.clears, row.state, row.word, url=row.url) for row in rows),
        commands=_commands(scene, phase),
        starts=_starts(scene, phase),
        digest=verdict.verdict_id,
        label=f"Enter {phase.title}" if phase.number else phase.title,
        moved=moved,
    )


def _or_waived(scene: Scene) -> str:
    return " or waived" if any(found.outcome is Outcome.WAIVED for found in scene.case.judged.values()) else ""


def _commands(scene: Scene, phase: Phase) -> tuple[CommandRow, ...]:
    """Give the commands of a phase as they are now; who confirmed them for an earlier run does not count."""
    return tuple(replace(row, confirmed_by="", confirmed_at=None) for row in fill_commands(scene, phase).rows)


def _why_not_enter(scene: Scene, phase: Phase) -> str:
    following = next_phase(scene)
    if following is None or following.key != phase.key:
        return "This phase isn’t the next one. No phase is skipped; go back to the board."
    return refusal_of(scene, Right.ENTER, phase=phase)


def _starts(scene: Scene, phase: Phase) -> tuple[Fact, ...]:
    before, after = phase_share(scene.plan, scene.running), phase_share(scene.plan, phase)
    return (
        Fact("Share", f"{before:g} % to {after:g} % of traffic" if before != after else f"stays at {after:g} %"),
        Fact("It runs at least", phase_takes(phase)),
        Fact("Abort triggers", count_of(len(phase.abort), "trigger"), _watch_words(phase)),
        Fact("Last measured way back", last_way_back(scene)),
    )


def _watch_words(phase: Phase) -> str:
    if phase.watch is None:
        return ""
    return f"and a closer watch of {count_of(len(phase.watch.triggers), 'gate')} for {phase_length(phase.watch.lasts)}"


def level_choices(scene: Scene) -> tuple[LevelChoice, ...]:
    """Give the ways back from the running phase, the fastest first; a trigger that fired suggests its own."""
    running = scene.running
    if running is None:
        return ()
    ways, suggested = measured_ways(scene), _suggested(scene)
    levels = sorted(scene.plan.rollbacks, key=lambda level: level.within)
    return tuple(_level(scene, running, level, ways.get(level.key), level.key == suggested) for level in levels)


def _suggested(scene: Scene) -> str:
    fired = [t for t in scene.facts.triggers if t.running and any(not firing.answer for firing in t.firings)]
    levels = [t.facts.condition.abort.roll_back for t in fired if t.facts.condition.abort is not None]
    fastest = min(scene.plan.rollbacks, key=lambda level: level.within, default=None)
    return levels[0] if levels else (fastest.key if fastest else "")


def _level(
    scene: Scene, running: Phase, level: RollbackLevel, measured: Measured | None, suggested: bool
) -> LevelChoice:
    target = find_phase(scene.plan, roll_back_target(scene.plan, running.key, level.to))
    return LevelChoice(
        key=level.key,
        title=level.title,
        what=_what(scene, level),
        to=phase_words(target) if target else level.to,
        share=phase_share(scene.plan, target),
        within=f"within {format_duration(level.within)}",
        measured=measured_words(measured),
        suggested=suggested,
        url=f"{scene.url('roll-back')}?level={level.key}",
    )


def _what(scene: Scene, level: RollbackLevel) -> str:
    """Say what a level sets and how many commands people run."""
    names = {key: str(flag.get("title", key)) for key, flag in scene.plan.flags.items()}
    sets = [f"{names.get(flag, flag)} to {value.replace('_', ' ')}" for flag, value in level.sets.items()]
    parts = [f"Sets {join_words(sets)}" if sets else "", count_of(len(level.commands), "command")]
    return ", and ".join(part for part in parts if part and not part.startswith("0 "))


def roll_back_sheet(scene: Scene, place: Place, chosen: str) -> RollBackSheet:
    """Show the ways back and the commands of the chosen one; one person is enough."""
    levels = level_choices(scene)
    keys = [level.key for level in levels]
    chosen = chosen if chosen in keys else next((level.key for level in levels if level.suggested), "")
    commands = next((level.commands for level in scene.plan.rollbacks if level.key == chosen), ())
    running = scene.running
    nothing = "" if running else "No phase is running, so there is nothing to roll back."
    return RollBackSheet(
        fill_head(scene),
        *place,
        title=f"Roll back {running.title if running else scene.plan.title}",
        sub=scene.plan.title,
        why_not=nothing or refusal_of(scene, Right.ROLL_BACK),
        levels=levels,
        share=phase_share(scene.plan, running),
        chosen=chosen,
        commands=plain_commands(scene, commands),
    )


def find_rollback(scene: Scene, pk: int) -> Rollback | None:
    """Give a rollback of this rollout."""
    return Rollback.objects.filter(rollout=scene.rollout, pk=pk).first()


def explain_sheet(scene: Scene, back: Rollback, place: Place) -> ReasonSheet:
    """Ask why it was rolled back; what was said before stays in the record."""
    titles = {level.key: level.title for level in scene.plan.rollbacks}
    before = f" So far: “{back.reason}”." if back.reason else ""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title="Why it was rolled back",
        sub=f"{titles.get(back.level, back.level)}, by {back.by_name}",
        why_not=refusal_of(scene, Right.ROLL_BACK),
        lead=f"The reason is due by {back.reason_due_at:%H:%M} UTC.{before}",
        label="Record the reason",
        busy="Recording…",
        failed="The reason is still missing" if not back.reason else "The reason hasn’t changed",
    )


def find_firing(scene: Scene, pk: int) -> tuple[Firing, Condition] | None:
    """Give a trigger that fired, with its condition in the plan."""
    firing = Firing.objects.filter(run__rollout=scene.rollout, pk=pk).first()
    found = (c for c in every_condition(scene.plan) if firing is not None and c.path == firing.path)
    condition = next(found, None)
    return (firing, condition) if firing is not None and condition is not None else None


def abort_sheet(scene: Scene, firing: Firing, condition: Condition, place: Place) -> AbortSheet:
    """Show what fired, who decides, and until when it may go on."""
    abort = condition.abort
    decider = abort.decided_by if abort else ""
    titled = scene.titles.get(decider, decider)
    sheet = AbortSheet(
        fill_head(scene),
        *place,
        title=condition.title,
        sub=f"Abort trigger of {scene.running.title}" if scene.running else "Abort trigger",
        fired=firing.found,
        fired_at=firing.fired_at,
        cleared_at=firing.cleared_at,
        decided_by=titled[:1].upper() + titled[1:],
        untils=tuple(_until(scene.now, minutes) for minutes in UNTIL_MINUTES),
        roll_back_url=f"{scene.url('roll-back')}?level={abort.roll_back}" if abort else "",
    )
    return replace(sheet, why_not=_why_not_answer(scene, firing, decider))


def _why_not_answer(scene: Scene, firing: Firing, decider: str) -> str:
    if firing.answer:
        return f"{firing.by_name} has answered already: {firing.answer}."
    if decider == AUTOMATION:
        return "Automation decides this trigger, so nobody may continue over it. Roll back instead."
    return refusal_of(scene, Right.ANSWER, decider)


def _until(now: datetime, minutes: int) -> Choice:
    at = now + timedelta(minutes=minutes)
    span = format_duration(timedelta(minutes=minutes))
    return Choice(str(minutes), f"in {span}, {at:%H:%M} UTC", selected=minutes == UNTIL_MINUTES[1])
