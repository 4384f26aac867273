"""One phase as of a moment: what the plan of then asked, what was known of it, who ran it."""

from collections.abc import Sequence
from dataclasses import replace

from readiness.core.conditions import Condition
from readiness.core.facts import ConditionFacts
from readiness.core.phases import find_phase, roll_back_target
from readiness.core.plan import Phase
from readiness.core.quantities import format_duration
from readiness.core.types import Outcome, Question
from readiness.queries.checklists import fill_checklist
from readiness.queries.moments import Moment, NoSuchMoment
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Line, Region, WaiverNote
from readiness.queries.pages.past import PastPhase
from readiness.queries.pages.phases import AbortsCard, ChecklistCard, ChecklistGroup, ChecklistRow, ExitCard
from readiness.queries.past_cards import nothing_judged_card, past_card
from readiness.queries.past_facts import PastRun
from readiness.queries.past_figures import past_states, past_station
from readiness.queries.past_pages import Then, look_back, past_bar, past_head
from readiness.queries.phases import MEASURED, fill_exit, phase_figures, phase_switch
from readiness.queries.reasons import condition_key
from readiness.queries.scenes import Scene
from readiness.queries.sequences import ENDED
from readiness.queries.sheets import phase_commands, phase_words
from readiness.queries.triggers import fill_aborts
from readiness.queries.verdicts import enter_sentence
from readiness.queries.words import moment_words

NOT_JUDGED = "Not among the facts that were kept then"


def make_past_phase(scene: Scene, moment: Moment) -> PastPhase:
    """Fill the page of a phase as of a moment.

    Raises NoSuchMoment before the rollout's first entry, and where the plan of then has no such phase.
    """
    then, key = look_back(scene, moment), scene.address.about
    head, bar = past_head(then), past_bar(then)
    if then.past is None:
        first = then.first
        return PastPhase(head, bar, past_card(then.scene, first) if first is not None else nothing_judged_card())
    phase = find_phase(then.past.plan, key)
    if phase is None:
        raise NoSuchMoment(f"The plan that was in force at {moment.title} has no phase {key}.")
    page = PastPhase(head, bar, _card(then, then.past, phase))
    return _with_phase(then.past, page, phase, [run for run in then.runs if run.phase == key])


def _with_phase(past: Scene, page: PastPhase, phase: Phase, runs: Sequence[PastRun]) -> PastPhase:
    ticked = [condition for condition in phase.succeed if condition.kind not in MEASURED]
    target = past.facts.target
    asked = target is not None and target.phase == phase.key
    return replace(
        page,
        phases=phase_switch(past, phase),
        number=phase.number,
        title=phase.title,
        objective=phase.objective,
        checklists=(_checklist(past, "To enter", phase.enter), _checklist(past, "To finish", ticked)),
        exit=_exit(past, phase),
        aborts=_aborts(past, phase),
        poll=tuple(past_station(past, station) for station in past.case.stations) if asked else (),
        runs=tuple(_run_line(run) for run in runs),
        commands=phase_commands(phase),
        levels=tuple(_levels(past, phase)),
        config=phase.config,
    )


def _card(then: Then, past: Scene, phase: Phase) -> VerdictCard:
    """Answer for this phase as of then: from the answer about it, else from its runs alone."""
    is_running = past.running is not None and past.running.key == phase.key
    answer = then.answers.get(Question.CONTINUE if is_running else Question.ENTER)
    state = past_states(past, then.runs, then.answers)[phase.key]
    ended = then.closed or (state in ENDED.values() and not is_running)
    judged = answer is not None and answer.kept.judged.phase == phase.key and not ended
    card = past_card(then.scene, answer) if answer is not None and judged else _unjudged_card(phase, state, is_running)
    return replace(card, region=Region("verdict", ""), slim=True, rests_on=(), facts=phase_figures(past, phase))


