"""Cases of Argo Rollouts and Flagger: measurements and the conditions over them.

A success condition is what the phase needs, a failure condition is an abort trigger of the running one. A gate of ours
asks Prometheus, so what another kind of answer holds is put into the shape of one and read by our own reader.
"""

import json
import re
from dataclasses import replace
from itertools import chain
from math import isfinite

from readiness.collectors.http import collect_http
from readiness.collectors.prometheus_answers import Receipt, UnfitAnswer, instant_values, refusal_words
from readiness.collectors.sources import ResolvedSource
from readiness.core.conditions import CheckSpec, ConditionKind
from readiness.core.criteria import UnreadableCriterion
from readiness.core.facts import ConditionFacts
from readiness.core.types import Trouble
from tests.cases.board import (
    STEP,
    Answer,
    NotApplicable,
    finite,
    gate,
    held_for,
    judge,
    judge_gate,
    judge_plan,
    refused,
    seen_now,
    trigger,
)
from tests.cases.expressions import measured, negated, parse_condition
from tests.collectors.http_servers import answering, sent
from tests.core.builders import NOW, make_condition


def expression(inputs, expected):
    """One condition over a result."""
    wanted = parse_condition(inputs.get("condition", inputs.get("expression")))
    answer = _phase(inputs.get("result"), wanted, None)
    known = isinstance(expected.get("value"), bool)
    return replace(answer, details=(("value", answer.verdict == "PASS"),) if known else ())


def condition_pair(inputs, _):
    """A success and a failure condition over a result."""
    return _phase(inputs.get("result"), *_pair(inputs))


def prometheus_value(inputs, expected):
    """What Prometheus answered, under a success and a failure condition; without any, whether it is a measurement."""
    result, pair = inputs.get("result"), _pair(inputs)
    if any("success" in name or "failure" in name for name in inputs):
        return _phase(result, *pair)
    values = _series(result)
    answer = judge_gate([[f"<= {max((abs(v) for v in values if isfinite(v)), default=0.0)!r}"]], seen_now(values))
    numbers = values[0] if len(values) == 1 else values
    return replace(answer, details=(("value", numbers),) if "value" in expected else ())


def web_metric(inputs, _):
    """An answer over HTTP. Numbers are a gate; text, and truth beside it, is a check of what the endpoint answers."""
    status, body = inputs.get("http_status"), inputs.get("body")
    if not isinstance(status, int) or not isinstance(body, str):
        raise NotApplicable("it has no status and body that could be answered")
    success, failure = _pair(inputs)
    limits = list(chain.from_iterable(success or []))
    if any(isinstance(limit.value, str) for limit in chain(limits, *(failure or []))):
        return _text_metric(inputs, success, failure)
    document = _document(status, body)
    if isinstance(document, Answer):
        return document
    return _phase(_at(document, inputs.get("json_path")), success, failure)


def _pair(inputs):
    return parse_condition(inputs.get("success_condition")), parse_condition(inputs.get("failure_condition"))


# ------------------------------------------------------------------------------------- a phase of ours


def _phase(result, success, failure):
    """Judge a phase that needs `success` (None: nothing) while `failure` (None: nothing) stops it."""
    try:
        wanted = [_gates(result, success)] if success is not None else []
        stops = [_stop(result, failure)] if failure is not None else []
        answer = judge(*chain.from_iterable(wanted), triggers=stops)
    except UnreadableCriterion as problem:
        return refused(problem)
    if answer.code == "GATE_BREACHED" and failure is not None:
        return replace(answer, verdict="INCONCLUSIVE", words=f"{answer.words}; no abort trigger fires")
    return answer


def _gates(result, alternatives):
    """The gates that a condition comes to: one for each part of the result that it reads."""
    limits = [[measured(limit) for limit in conjunction] for conjunction in alternatives]
    sources = list(dict.fromkeys((limit.subject, limit.fold) for limit in chain.from_iterable(limits)))
    if len(sources) > 1 and len(limits) > 1:
        raise NotApplicable("it is one of several conditions over different values; ours are all needed")
    for number, (subject, fold) in enumerate(sources or [("result", "")]):
        expect = [[_criterion(c) for c in conjunction if c.subject == subject] for conjunction in limits]
        yield gate(expect, _seen(result, subject, fold), f"wanted-{number}")


