"""Waivers as stored: which are open, and which was granted for a condition of the current plan."""

from readiness.core.conditions import Condition
from readiness.core.facts import WaiverFacts
from readiness.core.plan import Plan
from readiness.core.types import Person
from readiness.core.waivers import may_be_waived
from readiness.models import Rollout, Waiver
from readiness.queries.conditions import every_condition

STEM = 3  # place / list / kind:key, which stays when a limit changes


def load_waivers(rollout: Rollout, plan: Plan) -> dict[str, Waiver]:
    """Give the waivers that nobody has ended, asked for or granted, by the path of their condition.

    What was waived in a rehearsal counts only there, and what was waived outside of it not in it.
    Where the plan no longer has that path, the stem of it finds the condition that asks something else in its place.
    """
    found = list(Waiver.objects.filter(rollout=rollout, ended_at=None, rehearsal=plan.rehearsal).order_by("pk"))
    paths = {condition.path for condition in every_condition(plan)} if found else set()
    return {row.path if row.path in paths else _stem(row.path): row for row in found}


def open_waiver(waivers: dict[str, Waiver], condition: Condition) -> Waiver | None:
    """Give the waiver of a condition, asked for or granted."""
    if not may_be_waived(condition):
        return None
    return waivers.get(condition.path) or waivers.get(_stem(condition.path))


def waiver_facts(row: Waiver | None) -> WaiverFacts | None:
    """Give a waiver as the core judges it; one that is only asked for excuses nothing."""
    if row is None or row.granted_at is None:
        return None
    return WaiverFacts(
        id=row.pk,
        definition=row.definition,
        reason=row.reason,
        measure=row.measure,
        asked_by=Person(row.by_id, row.by_name),
        asked_at=row.asked_at,
        granted_by=Person(row.granted_by_id, row.granted_by_name),
        granted_at=row.granted_at,
        expires_at=row.expires_at,
    )


def _stem(path: str) -> str:
    return "/".join(path.split("/")[:STEM])
