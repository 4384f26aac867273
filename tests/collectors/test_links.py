"""Links are fetched once, from where they may be fetched, and from nowhere else."""

import gzip
import ipaddress
import socket
import time
from http.server import BaseHTTPRequestHandler

import pytest

from readiness.collectors import links
from readiness.collectors.links import LinkKept, LinkNotKept, collect_link
from tests.collectors.http_servers import Reply, answering, drip, sent

LOCAL = ("127.0.0.1",)


def fetched(reply: Reply, max_bytes: int = 1000, allowed: tuple[str, ...] = LOCAL) -> LinkKept | LinkNotKept:
    with answering(reply) as (url, _):
        return collect_link(f"{url}/report?x=1", max_bytes=max_bytes, allowed_hosts=allowed)


def refusal(url: str, allowed: tuple[str, ...] = ()) -> str:
    result = collect_link(url, max_bytes=1000, allowed_hosts=allowed)
    assert isinstance(result, LinkNotKept), result
    return result.sentence


def test_what_a_link_holds_is_kept_with_its_type() -> None:
    reply = sent(200, b"<p>soak</p>", ("Content-Type", "text/html; charset=utf-8"))
    with answering(reply) as (url, asked):
        result = collect_link(f"{url}/report?x=1", max_bytes=1000, allowed_hosts=LOCAL)
        assert result == LinkKept(b"<p>soak</p>", "text/html")
        assert asked[0].path == "/report?x=1"
        assert asked[0].headers["Host"] == url.removeprefix("http://")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://0.0.0.0/", "http://224.0.0.1/",
        "http://255.255.255.255/", "http://[::1]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://[ff02::1]/", "http://2130706433/",
        "http://0x7f.1/", "http://127.1/", "http://192.0.2.1/", "http://198.18.0.1/", "http://[::]/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_asked(url: str) -> None:
    assert refusal(url).endswith("is not a public address; such links are not fetched.")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/", "file:///etc/passwd", "javascript:alert(1)", "", "example.org", "http://", "http:///x",
        "http://user:pass@example.org/", "http://example.org\\@127.0.0.1/", "http://exa mple.org/", "gopher://127.0.0.1/",
        "http://example.org:99999/", "http://example.org/\r\nHost: x", "http://exämple.org/",
    ],
)  # fmt: skip
def test_what_is_no_link_is_not_asked(url: str) -> None:
    assert refusal(url) in (
        "The link is not an address that can be read.",
        "Only links that begin with http:// or https:// are fetched.",
    )


def test_other_ports_are_not_asked() -> None:
    assert refusal("http://example.org:8080/") == "The link names port 8080; only 80 and 443 are fetched."
    assert refusal("http://example.org:443/") == "The link names port 443; only 80 and 443 are fetched."


