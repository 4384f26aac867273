"""Plans: from the stored document to the frozen plan, built once per version and process."""

from functools import lru_cache

from readiness.core.canonical import digest_of, parse_canonical
from readiness.core.plan import Plan
from readiness.core.plan_build import build_plan
from readiness.models import PlanVersion, Rollout


class NoPlan(Exception):
    """The rollout has no plan yet."""


@lru_cache(maxsize=512)
def _build(version_id: int, digest: str) -> Plan:
    document = parse_canonical(bytes(PlanVersion.objects.values_list("document", flat=True).get(pk=version_id)))
    if not isinstance(document, dict):
        raise NoPlan(f"the document of plan version {version_id} is not a mapping")
    if digest_of(document) != digest:
        raise NoPlan(f"the document of plan version {version_id} was changed: it does not have the digest {digest}")
    return build_plan(document, digest)


def load_plan(rollout: Rollout) -> Plan:
    """Give the current plan of a rollout whose `plan` is loaded without its document."""
    if rollout.plan is None:
        raise NoPlan(f"{rollout.key} has no plan")
    return _build(rollout.plan.pk, rollout.plan.digest)


def is_rehearsal(rollout: Rollout) -> bool:
    """Say whether a rollout is only a rehearsal, whose answers count nowhere outside this board.

    Gates and flags answer for a rehearsal as if it did not exist. A rollout without a plan is none.
    """
    return rollout.plan is not None and load_plan(rollout).rehearsal


def load_plan_version(version: PlanVersion) -> Plan:
    """Give the plan of any version."""
    return _build(version.pk, version.digest)


def load_rollout(key: str) -> Rollout:
    """Give a rollout with its plan version, without the plan's text."""
    return Rollout.objects.select_related("plan").defer("plan__text", "plan__document").get(key=key)
