"""Cases of other gates and verdicts, asked of our board; and the runner with files that are none."""

import json
import math
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest

from tests.cases.gates import FAIL, NOT_APPLICABLE, PASS, main, run_case

FILE = Path(__file__).parent.parent / "cases" / "gate_cases.json"
CASES = json.loads(FILE.read_text())["cases"]
NAMES = [case["id"] for case in CASES]
RESULTS = {case["id"]: run_case(case) for case in CASES}


def test_every_case_that_applies_is_answered_and_none_is_lost():
    assert [str(result) for result in RESULTS.values() if result.status == FAIL] == []
    assert Counter(result.status for result in RESULTS.values()) == {PASS: 37, NOT_APPLICABLE: 15}


def test_what_does_not_apply_is_of_these_kinds_and_says_why():
    lost = [case for case in CASES if RESULTS[case["id"]].status == NOT_APPLICABLE]
    assert Counter(case["kind"] for case in lost) == {
        "burn_rate_factor": 6,
        "webhook_status": 3,
        "web_metric": 2,
        "prometheus_value": 1,
        "objective_eval": 1,
        "slo_defaults": 1,
        "absent_metric_alert": 1,
    }
    assert all(len(RESULTS[case["id"]].words) > 20 for case in lost)


def test_where_another_says_yes_without_having_looked_ours_never_does():
    differing = [RESULTS[case["id"]] for case in CASES if case["stance"] == "differ"]
    assert len(differing) == 4
    assert all(result.status == PASS and not result.words.startswith("PASS") for result in differing)


OPPOSITE = {"PASS": "FAIL", "FAIL": "PASS", "WARN": "PASS", "ERROR": "PASS", "NO_DATA": "PASS"}


