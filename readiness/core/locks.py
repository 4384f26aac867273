"""Locks: why GO can't be signed yet. A role's GO waits for its part; the last GO waits for everything else."""

from datetime import datetime

from readiness.core.case import Case, open_case
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.signoffs import part_of
from readiness.core.types import Outcome, Question, Reason
from readiness.core.verdict import evaluate_verdict

OWN_ANSWER = frozenset({"SIGN_OFF_MISSING", "SIGN_OFF_VOID", "SIGN_OFF_EXPIRED", "SIGN_OFF_NO_GO"})


def go_lock(facts: Facts, role: str, now: datetime) -> str:
    """Say why a role cannot give GO now; empty when it can. `last` waits until nothing else blocks."""
    target = facts.target
    if target is None or target.sign_off is None:
        return "Nobody is polled for this phase."
    if role == target.sign_off.last:
        others = len(other_reasons(facts, role, now))
        stands = "reason stands" if others == 1 else "reasons stand"
        return f"{others} {stands} in the way, and you answer last." if others else ""
    unmet = len(unmet_part(open_case(facts, Question.ENTER, now), role))
    total = len(part_of(facts, target.sign_off, role))
    return f"{unmet} of your {total} conditions {'isn’t' if unmet == 1 else 'aren’t'} met." if unmet else ""


def unmet_part(case: Case, role: str) -> tuple[ConditionFacts, ...]:
    """Give what a role answers for and is not met."""
    target = case.facts.target
    if target is None or target.sign_off is None:
        return ()
    met = (Outcome.MET, Outcome.WAIVED)
    part = part_of(case.facts, target.sign_off, role)
    return tuple(c for c in part if case.judged[c.condition.path].outcome not in met)


def other_reasons(facts: Facts, role: str, now: datetime) -> tuple[Reason, ...]:
    """Give every reason against entering but the role's own silence; `last` answers when there is none."""
    reasons = evaluate_verdict(facts, Question.ENTER, now).reasons
    return tuple(r for r in reasons if not (r.code in OWN_ANSWER and r.kind == "sign_off" and r.key == role))
