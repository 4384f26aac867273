"""What stands above every page while a phase is entered without GO, or somebody asks for that."""

from collections.abc import Iterator

from readiness.core.facts import OverrideFacts
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.models import Override
from readiness.queries.pages.parts import OverrideNote
from readiness.queries.scenes import Scene


def override_notes(scene: Scene) -> tuple[OverrideNote, ...]:
    """Tell what is open, and what waits for a second person; nothing is asked where nobody may."""
    told = [_open_note(scene, override) for override in scene.rows.overrides]
    return (*told, *(_asked_note(scene, row) for row in waiting_overrides(scene)))


def waiting_overrides(scene: Scene) -> Iterator[Override]:
    """Give what was asked and still counts."""
    if scene.plan.authority.break_glass and scene.rows.closed_at is None:
        asked = Override.objects.filter(rollout=scene.rollout, run=None, withdrawn_at=None, plan=scene.plan.digest)
        yield from asked.filter(expires_at__gt=scene.now).order_by("asked_at")


def _open_note(scene: Scene, override: OverrideFacts) -> OverrideNote:
    ended = "" if override.running else ", and was rolled back"
    people = f"{override.by.name} and {override.confirmed_by.name}"
    return OverrideNote(
        state="Overridden",
        sentence=f"{override.title} was entered without GO by {people}{ended}",
        reason=override.reason,
        at=override.entered_at,
        url=scene.url("close-override", override.id) if scene.may(Right.BREAK_GLASS) else "",
        label="Close the override",
    )


def _asked_note(scene: Scene, row: Override) -> OverrideNote:
    phase = find_phase(scene.plan, row.phase)
    mine = row.by_id == scene.reader.person.id and not scene.plan.rehearsal
    on_it = scene.may(Right.ASK_OVERRIDE)
    return OverrideNote(
        state="Waits",
        sentence=f"{row.by_name} asks to enter {phase.title if phase else row.phase} without GO",
        reason=row.reason,
        at=row.asked_at,
        until_at=row.expires_at,
        url=scene.url("confirm-override", row.pk) if on_it and not mine else "",
        label="Confirm or not",
        withdraw_url=scene.url("withdraw-override", row.pk) if on_it else "",
    )