@pytest.mark.parametrize("case", [c for c in CASES if RESULTS[c["id"]].status == PASS], ids=lambda case: case["id"])
def test_the_opposite_of_every_answer_fails(case):
    """So that no case passes whatever it expects."""
    wrong = deepcopy(case)
    if "normalized" in case:
        wrong["normalized"] = wrong["our_verdict"] = OPPOSITE[case.get("our_verdict", case["normalized"])]
        wrong["stance"] = "match"
    else:
        wrong["expected"]["operator"] = "!="
    assert run_case(wrong).status == FAIL


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("KEP-AND-01", ("targets", 0, "target_value"), 12),
        ("KEP-OR-03", ("targets", 1, "violated"), False),
        ("KEP-OBJ-01", ("pass_targets", 0), 14.0),
        ("KEP-OBJ-02", ("violated", "<=20.0"), True),
        ("KEP-CRIT-01", ("satisfied",), False),
        ("KEP-PARSE-10", ("check_increase",), False),
        ("FLAG-PROM-04", ("value",), 99.0),
    ],
)
def test_what_an_answer_states_beside_its_verdict_is_compared(name, path, value):
    wrong = deepcopy(next(case for case in CASES if case["id"] == name))
    place = wrong["expected"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert run_case(wrong).status == FAIL


def case(kind, inputs, answer, *, stance="match", system="", **expected):
    return {
        "id": "X-1",
        "system": system,
        "kind": kind,
        "inputs": inputs,
        "expected": expected,
        "normalized": answer if stance == "match" else "PASS",
        "our_verdict": answer,
        "stance": stance,
    }


def pair(result, success, failure):
    return {"result": result, "success_condition": success, "failure_condition": failure}


MORE = [
    case("expression", {"result": 5, "condition": "result < 10"}, "PASS", value=True),
    case("expression", {"result": [5, 20], "condition": "all(result, # < 10)"}, "FAIL", value=False),
    case("expression", {"result": [1, 2], "condition": "len(result) > 0 && all(result, # < 10)"}, "PASS"),
    case("expression", {"result": [], "condition": "len(result) > 0 && all(result, # < 10)"}, "NO_DATA"),
    case("expression", {"result": "NaN", "condition": "!isNaN(result) && result < 10"}, "NO_DATA"),
    case("expression", {"result": 7, "condition": "result < 5 || (result > 6 && result < 8)"}, "PASS"),
    case("expression", {"result": 9, "condition": "result < 5 || (result > 6 && result < 8)"}, "FAIL"),
    case("condition_pair", pair(7, "result < 5", "result > 10"), "INCONCLUSIVE", phase="Inconclusive"),
    case("condition_pair", pair(11, "result < 5", "result > 10"), "FAIL"),
    case("condition_pair", pair(4, "result < 5", "result > 10"), "PASS"),
    case("condition_pair", pair(4, "", "result > 10"), "PASS"),
    case("condition_pair", pair(11, "", "result > 10"), "FAIL"),
    case("condition_pair", pair("NaN", "", "result > 10"), "NO_DATA", stance="differ"),
    case("condition_pair", pair(4, "", ""), "INCONCLUSIVE", stance="differ"),
    case("condition_pair", pair(4, "true", ""), "ERROR", stance="differ"),
    case("criteria_eval", {"value": 5, "criteria": "<=+10%", "previous": []}, "NO_BASELINE", stance="differ"),
    case("criteria_eval", {"value": 5, "criteria": "<=+10", "previous": [{"value": 4, "success": False}]},
         "NO_BASELINE", stance="differ"),
    case("criteria_parse", {"criteria": "a lot"}, "ERROR", error="invalid"),
    case("total_score", {"objectives": [{"status": "pass"}, {"status": "info"}]}, "PASS"),
    case("total_score", {"objectives": [{"status": "pass"}, {"status": "fail", "key_sli": True}]}, "FAIL"),
    case("total_score", {"objectives": [{"status": "info"}]}, "NOT_EVALUATED", stance="differ"),
    case("gate_misconfigured", {"sli_provider": None}, "ERROR", stance="differ"),
    case("operator", {"value": 5, "operator": "lessThanOrEqual", "target": 5}, "PASS"),
    case("operator", {"value": 5, "operator": {"lessThan": {"fixedValue": 5}}}, "FAIL"),
    case("operator", {"value": 5, "operator": {"inRange": {"lowBound": 1, "highBound": 6}}}, "PASS"),
    case("failure_warning_target", {"value": 8, "target": {"failure": {"greaterThan": {"fixedValue": 10}},
         "warning": {"greaterThan": {"fixedValue": 5}}}}, "WARN"),
    case("failure_warning_target", {"value": 11, "target": {"failure": {"greaterThan": {"fixedValue": 10}}}}, "FAIL"),
    case("failure_warning_target", {"value": 4, "target": {"warning": {"greaterThan": {"fixedValue": 5}}}}, "PASS"),
    case("failure_warning_target", {"value": 4, "target": {}}, "ERROR", stance="differ"),
    case("objective_score", {"value": "NaN", "target": {"failure": {"greaterThan": {"fixedValue": 10}}}},
         "NO_DATA", stance="differ"),
    case("metric_check", {"query": "q", "threshold_range": {"min": 0, "max": 100}, "value": 100}, "PASS", ok=True),
    case("metric_check", {"query": "q", "threshold_range": {"min": 0, "max": 100}, "value": 101}, "FAIL", ok=False),
    case("metric_check", {"query": "q", "threshold_range": {}, "value": 5}, "ERROR", stance="differ"),
    case("score_threshold", {"scores": [90, 75], "pass": None, "marginal": 75}, "FAIL", status="TERMINAL"),
    case("score_threshold", {"scores": [90, 95], "pass": 95, "marginal": 75}, "PASS", status="SUCCEEDED"),
    case("score_threshold", {"scores": [90], "pass": None, "marginal": None}, "ERROR", stance="differ", status="S"),
    case("score_threshold", {"scores": [75, 95], "pass": 95, "marginal": 75}, "PASS", did_pass=True),
    case("score_threshold", {"scores": [74, 95], "pass": 95, "marginal": 75}, "FAIL", did_pass=False),
    case("score_threshold", {"score": 80, "pass": 95, "marginal": 75}, "INCONCLUSIVE", phase="Inconclusive"),
    case("metric_status", {"count": 5, "successful": 5, "failed": 0, "terminating": False}, "PASS"),
    case("metric_status", {"count": 5, "successful": 2, "failed": 0, "terminating": False}, "RUNNING"),
    case("metric_status", {"count": 5, "successful": 2, "terminating": True}, "INCONCLUSIVE", stance="differ"),
    case("metric_status", {"count": 5, "successful": 0, "error": 3, "terminating": True}, "NO_DATA", stance="differ"),
    case("metric_status", {"count": 5, "successful": 3, "failed": 1, "failure_limit": 0}, "FAIL"),
    case("web_metric", {"http_status": 302, "body": "<html>", "success_condition": "result == 'OK'"}, "FAIL"),
    case("web_metric", {"http_status": 200, "body": "<html>Sign in</html>", "json_path": "{$.ok}",
         "success_condition": "result > 0"}, "ERROR", stance="differ"),
]  # fmt: skip


@pytest.mark.parametrize("more", MORE, ids=lambda more: f"{more['kind']} {more['our_verdict']}")
def test_kinds_that_this_file_does_not_have_are_asked_too(more):
    result = run_case(more)
    assert result.status == PASS, str(result)


@pytest.mark.parametrize(
    ("strange", "status"),
    [
        ({"kind": "tea_leaves", "inputs": {}, "expected": {}, "stance": "match"}, NOT_APPLICABLE),
        ({"kind": "nan_strategy", "inputs": {}, "expected": {}, "stance": "match"}, NOT_APPLICABLE),
        (case("expression", {"result": 5, "condition": "len(result.items) > 3"}, "PASS"), NOT_APPLICABLE),
        (case("expression", {"result": "five", "condition": "result > 3"}, "PASS"), NOT_APPLICABLE),
        (case("operator", {"value": 5, "operator": "isNice"}, "PASS"), NOT_APPLICABLE),
        (case("metric_status", {"something": 3}, "PASS"), NOT_APPLICABLE),
        (case("criteria_eval", {"value": 5, "criteria": "<10", "more": ["to", "come"]}, "PASS"), PASS),
        (case("criteria_eval", {}, "PASS"), NOT_APPLICABLE),
        (case("criteria_eval", {"value": 5, "criteria": "<10"}, "PASS", stance="info"), NOT_APPLICABLE),
        (case("criteria_eval", {"value": 5, "criteria": "<10"}, "PASS", stance="perhaps"), NOT_APPLICABLE),
        ({"kind": "criteria_eval"}, FAIL),
        ({"kind": 7, "inputs": {}, "expected": {}, "stance": "match"}, FAIL),
        ("a text", FAIL),
        (None, FAIL),
    ],
)
def test_what_is_not_known_is_said_and_never_passes(strange, status):
    result = run_case(strange)
    assert (result.status, bool(result.words)) == (status, True)


def test_the_runner_prints_a_line_for_each_case_and_their_count(capsys):
    assert main([str(FILE)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CASES) + 1
    assert lines[0] == "pass: prometheus_value, ARGO-PROM-01: PASS (GO)"
    assert lines[-1] == "37 pass, 0 fail, 15 not applicable"


def test_a_case_that_fails_says_why_and_the_runner_ends_with_1(tmp_path, capsys):
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [case("criteria_eval", {"value": 5, "criteria": "<10"}, "FAIL")]}))
    assert main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "fail: criteria_eval, X-1: expected FAIL, the board says PASS (GO)",
        "0 pass, 1 fail, 0 not applicable",
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not json", "is not JSON"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "no object with a list `cases`"),
        (b'{"cases": {}}', "no object with a list `cases`"),
        (b'{"cases": []}', "has an empty list of cases, which shows nothing"),
        (b"", "is not JSON"),
    ],
)
def test_a_file_that_has_no_cases_is_refused_in_a_sentence(data, said, tmp_path, capsys):
    file = tmp_path / "cases.json"
    file.write_bytes(data)
    assert main([str(file)]) == 2
    printed = capsys.readouterr().out
    assert said in printed
    assert printed.count("\n") == 1


def test_a_file_that_is_not_there_is_said(tmp_path, capsys):
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([str(tmp_path)]) == 2
    assert main([]) == 2
    assert "cannot be read: No such file or directory." in capsys.readouterr().out


def test_numbers_that_json_has_no_word_for_are_no_measurement():
    for value in ("+Inf", "-Inf", "NaN", math.inf):
        assert "GATE_NOT_A_NUMBER" in run_case(case("operator", {"value": value, "operator": "lessThan", "target": 9},
                                                    "NO_DATA", stance="differ")).words  # fmt: skip
