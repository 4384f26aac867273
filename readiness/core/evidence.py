"""Evidence with a kind: test reports, load tests and reports, judged by the rule of the item that demands them. Pure.

What was read is kept, and judged again each time by the rule as it is then: a limit that a plan tightens counts for
what was brought before.
"""

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache

from readiness.core.conditions import EvidenceRule
from readiness.core.criteria import criteria_hold, parse_criteria
from readiness.core.criteria_words import describe_criteria, format_value
from readiness.core.quantities import format_duration
from readiness.core.repeats import same_run
from readiness.core.reports import JUnitSummary, LoadTestSummary, Report
from readiness.core.types import EvidenceFacts, EvidenceState

Judgement = tuple[EvidenceState, str]


def judge_piece(piece: EvidenceFacts, rule: EvidenceRule) -> Judgement:
    """Judge a piece of evidence as it counts now, under the rule of its item as it is now."""
    if piece.repeats:
        return EvidenceState.CONTRADICTS, piece.repeats
    return judge_report(piece.report, rule) if piece.report is not None else (piece.state, piece.finding)


@lru_cache(maxsize=4096)
def judge_report(report: Report, rule: EvidenceRule) -> Judgement:
    """Judge what was read in a piece of evidence; the same under the same rule, so it is judged once."""
    if report.junit is not None:
        return judge_junit(report.junit, rule)
    if report.loadtest is not None:
        return judge_loadtest(report.loadtest, rule)
    return judge_fields(dict(report.fields or ()), rule)


def judge_fields(written: Mapping[str, str], rule: EvidenceRule) -> Judgement:
    """Judge a report of named fields: every field that the plan names must say something."""
    lacking = [name for name in rule.fields if not written.get(name, "").strip()]
    if lacking or not any(text.strip() for text in written.values()):
        return EvidenceState.UNREADABLE, f"the report lacks {', '.join(lacking) or 'every field'}"
    return EvidenceState.PROVES, f"states {', '.join(rule.fields or written)}"


def judge_junit(summary: JUnitSummary, rule: EvidenceRule) -> Judgement:
    """Judge a test report: no tests, none that ran, too few suites, a failure or an error contradict."""
    counted = f"{summary.tests} {'test' if summary.tests == 1 else 'tests'}"
    bad = summary.failures + summary.errors
    if summary.tests == 0:
        return EvidenceState.CONTRADICTS, "the report has no tests"
    if bad:
        return EvidenceState.CONTRADICTS, f"{counted}, {bad} {'fails' if bad == 1 else 'fail'}{_names(summary, bad)}"
    if summary.skipped >= summary.tests:
        return EvidenceState.CONTRADICTS, f"{counted}, all skipped; none ran"
    if rule.min_suites is not None and summary.suites < rule.min_suites:
        suites = f"{summary.suites} {'suite' if summary.suites == 1 else 'suites'}"
        least = "1 suite is" if rule.min_suites == 1 else f"{rule.min_suites} suites are"
        return EvidenceState.CONTRADICTS, f"{counted} in {suites}; at least {least} required"
    skipped = f", {summary.skipped} skipped" if summary.skipped else ""
    return EvidenceState.PROVES, f"{counted}, none fails{skipped}"


def _names(summary: JUnitSummary, bad: int) -> str:
    if not summary.first_failing:
        return ""
    more = bad - len(summary.first_failing)
    return f": {', '.join(summary.first_failing)}" + (f" and {more} more" if more > 0 else "")


def judge_loadtest(summary: LoadTestSummary, rule: EvidenceRule) -> Judgement:
    """Judge a load test against the stated limits.

    No request, nothing but errors, a run that is too short and a limit that is passed contradict; a limit on something
    that the report does not state leaves it unreadable, because what was not measured proves nothing.
    """
    contradiction = next(_contradictions(summary, rule), "")
    if contradiction:
        return EvidenceState.CONTRADICTS, contradiction
    if lacking := _lacking(summary, rule):
        return EvidenceState.UNREADABLE, f"the report does not state the {lacking}"
    return EvidenceState.PROVES, _measured(summary)


def _contradictions(summary: LoadTestSummary, rule: EvidenceRule) -> Iterator[str]:
    if summary.requests <= 0:
        yield "the load test made no request"
    if summary.error_rate is not None and not summary.error_rate < 1:
        yield "every request of the load test failed"
    if summary.before is not None and same_run(summary, summary.before):
        yield "before and after are the same to the digit; no two runs agree so"
    if rule.min_duration is not None and summary.duration is not None and summary.duration < rule.min_duration:
        ran, required = format_duration(summary.duration), format_duration(rule.min_duration)
        yield f"the load test ran {ran}; at least {required} is required"
    for name, value, unit, limit in _limits(summary, rule):
        criteria = parse_criteria(limit, unit)
        if value is not None and not criteria_hold(criteria, value):
            found, required = format_value(value, unit, criteria), describe_criteria(criteria, unit)
            yield f"{name} is {found}; it must be {required}"


def _limits(summary: LoadTestSummary, rule: EvidenceRule) -> Iterator[tuple[str, float | None, str, str]]:
    if rule.p99:
        yield "p99", None if summary.p99_ms is None else summary.p99_ms / 1000, "s", rule.p99
    if rule.error_rate:
        yield "error rate", summary.error_rate, "ratio", rule.error_rate


def _lacking(summary: LoadTestSummary, rule: EvidenceRule) -> str:
    lacking = [name for name, value, _, _ in _limits(summary, rule) if value is None]
    if rule.min_duration is not None and summary.duration is None:
        lacking.append("duration")
    return " and the ".join(lacking)


def _measured(summary: LoadTestSummary) -> str:
    parts = [f"{summary.requests:,} requests"]
    if summary.duration is not None:
        parts.append(f"over {format_duration(summary.duration)}")
    if summary.p99_ms is not None and math.isfinite(summary.p99_ms):
        parts.append(f"p99 {format_value(summary.p99_ms / 1000, 's')}")
    if summary.error_rate is not None:
        parts.append(f"{format_value(summary.error_rate, 'ratio')} failed")
    return ", ".join(parts)
