"""Checks that Prometheus answers: alert rules that can fire, series that exist, targets that are scraped."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from readiness.collectors.findings import listing, names_setting, number_setting, text_setting, unanswered
from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.prometheus_answers import Answer
from readiness.collectors.sources import SourceTrouble
from readiness.core.conditions import CheckSpec
from readiness.core.quantities import format_duration
from readiness.core.selectors import (
    UnreadableQuery,
    newest_sample_query,
    query_selectors,
    quote_label,
)
from readiness.core.types import CheckObservation, Finding, Trouble

Rule = Mapping[str, object]
MISSED_EVALUATIONS = 3
SHORTEST_RECENT = timedelta(minutes=2)
INTERNAL = ("ALERTS", "ALERTS_FOR_STATE")


class InputUnknown(Exception):
    """Whether the inputs of a rule have data could not be asked."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.message)
        self.answer = answer


def collect_alert_rule(batch: PrometheusBatch, spec: CheckSpec) -> CheckObservation:
    """Whether an alert rule (`name`), or at least `min_rules` of a `group`, is loaded and able to fire.

    Able to fire means: healthy, evaluated within three of its group's intervals (two minutes at least), and every
    selector of its query has a sample. A rule over a metric that nobody exports stays silent for ever.
    """
    name, group = text_setting(spec.settings, "name"), text_setting(spec.settings, "group")
    subject = name or group
    answer = batch.ask_api("rules?type=alert")
    if answer.trouble is not Trouble.NONE:
        return _unanswered(batch, answer, subject)
    rules = [r for r in _rules(answer.data) if r.get("name") == name or (group and r["group"] == group)]
    needed = max(1, number_setting(spec.settings, "min_rules", 1)) if group else 1
    if not rules:
        what = f"group {group}" if group else f"alert rule {name}"
        return _found(batch, Finding.MISSING, subject, f"{what} is not loaded in Prometheus")
    if len(rules) < needed:
        detail = f"group {group} has {len(rules)} alert rules; at least {needed} are required"
        return _found(batch, Finding.MISFIT, subject, detail)
    try:
        unfit = [words for rule in rules if (words := _unfit_words(batch, rule))]
    except InputUnknown as problem:
        return _unanswered(batch, problem.answer, subject)
    if len(rules) - len(unfit) < (needed if group else len(rules)):
        return _found(batch, Finding.MISFIT, subject, unfit[0])
    healthy = f"{len(rules)} alert rules of group {group} are" if group else f"alert rule {name} is"
    return _found(batch, Finding.FITS, subject, f"{healthy} loaded, healthy and fed with data")


def _rules(data: object) -> Iterator[Rule]:
    """Every alert rule with the name and interval (seconds) of its group."""
    groups = data.get("groups") if isinstance(data, Mapping) else None
    for group in groups if isinstance(groups, list) else ():
        rules = group.get("rules") if isinstance(group, Mapping) else None
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, Mapping) and rule.get("type") == "alerting":
                yield {**rule, "group": group.get("name"), "interval": group.get("interval")}


def _unfit_words(batch: PrometheusBatch, rule: Rule) -> str:
    """Why one rule could not fire; empty when it can. Raises InputUnknown."""
    name = str(rule.get("name"))
    if rule.get("health") != "ok":
        said = str(rule.get("lastError") or "")[:200]
        return f"{name} is not healthy" + (f": {said}" if said else "")
    evaluated_at = _moment(str(rule.get("lastEvaluation")))
    interval = rule.get("interval")
    seconds = interval if isinstance(interval, int | float) else 0
    recent = max(SHORTEST_RECENT, MISSED_EVALUATIONS * timedelta(seconds=seconds))
    if evaluated_at is None or batch.now - evaluated_at > recent:
        age = "never" if evaluated_at is None else f"{format_duration(batch.now - evaluated_at)} ago"
        return f"{name} was last evaluated {age}"
    return _starved_words(batch, name, str(rule.get("query")))


def _moment(text: str) -> datetime | None:
    """A time as Prometheus writes it, in nanoseconds, which Python reads to microseconds; the year 1 means never."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment > datetime(2000, 1, 1, tzinfo=UTC) else None


def _starved_words(batch: PrometheusBatch, name: str, query: str) -> str:
    try:
        selectors = query_selectors(query)
    except UnreadableQuery:
        return f"{name} has a query that cannot be read"
    for selector in selectors:
        if selector.text.partition("{")[0] in INTERNAL:
            continue
        answer = batch.ask(newest_sample_query(selector))
        if answer.trouble is not Trouble.NONE:
            raise InputUnknown(answer)
        if not answer.values:
            return f"{name} reads {selector.text}, which has no data"
    return ""


def collect_series(batch: PrometheusBatch, spec: CheckSpec) -> CheckObservation:
    """Whether every metric of `names` has a sample within the five minutes that Prometheus looks back."""
    names = names_setting(spec.settings, "names")
    subject = listing(names)
    if not names:
        return unanswered(_trouble(batch, Trouble.NOT_CONFIGURED, "the check names no metric"), subject, batch.now)
    missing = []
    for name in names:
        answer = batch.ask(f"count({{__name__={quote_label(name)}}})")
        if answer.trouble is not Trouble.NONE:
            return _unanswered(batch, answer, subject)
        if not answer.values:
            missing.append(name)
    if missing:
        verb = "has" if len(missing) == 1 else "have"
        return _found(batch, Finding.MISSING, subject, f"{listing(missing)} {verb} no sample in the last 5 min")
    count = "1 metric has" if len(names) == 1 else f"all {len(names)} metrics have"
    return _found(batch, Finding.FITS, subject, f"{count} samples")


def collect_target(batch: PrometheusBatch, spec: CheckSpec) -> CheckObservation:
    """Whether at least `min_up` targets of `job` are scraped and up."""
    job = text_setting(spec.settings, "job")
    needed = max(1, number_setting(spec.settings, "min_up", 1))
    selector = f"up{{job={quote_label(job)}}}"
    known, running = batch.ask(f"count({selector})"), batch.ask(f"count({selector} == 1)")
    for answer in (known, running):
        if answer.trouble is not Trouble.NONE:
            return _unanswered(batch, answer, job)
    if not known.values:
        return _found(batch, Finding.MISSING, job, f"Prometheus scrapes no target of job {job}")
    total, up = _count(known), _count(running)
    if up < needed:
        detail = f"{up} of {total} targets of job {job} are up; at least {needed} must be"
        return _found(batch, Finding.MISFIT, job, detail)
    return _found(batch, Finding.FITS, job, f"{up} of {total} targets of job {job} are up")


def _count(answer: Answer) -> int:
    return round(sum(series.value for series in answer.values))


def _found(batch: PrometheusBatch, finding: Finding, subject: str, detail: str) -> CheckObservation:
    return CheckObservation(batch.now, finding, subject, detail)


def _unanswered(batch: PrometheusBatch, answer: Answer, subject: str) -> CheckObservation:
    return unanswered(_trouble(batch, answer.trouble, answer.message), subject, batch.now)


def _trouble(batch: PrometheusBatch, trouble: Trouble, message: str) -> SourceTrouble:
    return SourceTrouble(batch.source.key, trouble, message)
