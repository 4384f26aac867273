"""Changes of whole facts: taking away what is known, making it unknown, and turning every list around."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta

from readiness.core.conditions import ConditionKind, ConditionList
from readiness.core.facts import ConditionFacts, Facts, GapFacts, TriggerFacts
from readiness.core.types import ClaimFacts, EvidenceState, Reading

UNORDERED = (Facts, ConditionFacts, GapFacts, TriggerFacts, ClaimFacts, Reading)
"""What holds lists whose order means nothing. A plan's own lists (who is polled first) do mean something."""


def shuffled(value, random):
    """Give the facts with every list that has no order of its own in another one."""
    if isinstance(value, tuple):
        return tuple(shuffled(item, random) for item in value)
    if not is_dataclass(value) or not isinstance(value, UNORDERED):
        return value
    changed = {}
    for field in fields(value):
        found = shuffled(getattr(value, field.name), random)
        if isinstance(found, tuple):
            found = tuple(random.sample(found, len(found)))
        changed[field.name] = found
    return replace(value, **changed)


def spots(facts):
    """Every condition with a function that puts another in its place: of phases, gaps, triggers and exposures."""
    for name in ("enter", "complete"):
        for number, condition in enumerate(getattr(facts, name)):
            yield condition, lambda new, at=name, n=number: replace(facts, **{at: put(getattr(facts, at), n, new)})
    for number, gap in enumerate(facts.gaps):
        for place, condition in enumerate(gap.conditions):
            yield (
                condition,
                lambda new, n=number, gap=gap, p=place: replace(
                    facts, gaps=put(facts.gaps, n, replace(gap, conditions=put(gap.conditions, p, new)))
                ),
            )
    for name in ("triggers", "exposures"):
        for number, each in enumerate(getattr(facts, name)):
            yield (
                each.facts,
                lambda new, at=name, n=number, old=each: replace(
                    facts, **{at: put(getattr(facts, at), n, replace(old, facts=new))}
                ),
            )


def put(items, number, item):
    """Give the items with another one at a place; None takes it out."""
    return (*items[:number], *(() if item is None else (item,)), *items[number + 1 :])


def less_known(condition):
    """Every way to know one thing less about a condition: what was observed, claimed, brought, proven or waived."""
    for name in ("gate", "check", "drill", "review", "waiver"):
        if getattr(condition, name) is not None:
            yield f"no {name}", replace(condition, **{name: None})
    if condition.gate is not None:
        for name in ("window", "comparand", "baseline", "traffic"):
            yield f"no {name}", replace(condition, gate=replace(condition.gate, **{name: None}))
    if condition.condition.list is not ConditionList.ABORT:
        yield from less_claimed(condition)
    for number, proof in enumerate(condition.proofs):
        for name, poorer in (*less_known(proof), ("no proof", None)):
            yield f"its proof: {name}", replace(condition, proofs=put(condition.proofs, number, poorer))


def less_claimed(condition):
    """Every way to have one claim, or one piece of evidence that speaks for it, less."""
    for number, claim in enumerate(condition.claims):
        yield "a claim less", replace(condition, claims=put(condition.claims, number, None))
        for place, piece in enumerate(claim.evidence):
            if piece.state in (EvidenceState.PROVES, EvidenceState.ATTESTS):
                poorer = replace(claim, evidence=put(claim.evidence, place, None))
                yield "a piece of evidence less", replace(condition, claims=put(condition.claims, number, poorer))


def less_decided(facts):
    """Every way to have one signature, one closed gap or task, one answer to a trigger or the check of the record less.

    What speaks against (a contradiction, a NO-GO, a report, a hold) is no evidence and stays.
    """
    for number, signature in enumerate(facts.signatures):
        if signature.go:
            yield f"{signature.role} has not signed", replace(facts, signatures=put(facts.signatures, number, None))
    yield "the record is not verified", replace(facts, record=replace(facts.record, verified_at=None))
    for number, gap in enumerate(facts.gaps):
        opened = replace(gap, closed_by=None, closed_at=None)
        yield f"{gap.gap.key} is not closed", replace(facts, gaps=put(facts.gaps, number, opened))
        for place, task in enumerate(gap.tasks):
            again = replace(gap, tasks=put(gap.tasks, place, replace(task, closed_by=None, closed_at=None)))
            yield f"{task.key} is not done", replace(facts, gaps=put(facts.gaps, number, again))
    for number, trigger in enumerate(facts.triggers):
        unanswered = tuple(replace(f, answer="", continue_until=None) for f in trigger.firings)
        changed = replace(trigger, firings=unanswered)
        yield "nobody answered", replace(facts, triggers=put(facts.triggers, number, changed))


def closed_otherwise(facts, **changes):
    """Every way to have one task, or one gap that only a person closes, closed by somebody else or again."""
    for number, gap in enumerate(facts.gaps):
        if gap.closed_by is not None:
            yield gap.gap.key, replace(facts, gaps=put(facts.gaps, number, replace(gap, **changes)))
        for place, task in enumerate(gap.tasks):
            again = replace(gap, tasks=put(gap.tasks, place, replace(task, **changes)))
            yield task.key, replace(facts, gaps=put(facts.gaps, number, again))


def endings(facts):
    """Every moment at which something ends that a GO to enter rests on, worked out from what each of them says."""
    yield facts.record.verified_at + timedelta(minutes=10)
    yield from (signature.expires_at for signature in facts.signatures)
    for trigger in facts.triggers:
        yield from (firing.continue_until for firing in trigger.firings if firing.cleared_at is None)
    waiting = {
        t.facts.condition.path for t in facts.triggers if t.facts.condition.abort.arms_on_entry and not t.running
    }
    for condition, _ in spots(facts):
        if condition.waiver is not None:
            yield condition.waiver.expires_at
        elif condition.condition.path not in waiting:
            yield from endings_of(condition)


def endings_of(facts):
    """The same for one condition and what proves it."""
    c = facts.condition
    if c.valid_for is not None:
        yield from (claim.claimed_at + c.valid_for for claim in facts.claims)
    if facts.drill is not None and c.drill.valid_for is not None:
        yield facts.drill.ran_at + c.drill.valid_for
    if facts.check is not None:
        yield facts.check.checked_at + c.check.max_age
    if facts.gate is not None:
        compares = any("+" in text or "-" in text for texts in c.gate.expect for text in texts)
        readings = [facts.gate.reading, facts.gate.comparand if compares else None]
        readings.append(facts.gate.traffic if c.gate.enough else None)
        yield from (reading.sampled_at + c.gate.max_age for reading in readings if reading is not None)
    for proof in facts.proofs:
        yield from endings_of(proof)


def is_known(facts):
    """Say whether there is something about a condition that can become unknown."""
    if facts.condition.kind is ConditionKind.GATE:
        return facts.gate is not None and bool(facts.gate.reading.values)
    if facts.condition.kind is ConditionKind.CHECK:
        return facts.check is not None
    if facts.condition.kind is ConditionKind.ITEM:
        claimed = bool(facts.claims) and facts.condition.list is not ConditionList.ABORT
        return claimed and all(map(is_known, facts.proofs))
    return False
