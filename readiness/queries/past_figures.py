"""What the facts of a past moment show beside the answer: figures, the poll, conditions, the launch sequence."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from readiness.core.case import Case
from readiness.core.facts import Facts
from readiness.core.gaps import tally_gap
from readiness.core.signoffs import PollAnswer, Station
from readiness.core.types import Assessment, Outcome, Question
from readiness.core.verdict import evaluate_verdict
from readiness.queries.pages.board import SequenceCard, SequenceStep
from readiness.queries.pages.parts import Line, Region
from readiness.queries.pages.past import Compared
from readiness.queries.past_facts import PastAnswer, PastRun
from readiness.queries.polls import STATES
from readiness.queries.scenes import Answer, Scene
from readiness.queries.sequences import run_states
from readiness.queries.sheets import state_word
from readiness.queries.words import phase_share, phase_takes


def compare_cases(then: Case, now: Case) -> tuple[Compared, ...]:
    """Put the figures of two moments beside each other."""
    figures = {label: (_figure(parts), "") for label, parts in _figures(then).items()}
    return tuple(Compared(label, figures[label][0], _figure(parts)) for label, parts in _figures(now).items())


def _figure(parts: tuple[int, int]) -> str:
    return f"{parts[0]} of {parts[1]}" if parts[1] else "none asked"


def _figures(case: Case) -> dict[str, tuple[int, int]]:
    """Count what can be compared: each as (how many, of how many)."""
    outcomes = [assessment.outcome for assessment in case.judged.values()]
    tallies = [tally_gap(facts, state) for facts, state in zip(case.facts.gaps, case.gaps, strict=True)]
    total = sum(tally.total for tally in tallies)
    return {
        "Conditions met": (outcomes.count(Outcome.MET), len(outcomes)),
        "Waived": (outcomes.count(Outcome.WAIVED), len(outcomes)),
        "Gaps closed": (sum(state.closed for state in case.gaps), len(case.gaps)),
        "Gap criteria proven": (sum(tally.proven for tally in tallies), total),
        "Gap criteria attested": (sum(tally.attested for tally in tallies), total),
        "Gap criteria only claimed": (sum(tally.only_claimed for tally in tallies), total),
        "Sign-offs, GO": (sum(s.answer is PollAnswer.GO for s in case.stations), len(case.stations)),
    }


def past_station(past: Scene, station: Station) -> Line:
    """Show what one role had answered."""
    signature = station.signature
    title = past.titles.get(station.role, station.role)
    at = signature.signed_at if signature else None
    return Line(title, signature.by.name if signature else "", STATES[station.answer], at=at)


def past_condition(past: Scene, assessment: Assessment) -> Line:
    """Show one condition as it was judged."""
    facts = past.known.get(assessment.path)
    title = facts.condition.title if facts is not None else assessment.path
    return Line(title, assessment.found, state_word(assessment))


def past_states(past: Scene, runs: Sequence[PastRun], answers: Mapping[Question, PastAnswer]) -> dict[str, str]:
    """Give each phase's state as its runs and the answers left it."""
    told = {question: _told(each, each.facts) for question, each in answers.items() if each.facts is not None}
    known = [(run.phase, run.state) for run in runs]
    return run_states(past.plan, [*known, *_unrecorded(past, known)], past.rows.following, told)


def past_sequence(past: Scene, runs: Sequence[PastRun], answers: Mapping[Question, PastAnswer]) -> SequenceCard:
    """Show every phase as it stood."""
    states, current = past_states(past, runs, answers), past.running or past.rows.following
    steps = tuple(
        SequenceStep(
            number=phase.number,
            title=phase.title,
            state=states[phase.key],
            duration=phase_takes(phase),
            share=phase_share(past.plan, phase),
            current=current is not None and phase.key == current.key,
            url=past.url("phase", phase.key),
        )
        for phase in past.plan.phases
    )
    return SequenceCard(Region("sequence", ""), steps)


def _unrecorded(past: Scene, runs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The run that the facts tell of, where the answer is younger than the last entry about a run."""
    running = past.facts.running
    told = running is None or (running.phase, "running") in runs
    return [] if told or running is None else [(running.phase, "running")]


def _told(answer: PastAnswer, facts: Facts) -> Answer:
    judged = answer.kept.judged
    verdict = evaluate_verdict(facts, judged.question, judged.evaluated_at)
    return Answer(replace(verdict, decision=judged.decision), judged.evaluated_at)
