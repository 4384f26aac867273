"""The launch sequence: every phase in order, what is done, where it stands, how much traffic each takes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from readiness.core.plan import Phase, Plan
from readiness.core.types import Decision, Question, Stage
from readiness.models import PhaseRun
from readiness.queries.notices import running_notices
from readiness.queries.pages.board import SequenceCard, SequenceStep
from readiness.queries.scenes import Answer, Scene
from readiness.queries.words import count_of, lower_first, phase_name, phase_share, phase_takes

ENDED = {"succeeded": "Done", "rolled_back": "Rolled back", "aborted": "Abort"}
Answers = Mapping[Question, Answer]


def fill_sequence(scene: Scene) -> SequenceCard:
    """Show all phases."""
    states = phase_states(scene)
    current = scene.running or scene.rows.following
    steps = tuple(
        SequenceStep(
            number=phase.number,
            title=phase.title,
            state=states[phase.key],
            duration=phase_takes(phase),
            share=phase_share(scene.plan, phase),
            current=current is not None and phase.key == current.key,
            url=scene.url("phase", phase.key),
        )
        for phase in scene.plan.phases
    )
    if current is None:
        return SequenceCard(scene.region("sequence"), steps)
    url, label = scene.url("phase", current.key), f"Open {lower_first(phase_name(current))}"
    note = running_notices(scene) or _start_note(scene)
    return SequenceCard(scene.region("sequence"), steps, note, url, label)


def all_phases(plan: Plan) -> tuple[Phase, ...]:
    """Give every phase in order, the close included."""
    return (*plan.phases, *((plan.close,) if plan.close else ()))


def phase_states(scene: Scene) -> dict[str, str]:
    """Give each phase's state, the close included."""
    runs = PhaseRun.objects.filter(rollout=scene.rollout).order_by("entered_at", "pk")
    return run_states(scene.plan, runs.values_list("phase", "state"), scene.rows.following, scene.answers)


def run_states(
    plan: Plan, runs: Iterable[tuple[str, str]], following: Phase | None, answers: Answers
) -> dict[str, str]:
    """Give each phase's state as the newest of its runs left it; `runs` are (phase, state), oldest first."""
    phases = all_phases(plan)
    states = {phase.key: "Not due" for phase in phases}
    newest = {phase: state for phase, state in runs if phase in states}
    states |= {phase: ENDED.get(state, "Running") for phase, state in newest.items()}
    running = next((phase for phase, state in newest.items() if state == "running"), None)
    if running is not None:
        states[running] = _running_state(answers)
        return _after_a_rollback(states, [phase.key for phase in phases], running)
    if following is not None and following.key in states:
        answer = answers.get(Question.ENTER)
        about = answer is not None and answer.verdict.phase == following.key
        go = about and answer is not None and answer.verdict.decision is Decision.GO
        states[following.key] = ("Rehearsed" if plan.rehearsal else "GO") if go else "NO-GO"
    return states


def _running_state(answers: Answers) -> str:
    answer = answers.get(Question.CONTINUE)
    stages = {Stage.ABORT: "Abort", Stage.OVERRIDDEN: "Overridden", Stage.HOLD: "Held"}
    return stages.get(answer.verdict.stage, "Running") if answer else "Running"


def _after_a_rollback(states: dict[str, str], keys: list[str], running: str) -> dict[str, str]:
    """What was done behind the running phase has to be done again after a rollback."""
    later = keys[keys.index(running) + 1 :]
    return {key: "Not due" if key in later and state == "Done" else state for key, state in states.items()}


def _start_note(scene: Scene) -> str:
    planned, today = scene.plan.planned_start, scene.now.date()
    if planned is None or scene.rows.runs:
        return ""
    year = "" if planned.year == today.year else f" {planned.year}"
    words = f"Planned start {planned.day} {planned:%b}{year}"
    late = (today - planned) // timedelta(days=1)
    return f"{words}, now {count_of(late, 'day')} late" if late > 0 else words
