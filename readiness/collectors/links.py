"""Links: fetched once, from public addresses only, so that what was claimed can be read later."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import certifi
import urllib3
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from readiness.collectors.cut_off import PlainPool, SecurePool, cut_at

CONNECT_TIMEOUT_S = 5.0
TIMEOUT_S = 15.0
WHOLE_TIMEOUT_S = 30.0
MOST_REDIRECTS = 3
LONGEST_SHOWN = 200
CHUNK_BYTES = 65_536
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
# Ranges that Python calls global, but that lead to addresses inside another network.
TUNNELS = tuple(
    ipaddress.IPv6Network(block) for block in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class LinkKept:
    """What a link led to when it was fetched."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class LinkNotKept:
    """Why only the address of a link is kept, in a sentence for people."""

    sentence: str


class LinkRefused(Exception):
    """A link may not or cannot be fetched; the message is the sentence for people."""


def collect_link(url: str, *, max_bytes: int, allowed_hosts: Collection[str]) -> LinkKept | LinkNotKept:
    """Fetch a link, at most `max_bytes` of it and over at most three redirects, each looked at like the first.

    A redirect is followed only to the same place by another way (https, `www.`, a slash at the end). Anywhere else it
    may lead to a page for signing in, which answers 200 and shows nothing of what was linked to.

    Only http and https, on their own ports, at public addresses. Hosts in `allowed_hosts` (with or without port) are
    those that the operator named; they may be private and on any port.
    """
    deadline = time.monotonic() + WHOLE_TIMEOUT_S
    try:
        for _ in range(MOST_REDIRECTS + 1):
            target = _fetch(url, max_bytes, allowed_hosts, deadline)
            if isinstance(target, LinkKept):
                return target
            url = _onward(url, target)
        return LinkNotKept(f"The link leads on more than {MOST_REDIRECTS} times.")
    except LinkRefused as refusal:
        return LinkNotKept(str(refusal))


def _onward(url: str, target: str) -> str:
    """Where a redirect leads, if that is the same place."""
    onward = urljoin(url, target)
    here, there = _parts(url), _parts(onward)
    if _place(here) != _place(there):
        raise LinkRefused(
            f"The link leads on to {onward[:LONGEST_SHOWN]}, perhaps to sign in, so only the address is kept. Give the "
            "address at which it can be read."
        )
    return onward


def _place(parts: SplitResult) -> tuple[str, str, str]:
    return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/"), parts.query


def _fetch(url: str, max_bytes: int, allowed_hosts: Collection[str], deadline: float) -> LinkKept | str:
    """What the address holds, or where it leads."""
    parts = _parts(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    named = bool({host, f"{host}:{port}"} & set(allowed_hosts))
    if not named and port != PORTS[parts.scheme]:
        raise LinkRefused(f"The link names port {port}; only 80 and 443 are fetched.")
    address, opened = _address(host, port, named), list[HTTPConnection]()
    try:
        with _pool(parts.scheme, host, port, address, opened) as pool, cut_at(deadline, opened):
            response = pool.urlopen(
                "GET",
                urllib3.util.Url(path=parts.path or "/", query=parts.query or None).request_uri,
                headers={"Host": parts.netloc.rpartition("@")[2], "Accept-Encoding": "identity"},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            return _kept(response, host, max_bytes, deadline)
    except (HTTPError, OSError, ValueError):
        late = time.monotonic() >= deadline
        words = f"took more than {WHOLE_TIMEOUT_S:g} s" if late else "did not answer"
        raise LinkRefused(f"{host} {words}, so only the address is kept.") from None


def _parts(url: str) -> SplitResult:
    try:
        parts, other = urlsplit(url), parse_url(url)
        agreed = (parts.hostname or "") == (other.host or "").strip("[]").lower() and parts.port == other.port
    except (ValueError, HTTPError):
        raise LinkRefused("The link is not an address that can be read.") from None
    if parts.scheme not in PORTS:
        raise LinkRefused("Only links that begin with http:// or https:// are fetched.")
    odd = not url.isascii() or any(c.isspace() or c == "\\" or not c.isprintable() for c in url)
    if not parts.hostname or not agreed or odd or parts.username is not None:
        raise LinkRefused("The link is not an address that can be read.")
    return parts


def _address(host: str, port: int, named: bool) -> str:
    """The one address to connect to, IPv4 first. If any that the name resolves to is not public, none is asked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise LinkRefused(f"{host} does not resolve, so only the address is kept.") from None
    addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
    if not named and not all(_is_public(address) for address in addresses):
        raise LinkRefused(f"{host} is not a public address; such links are not fetched.")
    return str(min(addresses, key=lambda address: address.version))


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(address.ipv4_mapped)
        if any(address in block for block in TUNNELS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _pool(scheme: str, host: str, port: int, address: str, opened: list[HTTPConnection]) -> PlainPool | SecurePool:
    """A connection to that very address, with the certificate of the name."""
    timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=TIMEOUT_S)
    if scheme == "http":
        return PlainPool(address, port, timeout=timeout, maxsize=1, opened=opened)
    return SecurePool(
        address,
        port,
        timeout=timeout,
        maxsize=1,
        opened=opened,
        server_hostname=host,
        assert_hostname=host,
        ssl_context=ssl.create_default_context(cafile=certifi.where()),
    )


def _kept(response: urllib3.BaseHTTPResponse, host: str, max_bytes: int, deadline: float) -> LinkKept | str:
    if response.status in REDIRECTS and response.headers.get("Location"):
        return response.headers["Location"]
    if response.status != HTTPStatus.OK:
        raise LinkRefused(f"{host} answered {response.status}, so only the address is kept.")
    data = bytearray()
    for chunk in _chunks(response):
        data += chunk
        if len(data) > max_bytes:
            raise LinkRefused(f"The link holds more than {max_bytes:,} bytes, so only the address is kept.")
        if time.monotonic() >= deadline:
            break
    if time.monotonic() >= deadline:
        raise LinkRefused(f"{host} took more than {WHOLE_TIMEOUT_S:g} s, so only the address is kept.")
    if not data:
        raise LinkRefused(f"{host} answered with nothing, so only the address is kept.")
    return LinkKept(bytes(data), response.headers.get("Content-Type", "application/octet-stream").partition(";")[0])


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    while chunk := response.read1(CHUNK_BYTES, decode_content=True):
        yield chunk
