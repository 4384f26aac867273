"""Material: what a signature rests on, condition by condition, so that a change of it voids the signature.

Definitions count always; claims, evidence, drills, reviews and the content of files by what they are; of gates and
other live conditions nothing live, because those block by themselves. UNKNOWN blocks and does not void. A waiver counts
by its id, so that granting or revoking one voids. Nothing here depends on the order in which facts are listed.
"""

from collections.abc import Iterable, Mapping

from readiness.core.canonical import digest_of
from readiness.core.codec import Plain, to_plain
from readiness.core.conditions import Condition, ConditionKind
from readiness.core.facts import ConditionFacts
from readiness.core.types import Assessment, ClaimFacts, DrillFacts, Outcome, ReviewFacts

ASKED_IN_WORDS = {ConditionKind.ITEM, ConditionKind.DRILL, ConditionKind.REVIEW}
"""Of these the title is the question; of what is measured it is a name."""
CONTENT_CHECKS = {"file", "config", "kubernetes"}
MOST_DEFINITIONS = 2**16


def digest_materials(conditions: Iterable[ConditionFacts], assessments: Mapping[str, Assessment]) -> str:
    """Digest what some conditions rest on, in whatever order they come."""
    return digest_of(_materials(conditions, assessments))


def _materials(conditions: Iterable[ConditionFacts], assessments: Mapping[str, Assessment]) -> list[Plain]:
    return [_material(facts, assessments) for facts in sorted(conditions, key=lambda facts: facts.condition.path)]


def condition_definition(condition: Condition) -> str:
    """Digest what a plan asks in one place: identity, owner, limits, source and what a trigger does.

    The words count where a person answers them, and are a mere name where a machine measures.

    It is worked out once for each object. Equal objects are not enough: 1, 1.0 and true are equal and differ in JSON.
    """
    known = _DEFINITIONS.get(id(condition))
    if known is not None and known[0] is condition:
        return known[1]
    if len(_DEFINITIONS) >= MOST_DEFINITIONS:
        _DEFINITIONS.clear()
    definition = _definition(condition)
    _DEFINITIONS[id(condition)] = condition, definition
    return definition


_DEFINITIONS: dict[int, tuple[Condition, str]] = {}


def _definition(c: Condition) -> str:
    spec = next((s for s in (c.item, c.gate, c.check, c.experiment, c.drill, c.review) if s is not None), None)
    return digest_of(
        {
            "path": c.path,
            "owner": c.owner or "",
            "valid_for": str(c.valid_for) if c.valid_for else "",
            "spec": to_plain(spec),
            "title": c.title if c.kind in ASKED_IN_WORDS else "",
            "abort": to_plain(c.abort),
            "environment": c.environment,
            "reads": c.reads,
        }
    )


def practice_of(condition: Condition) -> str:
    """Digest what a drill has people do: a run of other commands, or of another level, is another drill."""
    spec = condition.drill
    return digest_of([spec.level or "", spec.expect, spec.restore, *spec.commands]) if spec is not None else ""


def is_live(condition: Condition) -> bool:
    """Say whether a condition is measured again and again, so that a signature does not rest on what it shows."""
    check = condition.check
    if check is not None:
        return check.check_kind not in CONTENT_CHECKS
    return condition.kind in (ConditionKind.GATE, ConditionKind.EXPERIMENT)


def trigger_material(facts: ConditionFacts) -> str:
    """Digest what an abort trigger rests on: what the plan asks, and the baseline that it is compared with."""
    definition, baseline = condition_definition(facts.condition), facts.gate.baseline if facts.gate else None
    return definition if baseline is None else digest_of([definition, to_plain(baseline)])


def _material(facts: ConditionFacts, assessments: Mapping[str, Assessment]) -> Plain:
    definition = condition_definition(facts.condition)
    rest = _what_counts(facts, _class(assessments.get(facts.condition.path)))
    waiver = facts.waiver.id if facts.waiver is not None else None
    return definition if rest is None and waiver is None else [definition, rest, waiver]


def _what_counts(facts: ConditionFacts, met: bool) -> Plain:
    """Give what a signature rests on beside the definition; None where the rest is live."""
    condition = facts.condition
    if condition.kind is ConditionKind.ITEM:
        claims = [_claim_material(claim) for claim in sorted(facts.claims, key=_claim_order)]
        return [met, claims, _materials(facts.proofs, {})]
    if condition.kind is ConditionKind.DRILL:
        return [met, _drill_material(facts.drill) if facts.drill is not None else None]
    if condition.kind is ConditionKind.REVIEW:
        return [met, _review_material(facts.review) if facts.review is not None else None]
    if condition.check is not None and condition.check.check_kind in CONTENT_CHECKS:
        return [met, facts.check.content if facts.check else ""]
    return to_plain(facts.gate.baseline) if facts.gate is not None else None


def _class(assessment: Assessment | None) -> bool:
    return assessment is None or assessment.outcome is not Outcome.NOT_MET


def _claim_order(claim: ClaimFacts) -> tuple[object, ...]:
    return claim.member, claim.claimed_at, claim.by.id


def _claim_material(claim: ClaimFacts) -> Plain:
    return [claim.by.id, claim.member, to_plain(claim.claimed_at), *sorted(piece.digest for piece in claim.evidence)]


def _drill_material(ran: DrillFacts) -> Plain:
    return [ran.by.id, to_plain(ran.ran_at), to_plain(ran.took), ran.passed, ran.note]


def _review_material(seen: ReviewFacts) -> Plain:
    return [seen.by.id, to_plain(seen.reviewed_at), to_plain(float(seen.score)), seen.source, seen.note]
