"""Evaluating a rollout with 500 conditions: `python -m tests.benchmarks.verdict`.

Every kind of condition, in the running phase, the next one and gaps, all met, with the whole poll signed, so that every
rule and the material of every signature is worked out. Printed: the CPU time of one evaluation for 250, 500 and 1000
conditions, warm (the plan is loaded, as in a running process, and every gate was measured anew) and cold (nothing is
remembered), and how it grows.
"""

import gc
import statistics
import time
from dataclasses import replace

from readiness.core import gates, material, quantities
from readiness.core.facts import ConditionFacts, Facts
from readiness.core.types import Decision, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from tests.core.builders import (
    NOW,
    SIGNERS,
    make_check,
    make_claim,
    make_drill,
    make_evidence,
    make_facts,
    make_gap,
    make_gate,
    make_item,
    make_ran,
    make_review,
    make_run,
    make_trigger,
    sign_all,
)

GOAL_MS, ROUNDS, TRIGGERS, GAPS = 5.0, 60, 5, 5
SIZES = (250, 500, 1000)
OWNERS = (*SIGNERS, None)


def conditions(place: str, count: int) -> list[ConditionFacts]:
    """Give `count` conditions, one in four a gate and the rest of every other kind, owned by every role in turn."""
    made = [
        make(f"{place}-{n}")
        for n, make in zip(range(count), [gate, item, gate, check, drill, item, check, review] * count, strict=False)
    ]
    return [
        replace(facts, condition=replace(facts.condition, path=f"{place}/{n}", owner=OWNERS[n % len(OWNERS)]))
        for n, facts in enumerate(made)
    ]


def gate(key: str) -> ConditionFacts:
    return make_gate(key=key)


def item(key: str) -> ConditionFacts:
    return make_item(make_claim(make_evidence()), key=key)


def check(key: str) -> ConditionFacts:
    return make_check(key=key)


def drill(key: str) -> ConditionFacts:
    return make_drill(make_ran(), key=key)


def review(key: str) -> ConditionFacts:
    return make_review(key=key)


def rollout(count: int) -> Facts:
    """Give facts that are GO with `count` conditions: half to enter, the rest to succeed and in gaps."""
    enter, complete = count // 2, count // 4
    left = count - enter - complete
    gaps = [
        make_gap(*conditions(f"gap-{n}", left // GAPS + (n < left % GAPS)), key=f"gap-{n}", done_tasks=3)
        for n in range(GAPS)
    ]
    return sign_all(
        make_facts(
            enter=conditions("enter", enter),
            complete=conditions("succeed", complete),
            gaps=gaps,
            triggers=[make_trigger(key=f"trigger-{n}") for n in range(TRIGGERS)],
            running=make_run(),
        )
    )


def evaluate(facts: Facts) -> Verdict:
    """Evaluate once; anything but GO would measure something else."""
    verdict = evaluate_verdict(facts, Question.ENTER, NOW)
    if verdict.decision is not Decision.GO:
        raise SystemExit(f"not GO: {verdict.reasons[0]}")
    return verdict


def forget() -> None:
    """Forget everything that a running process remembers."""
    remembering = (
        gates._parsed,
        gates.gate_requirement,
        quantities._ratio,
        quantities.unit_measure,
    )
    for remembered in remembering:
        remembered.cache_clear()
    material._DEFINITIONS.clear()


def measured_anew(facts: Facts, number: int) -> Facts:
    """Give the facts with another value of every gate, as after a refresh."""

    def another(n: int, condition: ConditionFacts) -> ConditionFacts:
        seen = make_gate(0.01 + number * 1e-6 + n * 1e-9).gate
        return replace(condition, gate=seen) if condition.gate is not None else condition

    enter = tuple(another(n, condition) for n, condition in enumerate(facts.enter))
    complete = tuple(another(n, condition) for n, condition in enumerate(facts.complete))
    return replace(facts, enter=enter, complete=complete)


def cpu_ms(facts: Facts) -> float:
    """Give the CPU time of one evaluation in milliseconds."""
    began = time.process_time()
    evaluate(facts)
    return (time.process_time() - began) * 1000


def measure() -> dict[int, dict[str, list[float]]]:
    """Give warm and cold times by the number of conditions; the sizes take turns, so that noise meets all."""
    facts = {count: rollout(count) for count in SIZES}
    found: dict[int, dict[str, list[float]]] = {count: {"warm": [], "cold": []} for count in SIZES}
    gc.disable()
    for number, count in enumerate(SIZES * ROUNDS):
        forget()
        found[count]["cold"].append(cpu_ms(facts[count]))
        found[count]["warm"].append(cpu_ms(measured_anew(facts[count], number)))
    return found


def undisturbed(times: list[float]) -> float:
    """Give the time that the quickest tenth keeps to: what the work costs while nothing else takes the caches."""
    return statistics.quantiles(times, n=10)[0]


def main() -> None:
    """Measure and print; fail when the goal is missed."""
    found = measure()
    for count, kinds in found.items():
        words = (f"{kind} {undisturbed(t):5.2f} ms (median {statistics.median(t):5.2f})" for kind, t in kinds.items())
        print(f"{count:>5} conditions  {'  '.join(words)}")
    for kind in ("warm", "cold"):
        print(f"growth 1000/500, {kind}: {undisturbed(found[1000][kind]) / undisturbed(found[500][kind]):.2f}")
    if (took := undisturbed(found[500]["warm"])) > GOAL_MS:
        raise SystemExit(f"500 conditions take {took:.2f} ms; the goal is {GOAL_MS:g} ms")


if __name__ == "__main__":
    main()
