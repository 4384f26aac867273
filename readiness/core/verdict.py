"""The verdict. RULES is the whole policy: read it first. Each rule yields a reason for NO; GO is their silence."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from readiness.core.aborts import TriggerState, describe_trigger, trigger_state, unarmed_because
from readiness.core.answers import RECORD_MAX_AGE, reason_id, stage_of, valid_until, verdict_id, worst_first
from readiness.core.case import Case, needed_of, open_case, open_of, trigger_reason, unmet_reasons
from readiness.core.exposure import exposure_trouble, exposure_words, held_words
from readiness.core.facts import ConditionFacts, Facts, GapFacts
from readiness.core.independence import covered_thing, decided_alone, not_independent
from readiness.core.phases import CLOSE
from readiness.core.quantities import format_duration
from readiness.core.signoffs import PollAnswer, answering_role
from readiness.core.types import Decision, Question, Reason, Verdict
from readiness.core.watches import is_watched


def record_is_intact(case: Case) -> Iterator[Reason]:
    """The record verifies, the tables are what it says, and both were looked at within ten minutes."""
    record = case.facts.record
    required = f"at most {format_duration(RECORD_MAX_AGE)} ago"
    if record.problem:
        yield Reason("RECORD_BROKEN", "record", "record", "The record", record.problem, required)
    elif found := _unverified(record.verified_at, case.now):
        yield Reason("RECORD_UNVERIFIED", "record", "record", "The record", found, required)
    for row in record.differences:
        yield Reason("STATE_DIFFERS_FROM_RECORD", "record", row.row, row.title, row.found, "as recorded")


def _unverified(verified_at: datetime | None, now: datetime) -> str:
    if verified_at is None:
        return "never verified"
    age = now - verified_at
    if age < -RECORD_MAX_AGE:
        return f"verified {format_duration(-age)} ahead of the clock"
    return f"last verified {format_duration(age)} ago" if age > RECORD_MAX_AGE else ""


def no_abort_trigger_speaks(case: Case) -> Iterator[Reason]:
    """No abort trigger of the running phase fires, is unanswered, or is blind."""
    codes = {
        TriggerState.FIRING: "ABORT_FIRING",
        TriggerState.UNANSWERED: "ABORT_UNANSWERED",
        TriggerState.BLIND: "ABORT_BLIND",
    }
    for trigger in case.facts.triggers:
        if trigger.running and (code := codes.get(trigger_state(trigger, case.now))):
            yield trigger_reason(code, trigger, describe_trigger(trigger, case.now))


def exposure_agrees(case: Case) -> Iterator[Reason]:
    """The share that is observed of each flag is the share that the running phase asks for."""
    run = case.facts.running
    for each in case.facts.exposures:
        if run is not None and (trouble := exposure_trouble(each, run.entered_at, case.now)):
            code, found = trouble
            yield Reason(code, "flag", each.flag, each.title, found, each.asked, path=each.facts.condition.path)


def no_flag_is_held_down(case: Case) -> Iterator[Reason]:
    """Every flag may be served as the running phase asks: none was turned off or lowered, or waits to be raised."""
    for flag in case.facts.flags if case.facts.running is not None else ():
        if flag.most_bp < flag.asked_bp:
            yield Reason("FLAG_KILLED", "flag", flag.flag, flag.title, held_words(flag), exposure_words(flag.asked_bp))


def no_override_is_open(case: Case) -> Iterator[Reason]:
    """No phase that was entered without GO waits for somebody to close that."""
    for override in case.facts.overrides:
        if override.running or case.question is Question.ENTER:
            people = f"{override.by.name} and {override.confirmed_by.name}: “{override.reason}”"
            yield Reason(
                "PHASE_OVERRIDDEN", "phase", override.phase, f"{override.title}, run {override.run}", people, "closed"
            )


def nobody_holds(case: Case) -> Iterator[Reason]:
    """No hold is called."""
    for hold in case.facts.holds:
        who = f"{hold.by.name} ({hold.role})" if hold.role else hold.by.name
        yield Reason("HOLD_CALLED", "hold", str(hold.id), who, hold.reason, "lifted")


def rollout_is_open(case: Case) -> Iterator[Reason]:
    """The rollout is not closed: nothing is entered after its end."""
    if case.facts.closed_at is not None:
        at = f"{case.facts.closed_at:%Y-%m-%d %H:%M} UTC"
        yield Reason("PHASE_CLOSED", "phase", CLOSE, "The rollout", at, "another rollout")


def something_runs(case: Case) -> Iterator[Reason]:
    """A phase runs that may go on: nothing that does not run is GO."""
    target, found = case.facts.target, "has not been entered, so nothing runs"
    if case.facts.running is None and target is not None:
        yield Reason("PHASE_INCOMPLETE", "phase", target.phase, target.title, found, "It is entered")
    elif case.facts.running is None and case.facts.closed_at is None:
        yield Reason("PHASE_INCOMPLETE", "phase", "", "The first phase", found, "It is entered")


def no_phase_is_skipped(case: Case) -> Iterator[Reason]:
    """The phase that is asked about is the next one."""
    for phase in case.facts.incomplete:
        yield Reason("PHASE_INCOMPLETE", "phase", phase.phase, phase.title, phase.found, phase.required)


def running_phase_is_complete(case: Case) -> Iterator[Reason]:
    """Every success condition of the running phase is met."""
    yield from unmet_reasons(case, case.facts.complete)


def running_phase_has_dwelt(case: Case) -> Iterator[Reason]:
    """The running phase has lasted its minimum duration."""
    run = case.facts.running
    if run is not None and run.dwelt_s < run.dwell_s:
        dwelt, dwell = timedelta(seconds=run.dwelt_s), timedelta(seconds=run.dwell_s)
        yield Reason("PHASE_DWELL", "phase", run.phase, run.title, format_duration(dwelt), format_duration(dwell))


def closer_watch_is_over(case: Case) -> Iterator[Reason]:
    """The closer watch of the running phase has ended: it cannot be left early."""
    run = case.facts.running
    if run is not None and is_watched(run):
        dwelt, lasts = timedelta(seconds=run.dwelt_s), timedelta(seconds=run.watch_s)
        title, path = f"The closer watch of {run.title}", f"{run.phase}/watch"
        yield Reason(
            "PHASE_DWELL", "phase", run.phase, title, format_duration(dwelt), format_duration(lasts), path=path
        )


def next_phase_may_begin(case: Case) -> Iterator[Reason]:
    """Every entry condition of the next phase is met."""
    yield from unmet_reasons(case, case.facts.enter)


def gaps_are_closed(case: Case) -> Iterator[Reason]:
    """Every gap that blocks the next phase is closed: all its tasks done, all its conditions met."""
    for state in case.gaps:
        if not state.closed:
            gap = state.gap
            yield Reason(
                "GAP_OPEN",
                "gap",
                gap.key,
                gap.title,
                open_of(state),
                needed_of(state),
                gap.owner or "",
                group=f"gap:{gap.key}",
            )
            yield from unmet_reasons(case, state.open_conditions, group=f"gap:{gap.key}")


def triggers_are_armed(case: Case) -> Iterator[Reason]:
    """Every abort trigger of the running and of the next phase is proven to be able to fire."""
    for trigger in case.facts.triggers:
        if why := unarmed_because(trigger, case.now):
            yield trigger_reason("ABORT_UNARMED", trigger, why)


def something_is_asked(case: Case) -> Iterator[Reason]:
    """Nothing is met by an empty set: a phase without conditions shows nothing."""
    target = case.facts.target
    if target is not None and not case.facts.enter and not case.facts.complete:
        yield Reason("PHASE_EMPTY", "phase", target.phase, target.title, "no condition", "The plan asks for something")


def poll_is_complete(case: Case) -> Iterator[Reason]:
    """Everyone polled has given a GO that still counts."""
    target = case.facts.target
    if case.facts.closed_at is not None:
        return
    if target is None or target.sign_off is None or not target.sign_off.roles:
        title = target.title if target else "The next phase"
        yield Reason("SIGN_OFF_UNDEFINED", "phase", target.phase if target else "", title, "nobody", "somebody")
        return
    if decided_alone(case.facts, target.sign_off):
        found = "one role only, and nobody else has a part in it"
        yield Reason("SIGN_OFF_UNDEFINED", "phase", target.phase, target.title, found, "two roles")
    codes = {
        PollAnswer.NO_GO: "SIGN_OFF_NO_GO",
        PollAnswer.VOID: "SIGN_OFF_VOID",
        PollAnswer.EXPIRED: "SIGN_OFF_EXPIRED",
        PollAnswer.NO_ANSWER: "SIGN_OFF_MISSING",
        PollAnswer.WAITS: "SIGN_OFF_MISSING",
    }
    for station in case.stations:
        if code := codes.get(station.answer):
            title = case.facts.title_of(station.role)
            yield Reason(code, "sign_off", station.role, title, station.why, "GO", station.role, group="poll")


def poll_is_independent(case: Case) -> Iterator[Reason]:
    """Every condition, and every gap that only people close, is covered by somebody who did not work on it."""
    if not case.stations or any(s.answer is not PollAnswer.GO for s in case.stations):
        return
    code, found, required = (
        "SIGN_OFF_NOT_INDEPENDENT",
        "signed only by people who worked on it",
        "an uninvolved signature",
    )
    for each in not_independent(case.facts, case.stations):
        thing, owner = covered_thing(each), _answers_for(case, each)
        yield Reason(code, thing.kind, thing.key, thing.title, found, required, owner, thing.path, "poll")


def _answers_for(case: Case, covered: ConditionFacts | GapFacts) -> str:
    rule = case.facts.target.sign_off if case.facts.target is not None else None
    return answering_role(covered, rule) if rule is not None else ""


Rule = Callable[[Case], Iterator[Reason]]
CONTINUE_RULES: tuple[Rule, ...] = (
    record_is_intact,
    no_abort_trigger_speaks,
    exposure_agrees,
    no_flag_is_held_down,
    no_override_is_open,
    nobody_holds,
    rollout_is_open,
)
ENTER_RULES: tuple[Rule, ...] = (
    *CONTINUE_RULES,
    no_phase_is_skipped,
    running_phase_is_complete,
    running_phase_has_dwelt,
    closer_watch_is_over,
    next_phase_may_begin,
    gaps_are_closed,
    triggers_are_armed,
    something_is_asked,
    poll_is_complete,
    poll_is_independent,
)
RULES: dict[Question, tuple[Rule, ...]] = {
    Question.CONTINUE: (*CONTINUE_RULES, something_runs),
    Question.ENTER: ENTER_RULES,
}


def evaluate_verdict(facts: Facts, question: Question, now: datetime) -> Verdict:
    """Answer a question: GO only when every rule is silent. Pure: the same facts and moment give the same bytes."""
    case = open_case(facts, question, now)
    since = {known.reason: known.at for known in facts.since}
    found = [reason for rule in RULES[question] for reason in rule(case)]
    reasons = tuple(replace(r, since_at=since.get(reason_id(r), now)) for r in worst_first(found))
    decision = Decision.NO_GO if reasons else Decision.GO
    stage = stage_of(reasons)
    phase = facts.running if question is Question.CONTINUE else facts.target
    return Verdict(
        question=question,
        phase=phase.phase if phase else "",
        decision=decision,
        stage=stage,
        reasons=reasons,
        assessments=tuple(sorted(case.judged.values(), key=lambda a: a.path)),
        evaluated_at=now,
        valid_until=valid_until(case) if decision is Decision.GO else None,
        verdict_id=verdict_id(facts, question, decision, stage, reasons),
        policy=facts.policy,
        rehearsal=facts.rehearsal,
    )
