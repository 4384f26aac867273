"""What came of a run after it was entered: holds, triggers, ways back, how it ended, and what changed afterwards."""

from collections.abc import Iterator
from datetime import timedelta

from readiness.core.facts import Facts
from readiness.core.plan import Plan
from readiness.core.quantities import format_duration
from readiness.core.signoffs import all_conditions
from readiness.models import Firing, Hold, PhaseRun, Rollback
from readiness.queries.audit import Entry
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.reports import RollbackRecord, Section
from readiness.queries.report_files import Files
from readiness.queries.scenes import Scene
from readiness.queries.signature_records import entry_words, how_acted
from readiness.queries.trail import plan_titles, tell_entry
from readiness.queries.words import count_of, moment_words

ENDS = {"succeeded": "Done", "rolled_back": "Rolled back", "aborted": "Abort", "running": "Running"}
MOST_LATER = 50
NOT_A_CHANGE = frozenset({"phase.entered", "phase.overridden", "sign_off.given", "override.asked"})


def run_sections(scene: Scene, files: Files, run: PhaseRun, facts: Facts | None) -> tuple[Section, ...]:
    """Give what came of a run."""
    sections = [
        _override(files, run, facts),
        Section("How it went on", _course(run)),
        Section("Holds", lines=_holds(files, run), empty="Nobody called a hold"),
        Section("Abort triggers that fired", lines=_firings(scene, files, run), empty="None fired"),
    ]
    after = _afterwards(scene, files, run, facts) if facts is not None else None
    return tuple(section for section in (*sections, after) if section is not None)


def _override(files: Files, run: PhaseRun, facts: Facts | None) -> Section | None:
    row = getattr(run, "override", None)
    if row is None:
        return None
    closed = Fact("Closed", "not closed yet")
    if row.closed_at is not None:
        how = how_acted(facts, files.entry_of(f"override:{row.pk}", "override.closed"))
        said = f"{moment_words(row.closed_at)}: “{row.close_reason}” {how}"
        closed = Fact("Closed by", row.closed_by_name, said)
    record = (Fact("The record then", row.record_problem),) if row.record_problem else ()
    facts_of = (
        Fact("Asked by", row.by_name, moment_words(row.asked_at)),
        Fact("Why", f"“{row.reason}”"),
        Fact("Confirmed by", row.confirmed_by_name, moment_words(row.confirmed_at)),
        *record,
        closed,
    )
    return Section("Entered without GO", facts_of)


def _course(run: PhaseRun) -> tuple[Fact, ...]:
    counted = format_duration(timedelta(seconds=run.clock.counted_s)) if hasattr(run, "clock") else "not counted"
    ended = Fact("Ended", "", at=run.left_at) if run.left_at else Fact("Ended", "still runs")
    return (Fact("State", ENDS.get(run.state, run.state)), ended, Fact("Time that counted", counted))


def _holds(files: Files, run: PhaseRun) -> tuple[Line, ...]:
    return tuple(_hold(hold) for hold in files.holds if _within(hold, run))


def _within(hold: Hold, run: PhaseRun) -> bool:
    begun = run.left_at is None or hold.called_at <= run.left_at
    return begun and (hold.lifted_at is None or hold.lifted_at >= run.entered_at)


def _hold(hold: Hold) -> Line:
    lifted = f"lifted by {hold.lifted_by}: “{hold.lift_reason}”" if hold.lifted_at else "not lifted"
    state, at = "Held" if hold.lifted_at is None else "", moment_words(hold.called_at)
    return Line(f"{hold.by_name}: “{hold.reason}”", lifted, state, end_note=at)


def _firings(scene: Scene, files: Files, run: PhaseRun) -> tuple[Line, ...]:
    titles = plan_titles(scene.plan)
    return tuple(_firing(titles.get(each.path, each.path), each) for each in files.firings.get(run.pk, ()))


def _firing(title: str, firing: Firing) -> Line:
    answered = f"{firing.by_name}: {firing.answer}" if firing.answer else "nobody answered"
    because = f", “{firing.reason}”" if firing.reason else ""
    return Line(title, f"{firing.found}; {answered}{because}", "Abort", end_note=moment_words(firing.fired_at))


def rollback_records(files: Files, plan: Plan, run: PhaseRun) -> tuple[RollbackRecord, ...]:
    """Give the ways back that were taken from a run, each against its promise."""
    titles = {level.key: level.title for level in plan.rollbacks}
    return tuple(_rollback(files, titles.get(back.level, back.level), back) for back in files.rollbacks.get(run.pk, ()))


def _rollback(files: Files, title: str, back: Rollback) -> RollbackRecord:
    promised = back.due_at - back.started_at
    took = back.verified_at - back.started_at if back.verified_at else None
    state = "Unproven" if took is None else "Met" if took <= promised else "Too slow"
    entry = entry_words(files.entry_of(f"rollback:{back.pk}", "phase.rolled_back", "phase.aborted"))
    reason = back.reason or "No reason was given"
    return RollbackRecord(title, state, back.by_name, back.started_at, promised, took, reason, entry)


def _afterwards(scene: Scene, files: Files, run: PhaseRun, facts: Facts) -> Section:
    """Everything recorded later that touches what the decision rested on; else that nothing does."""
    entered = files.entry_of(f"phaserun:{run.pk}", "phase.entered", "phase.overridden")
    if entered is None:
        return Section("Changed afterwards", empty="The record has no entry for this run, so nobody can say")
    later = [entry for entry in files.entries if entry.seq > entered.seq and _touches(files, entry, run, facts)]
    last = files.entries[-1].seq
    lines = tuple(_later_lines(scene, later))
    return Section("Changed afterwards", lines=lines, empty=f"Nothing, from entry {entered.seq:,} to {last:,}")


def _touches(files: Files, entry: Entry, run: PhaseRun, facts: Facts) -> bool:
    if entry.action in NOT_A_CHANGE:
        return False
    if entry.action == "plan.imported":
        return True
    kind, _, key = entry.object.partition(":")
    if kind == "signoff":
        return key in {str(signature.id) for signature in facts.signatures}
    if kind == "override":
        return hasattr(run, "override") and key == str(run.override.pk)
    if kind == "rollback":
        return key in {str(back.pk) for back in files.rollbacks.get(run.pk, ())}
    paths = {each.condition.path for each in all_conditions(facts)} | {f"gap:{gap.gap.key}" for gap in facts.gaps}
    return files.places.get(entry.object, "") in paths


def _later_lines(scene: Scene, later: list[Entry]) -> Iterator[Line]:
    titles = plan_titles(scene.plan)
    for entry in later[:MOST_LATER]:
        told = tell_entry(entry, titles)
        title = f"{told.title}: {told.subject}" if told.subject else told.title
        note = f"“{told.reason}”" if told.reason else ""
        yield Line(
            title,
            note,
            end_note=f"{entry_words(entry)}, {moment_words(entry.at)}",
            url=scene.url("audit-entry", entry.seq),
        )
    if len(later) > MOST_LATER:
        yield Line(f"{count_of(len(later) - MOST_LATER, 'more entry', 'more entries')}", url=scene.url("audit"))
