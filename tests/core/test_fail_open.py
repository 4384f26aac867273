"""The ways in which other gates say yes without having looked, tried on this board: each is NO-GO with its reason.

The numbers are those of the list of 22 documented situations. Each has a healthy twin that is GO, so that the situation
alone decides. All 22 can be expressed with us, though not every detail of them:

* 5: a condition that is always true cannot be written here: criteria that nothing can break are refused at import.
* 13: no file of another tool is imported, so nothing of one is dropped on the way. Its criteria can be read, and all
  of them count.
* 20: nothing here waits with a timeout that opens. What waits stays NO-GO, and what has run out is NO-GO again.
* 22: an administrator has no way round here. What remains is that a plan names only what exists, and polls somebody.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from readiness.collectors.gates import GateAsked, collect_gate
from readiness.collectors.http import collect_http
from readiness.collectors.links import LinkNotKept, collect_link
from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.prometheus_checks import collect_alert_rule
from readiness.collectors.sources import ResolvedSource
from readiness.core.answers import verdict_as_read
from readiness.core.conditions import (
    Against,
    CheckSpec,
    ConditionKind,
    Enough,
    EvidenceDemand,
    ExperimentSpec,
    GateSpec,
)
from readiness.core.criteria import UnreadableCriterion, criteria_hold, parse_criteria
from readiness.core.criteria_keptn import parse_keptn
from readiness.core.facts import ConditionFacts, FiringFacts, RecordFacts, TargetFacts
from readiness.core.plan import SignOffRule
from readiness.core.types import CheckObservation, Decision, EvidenceState, GateObservation, Question, Trouble
from readiness.core.verdict import evaluate_verdict
from readiness.services.plan_file import PlanRefused, read_plan
from tests.collectors.http_servers import Reply, answering, as_json, sent
from tests.core.builders import (
    NOW,
    codes,
    make_check,
    make_claim,
    make_condition,
    make_drill,
    make_evidence,
    make_facts,
    make_gap,
    make_gate,
    make_item,
    make_ran,
    make_reading,
    make_review,
    make_run,
    make_trigger,
    make_window,
    sign_all,
)

TEN_MINUTES = timedelta(minutes=10)
LOGIN = b"<html><h1>Sign in</h1></html>"


def board(*conditions, triggers=(), **more):
    """A rollout in which everything else is met and everybody has signed."""
    item = make_item(make_claim(make_evidence()))
    others = (make_gate(key="other"), item, make_check(), make_drill(make_ran()), make_review())
    gaps = [make_gap(done_tasks=1)]
    facts = make_facts(enter=(*others, *conditions), triggers=triggers, running=make_run(), gaps=gaps)
    return sign_all(replace(facts, **more))


def enter(facts, now=NOW):
    return evaluate_verdict(facts, Question.ENTER, now)


def proceed(facts, now=NOW):
    return evaluate_verdict(facts, Question.CONTINUE, now)


def assert_only_this_stops(code, bad, good):
    """NO-GO because of this condition and nothing else; GO with its healthy twin."""
    verdict = enter(board(bad))
    assert (verdict.decision, codes(verdict)) == (Decision.NO_GO, [code])
    assert verdict.reasons[0].path == bad.condition.path
    assert enter(board(good)).decision is Decision.GO


def gate(*values, comparand=None, window=None, traffic=None, **spec):
    seen = GateObservation(make_reading(*values), comparand, window=window, traffic=traffic)
    return make_gate(key="slow", observation=seen, **spec)


HEALTHY = gate(("", 0.010))
PLAN = """readiness: 1
rollout: {{key: case, title: Case}}
roles: {{lead: Lead, sre: SRE}}
sources: {{metrics: {{kind: prometheus, url: "${{URL}}"}}}}
gates: {{slow: {{title: Slow, source: metrics, query: max(slow), unit: s{gate}}}}}
phases:
  - {{key: first, title: First, enter: [{{{enter}}}], sign_off: {{roles: {roles}, last: lead}}{phase}}}
