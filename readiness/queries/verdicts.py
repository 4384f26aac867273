"""The verdict as a card: the question's answer in a sentence, its reasons, or what a GO rests on."""

from dataclasses import replace

from readiness.core.answers import has_run_out
from readiness.core.gaps import gap_estimate, total_effort
from readiness.core.phases import CLOSE, find_phase
from readiness.core.plan import Phase
from readiness.core.quantities import format_duration
from readiness.core.reasons import reason_sentence
from readiness.core.signoffs import PollAnswer
from readiness.core.types import Assessment, Decision, Outcome, Question, Verdict
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Line, Region
from readiness.queries.reasons import condition_url, reason_rows
from readiness.queries.scenes import Answer, Scene
from readiness.queries.trigger_notes import SPEAKING, count_quiet, trigger_lines, triggers_sentence
from readiness.queries.ways_under_way import DONE, way_back_lines, way_back_state, way_back_words
from readiness.queries.words import count_of, days_of_effort, join_words, lower_first, phase_name, without_stop

MET = (Outcome.MET, Outcome.WAIVED)
WAITS_FOR_TIME = {"PHASE_DWELL"}


def fill_verdict(scene: Scene) -> VerdictCard:
    """Answer the board's first question: may the running phase go on, or may the first one start."""
    question = Question.CONTINUE if scene.rows.run else Question.ENTER
    return verdict_card(scene, scene.region("verdict"), question)


def fill_decision(scene: Scene) -> VerdictCard | None:
    """Answer the next question while a phase runs: may the next one be entered."""
    if scene.rows.run is None or scene.rows.following is None:
        return None
    card = verdict_card(scene, scene.region("decision"), Question.ENTER)
    following = scene.rows.following
    url = scene.url("phase", following.key)
    label = f"Open {lower_first(phase_name(following))}"
    waits = card.tone == "waits" or not card.reasons
    return replace(card, slim=True, rests_on=(), url=url if waits else "", url_label=label if waits else "")


def verdict_card(scene: Scene, region: Region, question: Question) -> VerdictCard:
    """Show the stored answer to a question as it counts now."""
    answer = scene.answers.get(question)
    if scene.rows.following is None and question is Question.ENTER:
        return closed_card(scene, region)
    if answer is None:
        sentence, rehearsal = _question_sentence(scene, question, go=False), scene.plan.rehearsal
        return VerdictCard(region, "nogo", "NO-GO", sentence, "Nothing has been judged yet", None, rehearsal=rehearsal)
    return answer_card(scene, region, answer)


def closed_card(scene: Scene, region: Region) -> VerdictCard:
    """Say that the rollout is at its end."""
    tone, at = "waits" if scene.plan.rehearsal else "go", scene.rows.closed_at
    when = f"Closed on {at.day} {at:%b %Y} at {at:%H:%M} UTC. " if at is not None else ""
    detail = f"{when}Nothing in it is entered, signed or claimed any more"
    card = VerdictCard(region, tone, "Closed", "The rollout is closed", detail, scene.now)
    return replace(
        card, url=scene.url("report", CLOSE), url_label="Open the final report", rehearsal=scene.plan.rehearsal
    )


def answer_card(scene: Scene, region: Region, answer: Answer) -> VerdictCard:
    """Show one answer."""
    verdict = answer.verdict
    go = verdict.decision is Decision.GO
    rows = reason_rows(scene, verdict.reasons)
    met, waived, total = _counts(scene, verdict)
    tone = "go" if go else "waits" if waits_for_time(verdict) else "nogo"
    return VerdictCard(
        region=region,
        tone="waits" if go and verdict.rehearsal else tone,
        word="Rehearsed" if go and verdict.rehearsal else {"go": "GO", "waits": "Waits", "nogo": "NO-GO"}[tone],
        sentence=_question_sentence(scene, verdict.question, go) + (" yet" if tone == "waits" else ""),
        detail=_detail(scene, verdict, len(rows)),
        evaluated_at=verdict.evaluated_at,
        met=met,
        total=total,
        waived=waived,
        waivers=() if go else waived_lines(scene, verdict),
        reasons=() if tone == "waits" else rows,
        reason_count=len(verdict.reasons),
        rests_on=_rests_on(scene, verdict) if go else (),
        since_at=answer.since_at,
        valid_until=verdict.valid_until if go else None,
        max_age=scene.max_age,
        not_judged=scene.rollout.dirty_changes,
        policy_version=verdict.policy.removeprefix("sha256:")[:8],
        verdict_id=verdict.verdict_id,
        how_url=scene.url("verdict"),
        rehearsal=verdict.rehearsal,
    )


def waits_for_time(verdict: Verdict) -> bool:
    """Say whether nothing but time is missing."""
    codes = {reason.code for reason in verdict.reasons}
    return bool(codes) and codes <= WAITS_FOR_TIME and not has_run_out(verdict)


def _question_sentence(scene: Scene, question: Question, go: bool) -> str:
    running, following = scene.running, scene.rows.following
    if question is Question.CONTINUE and running is not None:
        return f"{running.title} runs" if go else f"{running.title} can’t continue"
    if following is None:
        return "Nothing can be entered"
    return enter_sentence(following, go, first=running is None)


def enter_sentence(phase: Phase, go: bool, first: bool) -> str:
    """Say whether a phase can begin: the first one starts, later ones are entered, the rollout is closed."""
    can = "can" if go else "can’t"
    if phase.key == CLOSE:
        return f"The rollout {can} be closed"
    return f"{phase_name(phase)} {can} start" if first else f"{phase.title} {can} be entered"


