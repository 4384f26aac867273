"""The sheets that ask to enter a phase without GO, confirm it, take it back and close it, and what heads say of it."""

from readiness.core.overrides import override_refused, record_problem
from readiness.core.permissions import Right, has_right
from readiness.core.phases import find_phase
from readiness.core.plan import Phase
from readiness.core.types import Person, Verdict
from readiness.models import Override
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.sheets import OverrideSheet
from readiness.queries.people import load_roles
from readiness.queries.reasons import reason_rows
from readiness.queries.runs import next_phase
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, phase_commands, phase_words, refusal_of

NOBODY = "The plan names nobody under authority: break_glass, so nobody enters this without GO."


def find_override(scene: Scene, pk: int) -> Override | None:
    """Give an override of this rollout, in whatever state it is."""
    return Override.objects.select_related("run").filter(rollout=scene.rollout, pk=pk).first()


def ask_override_sheet(scene: Scene, phase: Phase, place: Place, verdict: Verdict) -> OverrideSheet:
    """Show what asking to enter without GO does, and what would be overridden."""
    return OverrideSheet(
        fill_head(scene),
        *place,
        title=f"Enter {phase_words(phase)}, without GO",
        sub=scene.plan.title,
        why_not=_why_not_ask(scene, phase, verdict),
        lead="Somebody else has 30 minutes to confirm this; one of you must have the authority to break glass. "
        "The run is then Overridden: it stays NO-GO, on every page, until that is closed with a reason.",
        record=record_problem(verdict.reasons),
        reasons=_standing(scene, verdict),
        reasons_title="What would be overridden",
        why="Why this can’t wait for GO",
        label="Ask to enter without GO",
        busy="Asking…",
        failed="Nothing has been asked",
    )


def _not_next(scene: Scene, phase_key: str) -> str:
    following = next_phase(scene)
    if following is not None and following.key == phase_key:
        return ""
    return "This phase isn’t the next one. No phase is skipped; go back to the board."


def _why_not_ask(scene: Scene, phase: Phase, verdict: Verdict) -> str:
    refused = refusal_of(scene, Right.ASK_OVERRIDE) or _not_next(scene, phase.key)
    return refused or ("" if scene.plan.authority.break_glass else NOBODY) or override_refused(verdict)


def confirm_override_sheet(
    scene: Scene, row: Override, place: Place, verdict: Verdict, moved: int = 0
) -> OverrideSheet:
    """Show what somebody asked for, what stands against it now, and the commands to confirm."""
    phase = find_phase(scene.plan, row.phase)
    return OverrideSheet(
        fill_head(scene),
        *place,
        title=f"Enter {phase_words(phase) if phase else row.phase}, without GO",
        sub=scene.plan.title,
        why_not=_why_not_confirm(scene, row, verdict),
        lead="Nothing has begun yet. Your name stands beside theirs in the record, and the run is Overridden.",
        said=_asked_facts(row),
        record=record_problem(verdict.reasons),
        reasons=_standing(scene, verdict),
        commands=phase_commands(phase) if phase else (),
        digest=verdict.verdict_id,
        moved=moved,
        label="Enter without GO",
        busy="Entering…",
        failed="The phase hasn’t been entered",
    )


def _why_not_confirm(scene: Scene, row: Override, verdict: Verdict) -> str:
    if row.run is not None:
        return f"{row.confirmed_by_name} confirmed this already, and it was entered."
    if row.withdrawn_at is not None:
        return f"{row.withdrawn_by} withdrew this. Ask again if it is still needed."
    if scene.now >= row.expires_at:
        return f"Nobody confirmed this by {row.expires_at:%H:%M} UTC, so it no longer counts. Ask again."
    if row.by_id == scene.reader.person.id and not scene.plan.rehearsal:
        return "You asked for this, so somebody else has to confirm it. One person alone breaks no glass."
    refused = refusal_of(scene, Right.ASK_OVERRIDE) or _no_authority(scene, row)
    return refused or _not_next(scene, row.phase) or override_refused(verdict)


def _no_authority(scene: Scene, row: Override) -> str:
    """Say who may, unless the reader or whoever asked has the authority."""
    asker = load_roles(scene.rollout, scene.plan, Person(row.by_id, row.by_name), scene.now)
    asked_by_authority = has_right(Right.BREAK_GLASS, asker, scene.plan.authority.break_glass)
    return "" if asked_by_authority else refusal_of(scene, Right.BREAK_GLASS)


def withdraw_override_sheet(scene: Scene, row: Override, place: Place) -> OverrideSheet:
    """Show what would be taken back."""
    over = row.run is not None or row.withdrawn_at is not None or scene.now >= row.expires_at
    return OverrideSheet(
        fill_head(scene),
        *place,
        title="Withdraw what was asked",
        sub=scene.plan.title,
        why_not="This no longer waits for anybody." if over else refusal_of(scene, Right.ASK_OVERRIDE),
        lead="Nobody can confirm it after this. Whoever still needs it asks again.",
        said=_asked_facts(row),
        label="Withdraw it",
        busy="Withdrawing…",
        failed="It still waits for a second person",
        style="primary",
    )


def close_override_sheet(scene: Scene, row: Override, place: Place) -> OverrideSheet:
    """Show what was overridden, when and by whom, to somebody who may close it."""
    by = f"{row.closed_by_name} closed this: “{row.close_reason}”" if row.closed_at else ""
    never = "" if row.run is not None else "This was never entered, so there is nothing to close."
    return OverrideSheet(
        fill_head(scene),
        *place,
        title="Close the override",
        sub=scene.plan.title,
        why_not=by or never or refusal_of(scene, Right.BREAK_GLASS),
        lead="After this the run goes on as any other: its own conditions, time and triggers count.",
        said=_entered_facts(row),
        record=row.record_problem,
        reasons=tuple(Line(str(sentence)) for sentence in row.standing),
        reasons_title="What was overridden",
        why="What makes it safe to go on as if it had been GO",
        label="Close the override",
        busy="Closing…",
        failed="The override is still open",
        style="primary",
    )


def _standing(scene: Scene, verdict: Verdict) -> tuple[Line, ...]:
    rows = reason_rows(scene, verdict.reasons)
    return tuple(Line(row.what, row.clears, row.state, row.word, url=row.url) for row in rows)


def _asked_facts(row: Override) -> tuple[Fact, ...]:
    return (
        Fact("Asked by", row.by_name, f"at {row.asked_at:%H:%M} UTC"),
        Fact("Why", f"“{row.reason}”"),
        Fact("Counts until", f"{row.expires_at:%H:%M} UTC"),
    )


def _entered_facts(row: Override) -> tuple[Fact, ...]:
    at = f"on {row.confirmed_at.day} {row.confirmed_at:%b} at {row.confirmed_at:%H:%M} UTC" if row.confirmed_at else ""
    return (
        Fact("Asked by", row.by_name),
        Fact("Confirmed by", row.confirmed_by_name, at),
        Fact("Why", f"“{row.reason}”"),
    )