"""


def plan(gate=", expect: '<= 15ms'", enter="gate: slow", roles="[sre, lead]", phase=""):
    return read_plan(PLAN.format(gate=gate, enter=enter, roles=roles, phase=phase))


def assert_refused(says, **parts):
    assert plan().plan.phases[0].enter
    with pytest.raises(PlanRefused, match=says):
        plan(**parts)


@contextmanager
def prometheus_that(reply: Reply) -> Iterator[PrometheusBatch]:
    with answering(reply) as (url, _):
        yield PrometheusBatch(ResolvedSource("metrics", "prometheus", url), NOW)


def measured(reply):
    """A gate over what a real server on this machine answered."""
    spec = GateSpec("metrics", "q", "s", (("<= 15ms",),))
    with prometheus_that(reply) as batch:
        seen = collect_gate(batch, GateAsked(spec)).observation
    return make_gate(key="slow", observation=seen)


def steady(handler):
    """A Prometheus that has a fresh sample of 10 ms."""
    value = str(NOW.timestamp()) if "timestamp" in handler.path else "0.01"
    as_json({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [0, value]}]}})(
        handler
    )


def endpoint(reply, **expect):
    """A check of what a real endpoint on this machine answers."""
    spec = CheckSpec("service", "http", {"path": "/ready", "expect": expect})
    with answering(reply) as (url, _):
        seen = collect_http(ResolvedSource("service", "http", url), spec, NOW)
    return ConditionFacts(make_condition(ConditionKind.CHECK, "ready", check=spec), check=seen)


# ------------------------------------------------------------------------------------- Argo Rollouts


def test_01_a_measurement_that_was_cut_short_is_not_a_success():
    whole, short = (
        gate(("", 0.01), hold_for=TEN_MINUTES, window=make_window(held=timedelta(minutes=held))) for held in (10, 2)
    )
    assert_only_this_stops("GATE_NOT_SUSTAINED", short, whole)


def test_01_nor_is_one_that_never_began_or_that_only_failed():
    assert_only_this_stops("GATE_NEVER_MEASURED", replace(HEALTHY, gate=None), HEALTHY)
    away = GateObservation(make_reading(trouble=Trouble.SOURCE_ERROR, message="did not answer"))
    assert_only_this_stops("GATE_SOURCE_ERROR", make_gate(key="slow", observation=away), HEALTHY)


def test_02_a_phase_that_asks_for_nothing_is_not_met():
    facts = sign_all(make_facts(enter=()))
    assert "PHASE_EMPTY" in codes(enter(facts))
    assert_refused("needs expect, which is missing", gate="")


def test_03_a_trigger_over_what_is_not_a_number_does_not_let_a_phase_begin_or_go_on():
    blind = make_trigger(math.nan, key="errors")
    assert codes(enter(board(triggers=[blind]))) == ["ABORT_UNARMED"]
    later = NOW + TEN_MINUTES
    assert codes(proceed(board(triggers=[blind], record=RecordFacts(later, 9)), later)) == ["ABORT_BLIND"]
    assert enter(board(triggers=[make_trigger(key="errors")])).decision is Decision.GO


def test_04_all_of_nothing_is_no_data():
    assert_only_this_stops("GATE_NO_DATA", gate(), HEALTHY)


@pytest.mark.parametrize("body", [b"", LOGIN, b"OK", b"true"])
def test_05_an_answer_that_is_none_is_an_error(body):
    assert_only_this_stops("GATE_SOURCE_ERROR", measured(sent(200, body)), measured(steady))


@pytest.mark.parametrize("body", [b"", LOGIN])
def test_05_nor_is_it_the_document_that_was_stated(body):
    ready = {"ready": True}
    good = endpoint(as_json(ready), json=ready)
    assert_only_this_stops("CHECK_MISFIT", endpoint(sent(200, body), json=ready), good)


def test_05_a_limit_that_nothing_can_break_is_refused():
    assert_refused("always holds", gate=", expect: '>= 0s'")


# ------------------------------------------------------------------------------------- Flagger


def signed_out(handler):
    """Anything leads to a page for signing in, which answers 200."""
    page = sent(200, LOGIN) if handler.path.startswith("/login") else sent(302, b"", ("Location", "/login"))
    page(handler)


def test_06_a_redirect_to_a_page_for_signing_in_is_no_approval():
    assert_only_this_stops("CHECK_MISFIT", endpoint(signed_out), endpoint(sent(200, b"ready")))
    assert_only_this_stops("GATE_SOURCE_ERROR", measured(signed_out), measured(steady))


def test_06_nor_is_it_evidence_of_a_claim():
    with answering(signed_out) as (url, _):
        found = collect_link(f"{url}/report", max_bytes=1000, allowed_hosts=["127.0.0.1"])
    assert isinstance(found, LinkNotKept)
    address, kept = (
        make_item(make_claim(make_evidence(state, "link")), key="soak", demand=EvidenceDemand.LINK)
        for state in (EvidenceState.ATTESTS, EvidenceState.PROVES)
    )
    assert_only_this_stops("EVIDENCE_MISSING", address, kept)


def test_07_an_empty_range_and_a_switch_to_skip_are_refused():
    with pytest.raises(UnreadableCriterion, match="met by everything"):
        parse_criteria([[]], "s")
    assert_refused("A limit is text with an operator", gate=", expect: []")
    assert_refused("'skip_analysis' is not a key", phase=", skip_analysis: true")


@pytest.mark.parametrize("order", [1, -1])
def test_08_of_several_series_each_counts_and_not_the_last(order):
    several = [('pod="a"', 0.010), ('pod="b"', 0.018), ('pod="c"', 0.011)][::order]
    assert_only_this_stops("GATE_BREACHED", gate(*several), gate(*((labels, 0.010) for labels, _ in several)))


# ------------------------------------------------------------------------------------- Keptn and KLT


def test_09_no_file_is_no_plan_and_no_source_is_no_measurement():
    with pytest.raises(PlanRefused):
        read_plan("")
    unset = make_reading(trouble=Trouble.NOT_CONFIGURED, message="PROMETHEUS_URL is not set")
    assert_only_this_stops("SOURCE_NOT_CONFIGURED", make_gate(key="slow", observation=GateObservation(unset)), HEALTHY)


def test_10_a_relative_limit_without_anything_to_compare_with_is_not_met():
    against = Against(query="previous", title="the run before")
    compared = gate(("", 0.010), expect="<= +10%", against=against, comparand=make_reading(("", 0.0099)))
    assert_only_this_stops("GATE_NO_BASELINE", gate(("", 0.010), expect="<= +10%", against=against), compared)


def test_11_what_is_only_shown_does_not_make_a_phase_met():
    """A gate that is defined and stands in no phase is drawn, and proves nothing."""
    shown = plan(enter="item: told, title: Told").plan
    assert [c.key for c in shown.gates] == ["slow"]
    assert [c.key for c in shown.phases[0].enter] == ["told"]
    assert "PHASE_EMPTY" in codes(enter(sign_all(make_facts(enter=()))))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_12_no_target_no_objectives_and_no_number_are_not_met(value):
    assert_refused("needs expect, which is missing", gate="")
    assert "PHASE_EMPTY" in codes(enter(sign_all(make_facts(enter=()))))
    assert_only_this_stops("GATE_NOT_A_NUMBER", gate(("", value)), HEALTHY)


def test_13_no_criterion_is_dropped_where_another_grammar_is_read():
    criteria = parse_keptn([["<=+100%", ">=-80%"]])
    assert [c.text for c in criteria.each()] == ["<= +100%", ">= -80%"]
    for value, held in ((10.0, True), (21.0, False), (1.0, False)):
        assert criteria_hold(criteria, value, 10.0) is held
    for unreadable in ("", "about 10", "<=10 or so"):
        with pytest.raises(UnreadableCriterion):
            parse_keptn([["<=+100%", unreadable]])


# ------------------------------------------------------------------------------------- Kayenta and Orca


def test_14_a_group_without_any_data_is_not_full_marks():
    silent = [replace(gate(), condition=replace(HEALTHY.condition, path=f"gap/{n}", key=f"m{n}")) for n in range(3)]
    full = [replace(facts, gate=HEALTHY.gate) for facts in silent]
    verdict = enter(board(gaps=[make_gap(*silent, key="metrics")]))
    assert sorted(codes(verdict)) == ["GAP_OPEN", "GATE_NO_DATA", "GATE_NO_DATA", "GATE_NO_DATA"]
    assert enter(board(gaps=[make_gap(*full, key="metrics")])).decision is Decision.GO


@pytest.mark.parametrize(("values", "code"), [((), "GATE_NO_DATA"), ((("", math.nan),), "GATE_NOT_A_NUMBER")])
def test_15_what_is_missing_is_never_taken_for_zero(values, code):
    """Zero would hold this limit."""
    assert enter(board(gate(("", 0.0)))).decision is Decision.GO
    assert_only_this_stops(code, gate(*values), HEALTHY)


def test_16_a_gate_without_a_limit_is_refused():
    assert_refused("needs expect, which is missing", gate="")
    with pytest.raises(UnreadableCriterion):
        parse_criteria("", "s")


@pytest.mark.parametrize("status", [201, 202, 204])
def test_17_any_other_2xx_is_not_the_stated_answer(status):
    assert_only_this_stops("CHECK_MISFIT", endpoint(sent(status, b"")), endpoint(sent(200, b"ready")))


# ------------------------------------------------------------------------------------- Azure, Harness, GitHub


def alert_rule(*rules):
    spec = CheckSpec("metrics", "alert_rule", {"name": "ErrorsHigh"})
    groups = [{"name": "shop", "interval": 15, "rules": list(rules)}]

    def reply(handler):
        rules = as_json({"status": "success", "data": {"groups": groups}})
        (rules if "rules" in handler.path else steady)(handler)

    with prometheus_that(reply) as batch:
        seen: CheckObservation = collect_alert_rule(batch, spec)
    return ConditionFacts(make_condition(ConditionKind.CHECK, "rule", check=spec), check=seen)


RULE = {
    "type": "alerting",
    "name": "ErrorsHigh",
    "query": "errors > 5",
    "health": "ok",
    "lastEvaluation": NOW.isoformat(),
}


def test_18_an_alert_that_is_quiet_because_its_rule_is_missing_or_broken_is_not_good_news():
    assert_only_this_stops("CHECK_MISSING", alert_rule(), alert_rule(RULE))
    for broken in ({"health": "err"}, {"lastEvaluation": "0001-01-01T00:00:00Z"}):
        assert_only_this_stops("CHECK_MISFIT", alert_rule({**RULE, **broken}), alert_rule(RULE))


def test_19_what_an_endpoint_says_counts_where_it_is_stated():
    ready = {"status": "GO"}
    no_go = endpoint(as_json({"status": "NO_GO"}), json=ready)
    assert_only_this_stops("CHECK_MISFIT", no_go, endpoint(as_json(ready), json=ready))


def test_20_nothing_opens_by_waiting():
    unsigned = replace(board(), signatures=())
    later = replace(unsigned, record=replace(unsigned.record, verified_at=NOW + timedelta(days=40)))
    assert "SIGN_OFF_MISSING" in codes(enter(later, NOW + timedelta(days=40)))
    old = replace(board(), signatures=tuple(replace(s, expires_at=NOW) for s in board().signatures))
    assert codes(enter(old)) == ["SIGN_OFF_EXPIRED"] * 3
    answered = make_trigger(key="errors", firings=[FiringFacts(NOW - TEN_MINUTES, None, "continue", NOW)])
    assert codes(proceed(board(triggers=[answered]))) == ["ABORT_UNANSWERED"]
    given = enter(board())
    assert codes(verdict_as_read(given, given.valid_until)) == ["VERDICT_EXPIRED"]


def test_21_a_comparison_that_found_nothing_to_analyse_is_not_a_success():
    spec = ExperimentSpec({"metric": "latency"})
    experiment = ConditionFacts(make_condition(ConditionKind.EXPERIMENT, "canary", experiment=spec))
    assert codes(enter(board(experiment))) == ["EXPERIMENT_NOT_RUN"]
    quiet, busy = (
        gate(("", 0.0), enough=Enough("traffic", 100), traffic=make_reading(("", total))) for total in (3.0, 100.0)
    )
    assert_only_this_stops("GATE_TOO_LITTLE_TRAFFIC", quiet, busy)


def test_22_a_name_that_nothing_stands_behind_is_refused_and_a_phase_without_a_poll_stays_shut():
    assert_refused("There is no gate 'slwo'", enter="gate: slwo")
    assert_refused("There is no role 'prod-ops'", roles="[prod-ops, lead]")
    for rule in (None, SignOffRule((), "lead")):
        polls_nobody = replace(board(), target=TargetFacts("canary", "Canary", 1, rule))
        assert codes(enter(polls_nobody)) == ["SIGN_OFF_UNDEFINED"]
