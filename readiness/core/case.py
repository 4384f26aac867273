"""A case: facts with every condition judged once, and how what is open in them is said."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from readiness.core.assess import assess_condition
from readiness.core.conditions import ConditionKind
from readiness.core.facts import ConditionFacts, Facts, TriggerFacts
from readiness.core.gaps import GapState, gap_state
from readiness.core.gates import gate_requirement
from readiness.core.signoffs import Station, all_conditions, poll_stations
from readiness.core.types import Assessment, Outcome, Question, Reason

MET = (Outcome.MET, Outcome.WAIVED)


Thing = tuple[ConditionKind, str]
"""What a condition is about, wherever it stands: its kind and key."""


@dataclass(frozen=True, slots=True)
class Case:
    """Facts with every condition judged once, so that rules only read. `tracked`: which open gap a thing is part of."""

    facts: Facts
    question: Question
    now: datetime
    judged: dict[str, Assessment]
    gaps: tuple[GapState, ...]
    tracked: Mapping[Thing, str]
    stations: tuple[Station, ...]


def open_case(facts: Facts, question: Question, now: datetime) -> Case:
    """Judge every condition once."""
    judged = {c.condition.path: assess_condition(c, now) for c in all_conditions(facts)}
    gaps = tuple(gap_state(gap, judged) for gap in facts.gaps)
    return Case(facts, question, now, judged, gaps, _tracked(gaps), poll_stations(facts, judged, now))


def _tracked(gaps: Iterable[GapState]) -> Mapping[Thing, str]:
    """Say under which gap each open thing stands; in two gaps, under the one that sorts first."""
    found: dict[Thing, str] = {}
    for state in sorted(gaps, key=lambda state: state.gap.key):
        for facts in state.open_conditions:
            found.setdefault((facts.condition.kind, facts.condition.key), f"gap:{state.gap.key}")
    return found


def unmet_reasons(case: Case, conditions: Iterable[ConditionFacts], group: str = "") -> Iterator[Reason]:
    """Yield one reason for each condition that is neither met nor waived."""
    for facts in conditions:
        condition, assessment = facts.condition, case.judged[facts.condition.path]
        if assessment.outcome not in MET:
            yield Reason(
                assessment.code,
                condition.kind.value,
                condition.key,
                condition.title,
                assessment.found,
                assessment.required,
                condition.owner or "",
                condition.path,
                group or case.tracked.get((condition.kind, condition.key), ""),
            )


def trigger_reason(code: str, trigger: TriggerFacts, found: str) -> Reason:
    """Make the reason that speaks of an abort trigger."""
    c = trigger.facts.condition
    required = gate_requirement(c.gate) if c.gate is not None else "answered"
    decider = c.abort.decided_by if c.abort is not None else ""
    return Reason(code, c.kind.value, c.key, c.title, found, required, decider, c.path, "abort")


def open_of(state: GapState) -> str:
    """Say what is open of a gap."""
    tasks, conditions = len(state.open_tasks), len(state.open_conditions)
    words = [_count(tasks, "task"), _count(conditions, "condition")]
    return " and ".join(word for word in words if word) + " open" if tasks or conditions else "nobody has closed it"


def needed_of(state: GapState) -> str:
    """Say what would close a gap."""
    tasks, conditions = len(state.open_tasks), len(state.open_conditions)
    parts = [
        f"{_count(tasks, 'task')} done" if tasks else "",
        f"{_count(conditions, 'condition')} met" if conditions else "",
    ]
    return " and ".join(part for part in parts if part) or "somebody closes it with a reason"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
