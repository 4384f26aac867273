"""What goes wrong between us and Prometheus is said in plain words and never raised."""

import gzip
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from readiness.collectors import kept_session
from readiness.collectors.gates import GateAsked, collect_gate, collect_gates
from readiness.collectors.lanes import Lanes
from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.questions import Question
from readiness.collectors.readings import collect_reading
from readiness.collectors.sources import SourceTrouble
from readiness.core.conditions import GateSpec
from readiness.core.types import Trouble
from readiness.core.windows import Stretch
from tests.collectors.http_servers import Reply, answering, as_json, drip, sent
from tests.collectors.prometheus_process import resolved
from tools.probes import free_port

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
VECTOR = {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [0, "1"]}]}}


@contextmanager
def prometheus_that(
    reply: Reply, timeout_s: float = 5.0, **more: object
) -> Iterator[tuple[PrometheusBatch, list[BaseHTTPRequestHandler]]]:
    """A batch over a server that answers with `reply`, and the requests it got."""
    with answering(reply) as (url, asked):
        yield PrometheusBatch(resolved(url, timeout_s, **more), NOW), asked


def words_for(reply: Reply, timeout_s: float = 5.0) -> str:
    with prometheus_that(reply, timeout_s) as (batch, _):
        answer = batch.ask("up")
        assert answer.trouble is Trouble.SOURCE_ERROR
        assert (answer.values, answer.lines) == ((), {})
        host = resolved("").host if isinstance(batch.source, SourceTrouble) else batch.source.host
        assert answer.message.startswith(f"Prometheus at {host} ")
        return answer.message.removeprefix(f"Prometheus at {host} ")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (sent(503, b"busy"), "answered 503"),
        (as_json({"status": "error", "error": "parse error"}, 400), "answered 400: parse error"),
        (sent(401, b""), "answered 401: it does not accept the credentials"),
        (sent(200, b"<html>Sign in</html>", ("Content-Type", "text/html")), "answered something that is not JSON"),
        (sent(200, b"[1, 2]"), "answered something that is not JSON"),
        (sent(200, b"[" * 100_000), "answered something that is not JSON"),
        (as_json({"status": "error", "error": "query timed out"}), "refused the query: query timed out"),
        (as_json({"status": "success"}), "answered without a result"),
        (as_json({"status": "success", "data": None}), "answered without a result"),
        (as_json({"status": "success", "data": {"resultType": "vector", "result": {}}}), "answered without a result"),
        (
            as_json(
                {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": []}]}}
            ),
            "answered histograms, which cannot be compared with a number",
        ),
        (
            as_json({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]}}),
            "answered a value that is not a number",
        ),
    ],
)
def test_an_answer_that_is_none_is_named(reply: Reply, words: str) -> None:
    assert words_for(reply) == words


def test_a_redirect_is_not_followed() -> None:
    with prometheus_that(as_json(VECTOR)) as (elsewhere, asked_elsewhere):
        assert not isinstance(elsewhere.source, SourceTrouble)
        redirect = sent(302, b"", ("Location", f"{elsewhere.source.url}/api/v1/query"))
        assert words_for(redirect) == "answered 302, a redirect, which is not followed"
        assert asked_elsewhere == []


def test_a_503_is_asked_once() -> None:
    with prometheus_that(sent(503, b"")) as (batch, asked):
        batch.ask("up")
        assert len(asked) == 1


def test_an_answer_that_does_not_come_is_given_up_in_time() -> None:
    began = time.monotonic()
    assert words_for(lambda _: time.sleep(1.5), timeout_s=0.3) == "did not answer within 0.3 s"
    assert time.monotonic() - began < 1.2 + 1.5


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    began = time.monotonic()
    assert words_for(drip, timeout_s=0.3) == "did not answer within 0.3 s"
    assert time.monotonic() - began < 1.4


def test_after_two_silences_the_rest_of_the_batch_is_not_asked() -> None:
    with prometheus_that(lambda _: time.sleep(0.5), timeout_s=0.2) as (batch, asked):
        answers = [batch.ask(f"up{n}") for n in range(6)]
        assert len(asked) == 2
        assert {answer.trouble for answer in answers} == {Trouble.SOURCE_ERROR}


