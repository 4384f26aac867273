"""The sheets that call and lift a hold."""

from readiness.core.permissions import Right
from readiness.models import Hold
from readiness.queries.heads import fill_head
from readiness.queries.pages.sheets import ReasonSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, refusal_of
from readiness.queries.words import join_words


def call_hold_sheet(scene: Scene, place: Place) -> ReasonSheet:
    """Show what calling a hold does."""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title="Call a hold",
        sub=scene.plan.title,
        why_not=refusal_of(scene, Right.CALL_HOLD),
        lead="Nothing may be entered, and the share doesn’t rise, until the hold is lifted.",
        label="Call the hold",
        busy="Calling…",
        failed="No hold is called",
        style="stop",
    )


def find_hold(scene: Scene, pk: int) -> Hold | None:
    """Give a hold of this rollout, lifted or not."""
    return Hold.objects.filter(rollout=scene.rollout, pk=pk).first()


def lift_hold_sheet(scene: Scene, hold: Hold, place: Place) -> ReasonSheet:
    """Show what was held and why; its caller and the authority may lift it."""
    mine = hold.by_id == scene.reader.person.id
    lifted = f"{hold.lifted_by} lifted this hold: “{hold.lift_reason}”" if hold.lifted_at else ""
    return ReasonSheet(
        fill_head(scene),
        *place,
        title="Lift the hold",
        sub=scene.plan.title,
        why_not=lifted or ("" if mine else refusal_of(scene, Right.LIFT_HOLD)),
        lead=f"{hold.by_name} called it: “{hold.reason}”. Say what makes it safe to go on.",
        label="Lift the hold",
        busy="Lifting…",
        failed="The hold still stands",
    )


def reader_title(scene: Scene) -> str:
    """Name the reader by the roles they hold, as others know them."""
    return join_words([scene.titles[role] for role in scene.reader.roles if role in scene.titles], 2)
