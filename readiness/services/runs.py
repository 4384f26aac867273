"""Runs of phases: what entering one needs, how one begins and ends. Services that enter or roll back call these."""

from collections.abc import Sequence
from datetime import datetime

from readiness.core.audit import Act, RowChange
from readiness.core.facts import Facts
from readiness.core.phases import CLOSE, Move, RunState, find_phase, next_state
from readiness.core.plan import Phase
from readiness.models import Claim, DwellClock, PhaseRun, Rollout, StoredVerdict
from readiness.queries.plans import load_plan
from readiness.services.grounds import Grounds
from readiness.services.recording import change_rows


class NotNext(LookupError):
    """The phase is not the next one."""


class CommandsNotConfirmed(ValueError):
    """Not every command of the phase has been confirmed."""


def require_next(rollout: Rollout, facts: Facts, phase_key: str) -> Phase:
    """Give the phase when it is the one to enter next; no phase is skipped."""
    phase = find_phase(load_plan(rollout), phase_key)
    if facts.target is None or facts.target.phase != phase_key or phase is None:
        raise NotNext("This phase isn’t the next one. No phase is skipped; go back to the board.")
    return phase


def require_confirmed(phase: Phase, confirmed: Sequence[int]) -> None:
    """Refuse to go on while a command of the phase is not confirmed."""
    open_numbers = [str(n + 1) for n in range(len(phase.commands)) if n not in confirmed]
    if open_numbers:
        raise CommandsNotConfirmed(f"Confirm each command once it has run. Not confirmed: {', '.join(open_numbers)}.")


def end_run(rollout: Rollout, move: Move, now: datetime) -> tuple[RowChange, ...]:
    """End the running run as the move says, and with it what people reported in it; nothing when nothing runs."""
    run = PhaseRun.objects.filter(rollout=rollout, state=RunState.RUNNING).first()
    if run is None:
        return ()
    ended = change_rows([run], state=next_state(RunState(run.state), move), left_at=now)
    reports = Claim.objects.filter(rollout=rollout, path__startswith=f"{run.phase}/abort/", withdrawn_at=None)
    return (*ended, *change_rows(reports, withdrawn_at=now, withdrawn_by="the end of the run"))


def forget_successes(rollout: Rollout, phase: Phase, now: datetime) -> tuple[RowChange, ...]:
    """Withdraw what was claimed of a phase's success in an earlier run: a new run has shown nothing yet."""
    earlier = Claim.objects.filter(rollout=rollout, path__startswith=f"{phase.key}/succeed/", withdrawn_at=None)
    return change_rows(earlier, withdrawn_at=now, withdrawn_by="a new run of the phase")


def begin_run(rollout: Rollout, phase: Phase, act: Act, now: datetime, grounds: Grounds | None = None) -> PhaseRun:
    """Begin the next run of a phase; the close ends as it begins. Without grounds a rollback begins it."""
    StoredVerdict.objects.filter(rollout=rollout).delete()  # It answered what is asked no more; until judged, no GO.
    closes = phase.key == CLOSE
    run = PhaseRun.objects.create(
        rollout=rollout,
        phase=phase.key,
        number=PhaseRun.objects.filter(rollout=rollout, phase=phase.key).count() + 1,
        entered_at=now,
        by_id=act.actor.id,
        by_name=act.actor.name,
        commands=[command.run for command in phase.commands],
        verdict_id=grounds.verdict_id if grounds else "",
        facts=grounds.facts if grounds else "",
        verdict=grounds.verdict if grounds else "",
        state=RunState.SUCCEEDED if closes else RunState.RUNNING,
        left_at=now if closes else None,
    )
    DwellClock.objects.create(run=run, ticked_at=now)
    return run
