"""Waivers: a condition excused for a time, because one person asked and another, with the authority, agreed.

While a waiver is in force its condition is WAIVED, never MET, whatever is measured. It ends by the clock alone, and it
counts no more once the plan asks something else than it was granted over. The conditions of phases and of gaps can be
waived; abort triggers, the tasks of a gap, the record, dwell, holds and sign-offs cannot.
"""

from datetime import datetime, timedelta

from readiness.core.canonical import digest_of
from readiness.core.conditions import Condition, ConditionList
from readiness.core.facts import ConditionFacts
from readiness.core.material import condition_definition
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment, Outcome

LONGEST_WAIVER = timedelta(days=30)
WAIVABLE = frozenset({ConditionList.ENTER, ConditionList.SUCCEED, ConditionList.CLOSED_WHEN})


def may_be_waived(condition: Condition) -> bool:
    """Say whether anybody could excuse a condition. Abort triggers and proofs of claims never are."""
    return condition.list in WAIVABLE and condition.abort is None


def waived_definition(facts: ConditionFacts) -> str:
    """Digest what a condition asks, its proofs included: a waiver holds for this and nothing else."""
    proofs = sorted(condition_definition(proof.condition) for proof in facts.proofs)
    return digest_of([condition_definition(facts.condition), *proofs])


def lapsed_because(facts: ConditionFacts, definition: str, expires_at: datetime, now: datetime) -> str:
    """Say why a waiver over a definition counts no more at `now`, which at `expires_at` exactly it does not."""
    if now >= expires_at:
        return f"its time ran out {format_duration(now - expires_at)} ago"
    return "" if definition == waived_definition(facts) else "the plan now asks something else"


def under_waiver(facts: ConditionFacts, found: Assessment, now: datetime) -> Assessment:
    """Give the assessment of a condition with its waiver: WAIVED while it is in force, else what was found.

    What is not met after its waiver has lapsed says so.
    """
    waiver = facts.waiver
    if waiver is None or now < waiver.granted_at or not may_be_waived(facts.condition):
        return found
    lapsed = lapsed_because(facts, waiver.definition, waiver.expires_at, now)
    if not lapsed:
        return Assessment(found.path, Outcome.WAIVED, "", found.found, found.required, waiver.expires_at)
    if found.outcome is Outcome.MET:
        return found
    return Assessment(found.path, found.outcome, "WAIVER_EXPIRED", f"{lapsed}; {found.found}", found.required)
