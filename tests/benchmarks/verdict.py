"""Evaluating a rollout with 500 conditions: `python -m tests.benchmarks.verdict`.

Every kind of condition, in the running phase, the next one and gaps, all met, with the whole poll signed, so that every
rule and the material of every signature is worked out. Printed: the CPU time of one evaluation for 250, 500 and 1000
conditions, warm (the plan is loaded, as in a running process) and cold (nothing remembered), and how it grows.
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
        quantities.convert,
        quantities.unit_measure,
    )
    for remembered in remembering:
        remembered.cache_clear()
    material._DEFINITIONS.clear()


def cpu_ms(facts: Facts) -> float:
    """Give the CPU time of one evaluation in milliseconds."""
    began = time.process_time()
    evaluate(facts)
    return (time.process_time() - began) * 1000


def measure() -> dict[int, tuple[float, float]]:
    """Give median warm and cold times by the number of conditions; the sizes take turns, so that noise meets all."""
    facts = {count: rollout(count) for count in SIZES}
    warm: dict[int, list[float]] = {count: [] for count in SIZES}
    cold: dict[int, list[float]] = {count: [] for count in SIZES}
    gc.disable()
    for count in SIZES * ROUNDS:
        forget()
        cold[count].append(cpu_ms(facts[count]))
        warm[count].append(cpu_ms(facts[count]))
    return {count: (statistics.median(warm[count]), statistics.median(cold[count])) for count in SIZES}


def main() -> None:
    """Measure and print; fail when the goal is missed."""
    found = measure()
    for count, (warm, cold) in found.items():
        print(f"{count:>5} conditions  warm {warm:6.2f} ms  cold {cold:6.2f} ms  {warm * 1000 / count:5.2f} µs each")
    print(f"growth 1000/500: warm {found[1000][0] / found[500][0]:.2f}, cold {found[1000][1] / found[500][1]:.2f}")
    if found[500][0] > GOAL_MS:
        raise SystemExit(f"500 conditions take {found[500][0]:.2f} ms; the goal is {GOAL_MS:g} ms")


if __name__ == "__main__":
    main()
