"""Cases of Keptn, and of its successor's analyses: criteria, and objectives that are made of them."""

import math
from dataclasses import replace
from itertools import product
from statistics import fmean

from readiness.core.criteria import UnreadableCriterion, criteria_hold, criterion_limit
from readiness.core.criteria_keptn import parse_keptn
from tests.cases.board import (
    Answer,
    NotApplicable,
    finite,
    judge,
    judge_gate,
    judge_plan,
    judge_text,
    refused,
    seen_now,
)


def criteria_parse(inputs, expected):
    """Keptn's grammar, read by ours for it."""
    try:
        ((criterion,),) = parse_keptn([[_text(inputs, "criteria")]]).alternatives
    except UnreadableCriterion as problem:
        return refused(problem)
    rises = criterion.relative is not None and math.copysign(1, criterion.limit) > 0
    known = {
        "operator": "=" if criterion.op == "==" else criterion.op,
        "value": float(criterion.number),
        "check_percentage": criterion.relative == "percent",
        "is_comparison": criterion.relative is not None,
        "check_increase": rises,
    }
    return Answer("PASS", criterion.text, details=tuple((key, known[key]) for key in known if key in expected))


def criteria(inputs, expected):
    """One criterion, several at once, or alternatives, over a value and earlier results."""
    alternatives = _alternatives(inputs)
    value, comparand = inputs.get("value"), _earlier(inputs)
    answer = _judged(value, alternatives, comparand)
    details = []
    if "satisfied" in expected:
        details.append(("satisfied", answer.verdict == "PASS"))
    if isinstance(expected.get("targets"), list):
        details.append(("targets", _targets(alternatives, value, comparand)))
    return _with(answer, details)


def objective(inputs, expected):
    """An objective: its `pass` criteria are a gate, its `warning` criteria another that only tells how far it is."""
    if inputs.get("objectives") == []:
        return judge()
    value, comparand = inputs.get("value"), _earlier(inputs)
    passes, warns = inputs.get("pass") or [], inputs.get("warning") or []
    if not passes:
        answer = _judged(value, passes, comparand)
        raise NotApplicable(
            f"a value without a limit is no condition here, so it can neither pass nor inform ({answer.words})"
        )
    answer = _judged(value, passes, comparand)
    if answer.verdict == "FAIL" and warns and _judged(value, warns, comparand).verdict == "PASS":
        answer = replace(answer, verdict="WARN", words=f"{answer.words}; within its warning limits")
    return _with(answer, _objective_details(inputs, expected, passes, warns))


def _objective_details(inputs, expected, passes, warns):
    value, comparand = inputs.get("value"), _earlier(inputs)
    for name, alternatives in (("pass_targets", passes), ("warning_targets", warns)):
        if isinstance(expected.get(name), list):
            yield name, [target["target_value"] for target in _targets(alternatives, value, comparand)]
    if isinstance(expected.get("violated"), dict):
        yield "violated", {t["criteria"]: t["violated"] for t in _targets([*passes, *warns], value, comparand)}
    if "compared_value" in expected and comparand is not None:
        yield "compared_value", comparand


def total(inputs, _):
    """Several objectives at once. Nothing of ours is averaged: all conditions hold, or it is NO-GO."""
    objectives = inputs.get("objectives")
    if not isinstance(objectives, list):
        raise NotApplicable("it weighs scores; here each condition counts alone")
    statuses = [_status(each) for each in objectives if isinstance(each, dict)]
    if len(statuses) < len(objectives):
        raise NotApplicable("it weighs scores; here each condition counts alone")
    counting = [(status, key) for status, key in statuses if status != "info"]
    if not counting:
        return judge()
    if all(status == "pass" for status, _ in counting) or any(key and status == "fail" for status, key in counting):
        values = [1.0 if status == "pass" else 0.0 for status, _ in counting]
        return judge_gate([[">= 1"]], seen_now(values))
    raise NotApplicable("some of several failures may be made up for by weights; here each condition counts alone")


def _status(each):
    status = each.get("status", each.get("result"))
    if status not in ("pass", "warning", "fail", "info"):
        raise NotApplicable("it weighs scores; here each condition counts alone")
    return status, bool(each.get("key_sli", each.get("key_objective")))


def misconfigured(inputs, _):
    """A gate of which a part is missing: what would be asked, of whom, or how much is enough."""
    missing = {name for name, value in inputs.items() if not value}
    if missing & {"slo_file", "slo"}:
        return judge_text("") or Answer("PASS", "an empty plan was taken")
    if missing & {"objectives"}:
        return judge()
    if missing & {"total_score", "pass", "target", "criteria"}:
        answer = judge_plan("{score: {title: Score, source: metrics, query: score}}", "[{gate: score}]")
        return answer or Answer("PASS", "a gate without a limit was taken")
    if missing & {"sli_provider", "provider", "query"}:
        answer = judge_plan("{score: {title: Score, query: score, expect: '>= 90'}}", "[{gate: score}]")
        return answer or Answer("PASS", "a gate without a source was taken")
    raise NotApplicable(f"nothing of ours is left out like this: {', '.join(sorted(inputs)) or 'no input'}")