def _counts(scene: Scene, verdict: Verdict) -> tuple[int, int, int]:
    """Count what is met, what is waived, and everything that was asked."""
    if verdict.question is Question.CONTINUE:
        quiet, every = count_quiet(scene)
        return quiet, 0, every
    outcomes = [assessment.outcome for assessment in verdict.assessments]
    return outcomes.count(Outcome.MET), outcomes.count(Outcome.WAIVED), len(outcomes)


def waived_lines(scene: Scene, verdict: Verdict) -> tuple[Line, ...]:
    """Show what a verdict about entering rests on although it is not met, and who answers for that."""
    if verdict.question is Question.CONTINUE:
        return ()
    waived = [a.path for a in verdict.assessments if a.outcome is Outcome.WAIVED]
    known = [(facts.condition, facts.waiver) for path in waived if (facts := scene.known.get(path))]
    return tuple(
        Line(
            condition.title,
            f"Instead: {waiver.measure}",
            "Waived",
            end_note=f"by {waiver.granted_by.name},",
            url=condition_url(scene, condition.path),
            left_at=waiver.expires_at,
        )
        for condition, waiver in known
        if waiver is not None
    )


def _detail(scene: Scene, verdict: Verdict, groups: int) -> str:
    if any(reason.code == "VERDICT_EXPIRED" for reason in verdict.reasons):
        return reason_sentence(verdict.reasons[0]) + " Nothing has been judged since, so it counts as NO-GO"
    if verdict.question is Question.CONTINUE:
        return _continue_detail(scene, verdict)
    if waits_for_time(verdict):
        said = " ".join(reason_sentence(reason) for reason in verdict.reasons)
        return f"Everything else holds. {without_stop(said)}"
    return _enter_detail(scene, verdict, groups)


def _enter_detail(scene: Scene, verdict: Verdict, groups: int) -> str:
    met, waived, total = _counts(scene, verdict)
    if has_run_out(verdict):
        counted = f"{met} of {count_of(total, 'condition')} still count as met"
        return f"{counted}; nothing has been judged since {verdict.evaluated_at:%H:%M}"
    unmet = total - met - waived
    also = f", {waived} {'is' if waived == 1 else 'are'} waived" if waived else ""
    holds = f"{met} of" if waived else "All"
    if not verdict.reasons:
        return f"{holds} {count_of(total, 'condition')} are met{_attested(verdict.assessments)}{also}"
    why = f"for {reasons_words(len(verdict.reasons), groups)}"
    if not unmet:
        return f"{holds} {count_of(total, 'condition')} are met{also}; it waits {why}"
    said = f"{unmet} of {count_of(total, 'condition')} {'isn’t' if unmet == 1 else 'aren’t'} met{also}, {why}"
    return said + _effort(scene)


def reasons_words(reasons: int, groups: int) -> str:
    """5 reasons in 2 groups; a board that groups none says 5 reasons, as the record and the command do."""
    return count_of(reasons, "reason") + (f" in {count_of(groups, 'group')}" if groups != reasons else "")


def _attested(assessments: tuple[Assessment, ...]) -> str:
    attested = sum(a.attested for a in assessments if a.outcome in MET)
    return f", {attested} of them by a person’s word" if attested else ""


def _effort(scene: Scene) -> str:
    open_gaps = [state.gap for state in scene.case.gaps if not state.closed]
    if not open_gaps:
        return ""
    low, high = total_effort(gap_estimate(gap) for gap in open_gaps)
    gaps = count_of(len(open_gaps), "open gap")
    verb = "is" if len(open_gaps) == 1 else "are"
    return f". {gaps} {verb} {days_of_effort(low, high, ' to ')} of effort" if high else f". {gaps}"


def _continue_detail(scene: Scene, verdict: Verdict) -> str:
    """What stops the phase when that is no trigger, as a hold; else how the triggers stand."""
    worst = next(iter(verdict.reasons), None)
    under_way = f". {way_back_words(scene)}" if way_back_state(scene) not in ("", DONE) else ""
    if worst is None or worst.code in SPEAKING:
        return triggers_sentence(scene) + under_way
    more = len(verdict.reasons) - 1
    return without_stop(reason_sentence(worst)) + (f". {count_of(more, 'more reason')}" if more else "") + under_way


def _rests_on(scene: Scene, verdict: Verdict) -> tuple[Line, ...]:
    lines = [*trigger_lines(scene, verdict.question), *way_back_lines(scene)]
    if verdict.question is Question.ENTER:
        lines = [*_conditions_lines(scene, verdict), *lines, *_poll_lines(scene)]
    record = scene.facts.record
    if record.verified_at is not None:
        note = f"Verified through entry {record.size - 1:,}"
        lines.append(Line("Record", note, "Valid", at=record.verified_at, url=scene.url("audit")))
    return tuple(lines)


def _conditions_lines(scene: Scene, verdict: Verdict) -> list[Line]:
    met, _, total = _counts(scene, verdict)
    lines = [Line("Conditions", f"{met} of {total} met{_attested(verdict.assessments)}", "Met")]
    lines += waived_lines(scene, verdict)
    closed = [state for state in scene.case.gaps if state.closed]
    if closed:
        titles = join_words([state.gap.title for state in closed])
        lines.append(Line("Gaps", f"{len(closed)} closed: {titles}", "Closed", url=scene.url("gaps")))
    if scene.facts.running and scene.facts.running.dwell_s:
        phase = find_phase(scene.plan, scene.facts.running.phase)
        note = f"{scene.facts.running.title} has run its {format_duration(phase.dwell)}" if phase else ""
        lines.append(Line("Time", note, "Met"))
    return lines


def _poll_lines(scene: Scene) -> list[Line]:
    names = [s.signature.by.name for s in scene.case.stations if s.answer is PollAnswer.GO and s.signature]
    return [Line("Sign-offs", f"GO from {join_words(names, 6)}", "Valid")] if names else []
