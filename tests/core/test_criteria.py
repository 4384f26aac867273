"""Criteria: what a limit says is what decides, in every unit, and nothing that is not a number ever holds."""

import json
import math
import re
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.criteria import (
    UnreadableCriterion,
    always_or_never,
    can_fire,
    comparand_judges,
    criteria_hold,
    criterion_limit,
    effective_limit,
    needs_comparand,
    parse_criteria,
)
from readiness.core.criteria_keptn import parse_keptn
from readiness.core.criteria_words import describe_criteria, format_value

CASES = json.loads((Path(__file__).parent.parent / "cases" / "gate_cases.json").read_text())["cases"]
ARITHMETIC = {"<": lt, "<=": le, "=": eq, "==": eq, "!=": ne, ">=": ge, ">": gt}
OPERATORS = tuple(ARITHMETIC)
NOT_NUMBERS = (None, math.nan, math.inf, -math.inf)
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
numbers = st.decimals(min_value=0, max_value=10**6, places=3).map(lambda number: f"{number.normalize():f}")
absolute = st.builds("{} {}".format, st.sampled_from(OPERATORS), numbers)
relative = st.builds(
    "{} {}{}{}".format, st.sampled_from(OPERATORS), st.sampled_from("+-"), numbers, st.sampled_from(["%", ""])
)
expects = st.one_of(absolute, relative, st.lists(absolute | relative, min_size=1, max_size=3))


def holds(expect, value, unit="", comparand=None):
    return criteria_hold(parse_criteria(expect, unit), value, comparand)


@given(expects, st.sampled_from(NOT_NUMBERS), finite)
def test_what_is_no_number_never_holds(expect, value, comparand):
    assert not holds(expect, value, comparand=comparand)


@given(relative, finite, st.sampled_from(NOT_NUMBERS))
def test_a_relative_limit_without_a_number_to_compare_with_never_holds(expect, value, comparand):
    assert not holds(expect, value, comparand=comparand)
    assert not can_fire(parse_criteria(expect, ""), value, comparand)


@given(absolute, finite)
def test_an_operator_is_the_one_of_arithmetic(expect, value):
    operator, number = expect.split()
    assert holds(expect, value) is ARITHMETIC[operator](value, float(number))


@given(expects, finite, finite)
def test_a_list_is_all_of_its_parts_and_a_list_of_lists_is_any(expect, value, comparand):
    texts = [expect] if isinstance(expect, str) else expect
    each = [holds([text], value, comparand=comparand) for text in texts]
    judged = comparand_judges(parse_criteria(texts, ""), comparand)
    assert holds(texts, value, comparand=comparand) is (all(each) and judged)
    assert holds([[text] for text in texts], value, comparand=comparand) is (any(each) and judged)


@given(
    st.integers(0, 10**6),
    st.sampled_from([("ms", "s", Fraction(1, 1000)), ("h", "s", Fraction(3600)), ("%", "ratio", Fraction(1, 100)),
                     ("MB", "bytes", Fraction(10**6)), ("MiB", "bytes", Fraction(2**20)),
                     ("MB/h", "bytes/s", Fraction(10**6, 3600)), ("kB/min", "bytes/h", Fraction(60_000))]),
)  # fmt: skip
def test_a_limit_in_another_unit_is_the_nearest_number_in_the_query_s(amount, units):
    written, unit, size = units
    limit = effective_limit(parse_criteria(f"<= {amount}{written}", unit))
    assert limit == float(amount * size)
    assert holds(f"<= {amount}{written}", limit, unit)
    assert not holds(f"<= {amount}{written}", math.nextafter(limit, math.inf), unit)


@given(
    st.sampled_from(OPERATORS),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.sampled_from([("ms", "s", 1000), ("%", "ratio", 100), ("kB", "MB", 1000), ("min", "h", 60)]),
)
def test_the_unit_that_a_query_answers_in_changes_nothing(operator, limit, value, units):
    written, other, size = units
    expect = f"{operator} {limit}{written}"
    assert holds(expect, float(value), written) is holds(expect, float(Fraction(value, size)), other)


