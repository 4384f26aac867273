"""Connections that stay open: used again, replaced when they went away, few at a time, bounded in every way."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from readiness.collectors.connections import MOST_AT_ONCE, Connections, NoReply, Patience, Silence, connections_of
from tests.collectors.http_servers import Reply, answering, sent
from tests.collectors.prometheus_process import resolved

TLS = Path(__file__).parent / "tls"
CERTIFICATE, KEY = str(TLS / "certificate.pem"), str(TLS / "key.pem")
PATIENCE = Patience(connect_s=1.0, total_s=1.0, most_bytes=1_000_000)


@contextmanager
def kept_by(reply: Reply, *, certificate: str = "", key: str | None = None) -> Iterator[tuple[str, set[int]]]:
    """A server that keeps connections open, and the ports that it was reached from."""
    ports: set[int] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            ports.add(self.client_address[1])
            reply(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # A client that refuses a certificate leaves a traceback otherwise.
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}", ports
    finally:
        server.shutdown()
        server.server_close()


def refusal(connections: Connections, patience: Patience = PATIENCE) -> tuple[str, Silence]:
    with pytest.raises(NoReply) as told:
        connections.fetch("/", {}, patience)
    return str(told.value), told.value.silence


def test_one_connection_serves_many_requests() -> None:
    with kept_by(sent(200, b"yes")) as (url, ports):
        connections = connections_of(resolved(url))
        assert {connections.fetch("/", {}, PATIENCE).body for _ in range(5)} == {b"yes"}
        assert len(ports) == 1
        connections.close_idle()


def test_the_next_refresh_finds_the_connection_open() -> None:
    with kept_by(sent(200, b"yes")) as (url, ports):
        for _ in range(3):
            connections_of(resolved(url)).fetch("/", {}, PATIENCE)
        assert len(ports) == 1
        connections_of(resolved(url)).close_idle()


def test_a_connection_that_the_other_side_closed_is_replaced_unseen() -> None:
    def once(handler: BaseHTTPRequestHandler) -> None:
        sent(200, b"yes")(handler)
        handler.close_connection = True

    with kept_by(once) as (url, ports):
        connections = connections_of(resolved(url))
        for _ in range(2):
            assert connections.fetch("/", {}, PATIENCE).body == b"yes"
            time.sleep(0.05)
        assert len(ports) == 2


def test_a_connection_that_says_it_closes_is_not_kept() -> None:
    with answering(sent(200, b"yes", ("Connection", "close"))) as (url, asked):
        connections = connections_of(resolved(url))
        assert [connections.fetch("/", {}, PATIENCE).status for _ in range(2)] == [200, 200]
        assert len(asked) == 2


def test_no_more_than_a_few_are_in_use_at_once() -> None:
    under_way, most, lock = [0], [0], threading.Lock()

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.05)
        with lock:
            under_way[0] -= 1
        sent(200, b"yes")(handler)

    with kept_by(slowly) as (url, _):
        connections = connections_of(resolved(url))
        patience = replace(PATIENCE, connect_s=10.0, total_s=10.0)
        threads = [threading.Thread(target=connections.fetch, args=("/", {}, patience)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 2 <= most[0] <= MOST_AT_ONCE
        connections.close_idle()


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(60):
        try:
            handler.wfile.write(b"X")
            time.sleep(0.05)
        except OSError:
            return


def test_headers_that_drip_are_cut_in_time() -> None:
    with answering(drip_headers) as (url, _):
        began = time.monotonic()
        patience = replace(PATIENCE, total_s=0.3)
        assert refusal(connections_of(resolved(url)), patience) == ("did not answer within 0.3 s", Silence.SILENT)
        assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_ends_early_is_no_answer(packed: bool) -> None:
    body = gzip.compress(b"0123456789" * 100)[:-20] if packed else b"{"

    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        if packed:
            handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(body) + (0 if packed else 100)))
        handler.end_headers()
        handler.wfile.write(body)
        handler.connection.shutdown(socket.SHUT_RDWR)

    with answering(cut) as (url, _):
        assert refusal(connections_of(resolved(url))) == ("broke off its answer", Silence.SILENT)


def test_a_small_packed_answer_may_not_unpack_to_a_huge_one() -> None:
    reply = sent(200, gzip.compress(b" " * 50_000_000), ("Content-Encoding", "gzip"))
    with answering(reply) as (url, _):
        assert refusal(connections_of(resolved(url))) == ("answered more than 1 MB", Silence.TOO_LARGE)


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    with kept_by(sent(200, b"yes"), certificate=CERTIFICATE, key=KEY) as (url, ports):
        said = refusal(connections_of(resolved(url)))
        assert said == ("has a certificate that is not trusted", Silence.UNREACHABLE)
        assert ports == set()


def test_a_certificate_of_another_host_is_refused() -> None:
    other = str(TLS / "of-another-host.pem")
    with kept_by(sent(200, b"yes"), certificate=other) as (url, _):
        said = refusal(connections_of(resolved(url, verify=other)))
        assert said == ("has a certificate that is not trusted", Silence.UNREACHABLE)


def test_a_certificate_that_the_source_names_is_trusted() -> None:
    with kept_by(sent(200, b"yes"), certificate=CERTIFICATE, key=KEY) as (url, ports):
        connections = connections_of(resolved(url, verify=CERTIFICATE))
        assert [connections.fetch("/", {}, PATIENCE).body for _ in range(2)] == [b"yes", b"yes"]
        assert len(ports) == 1
        connections.close_idle()


def test_a_certificate_file_that_is_not_there_is_said() -> None:
    source = resolved("https://127.0.0.1:1", verify="/nowhere/ca.pem")
    with pytest.raises(NoReply, match="a certificate file that the source names cannot be read here"):
        connections_of(source)


def test_what_does_not_speak_tls_is_said() -> None:
    with answering(sent(200, b"yes")) as (url, _):
        words, silence = refusal(connections_of(resolved(url.replace("http", "https"))))
        assert silence is Silence.UNREACHABLE
        assert words in ("does not speak TLS as it should", "cannot be reached")
