"""One phase: may it start, what it asks for, its commands, what ends it, what stops it, the ways back."""

from dataclasses import replace
from datetime import timedelta

from readiness.core.conditions import Condition, ConditionKind
from readiness.core.phases import CLOSE, find_phase, roll_back_target
from readiness.core.plan import Phase, Plan, RollbackLevel
from readiness.core.quantities import format_duration
from readiness.core.types import Decision, Outcome, Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.checklists import fill_checklist, met_of
from readiness.queries.commands import fill_commands, level_trouble
from readiness.queries.gates import gate_quantity, gate_state, limit_words, seen_of, spec_of
from readiness.queries.heads import fill_bar, fill_head
from readiness.queries.notices import running_notices
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Fact, Live
from readiness.queries.pages.phases import ChecklistCard, ExitCard, ExitRow, LevelRow, LevelsCard, PhaseLink, PhasePage
from readiness.queries.polls import fill_poll
from readiness.queries.scenes import Answer, Scene
from readiness.queries.sequences import all_phases, phase_states
from readiness.queries.sheets import phase_words, state_word
from readiness.queries.steps import fill_step
from readiness.queries.triggers import fill_aborts
from readiness.queries.verdicts import answer_card, enter_sentence, verdict_card
from readiness.queries.waiver_pages import waiver_note
from readiness.queries.ways_back import Measured, measured_ways
from readiness.queries.words import count_of, phase_share, phase_takes

NOT_KEPT = timedelta(days=1)
"""An answer about a phase that is not near is made for each reader and kept nowhere, so that it never looks late."""
MEASURED = (ConditionKind.GATE, ConditionKind.EXPERIMENT)


def make_phase(scene: Scene, about: Scene, phase: Phase, live: Live) -> PhasePage:
    """Fill every region of a phase's page. `scene` is where the rollout stands, `about` asks about this phase."""
    return PhasePage(
        head=fill_head(scene),
        live=live,
        phases=phase_switch(scene, phase),
        number=phase.number,
        title=phase.title,
        objective=phase.objective,
        verdict=phase_verdict(scene, about, phase),
        checklist=fill_checklist(about, about.region("checklist"), "To enter", phase.enter),
        finish=_finish(about, phase),
        commands=fill_commands(about, phase),
        exit=fill_exit(about, phase),
        aborts=fill_aborts(about, phase),
        levels=_levels(about, phase),
        step=fill_step(scene),
        poll=fill_poll(about),
        bar=fill_bar(scene),
        config=phase.config,
    )


def _finish(about: Scene, phase: Phase) -> ChecklistCard:
    """What people and checks must show to finish; where only gates are asked, it says where those stand."""
    ticked = [c for c in phase.succeed if c.kind not in MEASURED]
    card = fill_checklist(about, about.region("finish"), "To finish", ticked)
    measured = len(phase.succeed) - len(ticked)
    if ticked or not measured:
        return card
    rest = f"only {count_of(measured, 'gate')}, which {'is' if measured == 1 else 'are'} under Gates to finish"
    return replace(card, empty=f"Nothing has to be claimed to finish, {rest}")


def is_near(scene: Scene, phase: Phase) -> bool:
    """Say whether a phase runs or comes next, so that the scene of the rollout is about it already."""
    near = (scene.running, scene.rows.following)
    return any(other is not None and other.key == phase.key for other in near)


def phase_switch(scene: Scene, current: Phase) -> tuple[PhaseLink, ...]:
    """Give the way to every phase."""
    return tuple(
        PhaseLink(p.number, p.title, scene.url("phase", p.key), _untold_share(scene.plan, p), p.key == current.key)
        for p in all_phases(scene.plan)
    )


def _untold_share(plan: Plan, phase: Phase) -> float:
    """The share of a phase, unless its title says it already."""
    share = phase_share(plan, phase)
    return 0.0 if f"{share:g} %" in phase.title else share


def phase_verdict(scene: Scene, about: Scene, phase: Phase) -> VerdictCard:
    """Answer for this phase: may it go on, may it start, or how it ended; with its four facts."""
    figures = phase_figures(scene, phase, running_notices(scene) if scene.running == phase else "")
    card = replace(_phase_answer(scene, about, phase), slim=True, rests_on=(), waivers=(), facts=figures)
    if card.tone == "go" or not card.reasons:
        return replace(card, url=scene.url("board"), url_label="Open the board")
    if not is_near(scene, phase):
        return replace(card, url="", url_label="")
    label = f"See {count_of(card.reason_count, 'reason')}"
    return replace(card, reasons=(), url=scene.url("board"), url_label=label)


