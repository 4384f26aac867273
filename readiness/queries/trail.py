"""Entries of the record in words: the one place that says what an action is called, and what it looks like."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from readiness.core.audit import KEPT, REHEARSAL
from readiness.core.canonical import Plain
from readiness.core.exposure import observed_flags
from readiness.core.plan import Plan
from readiness.core.reasons import REASONS
from readiness.models import Rollout
from readiness.queries.audit import Entry
from readiness.queries.conditions import every_condition
from readiness.queries.plans import load_plan
from readiness.queries.scenes import role_titles
from readiness.queries.words import count_of, join_words, lower_first

Fields = Mapping[str, tuple[Plain, Plain]]
Titles = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words: what happened, to what, the state it drew ("" for an act), and what it did to the verdict."""

    title: str
    subject: str
    state: str = ""
    effect: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """How an action is said: its title, its state, and how its subject is found when the label does not say it."""

    title: str
    state: str = ""
    subject: "Callable[[Entry, Fields, Titles], str] | None" = None


def plan_titles(plan: Plan) -> dict[str, str]:
    """Name the roles of a plan by key and its conditions by path."""
    defined = (*plan.gates, *plan.checks, *observed_flags(plan, None))
    levels = {f"rollbacks/{level.key}": level.title for level in plan.rollbacks}
    return {each.path: each.title for each in (*defined, *every_condition(plan))} | role_titles(plan) | levels


def load_plan_titles() -> dict[str, Titles]:
    """Name what every rollout's plan names, by the rollout's key."""
    rollouts = Rollout.objects.exclude(plan=None).select_related("plan").defer("plan__text", "plan__document")
    return {rollout.key: plan_titles(load_plan(rollout)) for rollout in rollouts}


def entry_fields(entry: Entry) -> Fields:
    """Give every changed field of an entry as (old, new)."""
    change = cast("Mapping[str, Plain]", entry.body.get("change") or {})
    fields = cast("Mapping[str, Sequence[Plain]]", change.get("fields") or {})
    return {name: (pair[0], pair[1]) for name, pair in fields.items()}


def entry_label(entry: Entry) -> str:
    """Give the name of what an entry is about, without saying that it belongs to a rehearsal."""
    return _full_label(entry).removeprefix(REHEARSAL)


def _full_label(entry: Entry) -> str:
    thing = cast("Mapping[str, Plain]", entry.body.get("object") or {})
    return str(thing.get("label") or entry.object)


def entry_actor(entry: Entry) -> str:
    """Give the name of whoever acted, a person or the shell; nothing for the machine itself."""
    actor = cast("Mapping[str, Plain]", entry.body.get("actor") or {})
    return str(actor.get("name", "")) if actor.get("type") in ("user", "service") else ""


def entry_reason(entry: Entry) -> str:
    """Give the reason that was typed."""
    return str(entry.body.get("reason") or "")


def _role(entry: Entry, fields: Fields, titles: Titles) -> str:
    label = entry_label(entry)
    return titles.get(label, label)


def _nothing(entry: Entry, fields: Fields, titles: Titles) -> str:
    """The title says it all."""
    return ""


def _grant(entry: Entry, fields: Fields, titles: Titles) -> str:
    name, _, key = entry_label(entry).partition(": ")
    return f"{name}: {titles.get(key, key)}" if key else name


def _plan(entry: Entry, fields: Fields, titles: Titles) -> str:
    number = fields.get("number", (None, None))[1]
    return f"{entry_label(entry)}, version {number}" if number else entry_label(entry)


def _fired(entry: Entry, fields: Fields, titles: Titles) -> str:
    return _named(fields.get("fired", (None, None))[1], titles)


def _cleared(entry: Entry, fields: Fields, titles: Titles) -> str:
    return _named(fields.get("cleared", (None, None))[1], titles)


def _named(paths: Plain, titles: Titles) -> str:
    found = [str(path) for path in paths] if isinstance(paths, Sequence) and not isinstance(paths, str) else []
    return join_words([titles.get(path, path) for path in found])


