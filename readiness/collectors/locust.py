"""Locust's statistics: the CSV whose name ends in `_stats.csv`, or what `--json` prints."""

import csv
import io
from collections.abc import Mapping, Sequence

from readiness.collectors.figures import (
    NotLoadTest,
    as_duration,
    as_share,
    optional_figure,
    read_cell,
    read_figure,
)
from readiness.core.reports import LoadTestSummary

ACCEPTED = "a k6 summary, Locust statistics or JSON with requests, p99_ms, error_rate and duration_s is read"
TOTALS = ("Aggregated", "Total")
COLUMNS = ("Name", "Request Count", "Failure Count")
NOT_STATED = (None, "", "N/A")
Row = Mapping[str, "str | None"]


def read_locust_csv(text: str) -> LoadTestSummary:
    """Read the row of totals. Its duration is requests over requests a second. Raises NotLoadTest."""
    total = _row_of_totals(text)
    count, failed = (read_cell(total.get(name) or "", name) for name in COLUMNS[1:])
    per_second = _optional_cell(total, "Requests/s")
    return LoadTestSummary(
        requests=int(count),
        p99_ms=_optional_cell(total, "99%"),
        error_rate=as_share(failed / count) if count else None,
        duration=as_duration(count / per_second) if per_second else None,
    )


def _optional_cell(row: Row, name: str) -> float | None:
    text = row.get(name)
    return None if text in NOT_STATED or text is None else read_cell(text, name)


def _row_of_totals(text: str) -> Row:
    reader = csv.DictReader(io.StringIO(text), restkey="")
    try:
        header = list(reader.fieldnames or ())
        totals = [row for row in reader if row.get("Name") in TOTALS]
    except csv.Error:
        raise NotLoadTest("The file has a cell that is longer than a CSV may hold") from None
    if "Total Request Count" in header:
        raise NotLoadTest("The file is Locust's history; bring the one whose name ends in _stats.csv, with the totals")
    if missing := [name for name in COLUMNS if name not in header]:
        first = " ".join(text.split())[:40]
        raise NotLoadTest(f"The file begins with {first!r}, not with a header that names {missing[0]}; {ACCEPTED}")
    if len(totals) != 1:
        raise NotLoadTest(f"The file has {len(totals) or 'no'} rows of Locust's totals; one named Aggregated is needed")
    return totals[0]


def read_locust_json(rows: Sequence[object]) -> LoadTestSummary:
    """Read one entry a name, each with a histogram of times in milliseconds. Raises NotLoadTest."""
    entries = [row for row in rows if isinstance(row, Mapping) and "num_requests" in row]
    if not entries:
        raise NotLoadTest(f"The list holds no Locust statistics; {ACCEPTED}")
    count = sum(read_figure(row["num_requests"], "num_requests") for row in entries)
    failed = sum(read_figure(row.get("num_failures", 0), "num_failures") for row in entries)
    began = [at for row in entries if (at := optional_figure(row, "start_time")) is not None]
    ended = [at for row in entries if (at := optional_figure(row, "last_request_timestamp")) is not None]
    return LoadTestSummary(
        requests=int(count),
        p99_ms=_percentile(entries),
        error_rate=as_share(failed / count) if count else None,
        duration=as_duration(max(0.0, max(ended) - min(began))) if began and ended else None,
    )


def _percentile(entries: Sequence[Mapping[str, object]]) -> float | None:
    """The 99th percentile of counts by time, taken together; not stated when a name that was asked has no times."""
    asked = [row for row in entries if read_figure(row["num_requests"], "num_requests")]
    histograms = [row.get("response_times") for row in asked]
    if not all(isinstance(histogram, Mapping) and histogram for histogram in histograms):
        return None
    pairs = [(key, n) for histogram in histograms if isinstance(histogram, Mapping) for key, n in histogram.items()]
    counts = sorted((read_cell(str(key), "response_times"), read_figure(n, "response_times")) for key, n in pairs)
    total, seen = sum(n for _, n in counts), 0.0
    for time_ms, n in counts:
        seen += n
        if n and seen >= 0.99 * total:
            return time_ms
    return None
