"""From the document to the plan: defaults and overrides, what every phase gets, and who owns what."""

from datetime import UTC, date, datetime, timedelta

import pytest

from readiness.core.conditions import Against, ConditionKind, Enough, EvidenceDemand, EvidenceRule, Records
from readiness.core.plan import SIGN_OFF_VALID_FOR, VOID_AFTER, Command, Watch
from readiness.core.plan_build import SamePath, build_plan
from readiness.core.plan_conditions import UnknownThing
from readiness.core.quantities import UnreadableQuantity
from tests.core.documents import make_document, put

CANARY = ("phases", 1)


def built(*edits):
    document = make_document()
    for path, value in edits:
        document = put(document, path, value)
    return build_plan(document, "sha256:x")


def placed(entry, where="succeed"):
    """The condition that `entry` makes as the only own one of a list of the canary."""
    conditions = getattr(built(((*CANARY, where), [entry])).phases[1], where)
    return conditions[-1]


def test_a_place_takes_what_it_does_not_say_from_the_definition():
    condition = placed({"gate": "latency"})
    assert (condition.title, condition.owner) == ("Latency", "sre")
    assert condition.gate.expect == (("<= 15ms",),)
    assert condition.gate.hold_for == timedelta(minutes=1)


def test_a_place_overrides_what_it_says():
    condition = placed(
        {"gate": "latency", "title": "Quick", "owner": "lead", "expect": ["<= 1ms", ">0ms"], "for": "2m", "every": "5s"}
    )
    assert (condition.title, condition.owner) == ("Quick", "lead")
    assert condition.gate.expect == (("<= 1ms", "> 0ms"),)
    assert (condition.gate.hold_for, condition.gate.every) == (timedelta(minutes=2), timedelta(seconds=5))


def test_a_trigger_does_not_inherit_the_window_of_its_gate():
    trigger = placed({"gate": "latency", "decided_by": "sre", "roll_back": "off", "arms": "on_entry"}, "abort")
    assert trigger.gate.hold_for == timedelta(0)
    assert (trigger.abort.decided_by, trigger.abort.roll_back, trigger.abort.arms_on_entry) == ("sre", "off", True)


def test_a_share_of_the_phase_is_no_duration():
    gate = placed({"gate": "latency", "for": "phase", "at_least": "99.9%"}).gate
    assert (gate.for_phase, gate.at_least, gate.hold_for) == (True, 0.999, timedelta(0))


def test_a_comparison_and_enough_traffic_are_read():
    gate = placed(
        {
            "gate": "latency",
            "expect": "<= +5%",
            "against": {"baseline": "before", "title": "then"},
            "enough": {"query": "sum(requests)", "at_least": "0.5"},
        }
    ).gate
    assert gate.against == Against(baseline="before", title="then")
    assert gate.enough == Enough("sum(requests)", 0.5)
    assert placed({"gate": "latency", "against": {"previous": True}}).gate.against == Against(previous=True)


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ({"gate": "latency"}, "canary/succeed/gate:latency/<= 15ms/1m"),
        ({"gate": "latency", "expect": "<=15ms", "for": "60s"}, "canary/succeed/gate:latency/<= 15ms/1m"),
        ({"gate": "latency", "expect": "= 0"}, "canary/succeed/gate:latency/== 0/1m"),
        (
            {"gate": "errors", "expect": [["<1%", ">0%"], ["<2%"]]},
            "canary/succeed/gate:errors/< 1% and > 0% or < 2%/0s",
        ),
        ({"gate": "errors", "for": "phase", "at_least": "99%"}, "canary/succeed/gate:errors/<= 1%/phase"),
        ({"check": "script"}, "canary/succeed/check:script"),
        ({"item": "done"}, "canary/succeed/item:done"),
    ],
)
def test_the_path_is_place_list_thing_limit_and_window_however_they_are_spelt(entry, path):
    assert placed(entry).path == path


