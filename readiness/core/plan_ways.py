"""Ways back that would lead nowhere: a level that changes nothing in the phase whose trigger takes it."""

from collections.abc import Iterator

from readiness.core.phases import roll_back_target
from readiness.core.plan import Phase, Plan, RollbackLevel
from readiness.core.plan_document import Entry, mapping_of, numbered_entries
from readiness.core.plan_fault import Fault

PREVIOUS_PHASE = "previous_phase"
_SPELLINGS = {"0%": "off", "100%": "on"}


def way_faults(document: Entry, plan: Plan) -> Iterator[Fault]:
    """Every trigger of a phase whose way back would change no flag, leads to no other phase and has no commands."""
    levels = {level.key: level for level in plan.rollbacks}
    for index, said in numbered_entries(document.get("phases")):
        phase = plan.phases[index]
        for number, trigger in numbered_entries(said.get("abort")):
            level = levels[str(trigger["roll_back"])]
            if changes_nothing(plan, phase, level):
                sentence = f"Way back {level.key} would change nothing in {phase.key}: no flag, no phase, no command."
                yield Fault(("phases", index, "abort", number, "roll_back"), sentence, repr(level.key))


def changes_nothing(plan: Plan, phase: Phase, level: RollbackLevel) -> bool:
    """Whether a level leaves the phase that runs with the same flags, leads to itself, and asks for no command."""
    if level.commands or roll_back_target(plan, phase.key, level.to) != phase.key:
        return False
    return all(_share_after(plan, phase, key, level) == share_in(plan, phase, key) for key in level.sets)


def share_in(plan: Plan, phase: Phase, flag: str) -> str:
    """A flag's share in a phase, spelt one way: `on`, `off` or a percentage. Outside of it the default counts."""
    default = str(mapping_of(plan.flags.get(flag)).get("default", "off"))
    share = phase.flags.get(flag, default)
    return _SPELLINGS.get(share, share)


def _share_after(plan: Plan, phase: Phase, flag: str, level: RollbackLevel) -> str:
    share = level.sets[flag]
    if share != PREVIOUS_PHASE:
        return _SPELLINGS.get(share, share)
    keys = [each.key for each in plan.phases]
    position = keys.index(phase.key)
    return share_in(plan, plan.phases[position - 1] if position else phase, flag)