def test_a_name_with_one_private_address_among_public_ones_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolves(*_: object, **__: object) -> list[tuple[object, ...]]:
        addresses = ("93.184.216.34", "10.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in addresses]

    monkeypatch.setattr(links.socket, "getaddrinfo", resolves)
    assert "rebind.example is not a public address" in refusal("http://rebind.example/")


def test_the_address_that_was_looked_at_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once; a second answer, which could be another, is never asked for."""
    real, asked = socket.getaddrinfo, []

    def resolves(host: str, port: int, *args: object, **more: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return real("127.0.0.1" if host == "rebind.example" else host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    with answering(sent(200, b"kept")) as (url, requests):
        port = url.rpartition(":")[2]
        named = (f"rebind.example:{port}",)
        result = collect_link(f"http://rebind.example:{port}/", max_bytes=100, allowed_hosts=named)
        assert isinstance(result, LinkKept), result
        assert requests[0].headers["Host"] == f"rebind.example:{port}"
    assert asked.count("rebind.example") == 1
    assert all(ipaddress.ip_address(host) for host in asked if host != "rebind.example")


def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    with answering(sent(200, b"secret")) as (inside, asked):
        target = inside.replace("127.0.0.1", "localhost")
        result = fetched(sent(302, b"", ("Location", f"{target}/")))
        assert isinstance(result, LinkNotKept)
        assert asked == []


def test_a_redirect_to_another_scheme_is_not_followed() -> None:
    result = fetched(sent(302, b"", ("Location", "file:///etc/passwd")))
    assert result == LinkNotKept("Only links that begin with http:// or https:// are fetched.")


def test_three_redirects_to_the_same_place_are_followed_and_a_fourth_is_not() -> None:
    def hops(count: int) -> Reply:
        asked: list[str] = []

        def reply(handler: BaseHTTPRequestHandler) -> None:
            asked.append(handler.path)
            onward = "/report?x=1" if len(asked) % 2 == 0 else "/report/?x=1"
            (sent(200, b"there") if len(asked) > count else sent(302, b"", ("Location", onward)))(handler)

        return reply

    assert fetched(hops(3)) == LinkKept(b"there", "application/octet-stream")
    assert fetched(hops(4)) == LinkNotKept("The link leads on more than 3 times.")


@pytest.mark.parametrize("onward", ["/login?next=/report", "/report?x=1&signed=out", "/", "/report/summary?x=1"])
def test_a_redirect_to_another_place_proves_nothing(onward: str) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        here = handler.path.startswith("/report?x=1") and "signed" not in handler.path
        (sent(302, b"", ("Location", onward)) if here else sent(200, b"<h1>Sign in</h1>"))(handler)

    result = fetched(reply)
    assert isinstance(result, LinkNotKept)
    assert result.sentence.startswith("The link leads on to http://127.0.0.1:")
    assert f"{onward}, perhaps to sign in, so only the address is kept." in result.sentence


def test_more_than_may_be_kept_is_not_kept() -> None:
    assert isinstance(fetched(sent(200, b"x" * 1000)), LinkKept)
    assert "holds more than 1,000 bytes" in fetched(sent(200, b"x" * 1001)).sentence


def test_a_link_that_answers_something_else_is_not_kept() -> None:
    result = fetched(sent(404, b"gone"))
    assert result == LinkNotKept("127.0.0.1 answered 404, so only the address is kept.")


def test_a_link_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "WHOLE_TIMEOUT_S", 0.3)
    began = time.monotonic()
    assert "took more than 0.3 s" in fetched(drip).sentence
    assert time.monotonic() - began < 1.4


def test_a_name_that_does_not_resolve_keeps_the_address() -> None:
    assert refusal("http://nowhere.invalid/") == "nowhere.invalid does not resolve, so only the address is kept."


def test_a_link_whose_headers_drip_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(60):
            try:
                handler.wfile.write(b"X-Header: %d\r\n" % number)
                time.sleep(0.05)
            except OSError:
                return

    monkeypatch.setattr(links, "WHOLE_TIMEOUT_S", 0.3)
    began = time.monotonic()
    assert fetched(reply) == LinkNotKept("127.0.0.1 took more than 0.3 s, so only the address is kept.")
    assert time.monotonic() - began < 1.4


def test_what_grows_when_it_is_unpacked_is_counted_unpacked() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    result = fetched(sent(200, bomb, ("Content-Encoding", "gzip")), max_bytes=100_000)
    assert result == LinkNotKept("The link holds more than 100,000 bytes, so only the address is kept.")
    assert fetched(sent(200, gzip.compress(b"soak"), ("Content-Encoding", "gzip"))) == LinkKept(
        b"soak", "application/octet-stream"
    )


def test_what_says_it_is_packed_and_is_not_is_not_kept() -> None:
    result = fetched(sent(200, b"soak", ("Content-Encoding", "gzip")))
    assert result == LinkNotKept("127.0.0.1 did not answer, so only the address is kept.")


def test_nothing_is_not_kept() -> None:
    assert fetched(sent(200)) == LinkNotKept("127.0.0.1 answered with nothing, so only the address is kept.")


def test_less_than_was_announced_is_not_kept() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npassed")

    assert fetched(reply) == LinkNotKept("127.0.0.1 did not answer, so only the address is kept.")
