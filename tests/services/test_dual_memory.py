"""The example plan as its story begins: five gaps are open, and most of what they ask for does not exist."""

import pytest

from demo.checkout import build_checkout
from readiness.collectors.baselines import LinesTold
from readiness.collectors.registry import collect_check, make_context
from readiness.core.case import open_case
from readiness.core.gaps import gap_estimate, total_effort
from readiness.core.reasons import reason_sentence
from readiness.core.types import CheckObservation, Finding, Question
from readiness.core.watchlist import watchlist
from readiness.core.windows import Point
from readiness.models import Observation
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.services.baselines import record_baseline
from readiness.services.gates import refresh_rollout
from readiness.services.leases import lease_due
from tests.factories import (
    NOW,
    PEOPLE,
    PLANS,
    act_as,
    judge,
    machine_act,
    make_person,
    make_rollout,
    observe_all,
    observe_gate,
    start_phase,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
QUIET = {
    "critical-incidents": 0.0,
    "restarts": 0.0,
    "breaker-closed": 0.0,
    "fast-recalls": 0.99,
    "consolidation-success": 1.0,
}
NOT_BUILT = ("flag-api", "alert-latency", "alert-concept-quality", "alert-fan-effect")


@pytest.fixture
def example(tmp_path):
    """The rollout with its checkout read, its gates quiet, and the flag API and three alert rules not built."""
    build_checkout(tmp_path / "checkout")
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text())
    look_around(rollout, tmp_path / "checkout")
    return rollout


def look_around(rollout, checkout):
    """Measure every gate, and make every check: those of the repository by looking into it."""
    observe_all(rollout, values=QUIET)
    Observation.objects.update(next_due_at=NOW, leased_until=None)
    due, environ = lease_due(rollout.key, NOW, [Observation.CHECK]), {"SERVICE_CHECKOUT": str(checkout)}
    with make_context(load_plan(rollout).sources, environ, (), NOW) as context:
        seen = {each.row: (each, check(each.watched.condition, context)) for each in due}
    refresh_rollout(rollout.key, seen, machine_act(), NOW)


def check(condition, context):
    if condition.check.source == "repository":
        return collect_check(condition.check, context)
    finding = Finding.MISSING if condition.key in NOT_BUILT else Finding.FITS
    return CheckObservation(NOW, finding, condition.key, f"{condition.key} {finding}")


def enter(rollout):
    return next(verdict for verdict in judge(rollout) if verdict.question is Question.ENTER)


def listed(verdict):
    return [(reason.code, reason.path or reason.key) for reason in verdict.reasons]


def under(place, code, *keys):
    return [(code, f"{place}:{key}") for key in keys]


def tracked(gap, code, *keys):
    return under(f"gap:{gap}/closed_when/{'item' if code == 'ITEM_UNCLAIMED' else 'check'}", code, *keys)