def _unjudged_card(phase: Phase, state: str, is_running: bool) -> VerdictCard:
    """Say how a phase had ended, or that nobody judged it, which is NO-GO."""
    card = VerdictCard(Region("verdict", ""), "nogo", "NO-GO", "", "Nobody had judged it by then", None, past=True)
    if is_running:
        return replace(card, sentence=f"{phase.title} can’t continue")
    if state in ENDED.values():
        tone, said = ("go", "had ended") if state == "Done" else ("waits", f"had ended: {state.lower()}")
        return replace(card, tone=tone, word=state, sentence=f"{phase.title} {said}", detail="")
    return replace(card, sentence=enter_sentence(phase, go=False, first=True))


def _checklist(past: Scene, title: str, conditions: Sequence[Condition]) -> ChecklistCard:
    """Show each condition as it was judged; what the kept facts do not tell of is said to be not judged."""
    judged = [condition for condition in conditions if condition.path in past.known]
    others = tuple(_unjudged(condition) for condition in conditions if condition.path not in past.known)
    card = fill_checklist(past, Region(title.lower().replace(" ", "-"), ""), title, judged)
    waived = {condition_key(c.path): _waiver(past.known[c.path]) for c in judged if _is_waived(past, c)}
    groups = [replace(group, rows=tuple(_then(row, waived) for row in group.rows)) for group in card.groups]
    rest = (ChecklistGroup("Not judged then", 0, len(others), others),) if others else ()
    return replace(card, groups=(*groups, *rest), filters=(), empty="Nothing was asked for here")


def _then(row: ChecklistRow, waived: dict[str, WaiverNote | None]) -> ChecklistRow:
    return replace(row, claim_url="", url="", url_label="", waiver=waived.get(row.key))


def _is_waived(past: Scene, condition: Condition) -> bool:
    return past.judge(condition).outcome is Outcome.WAIVED


def _unjudged(condition: Condition) -> ChecklistRow:
    return ChecklistRow(
        condition_key(condition.path), condition.title, "Not due", NOT_JUDGED, "Not judged", claim_note="Asked for"
    )


def _waiver(facts: ConditionFacts) -> WaiverNote | None:
    waiver = facts.waiver
    if waiver is None:
        return None
    said = WaiverNote(facts.condition.title, True, waiver.granted_by.name, waiver.expires_at, past=True)
    return replace(said, reason=waiver.reason, measure=waiver.measure)


def _exit(past: Scene, phase: Phase) -> ExitCard:
    card, measured = fill_exit(past, phase), [c for c in phase.succeed if c.kind in MEASURED]
    waivers = [_waiver(past.facts_of(c)) if _is_waived(past, c) else None for c in measured]
    pairs = zip(card.rows, waivers, strict=True)
    rows = tuple(replace(row, sampled_at=None, url="", waiver=waiver) for row, waiver in pairs)
    return replace(card, region=Region("exit", ""), rows=rows)


def _aborts(past: Scene, phase: Phase) -> AbortsCard:
    card = fill_aborts(past, phase)
    rows = tuple(replace(row, sampled_at=None, url="", report_url="") for row in card.rows)
    return replace(card, region=Region("aborts", ""), rows=rows)


def _run_line(run: PastRun) -> Line:
    left = f" until {moment_words(run.left_at)}" if run.left_at is not None else ""
    note = f"Begun by {run.by_name}, from {moment_words(run.entered_at)}{left}"
    return Line(f"Run {run.number}", note, ENDED.get(run.state, "Running"))


def _levels(past: Scene, phase: Phase) -> list[Line]:
    plan = past.plan
    targets = [(level, find_phase(plan, roll_back_target(plan, phase.key, level.to))) for level in plan.rollbacks]
    ways = [(level, f"Back to {phase_words(to)}" if to else "") for level, to in targets]
    return [Line(level.title, way, end_note=f"within {format_duration(level.within)}") for level, way in ways]
