"""`python -m tests.cases.gates FILE`: ask the board the questions of a case file, and say each case in one line.

The file has the format of `gate_cases.json`: what other gates and verdicts answered in a situation, and, where they
say yes without having looked, what ours should say. A case passes, fails with what was expected and what the board
said, or does not apply with why. The exit code is 1 when one fails, 2 when the file cannot be read.
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.cases import argo, keptn
from tests.cases.board import UNPROVEN, Answer, NotApplicable

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not applicable"
MOST_BYTES = 50_000_000
BREAKS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
Asked = Callable[[Mapping[str, object], Mapping[str, object]], Answer]
KINDS: Mapping[str, Asked] = {
    "criteria_parse": keptn.criteria_parse,
    "criteria_eval": keptn.criteria,
    "criteria_set_and": keptn.criteria,
    "criteria_sets_or": keptn.criteria,
    "objective_eval": keptn.objective,
    "total_score": keptn.total,
    "gate_misconfigured": keptn.misconfigured,
    "operator": keptn.operator,
    "failure_warning_target": keptn.failure_warning,
    "objective_score": keptn.failure_warning,
    "expression": argo.expression,
    "condition_pair": argo.condition_pair,
    "prometheus_value": argo.prometheus_value,
    "web_metric": argo.web_metric,
    "metric_status": argo.metric_status,
    "metric_check": argo.metric_check,
    "score_threshold": argo.score_threshold,
}
STATISTICS = "comparing samples with statistics is a later part of the board"
BURN_RATES = "burn rates and alerts about them are a later part of the board"
NOT_OURS = {
    "canary_compare": STATISTICS,
    "weighted_group_score": "each condition counts alone here; no weight makes up for a failure",
    "summary": STATISTICS,
    "percentile": STATISTICS,
    "cles": STATISTICS,
    "cohens_d": STATISTICS,
    "mean_ratio": STATISTICS,
    "aggregate_previous": "what earlier results come to is asked of the source, not worked out by the board",
    "aggregate_percentile": "what earlier results come to is asked of the source, not worked out by the board",
    "slo_defaults": "it fills in another tool's file; the board reads its criteria and not its files",
    "run_status": "it sums up metrics that tolerate numbers of failures; here all conditions are needed, always",
    "config_validation": "it checks fields of another tool's configuration",
    "webhook_status": "it is what a deployer makes of an answer; endpoints for deployers are a later part of the board",
    "burn_rate_factor": BURN_RATES,
    "absent_metric_alert": BURN_RATES,
}
PREFIXES = {"nan_": STATISTICS, "outlier_": STATISTICS}


class NoCases(Exception):
    """The file has no cases that could be asked; the message says what it is instead."""


@dataclass(frozen=True)
class Result:
    """How one case ended, and why."""

    status: str
    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.status}: {self.name}: {' '.join(self.words.split())}"


def read_cases(path: Path) -> list[object]:
    """Read the cases of a file; raise NoCases with a sentence for anything else."""
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise NoCases(f"{path} has {len(data):,} bytes; a case file has at most {MOST_BYTES:,}.")
        document = json.loads(data)
    except OSError as problem:
        raise NoCases(f"{path} cannot be read: {problem.strerror or problem}.") from None
    except UnicodeDecodeError:
        raise NoCases(f"{path} is not text in UTF-8; a case file is JSON.") from None
    except (ValueError, RecursionError) as problem:
        raise NoCases(f"{path} is not JSON: {problem}.") from None
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise NoCases(f"{path} is JSON, but no object with a list `cases`.")
    if not cases:
        raise NoCases(f"{path} has an empty list of cases, which shows nothing.")
    return cases


def run_case(case: object, number: int = 1) -> Result:
    """Ask the board one case."""
    name = f"case {number}"
    if not isinstance(case, dict):
        return Result(FAIL, name, f"{case!r:.60} is no case; a case is an object")
    kind = case.get("kind")
    name = f"{kind}, {case.get('id') or name}"
    inputs, expected = case.get("inputs"), case.get("expected")
    if not isinstance(kind, str) or not isinstance(inputs, dict) or not isinstance(expected, dict):
        return Result(FAIL, name, "this is no case: it needs a text `kind`, and objects `inputs` and `expected`")
    if why := _out_of_reach(case, kind):
        return Result(NOT_APPLICABLE, name, why)
    try:
        return _compared(case, expected, KINDS[kind](inputs, expected), name)
    except NotApplicable as why:
        return Result(NOT_APPLICABLE, name, str(why))
    except BREAKS as problem:
        return Result(FAIL, name, f"asking broke: {type(problem).__name__}: {problem}")


def _out_of_reach(case: Mapping[str, object], kind: str) -> str:
    if case.get("stance") == "info":
        return "it is for orientation only"
    if case.get("stance") not in ("match", "differ"):
        return f"its stance {case.get('stance')!r} is not known, so it is not clear what is expected"
    if kind in KINDS:
        return ""
    prefixed = (why for prefix, why in PREFIXES.items() if kind.startswith(prefix))
    return NOT_OURS.get(kind) or next(prefixed, f"the kind {kind!r} is not known here")


def _compared(case: Mapping[str, object], expected: Mapping[str, object], answer: Answer, name: str) -> Result:
    """Compare an answer: `match` is reproduced, `differ` is answered with `our_verdict`, and never with PASS."""
    differs = case["stance"] == "differ"
    wanted = case.get("our_verdict" if differs else "normalized")
    said = f"{answer.verdict} ({answer.words})" if answer.words else answer.verdict
    if differs and answer.verdict == "PASS" and wanted != "PASS":
        return Result(FAIL, name, f"the board must not say yes where it is to say {wanted}; it says {said}")
    if wanted is not None and not _agrees(str(wanted), answer):
        return Result(FAIL, name, f"expected {wanted}, the board says {said}")
    wrong = [
        f"{key} is {found!r}, not {expected[key]!r}" for key, found in answer.details if not _same(found, expected[key])
    ]
    if wrong:
        return Result(FAIL, name, "; ".join(wrong))
    if wanted is None and not answer.details:
        return Result(NOT_APPLICABLE, name, "it states nothing that could be compared")
    return Result(PASS, name, f"{said}{_compared_words(wanted, answer, case)}")


def _compared_words(wanted: object, answer: Answer, case: Mapping[str, object]) -> str:
    other = f"; the case calls that {wanted}" if wanted not in (None, answer.verdict) else ""
    upstream = f"; {case.get('system')} says {case.get('normalized')}" if case["stance"] == "differ" else ""
    return other + upstream


def _agrees(wanted: str, answer: Answer) -> bool:
    """Whether two words of the vocabulary mean the same. Nothing agrees with PASS but PASS."""
    if wanted == answer.verdict:
        return True
    if wanted in UNPROVEN and answer.verdict in UNPROVEN:
        return True
    if {wanted, answer.verdict} == {"WARN", "INCONCLUSIVE"}:
        return True
    return wanted == "FAIL" and answer.unmeasured and answer.verdict in UNPROVEN


def _same(found: object, wanted: object) -> bool:
    """Whether two values are equal, numbers to the ninth digit."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float | str):
        try:
            return math.isclose(found, float(wanted), rel_tol=1e-9)
        except ValueError:
            return False
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return all(key in found and _same(found[key], item) for key, item in wanted.items())
    return found == wanted


def run_file(path: Path) -> Iterator[Result]:
    """Ask the board every case of a file."""
    for number, case in enumerate(read_cases(path), 1):
        yield run_case(case, number)


def main(arguments: list[str]) -> int:
    """Print one line a case and how many ended how; give the exit code."""
    if len(arguments) != 1:
        print("Usage: python -m tests.cases.gates FILE")
        return 2
    counts: Counter[str] = Counter()
    try:
        for result in run_file(Path(arguments[0])):
            print(result)
            counts[result.status] += 1
    except NoCases as problem:
        print(problem)
        return 2
    print(", ".join(f"{counts[status]} {status}" for status in (PASS, FAIL, NOT_APPLICABLE)))
    return 1 if counts[FAIL] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
