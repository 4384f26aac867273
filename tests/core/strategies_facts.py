"""Whole facts of a rollout: those that are GO once signed, and those that something may be wrong with."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from readiness.core.conditions import AbortSpec, ConditionKind, ConditionList, GateSpec, ItemSpec
from readiness.core.facts import (
    ConditionFacts,
    ExposureFacts,
    Facts,
    FiringFacts,
    GapFacts,
    HoldFacts,
    IncompleteFacts,
    OverrideFacts,
    RecordFacts,
    RowDifference,
    RunFacts,
    SignatureFacts,
    SinceFacts,
    TargetFacts,
    TaskFacts,
    TriggerFacts,
)
from readiness.core.plan import Gap, SignOffRule
from readiness.core.signoffs import all_conditions, material_of, polled_roles
from readiness.core.types import GateObservation, Question
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import NOW, make_claim, make_condition, make_reading, make_window
from tests.core.strategies import MET_KINDS, OWNERS, ROLES, SIGNERS, WORKERS, draw_reading, met_gates, place, waive
from tests.core.troubles import unknown_for, worse_for

TITLES = {role: role.replace("-", " ").capitalize() for role in ROLES}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@st.composite
def met_conditions(draw, place_name, where, most=3, least=0):
    """Conditions that are met, or waived whatever is wrong with them."""
    made = []
    for number in range(draw(st.integers(least, most))):
        facts = place(
            draw(draw(st.sampled_from(MET_KINDS))()), place_name, number, where, draw(st.sampled_from(OWNERS))
        )
        facts = replace(facts, changed_by=draw(st.sampled_from([(), (WORKERS[1],)])))
        if draw(st.integers(0, 9)) == 0:
            worse = draw(st.sampled_from([worse for _, worse in worse_for(facts) + unknown_for(facts)]))
            lasts = draw(st.sampled_from([MINUTE, timedelta(days=1)]))
            facts = replace(waive(worse, lasts=lasts), failing_since=draw(st.sampled_from([None, NOW - HOUR])))
        made.append(facts)
    return tuple(made)


@st.composite
def closed_gaps(draw, number):
    conditions = draw(met_conditions(f"gap-{number}", ConditionList.CLOSED_WHEN, most=2))
    tasks = tuple(
        TaskFacts(f"task-{n}", f"Task {n}", draw(st.sampled_from(ROLES)), draw(st.sampled_from(WORKERS)), NOW - HOUR)
        for n in range(draw(st.integers(0, 2)))
    )
    gap = Gap(f"gap-{number}", f"Gap {number}", "blocking", draw(st.sampled_from(OWNERS)), ("all",))
    by, at = (None, None) if conditions or tasks else (WORKERS[0], NOW - HOUR)
    return GapFacts(gap, tasks, conditions, by, at)


@st.composite
def quiet_triggers(draw, number, running):
    """Abort triggers that say nothing: gates that hold, reports that nobody made; some fired and were answered."""
    path = "shadow" if running else "canary"
    abort = AbortSpec(draw(st.sampled_from(["on-call", "automation"])), "immediate", draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        condition = make_condition(ConditionKind.ITEM, "complaints", item=ItemSpec(reported=True))
        facts = ConditionFacts(condition)
    else:
        facts = draw(met_gates("trigger"))
        gate = facts.condition.gate
        gate = replace(gate, hold_for=gate.hold_for if not gate.for_phase else timedelta(0), for_phase=False)
        facts = replace(facts, condition=replace(facts.condition, gate=gate))
    facts = place(facts, path, number, ConditionList.ABORT, None)
    facts = replace(facts, condition=replace(facts.condition, abort=abort))
    return TriggerFacts(facts, running, None, draw(answered_firings()) if running else ())


@st.composite
def answered_firings(draw):
    fired = draw(st.lists(st.integers(2, 48), unique=True, max_size=2))
    return tuple(
        FiringFacts(
            NOW - hours * HOUR,
            cleared_at=draw(st.sampled_from([None, NOW - HOUR])),
            answer="continue",
            continue_until=NOW + draw(st.integers(1, 5)) * MINUTE,
        )
        for hours in fired
    )


@st.composite
def agreeing_exposures(draw, number):
    """A flag whose observed share is the asked one."""
    expect = ((">= 4%", "<= 6%"),)
    spec = GateSpec("metrics", "share", "ratio", expect, hold_for=MINUTE)
    seen = GateObservation(draw_reading(draw, 0.05, spec.max_age, query="share"), window=make_window(held=HOUR))
    made = make_condition(ConditionKind.GATE, "flag", ConditionList.ABORT, owner=None, gate=spec)
    return ExposureFacts(
        "new", "New path", "5 %", place(ConditionFacts(made, gate=seen), "flag", number, made.list, None)
    )


@st.composite
def good_facts(draw):
    """Facts in which nothing is wrong but that nobody has signed."""
    running = draw(st.booleans())
    roles = tuple(draw(st.lists(st.sampled_from(ROLES), unique=True, min_size=2, max_size=4)))
    rule = SignOffRule(roles, draw(st.sampled_from(roles)))
    where = ("canary", ConditionList.ENTER)
    return Facts(
        rollout="shop",
        plan="sha256:plan",
        policy="sha256:policy",
        running=RunFacts("shadow", "Shadow mode", 1, NOW - timedelta(days=8), 3600, 3600) if running else None,
        target=TargetFacts("canary", "Canary", draw(st.integers(1, 2)), rule),
        complete=draw(met_conditions("shadow", ConditionList.SUCCEED)) if running else (),
        enter=draw(met_conditions(*where, least=1)),
        gaps=tuple(draw(closed_gaps(n)) for n in range(draw(st.integers(0, 2)))),
        triggers=draw_triggers(draw, running),
        exposures=tuple(draw(agreeing_exposures(n)) for n in range(draw(st.integers(0, 1)) if running else 0)),
        holds=(),
        signatures=(),
        record=RecordFacts(NOW - draw(st.integers(0, 10)) * MINUTE, 100),
        since=(SinceFacts("GATE_BREACHED gate:gate-0 canary/enter/gate:gate-0", NOW - HOUR),),
        titles=TITLES,
    )


def draw_triggers(draw, running):
    here = [draw(quiet_triggers(n, True)) for n in range(draw(st.integers(0, 2)))] if running else []
    return (*here, *(draw(quiet_triggers(n, False)) for n in range(draw(st.integers(0, 2)))))


def sign_everything(facts, people=SIGNERS):
    """Give the facts with a GO of every polled role over what they are now, each by somebody else."""
    judged = {a.path: a for a in evaluate_verdict(facts, Question.ENTER, NOW).assessments}
    rule = facts.target.sign_off
    given = tuple(
        SignatureFacts(
            id=number,
            role=role,
            by=person,
            go=True,
            reason="",
            signed_at=NOW - HOUR + number * MINUTE,
            expires_at=NOW + 7 * number * MINUTE,
            material=material_of(facts, rule, role, judged),
        )
        for number, (role, person) in enumerate(zip(polled_roles(rule), people, strict=False), 1)
    )
    return replace(facts, signatures=given)


go_facts = good_facts().map(sign_everything)
"""Facts that are GO for entering, and for continuing where a phase runs."""


def add_conditions(facts, conditions, where):
    if where == "gap":
        gap = Gap("late", "Found late", "blocking", None, ("all",))
        return replace(facts, gaps=(*facts.gaps, GapFacts(gap, (), tuple(conditions))))
    return replace(facts, **{where: (*getattr(facts, where), *conditions)})


@st.composite
def bad_conditions(draw):
    """A condition that is not met, and whether that is failing or unknown."""
    facts = place(
        draw(draw(st.sampled_from(MET_KINDS))()), "late", 99, ConditionList.ENTER, draw(st.sampled_from(OWNERS))
    )
    name, worse = draw(st.sampled_from(worse_for(facts) + unknown_for(facts)))
    return name, replace(worse, failing_since=draw(st.sampled_from([None, NOW - HOUR, NOW - MINUTE])))


def measured_triggers():
    """Abort triggers of the running phase that are measured, and say nothing."""
    return quiet_triggers(9, True).filter(lambda trigger: trigger.facts.condition.gate is not None)


def run_out(signature):
    """The signature, one moment after it counted."""
    return replace(signature, expires_at=NOW)


def open_gap(**changes):
    gap = Gap("open", "Nobody has done it", "low", None, ("all",))
    return replace(GapFacts(gap), **changes)


def no_go_of(facts):
    """The newest answer of somebody polled is NO-GO."""
    role = facts.target.sign_off.last
    return SignatureFacts(99, role, SIGNERS[0], False, "not yet", NOW, NOW + timedelta(days=1), "")


CLEARED = FiringFacts(NOW - HOUR, NOW - HOUR + MINUTE)
"""It cleared by itself, and nobody has answered."""
LATE = FiringFacts(NOW - HOUR, None, "continue", NOW)
"""Somebody answered "until now", and it has not cleared."""
OVERRIDE = OverrideFacts(1, "shadow", "Shadow mode", 1, True, WORKERS[0], WORKERS[1], "no time", NOW - HOUR)
FAILING_FACTS = {
    "a hold": lambda f: replace(f, holds=(*f.holds, HoldFacts(WORKERS[0], "SRE lead", "wait", NOW))),
    "a broken record": lambda f: replace(f, record=replace(f.record, problem="entry 3 was altered")),
    "an open gap": lambda f: replace(f, gaps=(*f.gaps, open_gap())),
    "an open task": lambda f: replace(f, gaps=(*f.gaps, open_gap(tasks=(TaskFacts("t", "Task", "sre-lead"),)))),
    "a NO-GO": lambda f: replace(f, signatures=(*f.signatures, no_go_of(f))),
    "a signature that ran out": lambda f: replace(
        f, signatures=tuple(replace(s, expires_at=NOW) for s in f.signatures)
    ),
    "too short": lambda f: replace(f, running=running_of(f, dwell_s=10**6)),
    "a report": lambda f: replace(f, running=running_of(f), triggers=(*f.triggers, reported_trigger(make_claim()))),
    "a firing": lambda f: replace(f, running=running_of(f), triggers=(*f.triggers, fired_trigger(CLEARED))),
    "an answer that ran out": lambda f: replace(f, running=running_of(f), triggers=(*f.triggers, fired_trigger(LATE))),
    "a share that differs": lambda f: replace(f, running=running_of(f), exposures=(*f.exposures, differing_share())),
    "a closer watch": lambda f: replace(f, running=running_of(f, watch_s=10**6)),
    "an altered row": lambda f: replace(f, record=replace(f.record, differences=(RowDifference("claim 3", "A", "b"),))),
    "an open override": lambda f: replace(f, running=running_of(f), overrides=(OVERRIDE,)),
    "nothing asked": lambda f: replace(f, enter=(), complete=()),
    "the end": lambda f: replace(f, closed_at=NOW - HOUR),
    "a phase between": lambda f: replace(f, incomplete=(IncompleteFacts("shadow", "Shadow", "runs", "completed"),)),
}
"""What can be added to facts that makes them NO-GO, whatever they were."""
OF_SIGNATURES = ("a NO-GO", "a signature that ran out")
"""Those that are about signatures, so that there must be some first."""
STOPS_RUNNING = ("a report", "a firing", "an answer that ran out", "a share that differs", "an open override")
STOPS_BOTH = ("a hold", "a broken record", "an altered row", "the end", *STOPS_RUNNING)
"""Those of them that stop the running phase, too."""


def running_of(facts, **changes):
    return replace(facts.running or RunFacts("shadow", "Shadow mode", 1, NOW - HOUR, 0, 0), **changes)


def reported_trigger(*claims):
    condition = make_condition(ConditionKind.ITEM, "reported", ConditionList.ABORT, item=ItemSpec(reported=True))
    return TriggerFacts(ConditionFacts(condition, claims=claims), running=True)


def differing_share():
    """A flag of which another share than the asked one has been observed for ten minutes."""
    spec = GateSpec("metrics", "share", "ratio", ((">= 4%", "<= 6%"),), hold_for=MINUTE)
    seen = GateObservation(make_reading(("", 0.25)), window=make_window(breached=10 * MINUTE))
    made = make_condition(ConditionKind.GATE, "other", ConditionList.ABORT, owner=None, gate=spec)
    return ExposureFacts("other", "Other path", "5 %", ConditionFacts(made, gate=seen))


def fired_trigger(firing):
    """A trigger that says nothing now, and that has fired."""
    return replace(reported_trigger(), firings=(firing,))


@st.composite
def rough_facts(draw):
    """Facts that somebody tried to sign, with up to four things wrong with them."""
    facts = draw(good_facts())
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 4]))):
        facts = draw(worse_facts(facts))
    return sign_everything(facts) if draw(st.integers(0, 5)) else facts


@st.composite
def worse_facts(draw, facts):
    """The facts with one more thing wrong with them."""
    if draw(st.booleans()):
        return FAILING_FACTS[draw(st.sampled_from(sorted(FAILING_FACTS)))](facts)
    _, bad = draw(bad_conditions())
    bad = replace(bad, condition=replace(bad.condition, path=f"{bad.condition.path}-{len(all_conditions(facts))}"))
    return add_conditions(facts, [bad], draw(st.sampled_from(["enter", "complete", "gap"])))
