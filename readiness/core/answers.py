"""What a verdict says beside its reasons: their order, its stage, until when it may be believed, and its id."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from readiness.core.aborts import trigger_expires_at
from readiness.core.canonical import digest_of
from readiness.core.case import Case
from readiness.core.codec import PlainDict
from readiness.core.exposure import exposure_until
from readiness.core.facts import Facts
from readiness.core.quantities import format_duration
from readiness.core.reasons import reason_rank
from readiness.core.types import Assessment, Decision, Outcome, Question, Reason, Stage, Verdict

RECORD_MAX_AGE = timedelta(minutes=10)
EXPIRED = "VERDICT_EXPIRED"
COUNTED = (Outcome.MET, Outcome.WAIVED)
POLL_CODES = frozenset({"SIGN_OFF_MISSING"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What the record keeps of an answer that changed: enough to compute it again, by these rules or by others."""

    question: Question
    phase: str
    decision: Decision
    verdict_id: str
    policy: str
    facts: str
    evaluated_at: datetime


JUDGED_FIELDS = ("judged", "continue judged")


def verdict_as_read(verdict: Verdict, now: datetime) -> Verdict:
    """Give a stored verdict as it counts at `now`: a GO past `valid_until` is not GO, and what ran out is not met."""
    verdict = replace(verdict, assessments=tuple(_assessment_as_read(each, now) for each in verdict.assessments))
    if verdict.decision is Decision.NO_GO or verdict.stands_at(now):
        return verdict
    age = format_duration(now - verdict.valid_until) if verdict.valid_until else "at once"
    reason = Reason(EXPIRED, "verdict", verdict.question, "The verdict", age, "fresh", since_at=verdict.valid_until)
    return replace(verdict, decision=Decision.NO_GO, stage=Stage.BLOCKED, reasons=(reason,))


def _assessment_as_read(assessment: Assessment, now: datetime) -> Assessment:
    if assessment.expires_at is None or now < assessment.expires_at or assessment.outcome not in COUNTED:
        return assessment
    return replace(assessment, outcome=Outcome.UNKNOWN, code=EXPIRED, attested=False)


def has_run_out(verdict: Verdict) -> bool:
    """Say whether something that was met when the verdict was made, and read since, no longer counts."""
    return any(assessment.code == EXPIRED for assessment in verdict.assessments)


def reason_id(reason: Reason) -> str:
    """Name a reason so that it can be recognised in the next verdict."""
    return f"{reason.code} {reason.kind}:{reason.key} {reason.path}"


def worst_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Give each reason once, worst first."""
    return tuple(sorted(set(reasons), key=lambda r: (reason_rank(r), r.group, r.kind, r.key, r.path, r.found)))


def stage_of(reasons: tuple[Reason, ...]) -> Stage:
    """Say how far from a decision these reasons leave the rollout."""
    codes = {reason.code for reason in reasons}
    if codes & {"ABORT_FIRING", "ABORT_UNANSWERED"}:
        return Stage.ABORT
    if "PHASE_OVERRIDDEN" in codes:
        return Stage.OVERRIDDEN
    if "HOLD_CALLED" in codes:
        return Stage.HOLD
    if codes and codes <= POLL_CODES:
        return Stage.AWAITING_SIGN_OFF
    return Stage.BLOCKED if codes else Stage.CLEARED


def valid_until(case: Case) -> datetime | None:
    """Give the earliest moment at which a fact that a GO rests on expires."""
    entering = case.question is Question.ENTER
    moments = [trigger_expires_at(t, case.now) for t in case.facts.triggers if t.running or entering]
    if case.facts.running is not None:
        moments += [exposure_until(each) for each in case.facts.exposures]
    if case.facts.record.verified_at is not None:
        moments.append(case.facts.record.verified_at + RECORD_MAX_AGE)
    if entering:
        moments += [assessment.expires_at for assessment in case.judged.values()]
        moments += [s.signature.expires_at for s in case.stations if s.signature is not None]
    return min((at for at in moments if at is not None), default=None)


def verdict_id(facts: Facts, question: Question, decision: Decision, stage: Stage, reasons: tuple[Reason, ...]) -> str:
    """Digest what makes two verdicts the same; found values, ages and times do not count."""
    rehearsed: PlainDict = {"rehearsal": True} if facts.rehearsal else {}
    return digest_of(
        {
            **rehearsed,
            "question": question.value,
            "decision": decision.value,
            "stage": stage.value,
            "plan": facts.plan,
            "policy": facts.policy,
            "reasons": sorted([r.code, r.kind, r.key, r.path, r.required] for r in reasons),
        }
    )
