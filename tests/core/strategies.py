"""Conditions of every kind that are met, drawn with everything that may differ between two that are."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from readiness.core.conditions import (
    Against,
    CheckSpec,
    ConditionKind,
    DrillSpec,
    Enough,
    EvidenceDemand,
    EvidenceRule,
    GateSpec,
    ItemSpec,
    ReviewSpec,
)
from readiness.core.facts import ConditionFacts, WaiverFacts
from readiness.core.types import (
    BaselineFacts,
    CheckObservation,
    ClaimFacts,
    DrillFacts,
    EvidenceFacts,
    EvidenceState,
    Finding,
    GateObservation,
    Outcome,
    Person,
    Reading,
    ReviewFacts,
    SeriesValue,
    Window,
)
from readiness.core.waivers import waived_definition
from tests.core.builders import NOW, make_condition

SIGNERS = tuple(Person(f"u:{n}", name) for n, name in enumerate(["Ben", "Chloe", "Dev", "Elif"], 1))
WORKERS = tuple(Person(f"u:{n}", name) for n, name in enumerate(["Finn", "Grace", "Hugo"], 11))
"""Who signs and who works are different people, so that independence is there until a test takes it away."""
ROLES = ("backend-lead", "sre-lead", "verification-lead", "release-manager")
OWNERS = (*ROLES, "somebody-else", None)
MOMENTS = st.sampled_from([0, 30, 94]).map(lambda minutes: NOW - timedelta(minutes=minutes))
"""When something was done: what counts for 95 minutes may be about to run out."""
CRITERIA = {
    "<= 15ms": 0.010,
    "< 15ms": 0.0149,
    ">= 5ms": 0.010,
    "> 5ms": 0.006,
    "!= 3s": 0.010,
    "<= +5%": 0.0104,
    ">= -5%": 0.0096,
    "<= +2ms": 0.0119,
}
"""Criteria for a query in seconds, each with a value that holds it; relative ones compare with 10 ms."""
COMPARAND_S = 0.010
DIGEST = "sha256:" + "d" * 64


def draw_reading(draw, value, max_age, *, several=False, query="q"):
    labels = draw(st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3)) if several else []
    series = tuple(SeriesValue(f'{{pod="{label}"}}', value) for label in sorted(labels)) or (SeriesValue("", value),)
    sampled_at = NOW - max_age * draw(st.sampled_from([0, 0.2, 0.9, 1]))
    looks_back = draw(st.sampled_from([timedelta(0), timedelta(hours=1)]))
    covers_from = NOW - looks_back if looks_back else None
    return Reading(query, "metrics", NOW, values=series, sampled_at=sampled_at, looks_back=looks_back,
                   covers_from=covers_from)  # fmt: skip


def draw_gate_spec(draw, expect, *, with_query=True):
    window = draw(st.sampled_from(["none", "held", "phase"]))
    return GateSpec(
        source="metrics",
        query="q",
        unit="s",
        expect=expect,
        hold_for=timedelta(minutes=10) if window == "held" else timedelta(0),
        for_phase=window == "phase",
        at_least=draw(st.sampled_from([None, 0.5, 0.999])) if window == "phase" else None,
        against=Against(query="control" if with_query else None, baseline=None if with_query else "before"),
        enough=draw(st.sampled_from([None, Enough("traffic", 10)])),
        max_age=draw(st.sampled_from([timedelta(minutes=2), timedelta(minutes=9)])),
    )


def draw_expect(draw):
    """Give criteria and a value that holds them: one, two at once, or one of two."""
    text = draw(st.sampled_from(sorted(CRITERIA)))
    shape = draw(st.sampled_from(["one", "both", "either"]))
    expect = {"one": ((text,),), "both": ((text, "<= 1s"),), "either": ((text,), ("> 1h",))}[shape]
    return expect, CRITERIA[text]


def make_baseline(query):
    return BaselineFacts("before", COMPARAND_S, NOW - timedelta(days=2), WORKERS[0], query)


@st.composite
def met_gates(draw, key="gate"):
    expect, value = draw_expect(draw)
    with_query = draw(st.booleans())
    spec = draw_gate_spec(draw, expect, with_query=with_query)
    held = NOW - draw(st.sampled_from([timedelta(minutes=10), timedelta(hours=3)]))
    seen = GateObservation(
        reading=draw_reading(draw, value, spec.max_age, several=True),
        comparand=draw_reading(draw, COMPARAND_S, spec.max_age, query="control") if with_query else None,
        baseline=None if with_query else make_baseline(spec.query),
        traffic=draw_reading(draw, 20.0, spec.max_age, query="traffic") if spec.enough else None,
        window=Window(NOW - timedelta(hours=4), NOW, held, None, 1.0),
    )
    return ConditionFacts(make_condition(ConditionKind.GATE, key, gate=spec), gate=seen)


@st.composite
def met_checks(draw, key="check"):
    kind = draw(st.sampled_from(["file", "config", "alert_rule", "http"]))
    spec = CheckSpec("repository", kind, {"path": "docs/runbook.md", "share": draw(st.sampled_from([0.5, 1, True]))})
    age = spec.max_age * draw(st.sampled_from([0, 0.5, 1]))
    seen = CheckObservation(NOW - age, Finding.FITS, "docs/runbook.md", "exists", "5d54816", DIGEST)
    return ConditionFacts(make_condition(ConditionKind.CHECK, key, check=spec), check=seen)


@st.composite
def met_drills(draw, key="drill"):
    target = timedelta(minutes=draw(st.integers(1, 30)))
    valid_for = draw(st.sampled_from([None, timedelta(minutes=95), timedelta(days=14)]))
    spec = DrillSpec(target, valid_for, since_phase_start=draw(st.booleans()))
    ran = DrillFacts(draw(MOMENTS), target * draw(st.sampled_from([0.5, 1])), True, draw(st.sampled_from(WORKERS)))
    condition = make_condition(ConditionKind.DRILL, key, drill=spec)
    return ConditionFacts(condition, drill=ran, run_started_at=ran.ran_at - timedelta(minutes=1))


@st.composite
def met_reviews(draw, key="review"):
    score = draw(st.sampled_from([7.0, 8.5, 10.0]))
    spec = ReviewSpec("verification-lead", min_score=draw(st.sampled_from([None, 6.5, 7.0])))
    seen = ReviewFacts(score, draw(st.sampled_from(WORKERS)), draw(MOMENTS), draw(st.sampled_from(["plan", "person"])))
    return ConditionFacts(make_condition(ConditionKind.REVIEW, key, review=spec), review=seen)


@st.composite
def met_items(draw, key="item"):
    demand = draw(st.sampled_from([d for d in EvidenceDemand if d is not EvidenceDemand.NONE]))
    proofs = draw_proofs(draw, key)
    if proofs and draw(st.booleans()):
        demand = EvidenceDemand.NONE
    members = draw(st.sampled_from([(), WORKERS[:2], WORKERS]))
    spec = ItemSpec(EvidenceRule(demand), tuple(p.condition.key for p in proofs), "on-call" if members else None)
    claims = tuple(draw_claim(draw, demand, member) for member in [m.id for m in members] or [""])
    valid_for = draw(st.sampled_from([None, timedelta(minutes=95), timedelta(days=7)]))
    condition = make_condition(ConditionKind.ITEM, key, item=spec, valid_for=valid_for)
    return ConditionFacts(condition, claims=claims, proofs=proofs, members=members)


def draw_proofs(draw, key):
    kinds = draw(st.lists(st.sampled_from([met_gates, met_checks, met_drills]), max_size=2))
    return tuple(draw(kind(f"{key}-proof-{n}")) for n, kind in enumerate(kinds))


def draw_claim(draw, demand, member):
    kind = demand.value if demand not in (EvidenceDemand.REQUIRED, EvidenceDemand.NONE) else "note"
    state = EvidenceState.ATTESTS if demand is EvidenceDemand.ATTESTATION else EvidenceState.PROVES
    by = draw(st.sampled_from(WORKERS))
    pieces = [EvidenceFacts(DIGEST, kind, "report", state, "kept", draw(MOMENTS), by)]
    if demand in (EvidenceDemand.ATTESTATION, EvidenceDemand.NONE) and draw(st.booleans()):
        pieces = []
    pieces += [EvidenceFacts(DIGEST, "link", "also", EvidenceState.ATTESTS, "only the address", draw(MOMENTS), by)] * (
        draw(st.integers(0, 1))
    )
    return ClaimFacts(by, draw(MOMENTS), member, evidence=tuple(pieces))


MET_KINDS = (met_gates, met_checks, met_drills, met_reviews, met_items)


def place(facts, place_name, number, where, owner):
    """Give a condition its place: no two of a rollout share a path."""
    c = facts.condition
    path = f"{place_name}/{where.value}/{c.kind.value}:{c.key}-{number}"
    condition = replace(c, path=path, key=f"{c.key}-{number}", owner=owner, place=place_name, list=where)
    return replace(facts, condition=condition)


def waive(facts, *, by=WORKERS[2], lasts=timedelta(days=1)):
    """Give a condition that is excused for a time, asked for by one and granted by another."""
    waiver = WaiverFacts(
        id=len(facts.condition.path),
        definition=waived_definition(facts),
        reason="the exporter is being replaced",
        measure="watched by hand",
        asked_by=by,
        asked_at=NOW - timedelta(hours=2),
        granted_by=SIGNERS[0],
        granted_at=NOW - timedelta(hours=1),
        expires_at=NOW + lasts,
    )
    return replace(facts, waiver=waiver)


GOOD = (Outcome.MET, Outcome.WAIVED)