def _outcomes(entry: Entry, fields: Fields, titles: Titles) -> str:
    old, new = fields.get("outcomes", (None, None))
    count = fields.get("outcomes_changed", (None, 0))[1]
    changed = new if isinstance(new, Mapping) and KEPT not in new else {}
    if len(changed) != 1:
        named = join_words(list(dict.fromkeys(titles.get(path, path) for path in changed)))
        return f"{count_of(int(str(count)), 'condition')}{': ' if named else ''}{named}"
    path, code = next(iter(changed.items()))
    before = _code_word(old.get(path) if isinstance(old, Mapping) else "")
    return f"{titles.get(path, path)}: {f'{before.lower()} to ' if before else ''}{_code_word(code).lower()}"


def _level(entry: Entry, fields: Fields, titles: Titles) -> str:
    """Name a way back by its title; older entries say that it is verified in its name as well."""
    label = entry_label(entry).removesuffix(" is verified")
    return titles.get(f"rollbacks/{label}", label)


def _code_word(code: Plain) -> str:
    words = REASONS.get(str(code or ""))
    return words.word if words else "Met" if code == "MET" else str(code or "")


SAID: Mapping[str, Words] = {
    "claim.made": Words("Claimed"),
    "claim.renewed": Words("Claimed again"),
    "claim.withdrawn": Words("Withdrew a claim", "Unclaimed"),
    "gap.closed": Words("Closed"),
    "gap.reopened": Words("Reopened", "Open"),
    "drill.recorded": Words("Recorded a drill"),
    "review.recorded": Words("Recorded a review"),
    "baseline.recorded": Words("Recorded a baseline"),
    "flag.lowered": Words("Lowered a flag", "Turned off"),
    "flag.raised": Words("Raised a flag"),
    "hold.called": Words("Called a hold", "Held", _nothing),
    "hold.lifted": Words("Lifted a hold", "", _nothing),
    "sign_off.given": Words("Signed", "GO", _role),
    "sign_off.voided": Words("Signature went void", "Void", _role),
    "sign_off.revoked": Words("Took back a signature", "Revoked", _role),
    "phase.entered": Words("Entered a phase", "Running"),
    "override.asked": Words("Asked to enter without GO", "Waits"),
    "override.withdrawn": Words("Withdrew a call to enter without GO"),
    "phase.overridden": Words("Broke glass", "Overridden"),
    "override.closed": Words("Closed an override"),
    "phase.rolled_back": Words("Rolled back", "Rolled back", _level),
    "phase.aborted": Words("Automation rolled back", "Abort", _level),
    "rollback.explained": Words("Explained a rollback", "", _level),
    "rollback.verified": Words("Rollback is verified", "Met", _level),
    "plan.imported": Words("Imported a plan", "", _plan),
    "role.granted": Words("Gave a role", "", _grant),
    "role.revoked": Words("Took back a role", "", _grant),
    "token.made": Words("Made a token"),
    "token.rotated": Words("Changed the secret of a token"),
    "token.revoked": Words("Took back a token", "Revoked"),
    "person.added": Words("Added a person"),
    "person.invited": Words("Invited a person"),
    "person.password_chosen": Words("Chose a password"),
    "person.opened": Words("Opened an account"),
    "person.closed": Words("Closed an account", "Revoked"),
    "evidence.added": Words("Added evidence"),
    "waiver.asked": Words("Asked for a waiver"),
    "waiver.granted": Words("Granted a waiver", "Waived"),
    "waiver.declined": Words("Declined a waiver"),
    "waiver.withdrawn": Words("No longer asks for a waiver"),
    "waiver.revoked": Words("Ended a waiver", "Revoked"),
    "privacy.erased": Words("Erased personal values"),
    "difference.asked": Words("Asked to accept a row that differs", "Waits"),
    "difference.accepted": Words("Accepted a row that differs"),
    "difference.withdrawn": Words("No longer asks to accept a row that differs"),
    "difference.declined": Words("Declined to accept a row that differs"),
    "trigger.reported": Words("Reported", "Abort"),
    "trigger.continued": Words("Continues over a trigger", "Running"),
    "trigger.fired": Words("Abort trigger fired", "Abort", _fired),
    "dwell.interrupted": Words("The clock of a phase stood still"),
    "trigger.cleared": Words("Abort trigger cleared", "", _cleared),
    "outcome.changed": Words("Outcome changed", "", _outcomes),
    "key.added": Words("Added a key of the record"),
    "key.rotated": Words("Added a key of the record beside the older one"),
    "key.retired": Words("Retired a key of the record", "Revoked"),
    "epoch.begun": Words("Began an epoch of the record"),
    "log.heartbeat": Words("The record goes on", "", _nothing),
}