# ------------------------------------------------------------------------------------- KLT


BOUNDS = {"lessthanorequal": "<=", "lessthan": "<", "greaterthanorequal": ">=", "greaterthan": ">", "equalto": "=="}
OPPOSITE = {"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!="}


def operator(inputs, _):
    """One operator of KLT over a value."""
    expect = _expect_of(inputs.get("operator"), inputs)
    return judge_gate(expect, seen_now(_values(inputs.get("value"))))


def failure_warning(inputs, _):
    """A KLT target: what would be a failure, and what a warning. Ours says what must hold: neither of them."""
    target = inputs.get("target", inputs)
    if not isinstance(target, dict):
        target = {}
    failure, warning = (_opposite(target.get(name)) for name in ("failure", "warning"))
    if not failure and not warning:
        return judge_gate([], seen_now(_values(inputs.get("value"))))
    seen = seen_now(_values(inputs.get("value")))
    answer = judge_gate(_both(failure, warning), seen)
    if answer.verdict == "FAIL" and (not failure or judge_gate(failure, seen).verdict == "PASS"):
        return Answer("WARN", f"{answer.words}; within its failure limits")
    return answer


def _both(first, second):
    """Two conditions at once: each alternative of one with each of the other."""
    return [[*a, *b] for a, b in product(first, second)] if first and second else first or second


def _opposite(said):
    if not said:
        return []
    return [[_flip(text)] for conjunction in _expect_of(said, {}) for text in conjunction]


def _flip(text):
    op, number = text.split()
    return f"{OPPOSITE[op]} {number}"


def _expect_of(said, inputs):
    """KLT's operator, as a mapping (`lessThan: {fixedValue: 5}`) or a name beside its target."""
    if isinstance(said, str):
        said = {said: inputs.get("target", inputs.get("fixed_value"))}
    if not isinstance(said, dict) or len(said) != 1:
        raise NotApplicable(f"{said!r} is not an operator that is known here")
    ((name, value),) = said.items()
    plain = name.replace("_", "").lower()
    if plain in BOUNDS:
        return [[f"{BOUNDS[plain]} {_bound(value)}"]]
    if plain == "inrange" and isinstance(value, dict):
        low, high = (_bound(_named(value, end)) for end in ("low", "high"))
        return [[f">= {low}", f"<= {high}"]]
    raise NotApplicable(f"{name!r} is not an operator that is known here")


def _named(value, end):
    return next((item for key, item in value.items() if key.lower().startswith(end)), None)


def _bound(value):
    number = finite(_named(value, "fixed") if isinstance(value, dict) else value)
    if number < 0:
        raise NotApplicable(f"a limit below zero ({number:g}) cannot be written with us: a sign means relative")
    return repr(number)


# ------------------------------------------------------------------------------------- what they share


def _text(inputs, name):
    value = inputs.get(name)
    if not isinstance(value, str):
        raise NotApplicable(f"its {name} is {value!r}, not a text")
    return value


def _alternatives(inputs):
    if "criteria_any_of_all_of" in inputs:
        return inputs["criteria_any_of_all_of"]
    if "criteria_all_of" in inputs:
        return [inputs["criteria_all_of"]]
    return [[_text(inputs, "criteria")]]


def _values(value):
    return [] if value is None else [finite(value)]


def _judged(value, alternatives, comparand):
    try:
        expect = [[c.text for c in conjunction] for conjunction in parse_keptn(alternatives).alternatives]
    except UnreadableCriterion as problem:
        return refused(problem)
    values = _values(value)
    answer = judge_gate(expect, seen_now(values, comparand), against="earlier")
    return replace(answer, unmeasured=not values)


def _earlier(inputs):
    """What earlier results come to. With us the source works that out (an average is a query), so it is done here."""
    previous = inputs.get("previous") or []
    values = [finite(p.get("value") if isinstance(p, dict) else p) for p in previous if _counts(p)]
    if not values:
        return None
    if len(set(values)) > 1 and inputs.get("aggregate", "avg") != "avg":
        raise NotApplicable(
            f"{inputs['aggregate']} of earlier results is asked of the source, not worked out by the board"
        )
    return fmean(values)


def _counts(previous):
    return not isinstance(previous, dict) or previous.get("success", True)


def _targets(alternatives, value, comparand):
    """Each criterion with the limit that it comes to, and whether the value breaks it."""
    found = []
    for text in (text for conjunction in alternatives for text in conjunction):
        criteria = parse_keptn([[text]])
        (criterion,) = criteria.each()
        holds = criteria_hold(criteria, None if value is None else finite(value), comparand)
        found.append({"criteria": text, "target_value": criterion_limit(criterion, comparand), "violated": not holds})
    return found


def _with(answer, details):
    return replace(answer, details=tuple(details))