def _stop(result, alternatives):
    opposite = negated([[measured(limit) for limit in conjunction] for conjunction in alternatives])
    subjects = {(limit.subject, limit.fold) for limit in chain.from_iterable(opposite)}
    if len(subjects) > 1:
        raise NotApplicable("an abort trigger of ours is over one value")
    ((subject, fold),) = subjects or {("result", "")}
    return trigger([[_criterion(c) for c in conjunction] for conjunction in opposite], _seen(result, subject, fold))


def _criterion(limit):
    if not limit.is_number:
        raise NotApplicable("a gate of ours compares numbers; text stops no phase")
    return limit.text()


def _seen(result, subject, fold):
    value = result
    for name in subject.split(".")[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    values = _series(value)
    if fold and values:
        values = [max(values) if fold == "max" else min(values)]
    return seen_now(values)


def _series(value):
    """Values as our reader of Prometheus takes them: text that is a number is one."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    pairs = [{"metric": {"n": str(n)}, "value": [0, _written(item)]} for n, item in enumerate(items)]
    receipt = Receipt()
    receipt.keep(200, json.dumps({"status": "success", "data": {"resultType": "vector", "result": pairs}}).encode())
    try:
        return [series.value for series in instant_values(receipt)]
    except UnfitAnswer:
        raise NotApplicable(f"{value!r} is not a measurement: ours are numbers") from None


def _written(item):
    if isinstance(item, bool):
        return str(int(item))
    if isinstance(item, int | float | str):
        return str(item)
    raise NotApplicable(f"{item!r} is not a measurement: ours are numbers")


# ------------------------------------------------------------------------------------- answers over HTTP


def _document(status, body):
    """The document that an endpoint answered, or what a gate says of an answer that is none."""
    receipt = Receipt()
    receipt.keep(status, body.encode())
    words = refusal_words(receipt)
    if words and not words.startswith(("refused the query", "answered without a result")):
        troubled = seen_now([], trouble=Trouble.SOURCE_ERROR, message=words)
        return judge_gate([["> 0"]], troubled)
    return json.loads(body)


def _at(document, path):
    """The part of a document that a path such as `{$.key[0].value}` names; None where there is none."""
    if not path:
        return document
    for step in re.findall(r"[A-Za-z_]\w*|\d+", str(path).strip("{}").removeprefix("$")):
        if isinstance(document, list):
            document = document[int(step)] if step.isdecimal() and int(step) < len(document) else None
        else:
            document = document.get(step) if isinstance(document, dict) else None
    return document


def _text_metric(inputs, success, failure):
    """Text that an endpoint must answer: a check of its JSON, asked of a real endpoint, with gates beside it."""
    if failure is not None:
        raise NotApplicable("text stops no phase: an abort trigger of ours is a gate or a report")
    if success is None or len(success) != 1:
        raise NotApplicable("it is one of several conditions over text; ours are all needed")
    (limits,) = success
    stated = [limit for limit in limits if not limit.is_number]
    if any(limit.op != "==" for limit in stated):
        raise NotApplicable("a check of ours states what an endpoint answers, not what it does not")
    shape = None
    for limit in stated:
        shape = _merged(shape, _nested(inputs.get("json_path"), limit.subject.split(".")[1:], limit.value))
    conditions = [_endpoint(inputs["http_status"], inputs["body"], shape)]
    numbers = [limit for limit in limits if limit.is_number]
    if numbers:
        document = _document(inputs["http_status"], inputs["body"])
        if isinstance(document, Answer):
            return document
        conditions += _gates(_at(document, inputs.get("json_path")), [numbers])
    return judge(*conditions)


def _nested(path, names, value):
    """The shape of a document that has a value at a path."""
    steps = re.findall(r"[A-Za-z_]\w*|\d+", str(path or "").strip("{}").removeprefix("$")) + list(names)
    for step in reversed(steps):
        if step.isdecimal():
            if int(step):
                raise NotApplicable("a check of ours states the elements of a list from the first")
            value = [value]
        else:
            value = {step: value}
    return value


def _merged(one, other):
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _merged(one.get(key), other.get(key)) for key in {**one, **other}}
    return other if one is None else one


def _endpoint(status, body, shape):
    spec = CheckSpec("service", "http", {"path": "/", "expect": {"status": 200, "json": shape}})
    with answering(sent(status, body.encode())) as (url, _):
        seen = collect_http(ResolvedSource("service", "http", url), spec, NOW)
    return ConditionFacts(make_condition(ConditionKind.CHECK, "endpoint", check=spec), check=seen)


# ------------------------------------------------------------------------------------- counts, scores, ranges


def metric_status(inputs, _):
    """Counted measurements: ours must hold without a break for a time, which is so many measurements in a row."""
    found = dict(_flat(inputs))
    count = found.get("consecutivesuccesslimit") or found.get("count")
    passed = found.get("consecutivesuccess") if found.get("consecutivesuccesslimit") else found.get("successful")
    if not isinstance(count, int) or not isinstance(passed, int):
        raise NotApplicable("it counts measurements; ours hold for a time")
    if found.get("failed") and not found.get("failurelimit"):
        return judge_gate([[">= 1"]], seen_now([0.0]))
    if any(found.get(name) for name in ("failed", "inconclusive")):
        raise NotApplicable("it tolerates a number of failures; ours tolerates none within its time")
    if not passed:
        return judge_gate([[">= 1"]], seen_now([]), hold_for=count * STEP)
    answer = judge_gate([[">= 1"]], seen_now([1.0], window=held_for(passed)), hold_for=count * STEP)
    if answer.verdict == "RUNNING" and found.get("terminating"):
        return Answer("INCONCLUSIVE", f"{answer.words}; and it was stopped")
    return answer


def _flat(value):
    for key, item in value.items() if isinstance(value, dict) else ():
        yield key.replace("_", "").lower(), item
        yield from _flat(item)


def score_threshold(inputs, expected):
    """A score from 0 to 100 against its limits. Whether a limit itself is enough, each system says otherwise."""
    scores = inputs.get("scores", inputs.get("score"))
    scores = [finite(score) for score in (scores if isinstance(scores, list) else [scores])]
    passes, marginal = inputs.get("pass"), inputs.get("marginal")
    if "status" in expected:
        above = [f"> {finite(marginal)!r}"] if marginal is not None else []
        enough = [f">= {finite(passes)!r}"] if passes is not None else []
        return judge_gate([above + enough], seen_now(scores[-1:]))
    if passes is None or marginal is None:
        return judge_gate([[]], seen_now(scores[-1:]))
    enough, tolerable = [[f">= {finite(passes)!r}"]], [[f">= {finite(marginal)!r}"]]
    if "did_pass" in expected:
        return judge(gate(enough, seen_now(scores[-1:]), "last"), gate(tolerable, seen_now(scores), "each"))
    answer = judge_gate(enough, seen_now(scores[-1:]))
    if answer.verdict == "FAIL" and judge_gate(tolerable, seen_now(scores[-1:])).verdict == "PASS":
        return Answer("INCONCLUSIVE", f"{answer.words}; not below its marginal score")
    return answer


def metric_check(inputs, _):
    """A metric of Flagger with its range. One that nobody defines is no gate, and no plan that names it is taken."""
    if "query" in inputs and inputs["query"] is None and inputs.get("template") is None:
        answer = judge_plan("{}", "[{gate: undefined-metric}]")
        answer = answer or Answer("PASS", "a plan that names an undefined gate was taken")
        return replace(answer, unmeasured=True)
    limits, value = inputs.get("threshold_range"), inputs.get("value", inputs.get("result"))
    if not isinstance(limits, dict):
        raise NotApplicable("it has no range of values")
    ends = [(op, limits[name]) for name, op in (("min", ">="), ("max", "<=")) if limits.get(name) is not None]
    values = [finite(item) for item in (value if isinstance(value, list) else [] if value is None else [value])]
    answer = judge_gate([[f"{op} {finite(end)!r}" for op, end in ends]], seen_now(values))
    return replace(answer, unmeasured=not values)
