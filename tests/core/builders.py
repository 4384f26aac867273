"""Facts for the core's tests: plain functions that make one thing, with what matters to a test as arguments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from readiness.core.conditions import (
    AbortSpec,
    CheckSpec,
    Condition,
    ConditionKind,
    ConditionList,
    DrillSpec,
    EvidenceDemand,
    EvidenceRule,
    GateSpec,
    ItemSpec,
    ReviewSpec,
)
from readiness.core.facts import (
    ConditionFacts,
    Facts,
    GapFacts,
    RecordFacts,
    RunFacts,
    SignatureFacts,
    TargetFacts,
    TaskFacts,
    TriggerFacts,
)
from readiness.core.plan import Gap, SignOffRule
from readiness.core.signoffs import material_of, polled_roles
from readiness.core.types import (
    CheckObservation,
    ClaimFacts,
    DrillFacts,
    EvidenceFacts,
    EvidenceState,
    Finding,
    GateObservation,
    Person,
    Question,
    Reading,
    ReviewFacts,
    SeriesValue,
    Window,
)
from readiness.core.verdict import evaluate_verdict

NOW = datetime(2025, 12, 8, 9, 0, tzinfo=UTC)
ANA, BEN, CHLOE, DEV = (Person(f"u:{n}", name) for n, name in enumerate(["Ana", "Ben", "Chloe", "Dev"], 1))
RULE = SignOffRule(roles=("backend-lead", "sre-lead", "release-manager"), last="release-manager")
SIGNERS = {"backend-lead": BEN, "sre-lead": CHLOE, "release-manager": DEV}


def make_condition(kind, key="thing", where=ConditionList.ENTER, owner="backend-lead", **spec):
    path = f"canary/{where.value}/{kind.value}:{key}"
    return Condition(path, kind, key, key.replace("-", " ").capitalize(), owner, "canary", where, **spec)


def make_reading(*values, age=timedelta(seconds=5), **more):
    series = tuple(SeriesValue(labels, value) for labels, value in values)
    query, sampled_at = more.pop("query", "q"), NOW - age if series else None
    return Reading(query=query, source="metrics", asked_at=NOW, values=series, sampled_at=sampled_at, **more)


def make_gate(value=0.010, *, key="recall-p99", expect="<= 15ms", where=ConditionList.ENTER, observation=None, **spec):
    gate = GateSpec(source="metrics", query="q", unit="s", expect=((expect,),), **spec)
    seen = observation or GateObservation(make_reading(("", value)))
    return ConditionFacts(make_condition(ConditionKind.GATE, key, where, gate=gate), gate=asked_by(gate, seen))


def asked_by(spec, seen):
    """What was seen, as answers to what the gate asks for its comparison and its traffic."""
    other = seen.comparand and replace(seen.comparand, query=spec.against.query if spec.against else "")
    traffic = seen.traffic and replace(seen.traffic, query=spec.enough.query if spec.enough else "")
    return replace(seen, comparand=other, traffic=traffic)


def make_evidence(state=EvidenceState.PROVES, kind="file", finding="kept", by=ANA, title="report", **more):
    digest, at = more.pop("digest", "sha256:" + "a" * 64), more.pop("at", NOW - timedelta(hours=1))
    return EvidenceFacts(digest, kind, title, state, finding, at, by, **more)


def make_claim(*evidence, by=ANA, age=timedelta(hours=1), member=""):
    return ClaimFacts(by, NOW - age, member=member, evidence=evidence)


def make_item(*claims, key="paging", demand=EvidenceDemand.REQUIRED, proofs=(), members=(), valid_for=None, **spec):
    rule = demand if isinstance(demand, EvidenceRule) else EvidenceRule(demand)
    item = ItemSpec(evidence=rule, proved_by=tuple(p.condition.key for p in proofs), **spec)
    condition = make_condition(ConditionKind.ITEM, key, item=item, valid_for=valid_for)
    return ConditionFacts(condition, claims=claims, proofs=tuple(proofs), members=members)


def make_check(finding=Finding.FITS, *, key="runbook", age=timedelta(seconds=20), detail="exists", **seen):
    spec = CheckSpec("repository", "file", {"path": "docs/runbook.md"})
    observation = CheckObservation(NOW - age, finding, "docs/runbook.md", detail, "5d54816", "sha256:c", **seen)
    return ConditionFacts(make_condition(ConditionKind.CHECK, key, check=spec), check=observation)


def make_drill(ran=None, *, key="rollback", target=timedelta(minutes=2), **spec):
    return ConditionFacts(make_condition(ConditionKind.DRILL, key, drill=DrillSpec(target, **spec)), drill=ran)


def make_ran(took=timedelta(minutes=1), *, passed=True, age=timedelta(days=1)):
    return DrillFacts(NOW - age, took, passed, ANA)


def make_review(score=8.0, *, key="testing", min_score=7.0):
    condition = make_condition(ConditionKind.REVIEW, key, review=ReviewSpec("verification-lead", min_score=min_score))
    return ConditionFacts(condition, review=None if score is None else ReviewFacts(score, ANA, NOW))


def make_trigger(value=0.010, *, running=True, on_entry=False, firings=(), blind_since=None, window=None, **more):
    facts = make_gate(value, where=ConditionList.ABORT, **more)
    condition = replace(facts.condition, abort=AbortSpec("on-call", "immediate", on_entry))
    seen = replace(facts.gate, window=window) if facts.gate and window else facts.gate
    return TriggerFacts(replace(facts, condition=condition, gate=seen), running, blind_since, tuple(firings))


def make_window(held=None, breached=None, share=None, span=timedelta(minutes=30)):
    return Window(
        NOW - span,
        NOW,
        NOW - held if held is not None else None,
        NOW - breached if breached is not None else None,
        share,
    )


def make_gap(*conditions, key="flags", open_tasks=0, done_tasks=0, blocks=("all",), closed_by=None):
    tasks = [TaskFacts(f"t{n}", f"Task {n}", "backend-lead") for n in range(open_tasks)]
    tasks += [TaskFacts(f"d{n}", f"Done {n}", "backend-lead", ANA, NOW) for n in range(done_tasks)]
    gap = Gap(key, "No runtime flags", "blocking", "backend-lead", blocks)
    return GapFacts(gap, tuple(tasks), tuple(conditions), closed_by)


def make_facts(*, enter=None, complete=(), gaps=(), triggers=(), signatures=(), holds=(), running=None, **more):
    facts = Facts(
        rollout="shop",
        plan="sha256:plan",
        policy="sha256:policy",
        running=running,
        target=TargetFacts("canary", "Canary", 1, RULE),
        complete=tuple(complete),
        enter=(make_gate(),) if enter is None else tuple(enter),
        gaps=tuple(gaps),
        triggers=tuple(triggers),
        holds=tuple(holds),
        signatures=tuple(signatures),
        record=RecordFacts(NOW - timedelta(minutes=1), 100),
    )
    return replace(facts, **more)


def make_run(dwelt=timedelta(days=7), dwell=timedelta(days=7)):
    return RunFacts(
        "shadow", "Shadow mode", 1, NOW - timedelta(days=8), int(dwell.total_seconds()), int(dwelt.total_seconds())
    )


def sign(facts, role, *, go=True, by=None, voided="", age=timedelta(hours=1)):
    """Give a signature whose material is what the facts are now."""
    judged = {a.path: a for a in evaluate_verdict(facts, Question.ENTER, NOW).assessments}
    return SignatureFacts(
        id=len(facts.signatures) + 1,
        role=role,
        by=by or SIGNERS[role],
        go=go,
        reason="" if go else "not yet",
        signed_at=NOW - age,
        expires_at=NOW - age + timedelta(days=7),
        material=material_of(facts, facts.target.sign_off, role, judged),
        voided=voided,
    )


def sign_all(facts, **by):
    """Give the facts with a valid GO of every polled role."""
    given = tuple(sign(facts, role, by=by.get(role)) for role in polled_roles(facts.target.sign_off))
    return replace(facts, signatures=given)


def codes(verdict):
    return [reason.code for reason in verdict.reasons]
