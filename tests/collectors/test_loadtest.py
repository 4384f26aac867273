"""Load test reports as the tools write them."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.collectors.figures import NotLoadTest
from readiness.collectors.loadtest import read_loadtest
from readiness.core.reports import LoadTestSummary

LOCUST_CSV = """Type,Name,Request Count,Failure Count,Median Response Time,Requests/s,Failures/s,50%,99%,100%
GET,/recall,600,3,9,10.0,0.05,9,40,120
,Aggregated,1200,6,9,20.0,0.1,9,42,130
"""


def as_bytes(document: object) -> bytes:
    return json.dumps(document).encode()


def test_a_plain_json_is_read() -> None:
    document = {"requests": 1000, "p99_ms": 41.5, "error_rate": 0.001, "duration_s": 86_400}
    assert read_loadtest(as_bytes(document)) == LoadTestSummary(1000, 41.5, 0.001, timedelta(days=1))
    assert read_loadtest(b'\xef\xbb\xbf{"requests": 7}') == LoadTestSummary(7)


def test_a_summary_that_k6_hands_to_a_script_is_read() -> None:
    metrics = {
        "http_reqs": {"type": "counter", "values": {"count": 1200, "rate": 20}},
        "http_req_duration": {"type": "trend", "values": {"avg": 12, "p(99)": 42.5}},
        "http_req_failed": {"type": "rate", "values": {"rate": 0.005, "passes": 6, "fails": 1194}},
    }
    document = {"metrics": metrics, "state": {"testRunDurationMs": 61_000}}
    assert read_loadtest(as_bytes(document)) == LoadTestSummary(1200, 42.5, 0.005, timedelta(seconds=61))


def test_a_summary_that_k6_exports_is_read() -> None:
    metrics = {
        "http_reqs": {"count": 1200, "rate": 20},
        "http_req_duration": {"avg": 12, "p(99)": 42.5},
        "http_req_failed": {"value": 0.005, "passes": 6, "fails": 1194},
    }
    assert read_loadtest(as_bytes({"metrics": metrics})) == LoadTestSummary(1200, 42.5, 0.005, timedelta(seconds=60))


def test_a_summary_of_k6_states_only_what_it_measured() -> None:
    document = {"metrics": {"http_reqs": {"count": 0}, "http_req_duration": {"p(95)": 4}}}
    assert read_loadtest(as_bytes(document)) == LoadTestSummary(0)


def test_statistics_of_locust_are_read() -> None:
    assert read_loadtest(LOCUST_CSV.encode()) == LoadTestSummary(1200, 42.0, 0.005, timedelta(seconds=60))


def test_a_list_of_locust_is_taken_together() -> None:
    entries = [
        {"num_requests": 99, "num_failures": 1, "start_time": 100.0, "last_request_timestamp": 150.0,
         "response_times": {"10": 99}},
        {"num_requests": 1, "num_failures": 0, "start_time": 110.0, "last_request_timestamp": 160.0,
         "response_times": {"500.0": 1}},
    ]  # fmt: skip
    assert read_loadtest(as_bytes(entries)) == LoadTestSummary(100, 10.0, 0.01, timedelta(seconds=60))


def test_a_report_of_two_runs_is_the_second_beside_the_first() -> None:
    before, after = ({"requests": 1000, "p99_ms": p99} for p99 in (40.5, 41.5))
    assert read_loadtest(as_bytes({"before": before, "after": after})) == LoadTestSummary(
        1000, 41.5, before=LoadTestSummary(1000, 40.5)
    )


def test_windows_may_have_written_it() -> None:
    assert read_loadtest('{"requests": 7}'.encode("utf-16")) == LoadTestSummary(7)


def test_a_name_without_times_leaves_the_percentile_unstated() -> None:
    times = {"num_requests": 99, "response_times": {"10": 99}}
    assert read_loadtest(as_bytes([times, {"num_requests": 1}])).p99_ms is None
    assert read_loadtest(as_bytes([times, {"num_requests": 0}])).p99_ms == 10.0


HEADER = "Type,Name,Request Count,Failure Count,Requests/s,99%\n"
TOTALS = ",Aggregated,1200,6,20.0,42\n"
REFUSED = [
    (b"passed", "begins with 'passed', not with a header that names Name"),
    (TOTALS.encode(), "begins with ',Aggregated,1200,6,20.0,42', not with a header"),
    (HEADER.encode(), "has no rows of Locust's totals"),
    ((HEADER + TOTALS + TOTALS).encode(), "has 2 rows of Locust's totals"),
    (b"Timestamp,Name,Total Request Count\n1,Aggregated,9\n", "is Locust's history; bring the one whose name ends in"),
    ((HEADER + ",Aggregated,x,1,1,1\n").encode(), "says Request Count 'x', which is not a number"),
    ((HEADER + ",Aggregated,1_0,1,1,1\n").encode(), "says Request Count '1_0', which is not a number"),
    ((HEADER + ",Aggregated,,,,\n").encode(), "says Request Count '', which is not a number"),
    ((HEADER + ",Aggregated,nan,1,1,1\n").encode(), "says Request Count 'nan', which nothing can measure"),
    ((HEADER + ",Aggregated,9,10,1,1\n").encode(), "an error rate of 1.11111; it is a share from 0 to 1"),
    ((HEADER + ",Aggregated,9,1,1e-300,1\n").encode(), "ran for more than a year, which is not believed"),
    ((HEADER + ",Aggregated,9,1,1," + "9" * 200_000).encode(), "a cell that is longer than a CSV may hold"),
    (b"{", "no whole JSON; it breaks at line 1"),
    (b'{"requests": 1,\n', "no whole JSON; it breaks at line 2"),
    (b"[" * 100_000, "nested too deep"),
    (b'{"a":' * 100_000, "nested too deep"),
    (b"{}", "holds no load test"),
    (b"[]", "holds no Locust statistics"),
    (b"[1]", "holds no Locust statistics"),
    (b'{"metrics": {}}', "has no http_reqs"),
    (b'{"requests": true}', "says requests 'True', which is not a number"),
    (b'{"requests": "9"}', "says requests '9', which is not a number"),
    (b'{"requests": null}', "says requests 'None', which is not a number"),
    (b'{"requests": -1}', "says requests '-1', which is less than nothing"),
    (b'{"requests": NaN}', "says requests 'nan', which nothing can measure"),
    (b'{"requests": Infinity}', "says requests 'inf', which nothing can measure"),
    (b'{"requests": 1e999}', "says requests 'inf', which nothing can measure"),
    (b'{"requests": ' + b"9" * 400 + b"}", "which is more than any test measures"),
    (b'{"requests": ' + b"9" * 5_000 + b"}", "a number with more digits than can be read"),
    (b'{"requests": 9, "error_rate": 5}', "an error rate of 5; it is a share from 0 to 1"),
    (b'{"requests": 9, "p99_ms": "fast"}', "says p99_ms 'fast', which is not a number"),
    (b'{"requests": 9, "duration_s": 1e12}', "ran for more than a year, which is not believed"),
    (b'{"requests": 9, "error_rate": 1, "error_rate": 0}', "says 'error_rate' twice"),
    (b'{"before": {"requests": 1}}', "does not hold a run under both before and after"),
    (b'{"before": {"requests": 1}, "after": {"before": {}, "after": {}}}', "holds no load test"),
    (b'[{"num_requests": 1, "response_times": {"fast": 1}}]', "says response_times 'fast', which is not a number"),
    (b"\xff\xfe\x00", "is not text in UTF-8"),
    (b"caf\xe9", "is not text in UTF-8"),
    (b"PK\x03\x04...", "is a ZIP archive, not a report; bring the report that is in it"),
    (b"\x1f\x8b...", "is a gzip archive, not a report; bring the report that is in it"),
    (b"%PDF-1.7", "is a PDF, not a report"),
    (b"<!DOCTYPE html><p>sign in", "is an HTML page, not a report"),
    (b"", "begins with '', not with a header"),
    (b"{" + b" " * 2_000_000 + b"}", "has 2,000,002 bytes; a summary of a load test has at most 2,000,000"),
]


@pytest.mark.parametrize(("data", "words"), REFUSED, ids=[words[:30] for _, words in REFUSED])
def test_what_is_no_load_test_is_refused_with_its_own_sentence(data: bytes, words: str) -> None:
    with pytest.raises(NotLoadTest, match=r"^The ") as refusal:
        read_loadtest(data)
    assert words in str(refusal.value)
    assert len(str(refusal.value)) < 220


numbers = st.none() | st.booleans() | st.integers() | st.integers(10**300, 10**310) | st.floats() | st.text(max_size=9)
names = st.sampled_from(
    ["requests", "p99_ms", "error_rate", "duration_s", "metrics", "http_reqs", "http_req_duration", "values", "count",
     "rate", "p(99)", "state", "testRunDurationMs", "before", "after", "num_requests", "response_times", "start_time"]
)  # fmt: skip
documents = st.recursive(
    numbers, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner), max_leaves=9
)
tables = st.lists(st.lists(st.text(max_size=8) | st.sampled_from(["Name", "Aggregated"]), max_size=5), max_size=4)


@given(st.dictionaries(names, documents) | st.lists(documents, max_size=3))
def test_any_document_is_read_or_refused(document: object) -> None:
    _read_or_refuse(json.dumps(document).encode())


@given(st.binary(max_size=200) | tables.map(lambda rows: "\n".join(map(",".join, rows)).encode("utf-8", "ignore")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _read_or_refuse(data)


@given(st.dictionaries(st.sampled_from(["requests", "p99_ms", "error_rate", "duration_s"]), numbers, min_size=4))
def test_a_plain_report_with_any_numbers_is_read_or_refused(document: dict[str, object]) -> None:
    _read_or_refuse(json.dumps(document).encode())


def _read_or_refuse(data: bytes) -> None:
    """Whatever is read is within what a test can measure; whatever is not is refused in words."""
    try:
        summary = read_loadtest(data)
    except NotLoadTest:
        return
    for run in filter(None, (summary, summary.before)):
        assert run.requests >= 0
        assert run.error_rate is None or 0 <= run.error_rate <= 1
        assert run.p99_ms is None or 0 <= run.p99_ms <= 10**15
        assert run.duration is None or timedelta(0) <= run.duration <= timedelta(days=366)
