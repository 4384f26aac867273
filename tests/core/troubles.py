"""What can be wrong with a condition that was met.

For each kind: what makes it fail (somebody looked, and it is not as it should be) and what makes it unknown (nobody can
say). `worse_for` and `unknown_for` give those that apply to the condition at hand.
"""

import math
from dataclasses import replace
from datetime import timedelta

from readiness.core.conditions import ConditionKind
from readiness.core.types import EvidenceState, Finding, GateObservation, Trouble
from tests.core.builders import NOW, make_evidence

LONG_AGO = NOW - timedelta(days=60)
BROKEN_S = 500.0


def _reading(facts, **changes):
    return replace(facts, gate=replace(facts.gate, reading=replace(facts.gate.reading, **changes)))


def _values(facts, value):
    """Give one series of several another value, so that one bad series is enough."""
    first, *others = facts.gate.reading.values
    return _reading(facts, values=(replace(first, value=value), *others))


def breached(facts):
    """A value that no criterion here allows; a limit on the other side is broken by the other."""
    upward = facts.condition.gate.expect[0][0].startswith(">")
    return _values(facts, -BROKEN_S if upward else 3.0 if "!=" in facts.condition.gate.expect[0][0] else BROKEN_S)


def _window(facts, **changes):
    return replace(facts, gate=replace(facts.gate, window=replace(facts.gate.window, **changes)))


def not_sustained(facts):
    return _window(facts, held_since=None, held_share=0.4)


def unwatched(facts):
    return replace(facts, gate=replace(facts.gate, window=None))


def _beside(facts, name, **changes):
    return replace(facts, gate=replace(facts.gate, **{name: replace(getattr(facts.gate, name), **changes)}))


GATE_FAILS = {"breached": breached, "not sustained": not_sustained}
READING_UNKNOWN = {
    "no series": {"values": (), "sampled_at": None},
    "no sample": {"sampled_at": None},
    "source error": {"trouble": Trouble.SOURCE_ERROR, "message": "did not answer"},
    "not configured": {"trouble": Trouble.NOT_CONFIGURED, "message": "no address"},
    "a partial answer": {"warnings": ("one store is away",)},
    "a series is gone": {"lost_series": ('{pod="z"}',)},
    "stale": {"sampled_at": NOW - timedelta(hours=1)},
    "ahead of the clock": {"sampled_at": NOW + timedelta(hours=1)},
    "little history": {"looks_back": timedelta(hours=24), "covers_from": NOW - timedelta(hours=2)},
    "another query": {"query": "another"},
    "another source": {"source": "another"},
    "no history": {"looks_back": timedelta(hours=24), "covers_from": None},
}
GATE_UNKNOWN = {
    "never measured": lambda facts: replace(facts, gate=None),
    "not a number": lambda facts: _values(facts, math.nan),
    "infinite": lambda facts: _values(facts, math.inf),
    "minus infinity": lambda facts: _values(facts, -math.inf),
    **{name: lambda facts, changes=changes: _reading(facts, **changes) for name, changes in READING_UNKNOWN.items()},
}


def _has_window(facts):
    return facts.condition.gate.for_phase or bool(facts.condition.gate.hold_for)


def _is_relative(facts):
    return any("+" in text or "-" in text for texts in facts.condition.gate.expect for text in texts)


def gate_fails(facts):
    yield "breached", breached(facts)
    if _has_window(facts):
        yield "not sustained", not_sustained(facts)
        yield "no window", unwatched(facts)


def gate_unknowns(facts):
    for name, change in GATE_UNKNOWN.items():
        yield name, change(facts)
    for name, changes in READING_UNKNOWN.items():
        if facts.condition.gate.enough is not None and facts.gate.traffic is not None:
            yield f"traffic: {name}", _beside(facts, "traffic", **changes)
        if facts.gate.comparand is not None and _is_relative(facts):
            yield f"comparand: {name}", _beside(facts, "comparand", **changes)
    if facts.condition.gate.enough is not None:
        yield "traffic not measured", replace(facts, gate=replace(facts.gate, traffic=None))
    if _is_relative(facts):
        yield "nothing to compare with", replace(facts, gate=GateObservation(facts.gate.reading))


