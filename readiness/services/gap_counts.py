"""Counts of gaps: keep how much of each is claimed, attested and proven, and since when. History, like measurements."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias

from readiness.core.assess import assess_condition
from readiness.core.gaps import gap_state, tally_gap
from readiness.core.plan import Gap
from readiness.core.types import Assessment, Verdict
from readiness.models import GapCount
from readiness.queries.facts import gap_facts
from readiness.queries.rows import Rows

Counts: TypeAlias = tuple[int, int, int, int, bool]
"""Claimed, attested, proven, total, and whether the gap is closed."""
COUNTED = ("claimed", "attested", "proven", "total", "closed")


def count_gaps(rows: Rows, verdicts: Iterable[Verdict], now: datetime) -> None:
    """Keep the counts of every gap of the plan where they have changed; a gap that the plan has lost ends."""
    judged = {assessment.path: assessment for verdict in verdicts for assessment in verdict.assessments}
    found = {gap.key: _counts(rows, gap, judged, now) for gap in rows.plan.gaps}
    newest = {count.gap: count for count in GapCount.objects.filter(rollout=rows.rollout, ended_at=None)}
    known = {key: _kept(each) for key, each in newest.items()}
    ended = [count.pk for key, count in newest.items() if found.get(key) != known[key]]
    if ended:
        GapCount.objects.filter(pk__in=ended).update(ended_at=now)
    fresh = [_row(rows, key, counts, now) for key, counts in found.items() if known.get(key) != counts]
    GapCount.objects.bulk_create(fresh)


def _counts(rows: Rows, gap: Gap, judged: dict[str, Assessment], now: datetime) -> Counts:
    facts = gap_facts(rows, gap)
    missing = [each for each in facts.conditions if each.condition.path not in judged]
    judged |= {each.condition.path: assess_condition(each, now) for each in missing}
    state = gap_state(facts, judged)
    tally = tally_gap(facts, state)
    return tally.claimed, tally.attested, tally.proven, tally.total, state.closed


def _kept(count: GapCount) -> Counts:
    return count.claimed, count.attested, count.proven, count.total, count.closed


def _row(rows: Rows, key: str, counts: Counts, now: datetime) -> GapCount:
    named = dict(zip(COUNTED, counts, strict=True))
    return GapCount(rollout=rows.rollout, gap=key, counted_at=now, **named)
