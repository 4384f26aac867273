"""Waivers on pages: the note beside a condition, and the sheets that ask, decide and end."""

from datetime import timedelta

from readiness.core.conditions import Condition, ConditionList
from readiness.core.permissions import Right
from readiness.core.phases import phase_after
from readiness.core.quantities import format_duration
from readiness.core.types import Outcome
from readiness.core.waivers import LONGEST_WAIVER, lapsed_because, may_be_waived
from readiness.models import Waiver
from readiness.queries.conditions import every_condition
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Fact, WaiverNote
from readiness.queries.pages.sheets import ReasonSheet
from readiness.queries.pages.waivers import AskWaiverSheet, WaiverSheet
from readiness.queries.polls import station_people
from readiness.queries.reasons import condition_url
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, condition_line, refusal_of
from readiness.queries.waivers import open_waiver
from readiness.queries.words import join_words, upper_first

EXAMPLE = timedelta(days=7)
HOW = {
    Waiver.DECLINED: "declined it",
    Waiver.WITHDRAWN: "no longer asks for it",
    Waiver.REVOKED: "ended it",
    Waiver.REPLACED: "asked for another when it counted no more",
}
NOBODY = "The plan names nobody under authority: waive, so nobody could grant it."


# ------------------------------------------------------------------------------------- beside a condition


def waiver_note(scene: Scene, condition: Condition) -> WaiverNote | None:
    """Say what a waiver excuses, who asks for one, or offer to ask; nothing when there is nothing to say."""
    row = counting_waiver(scene, condition)
    if row is not None:
        return _note(scene, row)
    may_ask = bool(scene.plan.authority.waive) and scene.may(Right.ASK_WAIVER) and _is_asked_now(scene, condition)
    if not may_ask or scene.judge(condition).outcome is Outcome.MET:
        return None
    return WaiverNote(condition.title, ask_url=scene.url("waive", condition.path))


def _is_asked_now(scene: Scene, condition: Condition) -> bool:
    """Say whether the next decision rests on a condition; for what is asked later nobody has to be excused yet."""
    run = scene.rows.run
    following = phase_after(scene.plan, run.phase if run else None)
    if condition.list is ConditionList.CLOSED_WHEN:
        return True
    if condition.list is ConditionList.SUCCEED:
        return run is not None and condition.place == run.phase
    return condition.list is ConditionList.ENTER and following is not None and condition.place == following.key


def counting_waiver(scene: Scene, condition: Condition) -> Waiver | None:
    """Give the open waiver of a condition, granted or asked for, unless it counts no more."""
    row = open_waiver(scene.rows.waivers, condition)
    if row is None or lapsed_because(scene.facts_of(condition), row.definition, row.expires_at, scene.now):
        return None
    return row


def _note(scene: Scene, row: Waiver) -> WaiverNote:
    url, label = _way_on(scene, row)
    return WaiverNote(
        title=row.title,
        granted=row.granted_at is not None,
        name=row.granted_by_name or row.by_name,
        until_at=row.expires_at,
        reason=row.reason,
        measure=row.measure,
        url=url,
        url_label=label,
    )


def _way_on(scene: Scene, row: Waiver) -> tuple[str, str]:
    """Give what the reader may do about a waiver: decide it, or end it."""
    if may_decide(scene, row):
        return scene.url("waiver", row.pk), "Grant or decline"
    if may_end(scene, row):
        return scene.url("end-waiver", row.pk), "End the waiver" if row.granted_at else "Take it back"
    return "", ""


def may_decide(scene: Scene, row: Waiver) -> bool:
    """Say whether the reader may grant or decline what was asked for."""
    others = row.by_id != scene.reader.person.id or row.rehearsal
    return row.granted_at is None and others and scene.may(Right.WAIVE)


def may_end(scene: Scene, row: Waiver) -> bool:
    """Say whether the reader may end a waiver."""
    return scene.reader.person.id in (row.by_id, row.granted_by_id) or scene.may(Right.WAIVE)


# ------------------------------------------------------------------------------------- sheets


def find_waivable(scene: Scene, path: str) -> Condition | None:
    """Give the condition of the plan at a path."""
    return next((condition for condition in every_condition(scene.plan) if condition.path == path), None)


def find_waiver(scene: Scene, pk: int) -> Waiver | None:
    """Give a waiver of this rollout, open or not."""
    return Waiver.objects.filter(rollout=scene.rollout, pk=pk).first()


def waiver_place_url(scene: Scene, path: str) -> str:
    """Give where a waived condition stands; the board when the plan has it no more."""
    return condition_url(scene, path) if find_waivable(scene, path) else scene.url("board")