def _check(facts, **changes):
    return replace(facts, check=replace(facts.check, **changes))


def check_fails(facts):
    for finding in (Finding.MISSING, Finding.MISFIT, Finding.UNREADABLE):
        yield finding.value, _check(facts, finding=finding)


def check_unknowns(facts):
    yield "never checked", replace(facts, check=None)
    yield "stale", _check(facts, checked_at=LONG_AGO)
    yield "ahead of the clock", _check(facts, checked_at=NOW + timedelta(hours=1))
    for trouble in (Trouble.SOURCE_ERROR, Trouble.NOT_CONFIGURED):
        yield trouble.value, _check(facts, trouble=trouble)


def drill_fails(facts):
    ran = facts.drill
    yield "failed", replace(facts, drill=replace(ran, passed=False))
    yield "too slow", replace(facts, drill=replace(ran, took=timedelta(days=1)))
    yield "never run", replace(facts, drill=None)
    if facts.condition.drill.valid_for:
        yield "expired", replace(facts, drill=replace(ran, ran_at=LONG_AGO), run_started_at=LONG_AGO)
    if facts.condition.drill.since_phase_start:
        yield "before the phase", replace(facts, run_started_at=ran.ran_at + timedelta(minutes=1))
        yield "no phase runs", replace(facts, run_started_at=None)


def review_fails(facts):
    yield "no score", replace(facts, review=None)
    if facts.condition.review.min_score is not None:
        yield "below", replace(facts, review=replace(facts.review, score=3.0))
        yield "not a number", replace(facts, review=replace(facts.review, score=math.nan))


def item_fails(facts):
    yield "unclaimed", replace(facts, claims=())
    yield "one claim less", replace(facts, claims=facts.claims[1:])
    for state in (EvidenceState.CONTRADICTS, EvidenceState.UNREADABLE):
        yield state.value, _with_piece(facts, state)
    if facts.condition.valid_for:
        yield "expired", replace(facts, claims=tuple(replace(c, claimed_at=LONG_AGO) for c in facts.claims))
    for number, proof in enumerate(facts.proofs):
        for name, worse in worse_for(proof):
            yield f"its proof: {name}", _with_proof(facts, number, worse)


def item_unknowns(facts):
    yield "unchecked", _with_piece(facts, EvidenceState.UNCHECKED)
    if facts.proofs:
        yield "a proof is absent", replace(facts, proofs=facts.proofs[1:])
    if facts.condition.item.each:
        yield "nobody is asked", replace(facts, members=())
    for number, proof in enumerate(facts.proofs):
        for name, worse in unknown_for(proof):
            yield f"its proof: {name}", _with_proof(facts, number, worse)


def _with_piece(facts, state):
    """Put a piece of evidence of a state beside what is there; an item without claims has none to put it to."""
    first, *others = facts.claims
    return replace(facts, claims=(replace(first, evidence=(*first.evidence, make_evidence(state))), *others))


def _with_proof(facts, number, proof):
    return replace(facts, proofs=(*facts.proofs[:number], proof, *facts.proofs[number + 1 :]))


FAILS = {
    ConditionKind.GATE: gate_fails,
    ConditionKind.CHECK: check_fails,
    ConditionKind.DRILL: drill_fails,
    ConditionKind.REVIEW: review_fails,
    ConditionKind.ITEM: item_fails,
}
UNKNOWNS = {
    ConditionKind.GATE: gate_unknowns,
    ConditionKind.CHECK: check_unknowns,
    ConditionKind.DRILL: lambda _: iter(()),
    ConditionKind.REVIEW: lambda _: iter(()),
    ConditionKind.ITEM: item_unknowns,
}


def worse_for(facts):
    """Every way in which a met condition can fail, by name."""
    return list(FAILS[facts.condition.kind](facts))


def unknown_for(facts):
    """Every way in which nobody can say whether a met condition is met, by name."""
    return list(UNKNOWNS[facts.condition.kind](facts))
