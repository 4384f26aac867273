"""Every reason code, from worst to least, and the sentence it becomes. Page, API, message and export all say the same.

`word` is the state word that people see (the vocabulary of the interface); `sentence` and `clears` are templates over
the fields of a reason. `docs/reasons.md` explains each code; a test keeps it complete.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from readiness.core.types import Reason


@dataclass(frozen=True, slots=True)
class CodeWords:
    """How a reason code is said: its state word, its sentence, and what clears it."""

    word: str
    sentence: str
    clears: str


_GATE_VALUE = "{title} is {found}; it must be {required}."
_MET = "It is {required}"

REASONS: Mapping[str, CodeWords] = MappingProxyType(
    {
        "RECORD_BROKEN": CodeWords("Failing", "The record contradicts itself: {found}.", "The record verifies again"),
        "RECORD_UNVERIFIED": CodeWords("Stale", "The record is not verified: {found}.", "It verifies, {required}"),
        "STATE_DIFFERS_FROM_RECORD": CodeWords(
            "Contradicted",
            "{title} was changed outside the application: {found}.",
            "It is as recorded again, or two people accept it",
        ),
        "ABORT_FIRING": CodeWords(
            "Abort", "{title} stops the phase: {found}; it must be {required}.", "Roll back, or its decider continues"
        ),
        "ABORT_UNANSWERED": CodeWords(
            "Abort", "{title} fired and nobody has answered: {found}.", "Its decider answers"
        ),
        "ABORT_BLIND": CodeWords(
            "Can’t be measured", "{title} ({required}) can’t be evaluated: {found}.", "It is measured again"
        ),
        "PHASE_OVERRIDDEN": CodeWords(
            "Overridden",
            "{title} was entered without GO by {found}.",
            "Somebody with the authority closes the override with a reason",
        ),
        "EXPOSURE_DIFFERS": CodeWords(
            "Contradicted", "{title}: asked for {required}; {found}.", "{required} is observed"
        ),
        "EXPOSURE_UNOBSERVED": CodeWords(
            "No data",
            "{title}: asked for {required}; the share in effect can’t be seen: {found}.",
            "It is measured",
        ),
        "FLAG_KILLED": CodeWords(
            "Turned off", "{title}: the phase asks for {required}; it is held at {found}.", "{required} is served again"
        ),
        "HOLD_CALLED": CodeWords("Held", "Held by {title}: “{found}”.", "The hold is lifted"),
        "PHASE_CLOSED": CodeWords("Not met", "{title} was closed on {found}.", "What is next is {required}"),
        "PHASE_INCOMPLETE": CodeWords("Not due", "{title} {found}.", "{required}"),
        "CLAIM_CONTRADICTED": CodeWords(
            "Contradicted",
            "“{title}” is ticked, but the evidence says otherwise: {found}.",
            "The evidence bears it out",
        ),
        "WAIVER_EXPIRED": CodeWords("Expired", "{title} is no longer waived: {found}.", "It is met, or waived again"),
        "GAP_OPEN": CodeWords("Open", "Gap “{title}” is open: {found}.", "{required}"),
        "CHECK_MISSING": CodeWords("Missing", "{title}: {found}.", "It exists"),
        "CHECK_MISFIT": CodeWords("Not met", "{title}: {found}.", "It exists and fits"),
        "GATE_BREACHED": CodeWords("Failing", _GATE_VALUE, _MET),
        "GATE_NOT_SUSTAINED": CodeWords("Not sustained", _GATE_VALUE, _MET),
        "GATE_NO_DATA": CodeWords("No data", "{title} has no data: {found}.", "It reports, and is {required}"),
        "GATE_STALE": CodeWords("Stale", "{title} is stale: {found}.", "A fresh sample, and it is {required}"),
        "GATE_NOT_A_NUMBER": CodeWords("No data", "{title} is not a number: {found}.", _MET),
        "GATE_SOURCE_ERROR": CodeWords("No data", "{title} can’t be asked: {found}.", "Its source answers"),
        "GATE_NEVER_MEASURED": CodeWords("No data", "{title} was never measured.", "It is measured, and {required}"),
        "GATE_OTHER_QUERY": CodeWords(
            "No data",
            "{title} was measured for another query: {found}.",
            "It is measured as the plan asks, and {required}",
        ),
        "GATE_NO_BASELINE": CodeWords(
            "No data", "{title} has nothing to compare with: {found}.", "The comparison exists, and it is {required}"
        ),
        "GATE_TOO_LITTLE_TRAFFIC": CodeWords(
            "No data", "{title} has too little traffic to judge: {found}.", "Enough traffic, and it is {required}"
        ),
        "SOURCE_NOT_CONFIGURED": CodeWords(
            "No data", "{title} has no source: {found}.", "The source is configured and answers"
        ),
        "CHECK_UNCHECKED": CodeWords("Checking", "{title} has not been checked yet.", "It is checked and fits"),
        "CHECK_STALE": CodeWords("Stale", "{title}: {found}.", "It is checked again"),
        "CHECK_SOURCE_ERROR": CodeWords("No data", "{title} can’t be checked: {found}.", "Its source answers"),
        "EXPERIMENT_HARMFUL": CodeWords("Failing", "{title} does harm: {found}.", "{required}"),
        "EXPERIMENT_UNDECIDED": CodeWords("Not proven", "{title} has not shown it yet: {found}.", "{required}"),
        "EXPERIMENT_INVALID": CodeWords("No data", "{title} can’t be trusted: {found}.", "{required}"),
        "EXPERIMENT_NOT_RUN": CodeWords("Not proven", "{title}: {found}.", "A result shows it"),
        "DRILL_FAILED": CodeWords("Not met", "{title}: {found}.", "{required}"),
        "DRILL_TOO_SLOW": CodeWords("Too slow", "{title} {found}; it needs {required}.", "{required}"),
        "DRILL_EXPIRED": CodeWords("Expired", "{title}: {found}.", "{required}, again"),
        "DRILL_MISSING": CodeWords("Not met", "{title}: {found}.", "{required}"),
        "REVIEW_BELOW_SCORE": CodeWords(
            "Not met", "{title} scored {found}; {required} is required.", "A review scores at least {required}"
        ),
        "REVIEW_MISSING": CodeWords("Not met", "{title}: {found}.", "A review scores at least {required}"),
        "EVIDENCE_UNREADABLE": CodeWords(
            "Unproven", "{title}: the evidence can’t be read: {found}.", "Readable evidence"
        ),
        "EVIDENCE_MISSING": CodeWords("Unproven", "{title}: {found}.", "{required}"),
        "EVIDENCE_UNCHECKED": CodeWords("Unproven", "{title} is claimed but not proven: {found}.", "{required}"),
        "CLAIM_EXPIRED": CodeWords("Expired", "{title}: {found}, which no longer counts.", "It is claimed again"),
        "ITEM_UNCLAIMED": CodeWords("Unclaimed", "{title}: {found}.", "{required}"),
        "ABORT_UNARMED": CodeWords(
            "Not armed", "{title} ({required}) could not stop the phase: {found}.", "It is measured and can fire"
        ),
        "PHASE_EMPTY": CodeWords("Not met", "{title} asks for nothing, so nothing can be shown.", "{required}"),
        "PHASE_DWELL": CodeWords("Running", "{title} has run {found} of {required}.", "It has run {required}"),
        "VERDICT_EXPIRED": CodeWords("Stale", "The last GO ran out {found} ago.", "It is evaluated again"),
        "SIGN_OFF_UNDEFINED": CodeWords("Not met", "{title} polls {found}.", "The plan polls {required}"),
        "SIGN_OFF_NO_GO": CodeWords("NO-GO", "{title} says NO-GO: “{found}”.", "{title} signs GO"),
        "SIGN_OFF_VOID": CodeWords("Void", "{title}’s sign-off is void: {found}.", "{title} signs again"),
        "SIGN_OFF_EXPIRED": CodeWords("Expired", "{title}’s sign-off has expired.", "{title} signs again"),
        "SIGN_OFF_NOT_INDEPENDENT": CodeWords(
            "Not met", "{title} is covered by nobody who did not work on it.", "Someone uninvolved signs for it"
        ),
        "SIGN_OFF_MISSING": CodeWords("No answer", "{title} has not signed.", "{title} signs GO"),
    }
)
_RANKS = {code: rank for rank, code in enumerate(REASONS)}


def reason_rank(reason: Reason) -> int:
    """Order reasons from worst to least; ties are broken by group and key by the caller."""
    return code_rank(reason.code)


def code_rank(code: str) -> int:
    """Order reason codes from worst to least."""
    return _RANKS[code]


def reason_sentence(reason: Reason) -> str:
    """Say a reason in one sentence."""
    return _fill(REASONS[reason.code].sentence, reason)


def reason_clears(reason: Reason) -> str:
    """Say what would clear a reason, in the positive."""
    words = _fill(REASONS[reason.code].clears, reason)
    return words[:1].upper() + words[1:]


def reason_word(reason: Reason) -> str:
    """Give the state word that people see for a reason."""
    return REASONS[reason.code].word


def _fill(template: str, reason: Reason) -> str:
    return template.format(title=reason.title, found=reason.found, required=reason.required)
