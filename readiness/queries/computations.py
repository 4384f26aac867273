"""How an answer was computed, retold from the facts that were kept with it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from inspect import getdoc

from readiness.core.case import Case, open_case
from readiness.core.facts import Facts
from readiness.core.reasons import reason_word
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Decision, Question, Reason
from readiness.core.verdict import RULES, Rule, evaluate_verdict
from readiness.queries.kept_verdicts import KeptVerdict
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.verdicts import Computation
from readiness.queries.policy import policy_digest
from readiness.queries.words import count_of, join_words, without_stop

LOOKS_AT: Mapping[str, Callable[[Case], bool]] = {
    "no_abort_trigger_speaks": lambda case: any(trigger.running for trigger in case.facts.triggers),
    "exposure_agrees": lambda case: bool(case.facts.exposures),
    "no_flag_is_held_down": lambda case: bool(case.facts.flags),
    "running_phase_is_complete": lambda case: bool(case.facts.complete),
    "running_phase_has_dwelt": lambda case: case.facts.running is not None,
    "closer_watch_is_over": lambda case: case.facts.running is not None and case.facts.running.watch_s > 0,
    "next_phase_may_begin": lambda case: bool(case.facts.enter),
    "gaps_are_closed": lambda case: bool(case.gaps),
    "triggers_are_armed": lambda case: bool(case.facts.triggers),
    "poll_is_independent": lambda case: any(s.answer is PollAnswer.GO for s in case.stations),
}
"""What the rules look at that may be absent: one that has seen nothing is not said to hold."""
UNREADABLE = Line("The kept facts can’t be read", "They were kept by another version of the rules", "No data")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, as it was given, and what it was computed from: the facts, None when they cannot be read.

    `since_at` is when it was judged on them; `reasons` counts what stood in the way. `judged_at` is when the same
    answer was given last; a past one does not know that.
    """

    question: Question
    decision: str
    reasons: int
    verdict_id: str
    policy: str
    kept: str
    facts: Facts | None
    plan: str
    plan_number: int
    since_at: datetime
    judged_at: datetime | None = None


def retell(answered: Answered, band: VerdictCard, command: str) -> Computation:
    """Show each rule with what it said, what went in, and the same computed again."""
    rules = _rules(answered.facts, answered) if answered.facts is not None else ()
    return Computation(
        name=answered.question.value,
        verdict=band,
        rules=rules,
        note=_rules_note(rules),
        facts=tuple(_inputs(answered)),
        repeated=_repeat(answered.facts, answered) if answered.facts is not None else UNREADABLE,
        command=command,
    )


def _rules_note(rules: Sequence[Line]) -> str:
    """9 of 16 rules hold, 3 have nothing to look at yet."""
    hold, idle = (sum(line.state == state for line in rules) for state in ("Met", "Not due"))
    said = f"{hold} of {count_of(len(rules), 'rule')} hold{'s' if hold == 1 else ''}" if rules else ""
    return f"{said}, {idle} {'has' if idle == 1 else 'have'} nothing to look at yet" if idle else said


def repeat_command(rollout: str, question: Question, kept: KeptVerdict | None) -> str:
    """Give the command that answers again: from the entry that keeps the answer, by the rules it was made by."""
    words = [".venv/bin/python manage.py verdict", rollout, "--ask", question.value]
    words += ["--as-of", str(kept.seq), "--policy", kept.judged.policy] if kept is not None else []
    return " ".join([*words, "--explain"])


def _rules(facts: Facts, answered: Answered) -> tuple[Line, ...]:
    """Each rule with what it said about the kept facts, at the moment they were judged."""
    case = open_case(facts, answered.question, answered.since_at)
    return tuple(_rule_line(rule, case, list(rule(case))) for rule in RULES[answered.question])


def _rule_line(rule: Rule, case: Case, reasons: Sequence[Reason]) -> Line:
    title = without_stop((getdoc(rule) or rule.__name__).splitlines()[0])
    if not reasons:
        looked = rule.__name__ not in LOOKS_AT or LOOKS_AT[rule.__name__](case)
        return Line(title, "Holds", "Met") if looked else Line(title, "Nothing to look at yet", "Not due", "Not asked")
    words = Counter(reason_word(reason).lower() for reason in reasons)
    note = join_words([f"{count} {word}" for word, count in words.items()], 5)
    return Line(title, note, "Not met", count_of(len(reasons), "reason"))


def _inputs(answered: Answered) -> list[Fact]:
    word = "GO" if answered.decision == Decision.GO else "NO-GO"
    facts = [
        Fact("Facts", "kept when this answer began", digest=answered.kept),
        Fact("Rules", "policy", digest=answered.policy),
        Fact("Plan", f"version {answered.plan_number}" if answered.plan else "isn’t here", digest=answered.plan),
        Fact("Result", f"{word}, {count_of(answered.reasons, 'reason')}", digest=answered.verdict_id),
        Fact("Since", "", at=answered.since_at),
    ]
    return facts if answered.judged_at is None else [*facts, Fact("Last judged", "", at=answered.judged_at)]


def _repeat(facts: Facts, answered: Answered) -> Line:
    """Compute the answer again from the kept facts: the same facts and moment must give the same answer."""
    again = evaluate_verdict(facts, answered.question, answered.since_at)
    if again.verdict_id == answered.verdict_id:
        return Line("Computed again just now from the kept facts", "The same answer", "Valid")
    if facts.policy != policy_digest():
        return Line("The rules have changed since", "Computing it again gives what today’s rules say", "Stale")
    return Line("Computed again just now from the kept facts", f"It gives {again.verdict_id}", "Failing")