@pytest.mark.parametrize(
    ("expect", "comparand", "limit"),
    [
        ("<= +5%", 200.0, 210.0),
        (">= -5%", 200.0, 190.0),
        ("<= +5%", -200.0, -190.0),
        ("<= +2ms", 0.010, 0.012),
        ("<= -2ms", 0.010, 0.008),
        ("<= +100%", 0.0, 0.0),
    ],
)
def test_a_signed_limit_is_taken_from_what_it_is_compared_with(expect, comparand, limit):
    criteria = parse_criteria(expect, "s" if "ms" in expect else "")
    assert criterion_limit(criteria.alternatives[0][0], comparand) == pytest.approx(limit, rel=1e-15)
    assert needs_comparand(criteria)


def test_percentage_points_are_added_and_percents_are_a_share():
    assert effective_limit(parse_criteria("<= +0.5pp", "ratio"), 0.01) == pytest.approx(0.015)
    assert effective_limit(parse_criteria("<= +0.5%", "ratio"), 0.01) == pytest.approx(0.01005)
    assert effective_limit(parse_criteria("<= 0.5%", "ratio")) == 0.005


def test_a_share_of_nothing_judges_only_from_above():
    assert not holds(">= -5%", 0.0, comparand=0.0)
    assert holds("<= +100%", 0.0, comparand=0.0)
    assert not holds("<= +100%", 1.0, comparand=0.0)


@pytest.mark.parametrize(
    ("expect", "unit", "says"),
    [
        ("15ms", "s", "is not a criterion"),
        ("=> 15ms", "s", "is not a criterion"),
        ("! 15ms", "s", "is not a criterion"),
        ("<= ", "s", "is not a criterion"),
        ("<= 15 lightyears or so", "s", "is not a unit"),
        ("<= 15ms", "", "cannot be compared with a value without a unit"),
        ("<= 15ms", "bytes", "write bytes, kB"),
        ("<= 5%", "s", "has a sign"),
        ("<= 5pp", "ratio", "without a sign"),
        ("<= 1e400", "", "too large"),
        ("<= nan", "", "is not a criterion"),
        ("<= inf", "", "is not a criterion"),
        ("<= --5%", "", "is not a criterion"),
        ("<= 1,5", "", "is not a unit"),
        ([], "", "An empty list is met by everything"),
        ([[]], "", "An empty list is met by everything"),
        ([["<= 1"], []], "", "An empty list is met by everything"),
        (["<= 1", ["<= 2"]], "", "not both"),
        ("<= " + "1" * 100, "", "is not a criterion"),
    ],
)
def test_what_is_no_criterion_is_refused_with_what_is(expect, unit, says):
    with pytest.raises(UnreadableCriterion, match=re.escape(says)):
        parse_criteria(expect, unit)


@given(st.text(max_size=90), st.sampled_from(["", "s", "ratio", "bytes/s"]))
def test_any_text_is_a_criterion_or_refused(text, unit):
    try:
        criteria = parse_criteria(text, unit)
    except UnreadableCriterion:
        return
    again = parse_criteria([[c.text for c in part] for part in criteria.alternatives], unit)
    assert [c.limit for c in again.each()] == [c.limit for c in criteria.each()]