def test_a_refused_connection_is_tried_once_a_batch() -> None:
    batch = PrometheusBatch(resolved(f"http://127.0.0.1:{free_port()}"), NOW)
    answers = [batch.ask("up"), batch.ask("down")]
    assert answers[0].message.endswith("refused the connection")
    assert (answers[1].message, answers[1].exchange) == (answers[0].message, None)


def test_a_host_without_address_is_named() -> None:
    answer = PrometheusBatch(resolved("http://nowhere.invalid"), NOW).ask("up")
    assert answer.message == "Prometheus at nowhere.invalid has a name that does not resolve"


def test_a_connection_that_breaks_off_is_named() -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.connection.shutdown(socket.SHUT_RDWR)

    assert words_for(cut) == "broke off its answer"


def test_one_answer_that_breaks_off_does_not_end_the_batch() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        if "cut" in handler.path:
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            as_json(VECTOR)(handler)

    with prometheus_that(reply) as (batch, asked):
        assert batch.ask("cut").message.endswith("broke off its answer")
        assert batch.ask("up").values
        batch.ask("cut2")
        assert batch.ask("down").trouble is Trouble.SOURCE_ERROR
        assert len(asked) == 3


@pytest.mark.parametrize("compressed", [False, True])
def test_a_huge_answer_is_not_read(monkeypatch: pytest.MonkeyPatch, compressed: bool) -> None:
    monkeypatch.setattr(kept_session, "MOST_BYTES", 2_000_000)
    body = b" " * 5_000_000
    reply = sent(200, gzip.compress(body), ("Content-Encoding", "gzip")) if compressed else sent(200, body)
    assert words_for(reply) == "answered more than 2 MB"


def test_too_many_series_are_refused() -> None:
    rows = [{"metric": {"n": str(n)}, "value": [0, "1"]} for n in range(1001)]
    reply = as_json({"status": "success", "data": {"resultType": "vector", "result": rows}})
    assert words_for(reply).startswith("answered 1001 series; at most 1000")


def test_a_partial_answer_keeps_its_warnings() -> None:
    with prometheus_that(as_json({**VECTOR, "warnings": ["store s3 was not reached"]})) as (batch, _):
        reading = collect_reading(batch, "sum(up)")
        assert reading.warnings == ("store s3 was not reached",)
        assert reading.trouble is Trouble.NONE


def test_a_warning_of_a_side_question_taints_the_reading() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        warnings = ["partial"] if "timestamp" in handler.path else []
        as_json({**VECTOR, "warnings": warnings})(handler)

    with prometheus_that(reply) as (batch, _):
        assert collect_reading(batch, "sum(up)").warnings == ("partial",)


def test_trouble_with_a_side_question_is_trouble_with_the_reading() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        (sent(503, b"") if "timestamp" in handler.path else as_json(VECTOR))(handler)

    with prometheus_that(reply) as (batch, _):
        reading = collect_reading(batch, "sum(up)")
        assert (reading.trouble, reading.sampled_at) == (Trouble.SOURCE_ERROR, None)
        assert reading.message.endswith("answered 503")


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf"])
def test_values_that_are_no_numbers_are_kept(text: str) -> None:
    document = {"status": "success", "data": {"resultType": "scalar", "result": [0, text]}}
    with prometheus_that(as_json(document)) as (batch, _):
        assert repr(batch.ask("x").values[0].value) == repr(float(text))


def test_the_same_question_is_asked_once() -> None:
    with prometheus_that(as_json(VECTOR)) as (batch, asked):
        assert batch.ask("up") == batch.ask("up")
        assert len(asked) == 1


def test_short_answers_are_not_compressed_and_long_ones_are() -> None:
    with prometheus_that(as_json(VECTOR)) as (batch, asked):
        batch.ask("up")
        for minutes in (1, 20):
            batch.answer(Question("up", Stretch(NOW - timedelta(minutes=minutes), NOW, timedelta(seconds=1))))
        assert [request.headers["Accept-Encoding"] for request in asked] == ["identity", "identity", "gzip"]


