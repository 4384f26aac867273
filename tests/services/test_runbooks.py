"""From a runbook to a draft: a plan that the importer takes, every thing with its line, nothing dropped."""

import pytest

from readiness.core.conditions import ConditionKind
from readiness.core.runbook.page import RunbookRefused
from readiness.services.plan_file import read_plan
from readiness.services.runbooks import draft_runbook

RUNBOOK = """\
# Ranked search rollout

**Owner:** Search platform

## Summary

This runbook brings learned ranking to all customers of the search service, in careful steps.

## Phase 0: Preparation

**Duration:** 3-5 days
**Objective:** Know the baseline and that the monitoring works.

```bash
./scripts/run_soak.sh --hours 24
kubectl apply -f deploy/kubernetes/ranked-shadow.yaml
```

**Success Criteria:**
- All 5 suites pass
- Error rate <0.1% throughout the soak

**Abort Triggers:**
- Process crash
- Error rate >1% sustained for 1 hour

## Phase 1: Canary (5% traffic)

**Duration:** 1 week

### 1.1 Metrics

1. **Search latency**
   - Query: `histogram_quantile(0.99, sum by (le) (rate(search_seconds_bucket[5m])))`
   - Target: <15ms

### 1.2 Success criteria

- [ ] Rankings stored (owner: SRE lead)
- [x] Dashboard in place
- [ ] P99 search latency increase <5% vs Phase 0 baseline

### 1.3 Abort triggers

Immediately rollback to Phase 0 if:

1. **Latency:** P99 search latency >20ms for 15 minutes
2. **Complaints:** more than 5 reported issues

## Weather

It may rain.

```promql
# Error rate
sum(rate(search_errors_total[5m])) / sum(rate(search_requests_total[5m]))
```
"""


@pytest.fixture(scope="module")
def draft():
    return draft_runbook([("runbook.md", RUNBOOK)])


def conditions(phase, name):
    return {(c.kind.value, c.key): c for c in getattr(phase, name)}


def test_phases_keep_their_number_time_share_objective_and_commands(draft):
    first, second = draft.plan.plan.phases
    assert (first.key, first.number, first.title, first.dwell.days, first.late_after.days) == (
        "preparation", "0", "Preparation", 3, 5,
    )  # fmt: skip
    assert first.objective == "Know the baseline and that the monitoring works."
    assert "run_soak.sh" in first.commands[0].run
    assert (second.key, second.traffic, second.dwell.days) == ("canary", "5%", 7)


def test_a_criterion_with_a_query_is_a_gate_and_any_other_an_item(draft):
    first, second = draft.plan.plan.phases
    soak = conditions(first, "succeed")
    assert soak["gate", "error-rate"].gate.expect == (("< 0.1%",),)
    assert soak["item", "5-suites-pass"].item.evidence.demand.value == "required"
    canary = [c for c in second.succeed if c.kind is ConditionKind.GATE]
    assert [(c.gate.expect, c.gate.against and c.gate.against.baseline) for c in canary] == [
        ((("< 15ms",),), None),
        ((("< +5%",),), "phase-0"),
    ]


def test_the_phase_whose_values_are_compared_with_records_them(draft):
    recorded = conditions(draft.plan.plan.phases[0], "succeed")["item", "baseline-recorded"]
    assert recorded.added
    assert recorded.item.records.baseline == "phase-0"


def test_triggers_ask_for_the_opposite_and_keep_how_long(draft):
    first, second = draft.plan.plan.phases
    (gate,) = (c for c in first.abort if c.kind is ConditionKind.GATE)
    assert (gate.gate.expect, gate.gate.hold_for.total_seconds()) == ((("<= 1%",),), 3600)
    reported = [c for c in second.abort if c.kind is ConditionKind.ITEM]
    assert [c.title for c in reported] == ["Complaints: more than 5 reported issues"]
    assert all(c.item.reported and c.abort.decided_by == "on-call" for c in reported)


def test_references_are_checks_before_the_phase_that_names_them(draft):
    first, second = draft.plan.plan.phases
    assert ("check", "script-run-soak") in conditions(first, "enter")
    assert ("check", "manifest-ranked-shadow") in conditions(first, "enter")
    assert ("check", "metric-search-seconds-bucket") in conditions(second, "enter")
    checks = {c.key: c.check for c in draft.plan.plan.checks}
    assert checks["script-run-soak"].settings["executable"] is True
    assert checks["manifest-ranked-shadow"].check_kind == "kubernetes"


def test_every_condition_of_the_document_says_where_it_was_written(draft):
    lines = RUNBOOK.splitlines()
    for phase in draft.plan.plan.phases:
        for condition in (*phase.succeed, *phase.abort):
            name, _, number = condition.origin.partition("#")
            assert name == "runbook.md"
            if not condition.added:
                assert condition.title.split()[-1] in lines[int(number) - 1]


def test_a_tick_is_history_and_a_claim(draft):
    (item,) = (c for c in draft.plan.plan.phases[1].succeed if c.title == "Dashboard in place")
    assert item.item.evidence.demand.value == "required"
    assert draft.plan.plan.history["criteria"][0]["found"] == "ticked in the document"
    assert "ticked" in {finding.code for finding in draft.settled.findings}


def test_owners_become_roles(draft):
    roles = {role.key: role.title for role in draft.plan.plan.roles}
    assert roles["sre-lead"] == "SRE lead"
    (item,) = (c for c in draft.plan.plan.phases[1].succeed if c.title == "Rankings stored")
    assert item.owner == "sre-lead"
    assert "sre-lead" in draft.plan.plan.close.sign_off.roles


def test_what_has_no_place_is_listed_with_its_line(draft):
    assert [text for _, text in draft.reading.unplaced()] == ["## Weather", "It may rain."]
    assert "#   runbook.md#52: It may rain." in draft.text


def test_a_query_that_the_document_did_not_name_is_told(draft):
    told = [finding.sentence for finding in draft.settled.findings if finding.code == "assumed-query"]
    assert any("Error rate <0.1%" in sentence and "runbook.md#" in sentence for sentence in told)


def test_the_draft_is_the_plan_that_it_says(draft):
    assert read_plan(draft.text).digest == draft.plan.digest


def test_a_checklist_without_phases_is_one_phase():
    text = "# Move\n\n- [ ] We have the keys @lena\n- [ ] The van is booked\n"
    (phase,) = draft_runbook([("list.md", text)]).plan.plan.phases
    assert [(c.title, c.owner) for c in phase.enter] == [
        ("We have the keys", "lena"),
        ("The van is booked", "release-manager"),
    ]


def test_a_plain_list_is_a_checklist_when_nothing_else_is_asked():
    (phase,) = draft_runbook([("list.md", "1. Stop the writers\n2. Copy the data\n")]).plan.plan.phases
    assert [c.title for c in phase.enter] == ["Stop the writers", "Copy the data"]


def test_nothing_recognisable_is_refused_with_an_example_that_is_a_runbook():
    with pytest.raises(RunbookRefused, match=r"Nothing in prose\.md looks like") as refused:
        draft_runbook([("prose.md", "It was a dark night.\n\nAnd then it rained.\n")])
    example = str(refused.value).partition("\n\n")[2]
    assert len(example.strip().splitlines()) == 10
    (phase,) = draft_runbook([("example.md", example)]).plan.plan.phases
    assert [c.kind.value for c in phase.succeed] == ["item", "item", "gate"]