@pytest.mark.parametrize(
    ("expect", "unit", "found"),
    [
        (">= 0%", "ratio", "always"),
        ("<= 100%", "ratio", "always"),
        ("< 0ms", "s", "never"),
        ("> 100%", "ratio", "never"),
        (["> 5%", "< 1%"], "ratio", "never"),
        ([["> 5%"], ["<= 5%"]], "ratio", "always"),
        ([[">= 5%"], ["< 6%"]], "ratio", "always"),
        ("<= 15ms", "s", None),
        ("== 0", "", None),
        (">= 0", "", None),
        ("<= +5%", "s", None),
        ([">= -5%", "<= +5%"], "s", None),
        ([">= +5%", "<= -5%"], "s", "never"),
        ("<= 200%", "ratio", None),
        (["<= 15ms", ">= +5%"], "s", None),
        (["== 1000", "< +0%"], "", None),
        (["<= 15ms", ">= +20ms"], "s", "never"),
        (["<= 15", ">= +20"], "", None),
        ([["<= +5%"], [">= -5%"]], "", "always"),
        ([">= +5%", "<= -5%"], "", "never"),
        ([["<= +5%"], ["> +2ms"]], "s", None),
        ([["<= +5%"], ["> +4%"]], "s", "always"),
        (">= 0MB/h", "bytes/h", None),
    ],
)
def test_limits_that_decide_nothing_are_known(expect, unit, found):
    assert always_or_never(parse_criteria(expect, unit), unit) == found


@given(expects, finite, finite)
def test_criteria_that_never_decide_never_change_their_answer(expect, value, comparand):
    criteria = parse_criteria(expect, "")
    found = always_or_never(criteria, "")
    if found is not None and comparand:
        assert criteria_hold(criteria, value, comparand) is (found == "always")


@given(expects, finite, finite)
def test_what_can_fire_has_a_value_that_breaks_it(expect, value, comparand):
    criteria = parse_criteria(expect, "")
    if can_fire(criteria, value, comparand):
        limits = [criterion_limit(c, comparand) for c in criteria.each()]
        sides = [side for x in limits for side in (x, math.nextafter(x, -math.inf), math.nextafter(x, math.inf))]
        assert not all(criteria_hold(criteria, probe, comparand) for probe in sides)


@pytest.mark.parametrize(
    ("expect", "unit", "against", "words"),
    [
        ("<= 15ms", "s", "", "at most 15 ms"),
        ("< 2", "", "", "under 2"),
        (">= 99.9%", "ratio", "", "at least 99.9 %"),
        ("== 0", "", "", "exactly 0"),
        ("<= +5%", "s", "control", "at most 5 % above control"),
        (">= -5%", "req/s", "control", "at most 5 % below control"),
        ([">= -5%", "<= +5%"], "s", "control", "within 5 % of control"),
        ("<= +0%", "s", "control", "at most control"),
        ([["<= 15ms"], ["<= +5%"]], "s", "control", "at most 15 ms, or at most 5 % above control"),
        (["> 1ms", "< 9ms"], "s", "", "over 1 ms and under 9 ms"),
        ("<= +5%", "s", "", "at most 5 % above what it is compared with"),
    ],
)
def test_a_limit_is_said_in_words(expect, unit, against, words):
    assert describe_criteria(parse_criteria(expect, unit), unit, against) == words


@pytest.mark.parametrize(
    ("value", "unit", "expect", "words"),
    [
        (0.0182, "s", "<= 15ms", "18.2 ms"),
        (0.9996, "ratio", ">= 99.95%", "99.96 %"),
        (0.99996, "ratio", ">= 99.9%", "99.996 %"),
        (0.015000001, "s", "<= 15ms", "15.000001 ms"),
        (412_000_000.0, "bytes", None, "412 MB"),
        (math.nan, "s", None, "not a number"),
        (math.inf, "s", None, "infinite"),
        (None, "s", None, "no value"),
    ],
)
def test_a_value_is_shown_on_its_side_of_the_limit(value, unit, expect, words):
    criteria = parse_criteria(expect, unit) if expect else None
    assert format_value(value, unit, criteria) == words


def cases(kind):
    found = [case for case in CASES if case["kind"] == kind]
    assert found
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def comparand_of(case):
    values = [previous["value"] for previous in case["inputs"]["previous"] if previous["success"]]
    return mean(values) if values else None