def _phase_answer(scene: Scene, about: Scene, phase: Phase) -> VerdictCard:
    region, running = scene.region("verdict"), scene.running
    if running is not None and running.key == phase.key:
        return verdict_card(scene, region, Question.CONTINUE)
    state = phase_states(scene)[phase.key]
    if state in ("Done", "Rolled back"):
        ended = "has ended" if state == "Done" else "was rolled back"
        return VerdictCard(region, "go" if state == "Done" else "waits", state, f"{phase.title} {ended}", "", scene.now)
    if is_near(scene, phase):
        card = verdict_card(scene, region, Question.ENTER)
        return replace(card, detail=card.detail.partition(", for ")[0])
    verdict = evaluate_verdict(about.facts, Question.ENTER, about.now)
    timeless = replace(verdict, reasons=tuple(replace(reason, since_at=None) for reason in verdict.reasons))
    card = answer_card(about, region, Answer(timeless, None))
    sentence = enter_sentence(phase, verdict.decision is Decision.GO, first=True)
    return replace(card, sentence=sentence, not_judged=0, max_age=NOT_KEPT)


def phase_figures(scene: Scene, phase: Phase, note: str = "") -> tuple[Fact, ...]:
    """Give a phase's four facts: how long it takes, its traffic, who answers last, the way back."""
    rule = phase.sign_off
    decides = scene.owner(rule.last) if rule else None
    levels = {level.key: level.title for level in scene.plan.rollbacks}
    ways = [c.abort.roll_back for c in phase.abort if c.abort is not None]
    back = levels.get(ways[0], ways[0]) if ways else next(iter(levels.values()), "No way back is planned")
    facts = (
        Fact("Takes", phase_takes(phase), note),
        Fact("Traffic on the new version", f"{phase_share(scene.plan, phase):g} %"),
        Fact("Answers last", (decides.name or decides.title) if decides else "Nobody"),
        Fact("If it fails", back),
    )
    return facts[2:3] if phase.key == CLOSE else facts


def fill_exit(scene: Scene, phase: Phase) -> ExitCard:
    """Show what is measured before a phase may end; of one that does not run it is not due."""
    gates, run = [c for c in phase.succeed if c.kind in MEASURED], scene.rows.run
    judged = run is not None and any(condition.place == run.phase for condition in gates)
    rows = tuple(_exit_row(scene, condition, judged) for condition in gates)
    note = met_of(scene, gates) if judged else "Judged while the phase runs" if gates else ""
    return ExitCard(scene.region("exit"), rows, note)


def _exit_row(scene: Scene, condition: Condition, judged: bool) -> ExitRow:
    assessment = scene.judge(condition)
    waiver = waiver_note(scene, condition) if judged or assessment.outcome is Outcome.WAIVED else None
    if condition.gate is None:
        state = state_word(assessment) if waiver or judged else "Not due"
        return ExitRow(condition.title, assessment.required, state, waiver=waiver)
    spec, seen = spec_of(condition), seen_of(scene, condition)
    held = "the whole phase" if spec.for_phase else format_duration(spec.hold_for) if spec.hold_for else ""
    share = f"{spec.at_least * 100:g} % of the phase" if spec.for_phase and spec.at_least is not None else held
    return ExitRow(
        title=condition.title,
        limit=limit_words(spec) + (f", for {share}" if share else ""),
        state=gate_state(assessment) if waiver or judged else "Not due",
        now=gate_quantity(spec, seen),
        sampled_at=seen.reading.sampled_at if seen else None,
        max_age=spec.max_age,
        url=scene.url("gate", condition.key),
        waiver=waiver,
    )


def _levels(scene: Scene, phase: Phase) -> LevelsCard:
    ways = measured_ways(scene)
    rows = tuple(_level_row(scene, phase, n, level) for n, level in enumerate(scene.plan.rollbacks, start=1))
    rows = tuple(
        _with_measure(row, level, ways[level.key]) if level.key in ways else row
        for row, level in zip(rows, scene.plan.rollbacks, strict=True)
    )
    practised = sum(row.measured is not None for row in rows)
    return LevelsCard(scene.region("levels"), rows, f"{practised} of {len(rows)} measured" if rows else "")


def _level_row(scene: Scene, phase: Phase, number: int, level: RollbackLevel) -> LevelRow:
    trouble = level_trouble(scene, level)
    drill = next((d for d in scene.plan.drills if d.drill is not None and d.drill.level == level.key), None)
    target = find_phase(scene.plan, roll_back_target(scene.plan, phase.key, level.to))
    return LevelRow(
        number=str(number),
        title=level.title,
        what=f"Back to {phase_words(target)}" if target else "",
        promised=f"within {format_duration(level.within)}",
        state="Can’t run" if trouble else "Unproven",
        word="" if trouble else "Never practised",
        note=trouble,
        url=scene.url("drill", drill.key) if drill is not None else "",
    )


def _with_measure(row: LevelRow, level: RollbackLevel, measured: Measured) -> LevelRow:
    in_time = measured.took <= level.within
    state, word = ("Proven", "Rehearsed") if in_time else ("Too slow", "")
    if row.state == "Can’t run":
        state, word = row.state, ""
    return replace(row, state=state, word=word, measured=measured.took, measured_at=measured.at)
