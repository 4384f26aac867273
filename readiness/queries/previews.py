"""Previews: what an item would show as if it were claimed now with what was brought, judged as it will be judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from readiness.core.assess import assess_condition
from readiness.core.conditions import Condition
from readiness.core.items import item_spec
from readiness.core.repeats import mark_repeats
from readiness.core.types import Assessment, ClaimFacts, EvidenceFacts
from readiness.queries.conditions import every_condition
from readiness.queries.scenes import Scene
from readiness.queries.standing import claim_to_extend

TROUBLE = {"CLAIM_CONTRADICTED", "EVIDENCE_UNREADABLE", "EVIDENCE_MISSING"}
"""What must be seen before it is saved: what was brought does not bear the claim out."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How an item would be judged, and each brought piece as it would count."""

    assessment: Assessment
    pieces: tuple[EvidenceFacts, ...]

    @property
    def in_trouble(self) -> bool:
        """Whether what was brought would not bear the claim out."""
        return self.assessment.code in TROUBLE


def predict_claim(scene: Scene, condition: Condition, brought: Sequence[EvidenceFacts] = ()) -> Preview:
    """Judge an item as if the reader claimed it now, or added to the claim that stands."""
    facts, path = scene.facts_of(condition), condition.path
    claim = _claim_then(scene, condition, brought)
    others = [each for each in scene.rows.claims.get(path, []) if each.member != claim.member]
    conditions = {each.path: each for each in every_condition(scene.plan)}
    marked = mark_repeats({**scene.rows.claims, path: [*others, claim]}, scene.rows.ended, conditions)[path]
    pieces = marked[-1].evidence[len(claim.evidence) - len(brought) :]
    return Preview(assess_condition(replace(facts, claims=tuple(marked)), scene.now), pieces)


def _claim_then(scene: Scene, condition: Condition, brought: Sequence[EvidenceFacts]) -> ClaimFacts:
    standing = claim_to_extend(scene, condition)
    if standing is not None:
        return replace(standing, evidence=(*standing.evidence, *brought))
    member = scene.reader.person.id if item_spec(scene.facts_of(condition)).each is not None else ""
    return ClaimFacts(scene.reader.person, scene.now, member, evidence=tuple(brought))