@cases("criteria_parse")
def test_keptn_s_criteria_are_read_as_keptn_reads_them(case):
    (criterion,) = parse_keptn([[case["inputs"]["criteria"]]]).each()
    found = {
        "operator": {"==": "="}.get(criterion.op, criterion.op),
        "value": float(criterion.number),
        "check_percentage": criterion.unit == "%",
        "is_comparison": criterion.relative is not None,
        "check_increase": criterion.relative is not None and criterion.limit >= 0,
    }
    assert found == case["expected"]


@cases("criteria_eval")
def test_keptn_s_criteria_decide_as_keptn_decides(case):
    criteria = parse_keptn([[case["inputs"]["criteria"]]])
    assert criteria_hold(criteria, case["inputs"]["value"], comparand_of(case)) is case["expected"]["satisfied"]


@cases("criteria_set_and")
def test_keptn_s_conjunctions_decide_as_keptn_decides(case):
    check_targets(case, parse_keptn([case["inputs"]["criteria_all_of"]]))


@cases("criteria_sets_or")
def test_keptn_s_alternatives_decide_as_keptn_decides(case):
    check_targets(case, parse_keptn(case["inputs"]["criteria_any_of_all_of"]))


def check_targets(case, criteria):
    value, comparand = case["inputs"]["value"], comparand_of(case)
    assert criteria_hold(criteria, value, comparand) is case["expected"]["satisfied"]
    for criterion, target in zip(criteria.each(), case["expected"]["targets"], strict=True):
        assert criterion_limit(criterion, comparand) == pytest.approx(target["target_value"])
        alone = parse_keptn([[target["criteria"]]])
        assert criteria_hold(alone, value, comparand) is not target["violated"]


@pytest.mark.parametrize("text", ["10", "<", "=<10", "<= 10 %%", "<=+-5", "<=1e5", "<=10ms", ""])
def test_what_keptn_does_not_write_is_refused(text):
    with pytest.raises(UnreadableCriterion):
        parse_keptn([[text]])


def test_an_empty_list_of_keptn_is_refused_and_not_passed():
    for empty in ([], [[]]):
        with pytest.raises(UnreadableCriterion):
            parse_keptn(empty)


def judged(case):
    return case["kind"] == "objective_eval" and case["system"] == "keptn" and case["inputs"].get("pass")


@pytest.mark.parametrize("case", [c for c in CASES if judged(c)], ids=lambda case: case["id"])
def test_keptn_s_objectives_pass_as_keptn_passes_them(case):
    said, expected = case["inputs"], case["expected"]
    criteria, comparand = parse_keptn(said["pass"]), comparand_of(case)
    assert criteria_hold(criteria, said["value"], comparand) is (expected["status"] == "pass")
    if "pass_targets" in expected:
        limits = [criterion_limit(criterion, comparand) for criterion in criteria.each()]
        assert limits == pytest.approx(expected["pass_targets"])


@given(finite, st.sampled_from(NOT_NUMBERS))
def test_a_trigger_is_armed_by_a_number_and_by_nothing_else(value, nothing):
    criteria = parse_criteria("<= 15ms", "s")
    assert can_fire(criteria, value)
    assert not can_fire(criteria, nothing)
    assert can_fire(parse_criteria("<= +5%", "s"), value, 1.0)


@pytest.mark.parametrize("nothing", NOT_NUMBERS)
def test_what_is_no_number_judges_nothing_relative(nothing):
    assert not comparand_judges(parse_criteria("<= +5%", "s"), nothing)
    assert not comparand_judges(parse_criteria(["<= 5s", "<= +5s"], "s"), nothing)
    assert comparand_judges(parse_criteria("<= 5s", "s"), nothing)


def test_a_criterion_has_eighty_characters_at_most():
    assert holds("<= 1" + " " * 76, 1.0)
    with pytest.raises(UnreadableCriterion):
        parse_criteria("<= 1" + " " * 77, "")