def tell_entry(entry: Entry, titles: Titles) -> Told:
    """Say an entry. `titles` names roles by key and conditions by path. An unknown action is shown by its name.

    What belongs to a rehearsal says so first, and its GO is none.
    """
    told = _tell(entry, titles)
    if not _full_label(entry).startswith(REHEARSAL):
        return told
    return replace(told, title=f"{REHEARSAL}{told.title}", state="Rehearsed" if told.state == "GO" else told.state)


def _tell(entry: Entry, titles: Titles) -> Told:
    fields = entry_fields(entry)
    if entry.action == "verdict.changed":
        return _tell_verdict(entry, fields, titles)
    words = SAID.get(entry.action, Words(entry.action))
    title, state = words.title, words.state
    if entry.action == "sign_off.given":
        answer = "GO" if fields.get("go", (None, None))[1] else "NO-GO"
        title, state = f"Signed {answer}", answer
    if entry.action == "drill.recorded":
        state = "Met" if fields.get("passed", (None, None))[1] else "Not met"
    subject = words.subject(entry, fields, titles) if words.subject else entry_label(entry)
    return Told(title, subject, state, "", entry_reason(entry))


ANSWERS = {"GO": "GO", "NO_GO": "NO-GO"}


def _tell_verdict(entry: Entry, fields: Fields, titles: Titles) -> Told:
    prefixes = [prefix for prefix in ("continue ", "") if f"{prefix}reasons" in fields]
    parts = [_verdict_words(fields, prefix, len(prefixes) > 1) for prefix in prefixes]
    answers = [fields.get(f"{prefix}verdict", (None, None))[1] for prefix in ("continue ", "")]
    go = [answer for answer in answers if answer]
    state = "" if not go else "GO" if go == ["GO"] * len(go) else "NO-GO"
    fired = _fired(entry, fields, titles)
    is_new_policy = not prefixes and any(f"{prefix}policy" in fields for prefix in ("continue ", ""))
    title = "Judged by other rules" if is_new_policy else "Reasons changed"
    title = f"Verdict became {state}" if state else title
    subject = fired or entry_label(entry)
    return Told("Abort trigger fired" if fired else title, subject, "Abort" if fired else state, ". ".join(parts))


def _verdict_words(fields: Fields, prefix: str, named: bool) -> str:
    old, new = (_length(value) for value in fields[f"{prefix}reasons"])
    before, after = (ANSWERS.get(str(value), "") for value in fields.get(f"{prefix}verdict", ("", "")))
    said = f"{before} to {after}" if before and after else after
    counts = count_of(new, "reason") if new else ""
    if counts and old and old != new:
        counts = f"{old} to {counts}"
    first = "first judged" if fields[f"{prefix}reasons"][0] is None else ""
    lead = ("Continue: " if prefix else "Enter: ") if named else ""
    return f"{lead}{', '.join(filter(None, [first, said, counts])) or 'other reasons'}"


def _length(value: Plain) -> int | None:
    """How many reasons; a long list is kept apart, and then the entry does not say."""
    return len(value) if isinstance(value, list) else 0 if value is None else None


def trail_sentence(entry: Entry, told: Told) -> str:
    """Say an entry in one line, with the first name of who acted."""
    name, title = entry_actor(entry).partition(" ")[0], told.title.removeprefix(REHEARSAL)
    act = f"{name} {lower_first(title)}" if name else title
    act = f"{REHEARSAL}{act}" if title != told.title else act
    says_it_all = entry.action == "verdict.changed" and told.state != "Abort"
    return act if says_it_all or not told.subject else f"{act}: {told.subject}"