def test_headers_and_credentials_are_sent_and_not_shown() -> None:
    more = {"headers": {"X-Scope-OrgID": "tenant-7"}, "auth": ("reader", "s3cret")}
    with prometheus_that(sent(401, b""), **more) as (batch, asked):
        answer = batch.ask("up")
        assert asked[0].headers["X-Scope-OrgID"] == "tenant-7"
        assert asked[0].headers["Authorization"].startswith("Basic ")
        assert "s3cret" not in repr(batch.source) + answer.message
        assert "tenant-7" not in repr(batch.source)


def test_a_source_that_is_not_configured_answers_with_its_sentence() -> None:
    trouble = SourceTrouble("metrics", Trouble.NOT_CONFIGURED, "PROMETHEUS_URL is not set, so metrics cannot be asked")
    reading = collect_reading(PrometheusBatch(trouble, NOW), "up")
    assert (reading.trouble, reading.message) == (trouble.trouble, trouble.message)


def test_a_query_that_is_not_promql_is_not_judged() -> None:
    with prometheus_that(as_json(VECTOR)) as (batch, _):
        reading = collect_reading(batch, "sum((")
        assert reading.trouble is Trouble.SOURCE_ERROR
        assert reading.message.startswith("the query is not PromQL")


@pytest.mark.parametrize("abort", [False, True])
def test_trouble_with_the_window_is_trouble_with_the_reading(abort: bool) -> None:
    """Without it an abort trigger whose window cannot be asked would look quiet."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        (sent(503, b"") if "query_range" in handler.path else as_json(VECTOR))(handler)

    spec = GateSpec("metrics", "sum(up)", "", (("== 1",),), hold_for=timedelta(minutes=5))
    with prometheus_that(reply) as (batch, _):
        seen = collect_gate(batch, GateAsked(spec, abort=abort, with_trail=True)).observation
        assert (seen.reading.trouble, seen.window) == (Trouble.SOURCE_ERROR, None)


def test_the_raw_answer_of_what_failed_is_named_and_comes_along() -> None:
    page = b"<html>Sign in</html>"

    def reply(handler: BaseHTTPRequestHandler) -> None:
        (sent(200, page) if "timestamp" in handler.path else as_json(VECTOR))(handler)

    with prometheus_that(reply) as (batch, _):
        found = collect_gate(batch, GateAsked(GateSpec("metrics", "sum(up)", "", (("== 1",),))))
        (answer,) = found.answers
        assert (found.observation.reading.answer, answer.body) == (answer.digest, page)
        assert answer.params["query"] == "max(timestamp(up))"


def test_an_answer_that_is_too_long_is_not_kept_but_its_size_is() -> None:
    rows = [{"metric": {"n": str(n), "pad": "x" * 200}, "value": [0, "1"]} for n in range(900)]
    reply = as_json({"status": "success", "data": {"resultType": "vector", "result": rows}})
    with prometheus_that(reply) as (batch, _):
        exchange = batch.ask("up").exchange
        assert exchange is not None
        assert (exchange.body, exchange.size > 200_000) == (None, True)
        assert b'"body":null' in exchange.data


def test_several_gates_are_asked_side_by_side_and_each_is_judged_as_if_alone() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        value = "2" if "odd" in handler.path else "1"
        rows = [{"metric": {}, "value": [0, value], "values": [[NOW.timestamp(), value]]}]
        as_json({"status": "success", "data": {"resultType": "vector", "result": rows}})(handler)

    specs = [GateSpec("metrics", f"sum({name})", "", (("== 1",),)) for name in ("odd", "even", "odd", "more_odd")]
    with answering(reply) as (url, asked):
        lanes = Lanes()
        batch = PrometheusBatch(resolved(url), NOW, lanes)
        found = collect_gates(batch, [GateAsked(spec) for spec in specs])
        lanes.close()
    alone = [seen.observation.reading.values[0].value for seen in found]
    assert alone == [2.0, 1.0, 2.0, 2.0]
    assert len(asked) == 6
