"""The sheets that record a drill and a review."""

from readiness.core.conditions import Condition
from readiness.core.permissions import Right
from readiness.core.quantities import format_duration
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Fact
from readiness.queries.pages.sheets import DrillSheet, ReviewSheet
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, refusal_of
from readiness.queries.ways_back import plain_commands
from readiness.queries.words import without_stop


def find_drill(scene: Scene, key: str) -> Condition | None:
    """Give a drill of the plan."""
    return next((drill for drill in scene.plan.drills if drill.key == key), None)


def find_review(scene: Scene, key: str) -> Condition | None:
    """Give a review of the plan."""
    return next((review for review in scene.plan.reviews if review.key == key), None)


def drill_sheet(scene: Scene, drill: Condition, place: Place) -> DrillSheet:
    """Show what a drill expects, how long it may take, and how it went last time."""
    spec = drill.drill
    if spec is None:
        raise TypeError(f"{drill.path} is no drill")
    level = next((level for level in scene.plan.rollbacks if level.key == spec.level), None)
    return DrillSheet(
        fill_head(scene),
        *place,
        title=drill.title,
        sub=f"May take {format_duration(spec.target)}",
        why_not=refusal_of(scene, Right.RECORD_DRILL, drill.owner),
        target=spec.target,
        expect=without_stop(spec.expect or (level.title if level else "")),
        restore=without_stop(spec.restore),
        commands=plain_commands(scene, spec.commands or (level.commands if level else ())),
        last=_last_drill(scene, drill.key),
    )


def _last_drill(scene: Scene, key: str) -> tuple[Fact, ...]:
    ran = scene.rows.drills.get(key)
    if ran is None:
        return ()
    result = Fact("Result", "did what was expected" if ran.passed else "did not do what was expected", ran.note)
    return Fact("Ran", "", f"by {ran.by.name}", at=ran.ran_at), Fact("Took", format_duration(ran.took)), result


def review_sheet(scene: Scene, review: Condition, place: Place) -> ReviewSheet:
    """Show which score a review needs and what it scored last."""
    spec = review.review
    if spec is None:
        raise TypeError(f"{review.path} is no review")
    least = _least_score(scene, review.key, spec.min_score)
    return ReviewSheet(
        fill_head(scene),
        *place,
        title=review.title,
        why_not=refusal_of(scene, Right.RECORD_REVIEW, spec.by),
        needed=f"at least {least:g} of 10" if least is not None else "a score of 0 to 10",
        last=_last_review(scene, review),
    )


def _least_score(scene: Scene, key: str, own: float | None) -> float | None:
    """Give the highest score that any place of the plan asks of a review."""
    phases = (*scene.plan.phases, *((scene.plan.close,) if scene.plan.close else ()))
    places = [c for phase in phases for c in (*phase.enter, *phase.succeed)]
    places += [c for gap in scene.plan.gaps for c in gap.closed_when]
    asked = [c.review.min_score for c in places if c.review is not None and c.key == key]
    return max((score for score in (*asked, own) if score is not None), default=None)


def _last_review(scene: Scene, review: Condition) -> tuple[Fact, ...]:
    scored = scene.facts_of(review).review
    if scored is None:
        return ()
    source = "imported with the plan" if scored.source == "plan" else f"by {scored.by.name}"
    return (Fact("Score", f"{scored.score:g} of 10", source), Fact("Scored", "", scored.note, at=scored.reviewed_at))
