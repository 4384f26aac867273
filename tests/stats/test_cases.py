"""The statistical cases, worked out by our own code; and the runner with files that are none."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest

from tests.cases.stats import FAIL, NOT_APPLICABLE, PASS, main, run_case

FILE = Path(__file__).parent.parent / "cases" / "stat_cases.json"
CASES = json.loads(FILE.read_text())["cases"]
BY_ID = {case["id"]: case for case in CASES}
RESULTS = {case["id"]: run_case(case) for case in CASES}


def test_every_case_agrees_but_those_that_nobody_decides_by():
    assert [str(result) for result in RESULTS.values() if result.status == FAIL] == []
    lost = [key for key, result in RESULTS.items() if result.status == NOT_APPLICABLE]
    assert lost == ["O05", "O39", "O41", "O44"]
    assert all(len(RESULTS[key].words) > 20 for key in lost)
    assert Counter(result.status for result in RESULTS.values()) == {PASS: 44, NOT_APPLICABLE: 4}


@pytest.mark.parametrize("key", [key for key, result in RESULTS.items() if result.status == PASS])
def test_a_case_with_any_number_or_word_changed_fails(key):
    for field, value in BY_ID[key]["expected"].items():
        changed = deepcopy(BY_ID[key])
        changed["expected"][field] = twisted(value)
        if field.startswith("bh_") or is_near_zero(value):
            assert run_case(changed).status == PASS
        else:
            assert run_case(changed).status == FAIL, field


def is_near_zero(value):
    values = value if isinstance(value, list) else [value]
    return isinstance(values[0], float) and 0 < abs(values[0]) < 1e-9


def twisted(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [twisted(value[0]), *value[1:]]
    if value is None or value == 0:
        return 1.0
    return value * 1.01 if isinstance(value, float | int) else f"{value}?"


@pytest.mark.parametrize(
    ("strange", "said"),
    [
        ("a text", "is no case"),
        ({"method": "tea_leaves", "inputs": {}, "expected": {}}, "is not known here"),
        ({"method": "newcombe_diff", "inputs": {}, "expected": {"effect": 1}}, "KeyError"),
        ({"method": 7, "inputs": {}, "expected": {}}, "this is no case"),
        ({"method": "combine", "inputs": {"gates": ["GO"]}, "expected": {"colour": "red"}}, "colour is not worked out"),
    ],
)
def test_what_is_no_case_fails_with_why(strange, said):
    result = run_case(strange)
    assert (result.status, said in result.words) == (FAIL, True), str(result)


IMPOSSIBLE = {
    "newcombe_diff": [{"x_canary": 9, "n_canary": 5}, {"x_canary": -1}, {"n_control": 0}, {"x_control": "NaN"}],
    "clopper_pearson_target": [{"x": 9, "n": 5}, {"x": -1}, {"n": 0}, {"x": None}],
    "exact_conditional_ratio": [{"x_canary": -1}, {"exposure_canary": 0}, {"x_control": "NaN"}],
    "welch_relative_delta": [{"n_canary": 1}, {"sd_canary": "NaN"}, {"mean_control": 0}],
    "srm_chi2": [{"observed_units": [0, 0]}, {"observed_units": [-5, 10]}, {"observed_units": ["NaN", 10]}],
    "combine": [{"gates": []}, {"gates": ["GO", "MAYBE"]}],
    "woodruff_mover_ratio": [{"cumulative_canary": [5, 4]}, {"q": 0.99, "le": [1, 2, 3]}],
}


@pytest.mark.parametrize(("method", "change"), [(m, change) for m, changes in IMPOSSIBLE.items() for change in changes])
def test_impossible_numbers_are_invalid_in_every_method(method, change):
    case = deepcopy(next(case for case in CASES if case["method"] == method))
    case["inputs"] |= change
    case["expected"] = {"decision": "INVALID"}
    assert run_case(case).status == PASS, str(run_case(case))


def test_the_runner_prints_a_line_for_each_case_and_their_count(capsys):
    assert main([str(FILE)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(CASES) + 1
    assert lines[0] == "pass: newcombe_diff, O01: INCONCLUSIVE (worse_size_unclear), 5 fields agree"
    assert lines[-1] == "44 pass, 0 fail, 4 not applicable"


def test_a_case_that_fails_says_why_and_the_runner_ends_with_1(tmp_path, capsys):
    wrong = BY_ID["O35"] | {"expected": {"decision": "GO", "reason": "gate_failed"}}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [wrong]}))
    assert main([str(file)]) == 1
    assert capsys.readouterr().out.splitlines()[0] == "fail: combine, O35: decision is 'NO-GO', not 'GO'"


def test_a_file_that_has_no_cases_is_refused_in_a_sentence(tmp_path, capsys):
    (tmp_path / "empty.json").write_text('{"cases": []}')
    assert main([str(tmp_path / "empty.json")]) == 2
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([]) == 2
    assert "has an empty list of cases" in capsys.readouterr().out
