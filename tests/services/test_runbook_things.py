"""Beside phases and criteria: flags, ways back, drills, gaps, reviews, decisions, and what people are told."""

from pathlib import Path

import pytest

from readiness.services.runbooks import draft_runbook

RUNBOOKS = Path(__file__).resolve().parent.parent / "runbooks"


def drafted(name):
    return draft_runbook([(name, (RUNBOOKS / name).read_text())])


@pytest.fixture(scope="module")
def whole():
    return drafted("01-phases-whole.md")


@pytest.fixture(scope="module")
def analysis():
    return drafted("02-gap-analysis.md")


def test_a_phase_of_two_shares_is_two_phases(whole):
    assert [(p.number, p.traffic) for p in whole.plan.plan.phases] == [
        ("0", ""), ("1", ""), ("2", "5%"), ("3", "25%"), ("4a", "50%"), ("4b", "75%"), ("5", "100%"),
    ]  # fmt: skip
    assert [p.dwell.days for p in whole.plan.plan.phases] == [3, 7, 7, 7, 7, 7, 7]


def test_flags_have_the_share_of_each_phase_and_between_two_that_of_the_traffic(whole):
    shares = {p.number: dict(p.flags) for p in whole.plan.plan.phases}
    assert shares["1"] == {"ranking_model": "on", "learned_order": "off"}
    assert shares["2"]["learned_order"] == "5%"
    assert shares["4b"] == {"ranking_model": "on", "learned_order": "75%"}
    assert shares["5"]["learned_order"] == "on"
    assert whole.plan.plan.flags["ranking_model"]["title"] == "Load the model"
    assert "assumed-share" in {finding.code for finding in whole.settled.findings}


def test_ways_back_have_their_time_their_commands_what_they_turn_off_and_what_recovers(whole):
    ways = {way.key: way for way in whole.plan.plan.rollbacks}
    toggle = ways["immediate-rollback"]
    assert (toggle.within.seconds, dict(toggle.sets)) == (300, {"learned_order": "off"})
    assert dict(toggle.recovers) == {"latency": "2m", "full stabilization": "30m"}
    assert ways["full-rollback"].within.seconds == 3600
    canary = whole.plan.plan.phases[2]
    back = {trigger.title: trigger.abort.roll_back for trigger in canary.abort}
    assert back["User complaints: >5 reported issues about the canary"] == "go-back-from-canary-deployment"
    assert back["Search process crash"] == "immediate-rollback"


def test_who_decides_is_read_from_the_heading(whole):
    deciders = {c.title: c.abort.decided_by for c in whole.plan.plan.phases[0].abort}
    assert deciders["Search error rate >1% sustained for 10 minutes"] == "automation"
    assert deciders["Search process crash"] == "on-call"
    assert deciders["Cost increase >50% vs budget"] == "engineering-manager"


def test_a_drill_is_asked_for_by_its_phase(whole):
    (drill,) = whole.plan.plan.drills
    assert drill.drill.expect == "search falls back to the old order, users see no error"
    assert ("drill", drill.key) in {(c.kind.value, c.key) for c in whole.plan.plan.phases[3].succeed}


def test_people_are_told_and_asked_in_turn(whole):
    told = whole.plan.plan.communication
    assert told["rollback_internal"] == "Ranking rollback at {phase}: {reason}"
    assert told["rollback_public"].startswith("Search may be slower")
    assert told["channel"] == "#ranking-rollout"
    assert [(step["after"], step["to"]) for step in told["escalation"]] == [
        ("0m", "Primary on-call engineer"),
        ("15m", "Secondary on-call"),
        ("30m", "Engineering manager"),
    ]


def test_checklists_between_phases_are_asked_before_the_phase_they_lead_to(whole):
    fourth = next(p for p in whole.plan.plan.phases if p.number == "4a")
    assert "25% traffic ran for 1 week" in [c.title for c in fourth.enter]
    assert all(
        "No critical incidents in the past 48 hours" in [c.title for c in p.enter] for p in whole.plan.plan.phases
    )


def test_a_limit_of_a_table_is_a_gate_where_a_query_measures_it(whole):
    third = whole.plan.plan.phases[3]
    assert [c.title for c in third.succeed if c.kind.value == "gate"] == [
        "Search P99 Latency <15ms",
        "Search Error Rate <0.1%",
    ]


def test_an_alert_rule_keeps_what_it_watches_for(whole):
    titles = {c.key: c.title for c in whole.plan.plan.checks}
    assert titles["alert-rankinglatencyp99high"] == "Alert rule: RankingLatencyP99High (P99 >15ms for 10min, Critical)"


def test_gaps_have_weight_effort_owner_reason_work_and_what_closes_them(analysis):
    gaps = {gap.key: gap for gap in analysis.plan.plan.gaps}
    flags = gaps["runtime-feature-flags-missing"]
    assert (flags.severity, flags.owner, flags.estimate, flags.blocks) == (
        "blocking",
        "backend-lead",
        (2.0, 3.0),
        ("all",),
    )
    assert flags.why.startswith("All flags are fixed when the program is built.")
    assert [task.title for task in flags.tasks][1] == "HTTP endpoint /api/v1/admin/features"
    assert [c.title for c in flags.closed_when] == [
        "A toggle reaches every instance within 5 seconds",
        "State survives a restart",
    ]
    assert flags.found_by == ("Product planner", "Testing lead")
    assert gaps["statistical-method"].blocks == ()


def test_what_was_not_found_closes_its_gap_when_it_is(analysis):
    gaps = {gap.key: gap for gap in analysis.plan.plan.gaps}
    assert [c.key for c in gaps["kubernetes-manifests-incomplete"].closed_when] == [
        "manifest-shadow", "manifest-canary-5pct", "alert-rankinglatencyp99high", "file-alerts",
    ]  # fmt: skip
    assert [c.check.settings["keys"] for c in gaps["configuration-inadequate"].closed_when] == [
        ["features.ranking_model"],
        ["ranking.cohort_seed"],
    ]


def test_scores_verdicts_options_and_lessons_are_history(analysis):
    plan = analysis.plan.plan
    scores = {c.key: (c.review.score, c.review.after_gaps, c.review.verdict) for c in plan.reviews}
    assert scores["testing-methodology-review"] == (6.5, None, "")
    assert scores["strategic-review"] == (None, None, "needs work")
    assert scores["strategic-completeness"] == (None, 8.5, "")
    assert {d["verdict"] for d in plan.history["decisions"]} == {"NO_GO"}
    assert plan.history["decisions"][0]["at"] == "2025-11-20"
    assert plan.history["alternatives"][1]["rejected"] == "Less validation and pressure to proceed"
    assert len(plan.history["lessons"]) == 2
