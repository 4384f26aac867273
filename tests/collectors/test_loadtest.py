"""Load test reports as the tools write them."""

import json
from datetime import timedelta

import pytest

from readiness.collectors.loadtest import NotLoadTest, read_loadtest
from readiness.core.evidence import LoadTestSummary

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


@pytest.mark.parametrize(
    "data",
    [
        b"", b"passed", b"{", b"{}", b"[]", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"metrics": {}}', b"a,b\n1,2\n",
        b'{"requests": true}', b'{"requests": -1}', b'{"requests": NaN}', b'{"requests": "9"}',
        b'{"requests": 9, "error_rate": 5}', b'{"requests": 9, "p99_ms": "fast"}', b'{"requests": Infinity}',
        b"Name,Request Count,Failure Count\nAggregated,x,1\n", b"Name,Request Count,Failure Count\nAggregated,,\n",
        b'[{"num_requests": 1, "response_times": {"fast": 1}}]',
    ],
)  # fmt: skip
def test_what_is_no_load_test_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(NotLoadTest, match=r"^The "):
        read_loadtest(data)
