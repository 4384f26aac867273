"""`python -m tests.cases.stats FILE`: work out the cases of a file by our statistics, and say each in one line.

The file has the format of `stat_cases.json`: a method, its inputs, the numbers that come out with how close they must
be, and the decision. Decisions are exact. A case passes, fails with what was expected and what came out, or does not
apply with why. The exit code is 1 when one fails, 2 when the file cannot be read.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.cases.gates import FAIL, NOT_APPLICABLE, PASS, NoCases, Result, read_cases
from tests.cases.methods import METHODS, number

NEAR_ZERO = 1e-9
USUAL_TOLERANCE = 1e-6
BREAKS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
INTERVALS = "the board judges by intervals, not by p-values"
NOT_OURS = {
    "score_ni": INTERVALS,
    "t_power": "samples of single values are not what the board compares; it plans by blocks and by requests",
    "cohen_h": "an effect size of two shares decides nothing, and the board shows the shares",
    "cuped_diff": "the board compares pairs of blocks, which removes what both arms share",
}
FIELDS_NOT_OURS = {
    "bh_adjusted": "false discovery rates are not used; harm is adjusted by Holm’s method",
    "bh_reject": "false discovery rates are not used; harm is adjusted by Holm’s method",
}


def run_case(case: object, place: int = 1) -> Result:
    """Work out one case."""
    name = f"case {place}"
    if not isinstance(case, dict):
        return Result(FAIL, name, f"{case!r:.60} is no case; a case is an object")
    method, inputs, expected = case.get("method"), case.get("inputs"), case.get("expected")
    name = f"{method}, {case.get('id') or name}"
    if not isinstance(method, str) or not isinstance(inputs, dict) or not isinstance(expected, dict):
        return Result(FAIL, name, "this is no case: it needs a text `method`, and objects `inputs` and `expected`")
    if method in NOT_OURS:
        return Result(NOT_APPLICABLE, name, NOT_OURS[method])
    if method not in METHODS:
        return Result(FAIL, name, f"the method {method!r} is not known here; known are {', '.join(METHODS)}")
    try:
        found = METHODS[method](inputs)
    except BREAKS as problem:
        return Result(FAIL, name, f"working it out broke: {type(problem).__name__}: {problem}")
    return _compared(name, found, expected, number(case.get("rel_tol", USUAL_TOLERANCE)))


def _compared(name: str, found: Mapping[str, object], expected: Mapping[str, object], tolerance: float) -> Result:
    wanted = {key: value for key, value in expected.items() if key not in FIELDS_NOT_OURS}
    wrong = [f"{key} is not worked out" for key in wanted if key not in found]
    wrong += [
        f"{key} is {found[key]!r}, not {value!r}"
        for key, value in wanted.items()
        if key in found and not _same(found[key], value, tolerance)
    ]
    left = [f"{key}: {FIELDS_NOT_OURS[key]}" for key in expected if key in FIELDS_NOT_OURS]
    if wrong:
        return Result(FAIL, name, "; ".join(wrong))
    if not wanted:
        return Result(NOT_APPLICABLE, name, "; ".join(left) or "it states nothing that could be compared")
    said = f"{found['decision']} ({found['reason']}), " if "decision" in found and "decision" in wanted else ""
    return Result(
        PASS, name, f"{said}{len(wanted)} fields agree" + (f"; not applicable: {'; '.join(left)}" * bool(left))
    )


def _same(found: object, wanted: object, tolerance: float) -> bool:
    """Whether two values agree: numbers within the tolerance, everything else exactly; null is what is no number."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(_same(a, b, tolerance) for a, b in zip(found, wanted, strict=True))
    if wanted is None:
        return found is None or (isinstance(found, float) and math.isnan(found))
    if isinstance(found, int | float):
        return math.isclose(found, number(wanted), rel_tol=tolerance, abs_tol=NEAR_ZERO * (abs(found) < NEAR_ZERO))
    return found == wanted


def run_file(path: Path) -> Iterator[Result]:
    """Work out every case of a file."""
    for place, case in enumerate(read_cases(path), 1):
        yield run_case(case, place)


def main(arguments: list[str]) -> int:
    """Print one line a case and how many ended how; give the exit code."""
    if len(arguments) != 1:
        print("Usage: python -m tests.cases.stats FILE")
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
