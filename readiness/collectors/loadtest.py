"""Load test reports: k6's summary, Locust's statistics (CSV or JSON), or a plain JSON of four numbers."""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from readiness.core.evidence import LoadTestSummary

PLAIN_KEYS = ("requests", "p99_ms", "error_rate", "duration_s")
LONGEST_S = 366 * 86_400
ACCEPTED = "a k6 summary, Locust statistics or JSON with requests, p99_ms, error_rate and duration_s is read"


class NotLoadTest(ValueError):
    """The bytes are no load test report that can be read; the message says why, for people."""


def read_loadtest(data: bytes) -> LoadTestSummary:
    """Read a report of any of the formats. Raises NotLoadTest."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotLoadTest(f"The file is not text; {ACCEPTED}") from None
    if text.lstrip()[:1] not in ("{", "["):
        return _read_locust_csv(text)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotLoadTest(f"The file is not JSON; {ACCEPTED}") from None
    if isinstance(document, list):
        return _read_locust_json(document)
    if isinstance(document.get("metrics"), Mapping):
        return _read_k6(document)
    if "requests" in document:
        return _read_plain(document)
    raise NotLoadTest(f"The file holds no load test; {ACCEPTED}")


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise NotLoadTest(f"The report says {name} {str(value)[:20]!r}, which is not a number from 0 up")
    return float(value)


def _optional(values: Mapping[str, object], *names: str) -> float | None:
    """The number under the first of `names` that is there."""
    return next((_number(values[name], name) for name in names if values.get(name) is not None), None)


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=min(seconds, LONGEST_S))


def _share(value: float | None) -> float | None:
    if value is not None and value > 1:
        raise NotLoadTest(f"The report says an error rate of {value:g}; it is a share from 0 to 1")
    return value


def _read_plain(document: Mapping[str, object]) -> LoadTestSummary:
    return LoadTestSummary(
        requests=int(_number(document["requests"], "requests")),
        p99_ms=_optional(document, "p99_ms"),
        error_rate=_share(_optional(document, "error_rate")),
        duration=_duration(_optional(document, "duration_s")),
    )


def _read_k6(document: Mapping[str, object]) -> LoadTestSummary:
    """k6 writes times in milliseconds, and values either directly or under `values`, by how it was asked."""
    metrics = document["metrics"]
    requests = _k6_values(metrics, "http_reqs")
    count, rate = _optional(requests, "count"), _optional(requests, "rate")
    if count is None:
        raise NotLoadTest("The k6 summary has no http_reqs, so it says nothing about requests")
    state = document.get("state")
    ran_ms = _optional(state, "testRunDurationMs") if isinstance(state, Mapping) else None
    ran_s = ran_ms / 1000 if ran_ms is not None else (count / rate if rate else None)
    return LoadTestSummary(
        requests=int(count),
        p99_ms=_optional(_k6_values(metrics, "http_req_duration"), "p(99)"),
        error_rate=_share(_optional(_k6_values(metrics, "http_req_failed"), "rate", "value")),
        duration=_duration(ran_s),
    )


def _k6_values(metrics: object, name: str) -> Mapping[str, object]:
    metric = metrics.get(name) if isinstance(metrics, Mapping) else None
    if not isinstance(metric, Mapping):
        return {}
    values = metric.get("values")
    return values if isinstance(values, Mapping) else metric


def _read_locust_json(rows: Sequence[object]) -> LoadTestSummary:
    """Locust's `--json`: one entry a name, with a histogram of times in milliseconds."""
    entries = [row for row in rows if isinstance(row, Mapping) and "num_requests" in row]
    if not entries:
        raise NotLoadTest(f"The list holds no Locust statistics; {ACCEPTED}")
    count = sum(_number(row["num_requests"], "num_requests") for row in entries)
    failed = sum(_number(row.get("num_failures", 0), "num_failures") for row in entries)
    began = [_number(row["start_time"], "start_time") for row in entries if row.get("start_time") is not None]
    ended = [seen for row in entries if (seen := _optional(row, "last_request_timestamp")) is not None]
    return LoadTestSummary(
        requests=int(count),
        p99_ms=_percentile([row.get("response_times") for row in entries]),
        error_rate=_share(failed / count) if count else None,
        duration=_duration(max(0.0, max(ended) - min(began))) if began and ended else None,
    )


def _percentile(histograms: Sequence[object]) -> float | None:
    """The 99th percentile of counts by time, taken together."""
    pairs = [(key, n) for histogram in histograms if isinstance(histogram, Mapping) for key, n in histogram.items()]
    counts = sorted((_cell(str(key), "response_times"), _number(n, "response_times")) for key, n in pairs)
    total, seen = sum(n for _, n in counts), 0.0
    for time_ms, n in counts:
        seen += n
        if seen >= 0.99 * total:
            return time_ms
    return None


def _cell(text: str, name: str) -> float:
    try:
        return _number(float(text), name)
    except ValueError:
        raise NotLoadTest(f"The report says {name} {text[:20]!r}, which is not a number from 0 up") from None


def _read_locust_csv(text: str) -> LoadTestSummary:
    """Locust's `_stats.csv`: the row named Aggregated. Its duration is requests over requests a second."""
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error:
        rows = []
    total = next((row for row in rows if row.get("Name") in ("Aggregated", "Total")), None)
    if total is None or not {"Request Count", "Failure Count"} <= total.keys():
        raise NotLoadTest(f"The file has no row of Locust's totals; {ACCEPTED}")
    cells = {name: _cell(total[name] or "", name) for name in ("Request Count", "Failure Count")}
    per_second = _cell(total["Requests/s"], "Requests/s") if total.get("Requests/s") else 0.0
    count = cells["Request Count"]
    return LoadTestSummary(
        requests=int(count),
        p99_ms=_cell(total["99%"], "99%") if total.get("99%") not in (None, "", "N/A") else None,
        error_rate=_share(cells["Failure Count"] / count) if count else None,
        duration=_duration(count / per_second) if per_second else None,
    )
