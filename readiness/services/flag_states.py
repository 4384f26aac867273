"""What was last allowed of each flag: a phase that is entered allows its shares, a way back takes them down.

These run inside the transaction of the act that they belong to; the caller appends its entry.
"""

from dataclasses import dataclass
from datetime import datetime

from readiness.core.audit import Act, RowChange
from readiness.core.exposure import asked_bp, share_after
from readiness.core.plan import Phase, Plan, RollbackLevel
from readiness.models import FlagState, Rollout
from readiness.queries.flags import flag_facts, load_flag_states
from readiness.queries.states import state_of
from readiness.services.recording import row_changed


@dataclass(frozen=True, slots=True)
class Allowed:
    """The most that may be served of a flag from now on, and whether that holds it below what its phase asks for."""

    flag: str
    share_bp: int
    held: bool = False
    reason: str = ""


def authorise_flags(rollout: Rollout, plan: Plan, phase: Phase, act: Act, now: datetime) -> tuple[RowChange, ...]:
    """Allow what a phase asks for, as it is entered; nothing holds a flag down any more."""
    states = load_flag_states(rollout, plan)
    wanted = (Allowed(key, asked_bp(plan, phase, key)) for key in plan.flags)
    return tuple(keep_allowed(rollout, states.get(each.flag), each, act, now)[1] for each in wanted)


def lower_flags(
    rollout: Rollout, plan: Plan, target: Phase, level: RollbackLevel, act: Act, now: datetime
) -> tuple[RowChange, ...]:
    """Set the flags as a way back says, and hold what is below what the phase that it leads to asks for."""
    states = load_flag_states(rollout, plan)
    changes = []
    for facts in flag_facts(plan, target, states):
        share, state = share_after(facts, level), states.get(facts.flag)
        if state is None or share != state.most_bp:
            wanted = Allowed(facts.flag, share, share < facts.asked_bp, level.title)
            changes.append(keep_allowed(rollout, state, wanted, act, now)[1])
    return tuple(changes)


def keep_allowed(
    rollout: Rollout, state: FlagState | None, wanted: Allowed, act: Act, now: datetime
) -> tuple[FlagState, RowChange]:
    """Write what is allowed of a flag, and tell what became of its row."""
    before = state_of(state) if state is not None else None
    row = state or FlagState(rollout=rollout, flag=wanted.flag)
    row.most_bp, row.reason, row.changed_at = wanted.share_bp, wanted.reason, now
    row.lowered_at = now if wanted.held else None
    row.by_id, row.by_name = act.actor.id, act.actor.name
    row.save()
    return row, row_changed(row, before)