POLLED = ["backend-lead", "devops-lead", "performance-engineer", "release-manager", "sre-lead", "verification-lead"]
GAPS = ["configuration", "dashboards", "kubernetes-variants", "load-testing", "runtime-flags"]
MISSING = [
    *[("GAP_OPEN", gap) for gap in GAPS],
    *under("validation/enter/check", "CHECK_MISSING", "script-integrity", "script-restore"),
    *tracked("dashboards", "CHECK_MISSING", "alert-concept-quality", "alert-fan-effect", "alert-latency"),
    *tracked("dashboards", "CHECK_MISSING", "dashboard-canary", "dashboard-cognitive", "dashboard-slo"),
    *tracked("kubernetes-variants", "CHECK_MISSING", "manifest-canary-5", "manifest-full", "manifest-ramp-25"),
    *tracked("kubernetes-variants", "CHECK_MISSING", "manifest-ramp-50", "manifest-ramp-75", "manifest-shadow"),
    *tracked("load-testing", "CHECK_MISSING", "loadtest-source", "scenario-canary", "scenario-competitive"),
    *tracked("load-testing", "CHECK_MISSING", "scenario-ramp-25", "script-compare", "script-full-rollout"),
    *tracked("load-testing", "CHECK_MISSING", "script-monitoring", "script-significance", "script-soak"),
    *tracked("load-testing", "CHECK_MISSING", "script-toggle"),
    *tracked("runtime-flags", "CHECK_MISSING", "flag-api", "flag-manager-source"),
    *tracked("configuration", "CHECK_MISFIT", "config-blended-recall", "config-features"),
    *tracked("dashboards", "CHECK_MISFIT", "task-013"),
    *under("validation/enter/drill", "DRILL_MISSING", "rollback-data", "rollback-staging"),
    *under("validation/enter/review", "REVIEW_BELOW_SCORE", "testing"),
    *under("validation/enter/review", "REVIEW_MISSING", "strategic"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "channel", "cluster-capacity", "dashboards-healthy"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "drills-designed", "flags-default-off", "lint-clean"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "load-balancer", "merged", "on-call-available", "paging"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "phase-configs", "postmortem-template", "restore-tested"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "runbook-read", "stakeholders-told", "statistics-validated"),
    *under("validation/enter/item", "ITEM_UNCLAIMED", "status-page", "volumes"),
    *tracked("configuration", "ITEM_UNCLAIMED", "config-tested"),
    *tracked("dashboards", "ITEM_UNCLAIMED", "dashboards-render"),
    *tracked("kubernetes-variants", "ITEM_UNCLAIMED", "split-verified", "variant-rollover", "variants-staging"),
    *tracked("load-testing", "ITEM_UNCLAIMED", "scripts-exit-codes", "soak-unattended"),
    *tracked("runtime-flags", "ITEM_UNCLAIMED", "flags-cohort-stable", "flags-persist"),
    *tracked("runtime-flags", "ITEM_UNCLAIMED", "flags-propagate", "flags-staging"),
    *[("SIGN_OFF_MISSING", role) for role in POLLED],
]
"""All that phase 0 lacks, worst first: a reason too few is as wrong as one too many."""


def test_phase_0_lacks_exactly_what_the_story_says(example):
    assert listed(enter(example)) == MISSING


def test_the_five_gaps_are_nine_to_thirteen_days_of_work(example):
    case = open_case(load_facts(example, Question.ENTER), Question.ENTER, NOW)
    still_open = [state.gap for state in case.gaps if not state.closed]
    assert sorted(gap.key for gap in still_open) == GAPS
    assert total_effort(map(gap_estimate, still_open)) == (9, 13)


def test_the_review_that_scored_too_low_says_so_and_a_prediction_is_no_score(example):
    said = {reason.key: reason_sentence(reason) for reason in enter(example).reasons if reason.kind == "review"}
    assert said == {
        "testing": "Testing methodology scored 6.5 of 10; 7 is required.",
        "strategic": "Strategic completeness: no score; 8.5 of 10 is only predicted for after the gaps.",
    }


# ------------------------------------------------------------------------------------- what only the canary produces


@pytest.fixture
def before_canary(example):
    """Shadow mode runs; nothing of the canary is measured, because there is none."""
    act = act_as(make_person(PEOPLE["performance-engineer"]))
    record_baseline(example.key, "validation/succeed/item:baseline-recorded", act, NOW, steady)
    start_phase(example, "shadow")
    observe_all(example, values=QUIET)
    for path, gate in gates_of_canary(example):
        observe_gate(example, path, None, comparand=0.2 if gate.against else None)
    return example


def steady(gate, now, window):
    return LinesTold({"": (Point(now - window, 1.0), Point(now, 1.0))}, raw=b"{}")


def gates_of_canary(rollout):
    """Everything that reads what only the canary cohort produces, with its path."""
    found = watchlist(load_plan(rollout), "shadow", "canary")
    return [
        (w.path, w.condition.gate) for w in found if w.condition.gate and 'cohort="canary"' in w.condition.gate.query
    ]


def unarmed(rollout):
    return {reason.path for reason in enter(rollout).reasons if reason.code == "ABORT_UNARMED"}


def test_what_only_the_canary_produces_does_not_keep_it_from_being_entered(before_canary):
    verdict = enter(before_canary)
    assert verdict.phase == "canary"
    assert [path for _, path in listed(verdict) if path.startswith(("canary/abort", "canary/succeed"))] == []


def test_without_the_control_to_compare_with_the_canarys_triggers_are_not_armed(before_canary):
    for path, gate in gates_of_canary(before_canary):
        if gate.against:
            observe_gate(before_canary, path, None)
    assert unarmed(before_canary) == {
        "canary/abort/gate:recall-p99-change/<= +10%/3h",
        "canary/abort/gate:crash-rate-change/<= +100%/0s",
    }
