"""Load test reports: k6's summary, Locust's statistics (CSV or JSON), or a plain JSON of four numbers.

A JSON may also hold two runs, `before` and `after`; then the second is judged, and compared with the first.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from readiness.collectors.contents import NotText, read_text
from readiness.collectors.figures import NotLoadTest, as_duration, as_share, optional_figure, read_figure
from readiness.collectors.locust import ACCEPTED, read_locust_csv, read_locust_json
from readiness.core.reports import LoadTestSummary

MOST_BYTES = 2_000_000
Document = Mapping[str, object]


def read_loadtest(data: bytes) -> LoadTestSummary:
    """Read a report of any of the formats. Raises NotLoadTest."""
    if len(data) > MOST_BYTES:
        raise NotLoadTest(f"The file has {len(data):,} bytes; a summary of a load test has at most {MOST_BYTES:,}")
    try:
        text = read_text(data)
    except NotText as refusal:
        raise NotLoadTest(f"The file {refusal}; {ACCEPTED}") from None
    if text.lstrip()[:1] not in ("{", "["):
        return read_locust_csv(text)
    document = _document(text)
    if isinstance(document, list):
        return read_locust_json(document)
    return _read_runs(document)


def _document(text: str) -> "Document | list[object]":
    try:
        document: Document | list[object] = json.loads(text, object_pairs_hook=_one_each)
    except NotLoadTest:
        raise
    except json.JSONDecodeError as problem:
        raise NotLoadTest(f"The file is no whole JSON; it breaks at line {problem.lineno}") from None
    except RecursionError:
        raise NotLoadTest(f"The file is JSON nested too deep to read; {ACCEPTED}") from None
    except ValueError:
        raise NotLoadTest("The file holds a number with more digits than can be read") from None
    return document


def _one_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotLoadTest(f"The report says {twice[:20]!r} twice, so it is not clear which one counts")
    return found


def _read_runs(document: Document) -> LoadTestSummary:
    """One run, or the one after with the one before."""
    before, after = document.get("before"), document.get("after")
    if before is None and after is None:
        return _read_run(document)
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        raise NotLoadTest("The report compares, but does not hold a run under both before and after")
    return replace(_read_run(after), before=_read_run(before))


def _read_run(document: Document) -> LoadTestSummary:
    if isinstance(document.get("metrics"), Mapping):
        return _read_k6(document)
    if "requests" in document:
        return _read_plain(document)
    raise NotLoadTest(f"The file holds no load test; {ACCEPTED}")


def _read_plain(document: Document) -> LoadTestSummary:
    return LoadTestSummary(
        requests=int(read_figure(document["requests"], "requests")),
        p99_ms=optional_figure(document, "p99_ms"),
        error_rate=as_share(optional_figure(document, "error_rate")),
        duration=as_duration(optional_figure(document, "duration_s")),
    )


def _read_k6(document: Document) -> LoadTestSummary:
    """k6 writes times in milliseconds, and values either directly or under `values`, by how it was asked."""
    metrics = document["metrics"]
    requests = _k6_values(metrics, "http_reqs")
    count, rate = optional_figure(requests, "count"), optional_figure(requests, "rate")
    if count is None:
        raise NotLoadTest("The k6 summary has no http_reqs, so it says nothing about requests")
    state = document.get("state")
    ran_ms = optional_figure(state, "testRunDurationMs") if isinstance(state, Mapping) else None
    ran_s = ran_ms / 1000 if ran_ms is not None else (count / rate if rate else None)
    return LoadTestSummary(
        requests=int(count),
        p99_ms=optional_figure(_k6_values(metrics, "http_req_duration"), "p(99)"),
        error_rate=as_share(optional_figure(_k6_values(metrics, "http_req_failed"), "rate", "value")),
        duration=as_duration(ran_s),
    )


def _k6_values(metrics: object, name: str) -> Document:
    metric = metrics.get(name) if isinstance(metrics, Mapping) else None
    if not isinstance(metric, Mapping):
        return {}
    values = metric.get("values")
    return values if isinstance(values, Mapping) else metric
