"""Rollouts: import a plan as a new version. One fault, and nothing changes; the same plan again changes nothing."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from readiness.core.audit import Act, ActorType, Change
from readiness.core.canonical import canonical_bytes
from readiness.core.codec import to_plain
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.models import Firing, PhaseRun, PlanVersion, RoleGrant, Rollout
from readiness.queries.changers import changers_after
from readiness.queries.conditions import every_condition
from readiness.queries.plans import is_rehearsal
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.observations import sync_observations
from readiness.services.plan_additions import NewGap, plan_text_with_gap
from readiness.services.plan_file import PlanDraft
from readiness.services.recording import lock_rollout, mark_dirty, object_ref, refuse_closed, row_changed
from readiness.services.rights import person_of, require


class PlanUnfit(ValueError):
    """The plan is sound, and cannot be the next one of this rollout. `path` is where it would have to change."""

    path = "rollout"
    allowed = ""


class FiredTriggerGone(PlanUnfit):
    """The new plan lacks a trigger that fired and that nobody has answered."""


class RunningPhaseGone(PlanUnfit):
    """The new plan has no phase of the key that is running."""

    path, allowed = "phases", "Keep the running phase in the plan, or roll back first."


class RehearsalChanged(PlanUnfit):
    """The new plan would turn a rehearsal into a real rollout, or a real one into a rehearsal."""

    path, allowed = "rehearsal", "What was a rehearsal stays one."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the rollout's key, the version's number, whether it was new, and then its entry."""

    rollout: str
    number: int
    is_new: bool
    seq: int = -1


def import_plan(draft: PlanDraft, text: str, act: Act, now: datetime) -> Imported:
    """Make a validated plan the current version of its rollout; make the rollout when it is the first."""
    with transaction.atomic():
        rollout, made = Rollout.objects.select_for_update().get_or_create(
            key=draft.plan.key, defaults={"title": draft.plan.title, "created_at": now}
        )
        current = rollout.plan
        if current is not None and current.digest == draft.digest:
            return Imported(rollout.key, current.number, False)
        if current is not None:
            refuse_closed(rollout)
            require(rollout, act, Right.IMPORT_PLAN, now)
            _keep_rehearsal(rollout, draft)
        _keep_running_phase(rollout, draft)
        _keep_fired_triggers(rollout, draft)
        version = _keep_version(rollout, draft, text, act, now)
        joined = (_add_importer(rollout, act, now),) if made and act.actor.type is ActorType.USER else ()
        running = PhaseRun.objects.filter(rollout=rollout, state="running").first()
        sync_observations(rollout, draft.plan, running.phase if running else None, now)
        mark_dirty(rollout, now)
        thing = object_ref(version, rollout, draft.plan.title)
        change = Change("plan.imported", thing, None, row_state(version), also=tuple(map(row_changed, joined)))
        return Imported(rollout.key, version.number, True, append(change, act))


def add_gap(rollout_key: str, gap: NewGap, act: Act, now: datetime) -> int:
    """Import the plan in force with a gap more. Whoever may import a plan may; the rest of its file stays as it is."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        require(rollout, act, Right.IMPORT_PLAN, now)
        text, draft = plan_text_with_gap(rollout.plan.text if rollout.plan is not None else "", gap)
        return import_plan(draft, text, act, now).seq


def _keep_rehearsal(rollout: Rollout, draft: PlanDraft) -> None:
    """Refuse to turn what people did in a rehearsal into something real, or the other way round."""
    if is_rehearsal(rollout) is draft.plan.rehearsal or not _anything_done(rollout):
        return
    was, would = ("a rehearsal", "real") if is_rehearsal(rollout) else ("real", "a rehearsal")
    raise RehearsalChanged(
        f"This rollout is {was}, and people have acted on it, so no plan makes it {would}. "
        "Import this plan under another key, as a rollout of its own."
    )


def _anything_done(rollout: Rollout) -> bool:
    """Say whether anything is recorded of a rollout beside its plans and who is on it."""
    models = [model for model in apps.get_models() if getattr(model, "RECORDED", False)]
    kept = [model for model in models if model not in (PlanVersion, RoleGrant) and _of_a_rollout(model)]
    return any(model._default_manager.filter(rollout=rollout).exists() for model in kept)


def _of_a_rollout(model: type[Model]) -> bool:
    return any(field.name == "rollout" for field in model._meta.concrete_fields)


def _keep_running_phase(rollout: Rollout, draft: PlanDraft) -> None:
    run = PhaseRun.objects.filter(rollout=rollout, state="running").first()
    if run is not None and find_phase(draft.plan, run.phase) is None:
        raise RunningPhaseGone(
            f"Phase {run.phase} is running and this plan has no such phase. Keep it, or roll back first."
        )


def _keep_fired_triggers(rollout: Rollout, draft: PlanDraft) -> None:
    """Refuse a plan in which a trigger that fired and that nobody has answered is gone, or asks something else."""
    kept = {condition.path for condition in every_condition(draft.plan)}
    fired = Firing.objects.filter(run__rollout=rollout, run__state="running", answer="")
    gone = sorted({firing.path for firing in fired} - kept)
    if gone:
        raise FiredTriggerGone(
            f"{', '.join(gone)} fired and nobody has answered, and this plan has no such trigger. "
            "Answer it or roll back first."
        )


def _keep_version(rollout: Rollout, draft: PlanDraft, text: str, act: Act, now: datetime) -> PlanVersion:
    importer = person_of(act) if act.actor.type is ActorType.USER else None
    version = PlanVersion.objects.create(
        rollout=rollout,
        number=PlanVersion.objects.filter(rollout=rollout).count() + 1,
        digest=draft.digest,
        text=text,
        document=canonical_bytes(to_plain(draft.document)),
        imported_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
        changed_by=changers_after(draft.plan, rollout.plan, importer),
    )
    rollout.plan, rollout.title = version, draft.plan.title
    rollout.save(update_fields=["plan", "title"])
    return version


def _add_importer(rollout: Rollout, act: Act, now: datetime) -> RoleGrant:
    """Make whoever creates a rollout a member of it; administrators give roles from there."""
    return RoleGrant.objects.create(
        rollout=rollout,
        kind=RoleGrant.MEMBER,
        person_id=act.actor.id,
        person_name=act.actor.name,
        granted_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
