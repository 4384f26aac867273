"""The decision record of one phase, and the final report over all of a rollout."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from readiness.core.gaps import gap_state
from readiness.core.phases import CLOSE, find_phase
from readiness.core.plan import Gap
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment
from readiness.models import DrillRecord, PhaseRun, ReviewRecord
from readiness.queries.audit import load_record_head
from readiness.queries.decisions import outcome_counts, run_record, run_state, run_title
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.reports import ReportPage, RollbackRecord, RunRecord, Section
from readiness.queries.record_states import state_of_record
from readiness.queries.report_files import Files, NotKept, load_files
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, moment_words


class NoSuchReport(LookupError):
    """The rollout has no such phase, and never had one."""


def make_report(scene: Scene, phase_key: str) -> ReportPage:
    """Fill the decision record of a phase; that of the close is the final report."""
    files, phase = load_files(scene.rollout), find_phase(scene.plan, phase_key)
    runs = [run for run in files.runs if phase_key in (run.phase, CLOSE)]
    if phase is None and not runs:
        raise NoSuchReport(f"{scene.rollout.key} has no phase {phase_key}.")
    title = phase.title if phase is not None else phase_key
    page = ReportPage(
        head=fill_head(scene),
        title=f"Decision record: {title}",
        lead=f"What stood when {title} was entered, as it was kept then; names and roles as they were.",
        runs=tuple(run_record(scene, files, run) for run in runs),
        record=state_of_record(load_record_head(), scene.now),
        empty=f"{title} has not been entered, so there is no decision to show.",
    )
    return _final(scene, files, page) if phase_key == CLOSE else page


def _final(scene: Scene, files: Files, page: ReportPage) -> ReportPage:
    at = scene.rows.closed_at
    ended = f"Closed on {at.day} {at:%b %Y} at {at:%H:%M} UTC" if at is not None else "Not closed yet: this is so far"
    return replace(
        page,
        title=f"Final report: {scene.plan.title}",
        lead=f"{ended}. Every run, with what stood when it was entered.",
        summary=_summary(files, page.runs),
        overview=tuple(_run_line(scene, files, run) for run in files.runs),
        others=(
            Section("Gaps", lines=tuple(_gap_lines(scene, files)), empty="The plan names no gap"),
            Section("Drills", lines=tuple(_drill_lines(scene)), empty="No drill was recorded"),
            Section("Reviews", lines=tuple(_review_lines(scene)), empty="No review was recorded"),
        ),
        is_final=True,
        empty="No phase has been entered, so there is no decision to show.",
    )


def _summary(files: Files, records: tuple[RunRecord, ...]) -> tuple[Fact, ...]:
    """Count over all decisions; conditions are counted once for each decision that rested on them."""
    backs = [back for record in records for back in record.rollbacks]
    return (
        Fact("Runs", str(len(records)), count_of(len({run.phase for run in files.runs}), "phase")),
        *_counted(files),
        Fact("Entered without GO", str(sum(record.state == "Overridden" for record in records))),
        Fact("Rolled back", str(len(backs)), _in_time(backs)),
        Fact("Holds", str(len(files.holds))),
    )


def _counted(files: Files) -> tuple[Fact, ...]:
    assessments: list[Assessment] = []
    for run in files.runs:
        with suppress(NotKept):
            assessments += files.grounds_of(run)[1].assessments
    return outcome_counts(assessments)


def _in_time(backs: list[RollbackRecord]) -> str:
    return f"{sum(back.state == 'Met' for back in backs)} verified in the promised time" if backs else ""


def _run_line(scene: Scene, files: Files, run: PhaseRun) -> Line:
    facts = verdict = None
    with suppress(NotKept):
        facts, verdict = files.grounds_of(run)
    state, word = run_state(run, verdict)
    lasted = f", for {format_duration(run.left_at - run.entered_at)}" if run.left_at and run.phase != CLOSE else ""
    note = f"by {run.by_name}{lasted}"
    at, url = moment_words(run.entered_at), f"#{run.phase}-{run.number}"
    return Line(run_title(scene, run, facts), note, state, word, end_note=at, url=url)


def _gap_lines(scene: Scene, files: Files) -> Iterator[Line]:
    """Each gap with who closed its tasks, and its state at the last decision that it blocked."""
    states = _gap_states(files)
    for gap in scene.plan.gaps:
        closures = [(key, row) for (name, key), row in scene.rows.closures.items() if name == gap.key]
        said = [f"{_task_title(gap, key)}: {row.by_name}, {row.closed_at:%Y-%m-%d}" for key, row in closures]
        yield Line(gap.title, "; ".join(said) or "no task was closed", states.get(gap.key, "Not due"))


def _task_title(gap: Gap, key: str) -> str:
    return next((task.title for task in gap.tasks if task.key == key), key or "closed")


def _gap_states(files: Files) -> dict[str, str]:
    found: dict[str, str] = {}
    for run in files.runs:
        with suppress(NotKept):
            facts, verdict = files.grounds_of(run)
            judged = {assessment.path: assessment for assessment in verdict.assessments}
            found |= {g.gap.key: "Closed" if gap_state(g, judged).closed else "Open" for g in facts.gaps}
    return found


def _drill_lines(scene: Scene) -> Iterator[Line]:
    drills = {drill.key: drill for drill in scene.plan.drills}
    for row in DrillRecord.objects.filter(rollout=scene.rollout).order_by("ran_at", "pk"):
        drill = drills.get(row.drill)
        target = drill.drill.target if drill is not None and drill.drill is not None else None
        promised = f" of {format_duration(target)}" if target is not None else ""
        state = "Not met" if not row.passed else "Too slow" if target is not None and row.took > target else "Met"
        note = f"took {format_duration(row.took)}{promised}, by {row.by_name}{f': {row.note}' if row.note else ''}"
        yield Line(drill.title if drill else row.drill, note, state, end_note=moment_words(row.ran_at))


def _review_lines(scene: Scene) -> Iterator[Line]:
    titles = {review.key: review.title for review in scene.plan.reviews}
    for row in ReviewRecord.objects.filter(rollout=scene.rollout).order_by("reviewed_at", "pk"):
        note = f"{row.score:g} of 10, by {row.by_name}{f': {row.note}' if row.note else ''}"
        yield Line(titles.get(row.review, row.review), note, end_note=moment_words(row.reviewed_at))
