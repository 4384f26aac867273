"""What our board answers: a phase with the conditions of a case, all else in order, and the real verdict over it."""

from dataclasses import dataclass, replace
from datetime import timedelta

from readiness.core.conditions import AbortSpec, Against, ConditionKind, ConditionList, GateSpec
from readiness.core.criteria import UnreadableCriterion, parse_criteria
from readiness.core.facts import ConditionFacts, TriggerFacts
from readiness.core.types import Decision, GateObservation, Question, Reading, SeriesValue, Trouble, Window
from readiness.core.verdict import evaluate_verdict
from readiness.services.plan_file import PlanRefused, read_plan
from tests.core.builders import NOW, make_check, make_condition, make_facts, make_run, sign_all

MEANINGS = {
    "ABORT_FIRING": "FAIL",
    "GATE_BREACHED": "FAIL",
    "CHECK_MISSING": "FAIL",
    "CHECK_MISFIT": "FAIL",
    "GATE_NOT_SUSTAINED": "RUNNING",
    "GATE_NO_BASELINE": "NO_BASELINE",
    "GATE_NEVER_MEASURED": "NOT_EVALUATED",
    "GATE_NO_DATA": "NO_DATA",
    "GATE_NOT_A_NUMBER": "NO_DATA",
    "GATE_STALE": "NO_DATA",
    "GATE_TOO_LITTLE_TRAFFIC": "NO_DATA",
    "GATE_SOURCE_ERROR": "ERROR",
    "CHECK_SOURCE_ERROR": "ERROR",
    "SOURCE_NOT_CONFIGURED": "ERROR",
    "ABORT_BLIND": "NO_DATA",
    "ABORT_UNARMED": "NO_DATA",
    "PHASE_EMPTY": "NOT_EVALUATED",
}
"""What a reason of ours is called in the vocabulary of the cases; worst first, as reasons come."""
UNPROVEN = {"NO_DATA", "NO_BASELINE", "NOT_EVALUATED", "ERROR", "INCONCLUSIVE"}
"""The words for "nothing was shown": none of them opens a gate."""
STEP = timedelta(seconds=15)


class NotApplicable(Exception):
    """Our board has nothing that this case could be asked of; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What the board says, in the vocabulary of the cases, and in which of its own codes and words.

    `unmeasured` says that the case brought nothing to measure, so that upstream's FAIL and our "nothing was shown" mean
    the same. `details` are what else can be compared, by the name that the case gives it.
    """

    verdict: str
    words: str = ""
    code: str = ""
    unmeasured: bool = False
    details: tuple[tuple[str, object], ...] = ()


def finite(value):
    """A number of a case: non-finite ones are written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotApplicable(f"{value!r} is not a number, and a measurement of ours is one")
    try:
        return float(value)
    except ValueError:
        raise NotApplicable(f"{value!r} is not a number, and a measurement of ours is one") from None


def reading(values, trouble=Trouble.NONE, message="", query="query"):
    """An answer of a source just now: one series for each value."""
    single = len(values) == 1
    series = tuple(SeriesValue("" if single else f'{{n="{n}"}}', value) for n, value in enumerate(values))
    return Reading(query, "metrics", NOW, trouble, message, series, NOW if series else None)


def gate(expect, seen, key="measured", *, where=ConditionList.ENTER, against="", **spec):
    """A gate over what was seen; `expect` is a list of alternatives of conjunctions of criteria."""
    parse_criteria(expect, "")
    comparand = Against(query="earlier", title="earlier results") if against else None
    made = GateSpec("metrics", "query", "", tuple(map(tuple, expect)), against=comparand, **spec)
    return ConditionFacts(make_condition(ConditionKind.GATE, key, where, gate=made), gate=seen)


def seen_now(values, comparand=None, window=None, **trouble):
    """An observation: values, and where the case has earlier results the number they come to."""
    other = None if comparand is None else reading([comparand], query="earlier")
    return GateObservation(reading(values, **trouble), other, window=window)


def held_for(steps):
    """A window in which the criterion has held for a number of measurements, without a break, until now."""
    return Window(NOW - 1000 * STEP, NOW, NOW - steps * STEP if steps else None)


def trigger(expect, seen):
    """An abort trigger of the running phase: it fires on the opposite of what is expected."""
    facts = gate(expect, seen, "stops", where=ConditionList.ABORT)
    condition = replace(facts.condition, abort=AbortSpec("on-call", "immediate"))
    return TriggerFacts(replace(facts, condition=condition), running=True)


def judge(*conditions, triggers=()):
    """Ask the real verdict whether the phase may be entered: everything but the case is in order and signed.

    Where the case has only what stops a phase, the phase asks for something else that is met.
    """
    enter = conditions or ((make_check(),) if triggers else ())
    facts = make_facts(enter=enter, triggers=triggers, running=make_run() if triggers else None)
    verdict = evaluate_verdict(sign_all(facts), Question.ENTER, NOW)
    if verdict.decision is Decision.GO:
        return Answer("PASS", "GO")
    for reason in verdict.reasons:
        if meaning := MEANINGS.get(reason.code):
            words = f"NO-GO, {reason.code}: {reason.found}"
            return Answer(meaning, words, reason.code, unmeasured=not conditions and not triggers)
    raise AssertionError(f"NO-GO for another reason: {verdict.reasons[0]}")


def refused(problem):
    """The board does not take such a plan at all, so there is no gate that could open."""
    return Answer("ERROR", f"refused: {problem}")


def judge_gate(expect, seen, **more):
    """Judge one gate; a limit that cannot be read never becomes one."""
    try:
        return judge(gate(expect, seen, **more))
    except UnreadableCriterion as problem:
        return refused(problem)


PLAN = """readiness: 1
rollout: {{key: case, title: Case}}
roles: {{lead: Lead, sre: SRE}}
sources: {{metrics: {{kind: prometheus, url: "${{URL}}"}}}}
gates: {gates}
phases:
  - {{key: first, title: First, enter: {enter}, sign_off: {{roles: [sre, lead], last: lead}}}}
"""


def judge_plan(gates, enter):
    """Give the reader of plans a plan with these gates and conditions; None when it takes it."""
    return judge_text(PLAN.format(gates=gates, enter=enter))


def judge_text(text):
    """Give the reader of plans a text; None when it takes it."""
    try:
        read_plan(text)
    except PlanRefused as problem:
        return refused(problem)
    return None
