"""Checks, drills, reviews and experiments: does what was promised exist, fit, work, and count."""

from datetime import datetime, timedelta

from readiness.core.facts import ConditionFacts
from readiness.core.quantities import format_duration
from readiness.core.types import Assessment, CheckObservation, ExperimentState, Finding, Outcome, Trouble

FINDING_CODES = {
    Finding.MISSING: "CHECK_MISSING",
    Finding.MISFIT: "CHECK_MISFIT",
    Finding.UNREADABLE: "CHECK_MISFIT",
}
TROUBLE_CODES = {
    Trouble.NOT_CONFIGURED: "SOURCE_NOT_CONFIGURED",
    Trouble.SOURCE_ERROR: "CHECK_SOURCE_ERROR",
}


def assess_check(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge a check of an artefact at `now`."""
    spec, path, seen = facts.condition.check, facts.condition.path, facts.check
    if spec is None:
        raise ValueError(f"{path} is not a check")
    required = "exists and fits"
    if seen is None:
        return Assessment(path, Outcome.UNKNOWN, "CHECK_UNCHECKED", "never checked", required)
    if seen.trouble is not Trouble.NONE:
        return Assessment(path, Outcome.UNKNOWN, TROUBLE_CODES[seen.trouble], seen.detail, required)
    if found := _stale_words(now - seen.checked_at, spec.max_age):
        return Assessment(path, Outcome.UNKNOWN, "CHECK_STALE", found, required)
    if seen.fetched_at is not None and now - seen.fetched_at > spec.max_age:
        return Assessment(path, Outcome.UNKNOWN, "CHECK_STALE", _old_mirror(seen, spec.max_age, now), required)
    if seen.finding is not Finding.FITS:
        return Assessment(path, Outcome.NOT_MET, FINDING_CODES[seen.finding], seen.detail, required)
    oldest = min(seen.checked_at, seen.fetched_at) if seen.fetched_at is not None else seen.checked_at
    return Assessment(path, Outcome.MET, "", seen.detail, required, oldest + spec.max_age)


def _old_mirror(seen: CheckObservation, max_age: timedelta, now: datetime) -> str:
    """Say that a mirror is old, how old it may be, and why nobody could fetch it since."""
    age = format_duration(now - seen.fetched_at) if seen.fetched_at is not None else "never"
    why = f"; {seen.unfetched}" if seen.unfetched else ""
    return f"the mirror was fetched {age} ago; older than {format_duration(max_age)} does not count{why}"


def _stale_words(age: timedelta, max_age: timedelta) -> str:
    if age < -max_age:
        return f"checked {format_duration(-age)} ahead of the clock"
    return f"last checked {format_duration(age)} ago" if age > max_age else ""


def assess_drill(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge a drill: it was run, passed, was fast enough, and still counts."""
    spec, path, ran = facts.condition.drill, facts.condition.path, facts.drill
    if spec is None:
        raise ValueError(f"{path} is not a drill")
    required = f"a run that passes within {format_duration(spec.target)}"
    if ran is None:
        return Assessment(path, Outcome.NOT_MET, "DRILL_MISSING", "not recorded", required)
    if spec.since_phase_start and (facts.run_started_at is None or ran.ran_at < facts.run_started_at):
        return Assessment(path, Outcome.NOT_MET, "DRILL_MISSING", "not run since the phase began", required)
    if not ran.passed:
        return Assessment(path, Outcome.NOT_MET, "DRILL_FAILED", ran.note or "did not pass", required)
    took = f"took {format_duration(ran.took)}"
    if ran.took > spec.target:
        return Assessment(path, Outcome.NOT_MET, "DRILL_TOO_SLOW", took, required)
    expires_at = ran.ran_at + spec.valid_for if spec.valid_for else None
    if expires_at is not None and now >= expires_at:
        found = f"last run {format_duration(now - ran.ran_at)} ago"
        return Assessment(path, Outcome.NOT_MET, "DRILL_EXPIRED", found, required)
    return Assessment(path, Outcome.MET, "", took, required, expires_at)


def assess_review(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge a review: only a recorded score counts, never a predicted one."""
    spec, path, seen = facts.condition.review, facts.condition.path, facts.review
    if spec is None:
        raise ValueError(f"{path} is not a review")
    required = f"{spec.min_score:g}" if spec.min_score is not None else "0"
    if seen is None:
        found = "no score"
        if spec.after_gaps is not None:
            found = f"no score; {spec.after_gaps:g} of 10 is only predicted for after the gaps"
        return Assessment(path, Outcome.NOT_MET, "REVIEW_MISSING", found, required)
    found = f"{seen.score:g} of 10"
    if spec.min_score is not None and not seen.score >= spec.min_score:
        return Assessment(path, Outcome.NOT_MET, "REVIEW_BELOW_SCORE", found, required)
    return Assessment(path, Outcome.MET, "", found, required)


EXPERIMENT_CODES = {
    ExperimentState.UNDECIDED: (Outcome.NOT_MET, "EXPERIMENT_UNDECIDED"),
    ExperimentState.HARMFUL: (Outcome.NOT_MET, "EXPERIMENT_HARMFUL"),
    ExperimentState.INVALID: (Outcome.UNKNOWN, "EXPERIMENT_INVALID"),
}


def assess_experiment(facts: ConditionFacts, now: datetime) -> Assessment:
    """Judge an experiment by its newest look; without one it is never GO."""
    path, result, required = facts.condition.path, facts.experiment, "a result that shows it"
    if result is None:
        return Assessment(path, Outcome.UNKNOWN, "EXPERIMENT_NOT_RUN", "no result", required)
    if result.state in EXPERIMENT_CODES:
        outcome, code = EXPERIMENT_CODES[result.state]
        return Assessment(path, outcome, code, result.found, required)
    return Assessment(path, Outcome.MET, "", result.found, required)