def test_definitions_closing_conditions_and_proofs_have_paths_of_their_own():
    plan = built()
    assert [gate.path for gate in plan.gates] == ["gates/gate:latency", "gates/gate:errors"]
    assert plan.gaps[0].closed_when[0].path == "gap:backups/closed_when/item:restored"
    assert plan.rollbacks[0].verify.path == "rollback:off/verify/gate:latency/<= 15ms/1m"


def test_every_phase_comes_first_in_each_phase_and_not_in_the_close():
    plan = built((("close",), {"enter": [], "sign_off": {"roles": ["lead"], "last": "lead"}}))
    assert [phase.enter[0].path for phase in plan.phases] == ["prepare/enter/item:people", "canary/enter/item:people"]
    assert [phase.enter[0].place for phase in plan.phases] == ["prepare", "canary"]
    assert plan.close.enter == ()


def test_a_condition_of_a_phase_takes_the_place_of_the_common_one():
    own = {"item": "people", "title": "More people", "owner": "sre"}
    enter = built(((*CANARY, "enter"), [own])).phases[1].enter
    assert [(condition.title, condition.owner) for condition in enter] == [("More people", "sre")]


def stops(decided_by, common="automation", **said):
    """The triggers of the canary when every phase has one that differs only in who decides."""
    every = {"gate": "errors", "decided_by": common, "roll_back": "off"}
    own = {"gate": "errors", "decided_by": decided_by, "roll_back": "less", **said}
    return built((("every_phase", "abort"), [every]), ((*CANARY, "abort"), [own])).phases[1].abort


def test_a_person_never_takes_the_place_of_automation():
    triggers = stops("on-call")
    assert [(trigger.path, trigger.abort.decided_by) for trigger in triggers] == [
        ("canary/abort/gate:errors/<= 1%/0s", "automation"),
        ("canary/abort/gate:errors/<= 1%/0s/on-call", "on-call"),
    ]
    assert [trigger.abort.decided_by for trigger in stops("automation", "on-call")] == ["on-call", "automation"]


def test_a_trigger_of_the_same_decider_takes_another_way_back():
    assert [trigger.abort.roll_back for trigger in stops("automation")] == ["less"]


def test_the_owner_of_a_gap_owns_what_closes_it_and_its_tasks():
    gap = built().gaps[0]
    assert (gap.closed_when[0].owner, gap.tasks[0].owner) == ("sre", "sre")
    assert built((("gaps", 0, "closed_when", 0, "owner"), "lead")).gaps[0].closed_when[0].owner == "lead"


def test_the_reviewer_owns_a_review():
    review = {"key": "design", "title": "Design", "by": "lead", "score": "6.5/10", "after_gaps": "8"}
    plan = built((("reviews",), [review]), ((*CANARY, "enter", 1), {"review": "design", "min_score": "7"}))
    condition = plan.phases[1].enter[-1]
    assert (condition.kind, condition.owner) == (ConditionKind.REVIEW, "lead")
    spec = condition.review
    assert (spec.score, spec.after_gaps, spec.min_score, plan.reviews[0].review.min_score) == (6.5, 8.0, 7.0, None)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({}, EvidenceRule(EvidenceDemand.REQUIRED)),
        ({"evidence": "attestation"}, EvidenceRule(EvidenceDemand.ATTESTATION)),
        ({"proved_by": ["script"]}, EvidenceRule(EvidenceDemand.NONE)),
        ({"proved_by": ["script"], "evidence": "required"}, EvidenceRule(EvidenceDemand.REQUIRED)),
        ({"records": {"baseline": "b", "gates": ["latency"]}}, EvidenceRule(EvidenceDemand.NONE)),
        ({"evidence": {"kind": "junit", "min_suites": 5}}, EvidenceRule(EvidenceDemand.JUNIT, min_suites=5)),
        (
            {"evidence": {"kind": "loadtest", "min_duration": "24h", "p99": "<= 5ms", "error_rate": "<= 1%"}},
            EvidenceRule(EvidenceDemand.LOADTEST, min_duration=timedelta(hours=24), p99="<= 5ms", error_rate="<= 1%"),
        ),
        ({"evidence": {"kind": "report", "fields": ["cost"]}}, EvidenceRule(EvidenceDemand.REPORT, fields=("cost",))),
    ],
)
def test_a_bare_tick_is_enough_only_where_a_machine_proves_it(said, rule):
    assert placed({"item": "done", **said}).item.evidence == rule