def ask_waiver_sheet(scene: Scene, condition: Condition, place: Place) -> AskWaiverSheet:
    """Show what would be waived, and who could grant it."""
    example = (scene.now + EXAMPLE).replace(minute=0)
    return AskWaiverSheet(
        fill_head(scene),
        *place,
        title="Ask for a waiver",
        sub=condition.title,
        why_not=_why_not_ask(scene, condition),
        condition=(condition_line(scene, condition),),
        required=scene.judge(condition).required,
        example=f"{example:%Y-%m-%d %H:%M}",
        latest_at=scene.now + LONGEST_WAIVER,
        deciders=_deciders(scene),
    )


def _why_not_ask(scene: Scene, condition: Condition) -> str:
    if not may_be_waived(condition):
        return "Abort triggers are never waived."
    if not scene.plan.authority.waive:
        return NOBODY
    row = counting_waiver(scene, condition)
    if row is not None:
        asked = "It is waived already" if row.granted_at else f"{row.by_name} asked for this already"
        return f"{asked}. That waiver has to end before another is asked for."
    if scene.judge(condition).outcome is Outcome.MET:
        return "It is met, so there is nothing to waive."
    return refusal_of(scene, Right.ASK_WAIVER)


def _deciders(scene: Scene) -> str:
    named = [station_people(scene, role) or scene.titles.get(role, role) for role in scene.plan.authority.waive]
    return join_words(named)


def decide_waiver_sheet(scene: Scene, row: Waiver, place: Place) -> WaiverSheet:
    """Show what is asked for: what stands against it, why, what is done instead, until when."""
    condition = find_waivable(scene, row.path)
    ends = row.ended_at is None and may_end(scene, row)
    return WaiverSheet(
        fill_head(scene),
        *place,
        title="Waive this condition?" if row.granted_at is None else "Waiver",
        sub=row.title,
        why_not=_why_not_decide(scene, row, condition),
        condition=(condition_line(scene, condition),) if condition is not None else (),
        facts=_facts(scene, row, condition),
        ends_at=row.expires_at,
        end_url=scene.url("end-waiver", row.pk) if ends else "",
        end_label=("End the waiver" if row.granted_at else "Take it back") if ends else "",
    )


def _why_not_decide(scene: Scene, row: Waiver, condition: Condition | None) -> str:
    if ended := _ended_words(row):
        return ended
    if row.granted_at is not None:
        return f"{row.granted_by_name} granted it already."
    if row.by_id == scene.reader.person.id and not row.rehearsal:
        return "You asked for this yourself; somebody else who may waive grants it."
    if refused := refusal_of(scene, Right.WAIVE):
        return refused
    if condition is None:
        return "The plan no longer asks for this, so there is nothing to waive."
    lapsed = lapsed_because(scene.facts_of(condition), row.definition, row.expires_at, scene.now)
    return f"It can’t be granted any more: {lapsed}. End it; they can ask again." if lapsed else ""


def _ended_words(row: Waiver) -> str:
    """Say how a waiver ended; nothing while it has not."""
    if row.ended_at is None:
        return ""
    because = f": “{row.end_reason}”" if row.end_reason else "."
    return f"{row.ended_by_name} {HOW[row.end]}{because}"


def _facts(scene: Scene, row: Waiver, condition: Condition | None) -> tuple[Fact, ...]:
    required = upper_first(scene.judge(condition).required) if condition is not None else "No longer in the plan"
    granted = (Fact("Granted by", row.granted_by_name),) if row.granted_at else ()
    return (
        Fact("Required", required),
        Fact("Asked by", row.by_name),
        Fact("Asked at", "", at=row.asked_at),
        *granted,
        Fact("Why", row.reason),
        Fact("Instead", row.measure),
        Fact("Until", "", f"{format_duration(row.expires_at - row.asked_at)} from when it was asked", row.expires_at),
    )


def end_waiver_sheet(scene: Scene, row: Waiver, place: Place) -> ReasonSheet:
    """Show what would end."""
    refused = "" if may_end(scene, row) else refusal_of(scene, Right.WAIVE)
    granted = row.granted_at is not None
    return ReasonSheet(
        fill_head(scene),
        *place,
        title="End the waiver" if granted else "Take the request back",
        sub=row.title,
        why_not=_ended_words(row) or refused,
        lead="The condition counts as it is found from then on, and signatures over the waiver go void."
        if granted
        else "Nobody can grant it any more. It stays in the record.",
        label="End it" if granted else "Take it back",
        busy="Ending…",
        failed="The waiver still stands" if granted else "It is still asked for",
    )
