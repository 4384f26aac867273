"""Break-glass: what two people may override when they enter a phase without GO, and what nobody may.

They override what was not shown: conditions, gaps, time, sign-offs, holds, blind triggers, even a record that does not
verify. They do not override what is known to do harm now, the order of the phases, or an override that is still open.
"""

from datetime import timedelta
from typing import Final

from readiness.core.phases import CLOSE
from readiness.core.reasons import reason_sentence
from readiness.core.types import Decision, Reason, Verdict

ASKED_FOR: Final = timedelta(minutes=30)
"""How long an asked override waits for a second person."""
NEVER_OVERRIDDEN: Final = frozenset(
    {"ABORT_FIRING", "ABORT_UNANSWERED", "PHASE_OVERRIDDEN", "PHASE_INCOMPLETE", "PHASE_CLOSED"}
)
RECORD_CODES: Final = frozenset({"RECORD_BROKEN", "RECORD_UNVERIFIED"})


def override_refused(verdict: Verdict) -> str:
    """Say why a phase cannot be entered by breaking glass on this answer; empty when it can."""
    if verdict.phase == CLOSE:
        return "A rollout is never closed by breaking glass. What its close asks for has to hold."
    if verdict.decision is Decision.GO:
        return "It is GO, so there is nothing to override. Enter the phase the usual way."
    stops = [reason for reason in verdict.reasons if reason.code in NEVER_OVERRIDDEN]
    if not stops:
        return ""
    return f"Breaking glass doesn’t override this: {reason_sentence(stops[0])} Settle it first, or roll back."


def record_problem(reasons: tuple[Reason, ...]) -> str:
    """Say what is wrong with the record that an override goes over; empty when it verifies."""
    return " ".join(reason_sentence(reason) for reason in reasons if reason.code in RECORD_CODES)