def test_an_item_may_record_a_baseline_or_be_asked_of_each_member():
    condition = placed(
        {"item": "done", "records": {"baseline": "b", "gates": ["latency", "errors"]}, "valid_for": "7d"}
    )
    assert condition.item.records == Records("b", ("latency", "errors"))
    assert condition.valid_for == timedelta(days=7)
    assert placed({"item": "done", "each": "on-call"}).item.each == "on-call"


def test_a_phase_has_defaults():
    phase = built().phases[0]
    assert (phase.number, phase.dwell, phase.late_after, phase.watch) == ("0", timedelta(0), None, None)
    assert (phase.sign_off.valid_for, phase.sign_off.void_after) == (SIGN_OFF_VALID_FOR, VOID_AFTER)


def test_a_phase_has_what_it_says():
    phase = built(
        ((*CANARY, "number"), "2b"),
        ((*CANARY, "commands"), ["./a.sh", {"title": "Look", "run": "./b.sh"}]),
        ((*CANARY, "watch"), {"for": "2h", "every": "5m", "triggers": ["errors"]}),
        ((*CANARY, "sign_off", "void_after"), "30m"),
    ).phases[1]
    assert (phase.number, phase.dwell, phase.late_after) == ("2b", timedelta(days=1), timedelta(days=3))
    assert phase.commands == (Command("./a.sh"), Command("./b.sh", "Look"))
    assert phase.watch == Watch(timedelta(hours=2), timedelta(minutes=5), ("errors",))
    assert phase.sign_off.void_after == timedelta(minutes=30)


def test_people_dates_and_rights_are_read():
    deputy = {"name": "Chloe", "from": "2025-12-20", "until": "2026-01-02T12:00:00+00:00"}
    plan = built(
        (("roles", "sre"), {"title": "SRE", "deputies": [deputy]}),
        (("rollout", "planned_start"), "2025-12-08"),
        (("rollout", "holidays"), ["2025-12-25"]),
        (("rollout", "rehearsal"), True),
    )
    assert plan.roles[1].deputies == (("Chloe", date(2025, 12, 20), datetime(2026, 1, 2, 12, tzinfo=UTC)),)
    assert (plan.planned_start, plan.holidays, plan.rehearsal) == (date(2025, 12, 8), (date(2025, 12, 25),), True)
    assert (plan.authority.waive, plan.authority.break_glass) == (("lead",), ())


def test_a_gap_keeps_its_estimate_in_days_and_what_it_waits_for():
    gap = built((("gaps", 0, "estimate"), "1-2d"), (("gaps", 0, "blocks"), ["canary"])).gaps[0]
    assert (gap.estimate, gap.tasks[0].estimate, gap.blocks) == ((1.0, 2.0), (1.0, 2.0), ("canary",))
    assert built().gaps[0].blocks == ("all",)


def test_what_is_not_there_is_an_unknown_thing():
    with pytest.raises(UnknownThing, match="There is no gate 'none'"):
        placed({"gate": "none"})


def test_two_conditions_of_one_identity_are_refused():
    with pytest.raises(SamePath, match="stands twice"):
        built(((*CANARY, "succeed"), [{"gate": "errors"}, {"gate": "errors", "expect": "<=1%"}]))


def test_a_quantity_that_cannot_be_read_is_not_guessed():
    with pytest.raises(UnreadableQuantity):
        built(((*CANARY, "duration"), "soon"))
