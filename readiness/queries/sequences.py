"""The launch sequence: every phase in order, what is done, where it stands, how much traffic each takes."""

from datetime import timedelta

from readiness.core.plan import Phase
from readiness.core.types import Decision, Question, Stage
from readiness.models import PhaseRun
from readiness.queries.pages.board import SequenceCard, SequenceStep
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, lower_first, phase_name, phase_share, phase_takes

ENDED = {"succeeded": "Done", "rolled_back": "Rolled back", "aborted": "Abort"}


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
            share=phase_share(phase),
            current=current is not None and phase.key == current.key,
            url=scene.url("phase", phase.key),
        )
        for phase in scene.plan.phases
    )
    if current is None:
        return SequenceCard(scene.region("sequence"), steps)
    url, label = scene.url("phase", current.key), f"Open {lower_first(phase_name(current))}"
    return SequenceCard(scene.region("sequence"), steps, _start_note(scene), url, label)


def phase_states(scene: Scene) -> dict[str, str]:
    """Give each phase's state, the close included, as the newest of its runs left it."""
    phases = (*scene.plan.phases, *((scene.plan.close,) if scene.plan.close else ()))
    states = {phase.key: "Not due" for phase in phases}
    runs = PhaseRun.objects.filter(rollout=scene.rollout).order_by("entered_at", "pk")
    states |= {phase: ENDED.get(state, "Running") for phase, state in runs.values_list("phase", "state")}
    running, following = scene.running, scene.rows.following
    if running is not None:
        states[running.key] = _running_state(scene)
        return _after_a_rollback(states, phases, running)
    if following is not None and not following.key.startswith("gap:"):
        answer = scene.answers.get(Question.ENTER)
        go = answer is not None and answer.verdict.decision is Decision.GO
        states[following.key] = "GO" if go else "NO-GO"
    return states


def _running_state(scene: Scene) -> str:
    answer = scene.answers.get(Question.CONTINUE)
    stages = {Stage.ABORT: "Abort", Stage.HOLD: "Held"}
    return stages.get(answer.verdict.stage, "Running") if answer else "Running"


def _after_a_rollback(states: dict[str, str], phases: tuple[Phase, ...], running: Phase) -> dict[str, str]:
    """A phase behind the running one that is done stays done only while it lies before it."""
    keys = [phase.key for phase in phases]
    later = keys[keys.index(running.key) + 1 :] if running.key in keys else []
    return {key: "Not due" if key in later and state == "Done" else state for key, state in states.items()}


def _start_note(scene: Scene) -> str:
    planned, today = scene.plan.planned_start, scene.now.date()
    if planned is None or scene.rows.runs:
        return ""
    year = "" if planned.year == today.year else f" {planned.year}"
    words = f"Planned start {planned.day} {planned:%b}{year}"
    late = (today - planned) // timedelta(days=1)
    return f"{words}, now {count_of(late, 'day')} late" if late > 0 else words
