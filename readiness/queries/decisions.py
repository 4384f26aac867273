"""One run of a phase as a decision record: from what was kept when it was entered, never from what is now."""

from collections import Counter
from collections.abc import Sequence

from readiness.core.facts import Facts
from readiness.core.phases import CLOSE, find_phase
from readiness.core.reasons import reason_clears, reason_sentence, reason_word
from readiness.core.types import Assessment, Decision, Outcome, Question, Reason, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import PhaseRun
from readiness.queries.condition_records import condition_groups, gap_lines
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.reports import RunRecord, Section
from readiness.queries.policy import policy_digest
from readiness.queries.report_files import Files, NotKept
from readiness.queries.run_ends import rollback_records, run_sections
from readiness.queries.scenes import Scene
from readiness.queries.signature_records import entry_words, how_acted, signature_records
from readiness.queries.words import without_stop


def run_record(scene: Scene, files: Files, run: PhaseRun) -> RunRecord:
    """Show one run: the decision and what it rested on, or why that can't be shown, and what came of it."""
    try:
        facts, verdict = files.grounds_of(run)
    except NotKept as why:
        return _without_grounds(scene, files, run, str(why))
    judged = {assessment.path: assessment for assessment in verdict.assessments}
    state, word = run_state(run, verdict)
    gaps = Section("Gaps", lines=gap_lines(facts, judged), empty="No gap blocked it")
    return RunRecord(
        key=f"{run.phase}-{run.number}",
        title=run_title(scene, run, facts),
        question=_question(facts),
        state=state,
        word=word,
        decided=_decided(files, run, facts, verdict),
        counts=outcome_counts(verdict.assessments),
        reasons=tuple(map(_reason, verdict.reasons)),
        groups=condition_groups(facts, judged),
        signatures=signature_records(scene, files, facts, verdict),
        rollbacks=rollback_records(files, scene.plan, run),
        sections=(gaps, *run_sections(scene, files, run, facts)),
    )


def _reason(reason: Reason) -> Line:
    return Line(without_stop(reason_sentence(reason)), reason_clears(reason), reason_word(reason))


def _without_grounds(scene: Scene, files: Files, run: PhaseRun, trouble: str) -> RunRecord:
    state, word = run_state(run, None)
    return RunRecord(
        key=f"{run.phase}-{run.number}",
        title=run_title(scene, run),
        question="",
        state=state,
        word=word,
        decided=(Fact("Begun", "", at=run.entered_at), Fact("By", run.by_name)),
        counts=(),
        reasons=(),
        groups=(),
        signatures=(),
        rollbacks=rollback_records(files, scene.plan, run),
        sections=run_sections(scene, files, run, None),
        trouble=trouble,
    )


def run_title(scene: Scene, run: PhaseRun, facts: Facts | None = None) -> str:
    """Name a run by the title that its phase had then."""
    phase = find_phase(scene.plan, run.phase)
    title = facts.target.title if facts is not None and facts.target else phase.title if phase else run.phase
    return title if run.phase == CLOSE else f"{title}, run {run.number}"


def run_state(run: PhaseRun, verdict: Verdict | None) -> tuple[str, str]:
    """Say on what a run was entered: a state of the vocabulary, and the word shown beside it."""
    if hasattr(run, "override"):
        return "Overridden", "NO-GO, overridden"
    if verdict is None:
        return ("Rolled back", "Begun by a rollback") if not run.verdict_id else ("No data", "Not kept")
    if verdict.decision is not Decision.GO:
        return "NO-GO", "NO-GO"
    return ("Rehearsed", "Rehearsed, no real GO") if verdict.rehearsal else ("GO", "GO")


def _question(facts: Facts) -> str:
    if facts.target is None:
        return ""
    closes = facts.target.phase == CLOSE
    return "May the rollout be closed?" if closes else f"May {facts.target.title} be entered?"


def _decided(files: Files, run: PhaseRun, facts: Facts, verdict: Verdict) -> tuple[Fact, ...]:
    entry = files.entry_of(f"phaserun:{run.pk}", "phase.entered", "phase.overridden")
    number = files.plans.get(facts.plan)
    decision = "GO" if verdict.decision is Decision.GO else "NO-GO"
    return (
        Fact("Answer", f"{'REHEARSAL: ' if verdict.rehearsal else ''}{decision}", verdict.stage.value),
        Fact("Entered", "", at=run.entered_at),
        Fact("Entered by", run.by_name, how_acted(facts, entry)),
        Fact("In the record", entry_words(entry)),
        Fact("Plan", f"version {number}" if number else "a version that is not kept", facts.plan),
        Fact("Rules", "policy", verdict.policy),
        Fact("Facts", "as they were kept", run.facts),
        Fact("Verdict", "", run.verdict_id),
        Fact("Computed again", _again(facts, verdict)),
        Fact("Commands confirmed", str(len(run.commands))),
    )


def _again(facts: Facts, verdict: Verdict) -> str:
    """Judge the kept facts again at the kept moment: the same rules must give the same bytes."""
    again = evaluate_verdict(facts, Question.ENTER, verdict.evaluated_at)
    if again == verdict:
        return "the same answer, from the facts that were kept"
    if facts.policy != policy_digest():
        return "the rules have changed since; the answer above is the one that was given"
    return f"another answer, {again.verdict_id}: what is kept does not fit the rules"


def outcome_counts(assessments: Sequence[Assessment]) -> tuple[Fact, ...]:
    """Count conditions by how they held; a person's word and a waiver are never counted as proof."""
    held = Counter(_kind(assessment) for assessment in assessments)
    return (
        Fact("Conditions", str(len(assessments))),
        Fact("Met by evidence", str(held["proven"])),
        Fact("By a person’s word", str(held["attested"])),
        Fact("Waived", str(held["waived"])),
        Fact("Not met", str(held["open"])),
    )


def _kind(assessment: Assessment) -> str:
    if assessment.outcome is Outcome.WAIVED:
        return "waived"
    if assessment.outcome is not Outcome.MET:
        return "open"
    return "attested" if assessment.attested else "proven"
