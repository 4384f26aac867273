"""Items and the claims that stand: which one a reader's sheet is about, and why the reader may not claim."""

from readiness.core.conditions import Condition, ConditionKind, ItemSpec
from readiness.core.items import claim_expires_at
from readiness.core.permissions import Right
from readiness.core.types import ClaimFacts
from readiness.queries.conditions import every_condition
from readiness.queries.scenes import Scene
from readiness.queries.sheets import refusal_of


def find_item(scene: Scene, path: str) -> Condition | None:
    """Give an item of the plan by its path."""
    found = (c for c in every_condition(scene.plan) if c.path == path and c.kind is ConditionKind.ITEM)
    return next(found, None)


def item_of(condition: Condition) -> ItemSpec:
    """Give the specification of an item."""
    if condition.item is None:
        raise TypeError(f"{condition.path} is not an item")
    return condition.item


def standing_claim(scene: Scene, condition: Condition) -> ClaimFacts | None:
    """Give the claim that the reader's sheet is about: their own, else the only one of an item without members."""
    claims = scene.rows.claims.get(condition.path, [])
    mine = next((claim for claim in claims if claim.by.id == scene.reader.person.id), None)
    each = item_of(condition).each is not None
    return mine or (claims[0] if claims and not each else None)


def claim_to_extend(scene: Scene, condition: Condition) -> ClaimFacts | None:
    """Give the claim that the reader would add to; one that has run out is not added to, but made again."""
    claim = standing_claim(scene, condition)
    ends_at = claim_expires_at(scene.facts_of(condition), claim) if claim is not None else None
    return None if ends_at is not None and scene.now >= ends_at else claim


def why_not_claim(scene: Scene, condition: Condition) -> str:
    """Say why the reader can't claim an item; nothing when they can."""
    item = item_of(condition)
    if item.reported:
        return refusal_of(scene, Right.REPORT)
    if item.each is None:
        return refusal_of(scene, Right.CLAIM, condition.owner)
    group = scene.titles.get(item.each, item.each)
    return "" if item.each in scene.reader.roles else f"Each of {group} claims this for themselves; you aren’t one."
