"""Reports: what evidence with a kind says once it is read. Pure values; `core/evidence.py` judges them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class JUnitSummary:
    """How many suites and tests ran and how they ended, and the names of the first that did not pass."""

    suites: int
    tests: int
    failures: int
    errors: int
    skipped: int
    first_failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadTestSummary:
    """What a load test measured. `p99_ms` is milliseconds, `error_rate` a share from 0 to 1, None when not stated.

    `before` is the run that the same report compares this one with.
    """

    requests: int
    p99_ms: float | None = None
    error_rate: float | None = None
    duration: timedelta | None = None
    before: "LoadTestSummary | None" = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was read in one piece of evidence: exactly one of them is set. `fields` are names with what was written."""

    junit: JUnitSummary | None = None
    loadtest: LoadTestSummary | None = None
    fields: tuple[tuple[str, str], ...] | None = None
