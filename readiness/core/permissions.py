"""Who may do what on a rollout: whatever only lowers risk needs membership, whatever raises it needs its role."""

from collections.abc import Collection
from enum import StrEnum

from readiness.core.plan import Phase, Plan


class Right(StrEnum):
    """Something that somebody may want to do."""

    CLAIM = "claim"
    ATTACH = "add evidence"
    CLOSE_TASK = "close a task"
    RECORD_DRILL = "record a drill"
    RECORD_REVIEW = "record a review"
    REPORT = "report"
    CALL_HOLD = "call a hold"
    ROLL_BACK = "roll back"
    LOWER_FLAG = "lower a flag"
    RAISE_FLAG = "raise a flag"
    ANSWER = "answer an abort trigger"
    LIFT_HOLD = "lift a hold"
    ASK_OVERRIDE = "ask to enter without GO"
    BREAK_GLASS = "break glass"
    ASK_WAIVER = "ask for a waiver"
    WAIVE = "waive a condition"
    ENTER = "enter a phase"
    IMPORT_PLAN = "import a plan"
    GRANT = "grant roles"
    SIGN = "sign"
    ACCEPT = "accept a row that differs from the record"


class Scope(StrEnum):
    """What a token may do for its person, of what that person may do."""

    READ = "read"
    EVIDENCE = "evidence"
    CLAIM = "claim"
    PLAN = "plan"
    FLAGS = "flags"


OWNER_RIGHTS = {Right.CLAIM, Right.CLOSE_TASK, Right.RECORD_DRILL, Right.RECORD_REVIEW, Right.SIGN, Right.ANSWER}
MEMBER_RIGHTS = {Right.REPORT, Right.CALL_HOLD, Right.ROLL_BACK, Right.ASK_OVERRIDE, Right.ASK_WAIVER}
MEMBER_RIGHTS |= {Right.LOWER_FLAG, Right.ATTACH}
TOKEN_RIGHTS = {Right.REPORT, Right.CALL_HOLD, Right.ROLL_BACK, Right.CLAIM, Right.RECORD_DRILL, Right.RECORD_REVIEW}
TOKEN_RIGHTS |= {Right.IMPORT_PLAN, Right.LOWER_FLAG, Right.ATTACH}
"""What a token may ever do, whatever its person may: it never signs, waives, enters, answers, lifts or grants."""
SHELL_RIGHTS = {Right.REPORT, Right.CALL_HOLD, Right.ROLL_BACK, Right.CLAIM, Right.ATTACH, Right.LOWER_FLAG}
SHELL_RIGHTS |= {Right.IMPORT_PLAN, Right.GRANT}
"""What the operator may do at the shell without holding a role: prepare and lower. What is new is closed to them."""
AFTER_CLOSE = frozenset({Right.GRANT, Right.ROLL_BACK, Right.LOWER_FLAG})
"""What may still be done in a closed rollout: give roles, say why it was rolled back, and turn a flag off."""


def roles_for(right: Right, plan: Plan, owner: str | None = None, phase: Phase | None = None) -> tuple[str, ...]:
    """Name the roles that have a right; an empty answer for a member right means any member, else nobody.

    `owner` is the role (or group) that owns the thing; without one, the `last` roles stand in.
    """
    if right in MEMBER_RIGHTS:
        return ()
    granted = {
        Right.LIFT_HOLD: plan.authority.lift_hold,
        Right.BREAK_GLASS: plan.authority.break_glass,
        Right.WAIVE: plan.authority.waive,
    }
    if right in granted:
        return granted[right]
    if right in OWNER_RIGHTS and owner:
        return (owner,)
    return last_roles(plan, phase)


def last_roles(plan: Plan, phase: Phase | None = None) -> tuple[str, ...]:
    """Give the roles that answer last: of one phase, else of any."""
    phases = (phase,) if phase is not None else (*plan.phases, *((plan.close,) if plan.close else ()))
    found = [each.sign_off.last for each in phases if each.sign_off is not None]
    return tuple(dict.fromkeys(found))


def has_right(right: Right, held: Collection[str], needed: Collection[str]) -> bool:
    """Say whether someone who holds `held` has a right that `needed` roles have. Strangers have none."""
    if right in MEMBER_RIGHTS:
        return bool(held)
    return bool(set(held) & set(needed))


def refusal(right: Right, needed: Collection[str], titles: dict[str, str]) -> str:
    """Say who may do it, to somebody who may not."""
    if right in MEMBER_RIGHTS:
        return f"Only people on this rollout may {right.value}. Ask its release manager to add you."
    names = " or ".join(titles.get(role, role) for role in needed) or "nobody; the plan names no role for it"
    return f"You may not {right.value} here. Who may: {names}."
