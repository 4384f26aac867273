"""Connections that stay open between requests: a request is bounded in size and in its whole time, and goes one hop.

There is one set of connections for each address in a process, at most `MOST_AT_ONCE` of them in use, so that a source
is never asked more at once, however many rollouts ask it. No redirect is followed and nothing comes from the
environment. A connection that the other side closed while it was idle is replaced once, unseen.
"""

import atexit
import gzip
import os
import ssl
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import gaierror
from urllib.parse import urlsplit

import certifi

from readiness.collectors.deadlines import cut_later, keep_open
from readiness.collectors.sources import ResolvedSource

MOST_AT_ONCE = 8
MOST_IDLE_S = 60.0
MOST_PLACES = 256
CHUNK_BYTES = 65_536
BROKEN_OFF = "broke off its answer"
GZIP = 31


class Silence(Enum):
    """How a request stayed without an answer."""

    UNREACHABLE = "nobody there, so the next request would fare no better"
    SILENT = "no answer in time, or one that broke off"
    TOO_LARGE = "more bytes than may be read"


class NoReply(Exception):
    """A request got no answer; the message completes "HOST …"."""

    def __init__(self, words: str, silence: Silence) -> None:
        super().__init__(words)
        self.silence = silence


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request may take, in seconds to connect and as a whole, and how many bytes its answer may have."""

    connect_s: float
    total_s: float
    most_bytes: int


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status and its body, unpacked."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Kept:
    connection: HTTPConnection
    idle_since: float


class Connections:
    """The connections to one address. Any number of threads may use it."""

    def __init__(self, url: str, verify: bool | str, cert: str | tuple[str, str] | None) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._tls = _tls_context(verify, cert) if parts.scheme == "https" else None
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._idle: list[_Kept] = []
        self._lock = threading.Lock()

    def fetch(self, target: str, headers: Mapping[str, str], patience: Patience) -> Reply:
        """Ask for a path with its query by GET. Raises NoReply."""
        if not self._free.acquire(timeout=patience.total_s):
            raise NoReply(f"did not answer within {patience.total_s:g} s", Silence.SILENT)
        try:
            kept = self._take()
            if kept is not None:
                try:
                    return self._exchange(kept, target, headers, patience)
                except ConnectionError:
                    kept.close()
            return self._exchange(self._connect(patience), target, headers, patience)
        except (OSError, HTTPException, zlib.error) as problem:
            raise NoReply(BROKEN_OFF, Silence.SILENT) from problem
        finally:
            self._free.release()

    def _take(self) -> HTTPConnection | None:
        """The connection that was used last, when it was used lately; older ones are closed."""
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        if kept is None:
            return None
        if time.monotonic() - kept.idle_since <= MOST_IDLE_S:
            return kept.connection
        kept.connection.close()
        self.close_idle()
        return None

    def close_idle(self) -> None:
        """Close what is not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for each in idle:
            each.connection.close()

    def _connect(self, patience: Patience) -> HTTPConnection:
        """Open a connection; the time to connect counts for the handshake as well."""
        if self._tls is None:
            connection = HTTPConnection(self._host, self._port, timeout=patience.connect_s)
        else:
            connection = HTTPSConnection(self._host, self._port, timeout=patience.connect_s, context=self._tls)
        try:
            connection.connect()
        except OSError as problem:
            connection.close()
            raise _unreachable(problem, patience) from problem
        return connection

    def _exchange(
        self, connection: HTTPConnection, target: str, headers: Mapping[str, str], patience: Patience
    ) -> Reply:
        deadline = time.monotonic() + patience.total_s
        connection.sock.settimeout(patience.total_s)
        number = cut_later(connection.sock, deadline)
        try:
            connection.request("GET", target, headers=dict(headers))
            response = connection.getresponse()
            reply = Reply(response.status, _read_body(response, patience.most_bytes))
            if time.monotonic() >= deadline:
                raise TimeoutError
        except (OSError, HTTPException, NoReply) as problem:
            connection.close()
            if time.monotonic() >= deadline or isinstance(problem, TimeoutError):
                raise NoReply(f"did not answer within {patience.total_s:g} s", Silence.SILENT) from problem
            raise
        finally:
            keep_open(number)
        self._put_back(connection, response)
        return reply

    def _put_back(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        if response.will_close:
            connection.close()
            return
        with self._lock:
            self._idle.append(_Kept(connection, time.monotonic()))


def _read_body(response: HTTPResponse, most_bytes: int) -> bytes:
    """Read the body, however it is cut and packed, and no more of it than is allowed."""
    packed = response.headers.get("Content-Encoding", "") == "gzip"
    unpacker = zlib.decompressobj(GZIP) if packed else None
    body = bytearray()
    while chunk := response.read(CHUNK_BYTES):
        body += unpacker.decompress(chunk, most_bytes + 1 - len(body)) if unpacker else chunk
        if len(body) > most_bytes or (unpacker is not None and unpacker.unconsumed_tail):
            raise NoReply(f"answered more than {most_bytes // 1_000_000} MB", Silence.TOO_LARGE)
    if response.length or (unpacker is not None and body and not unpacker.eof):
        raise gzip.BadGzipFile("The answer ended early.")
    return bytes(body)


def _unreachable(problem: OSError, patience: Patience) -> NoReply:
    if isinstance(problem, TimeoutError):
        words = f"did not accept a connection within {patience.connect_s:g} s"
        return NoReply(words, Silence.UNREACHABLE)
    if isinstance(problem, ssl.SSLCertVerificationError):
        return NoReply("has a certificate that is not trusted", Silence.UNREACHABLE)
    if isinstance(problem, ssl.SSLError):
        return NoReply("does not speak TLS as it should", Silence.UNREACHABLE)
    if isinstance(problem, gaierror):
        return NoReply("has a name that does not resolve", Silence.UNREACHABLE)
    refused = isinstance(problem, ConnectionRefusedError)
    return NoReply("refused the connection" if refused else "cannot be reached", Silence.UNREACHABLE)


def _tls_context(verify: bool | str, cert: str | tuple[str, str] | None) -> ssl.SSLContext:
    """Trust what the source names; without that, the certificates of the system and those that come along."""
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is True:
        context.load_verify_locations(certifi.where())
    if cert is not None:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context


def connections_of(source: ResolvedSource) -> Connections:
    """The connections to a source, as its last refresh left them. Raises NoReply where a certificate cannot be read."""
    parts = urlsplit(source.url)
    try:
        return _places.find(f"{parts.scheme}://{parts.netloc}", source.verify, source.cert)
    except (OSError, ValueError) as problem:
        words = "cannot be asked: a certificate file that the source names cannot be read here"
        raise NoReply(words, Silence.UNREACHABLE) from problem


class _Places:
    """The connections of this process by their address; those that were asked for longest ago are let go."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Connections] = {}
        self._lock = threading.Lock()

    def find(self, url: str, verify: bool | str, cert: str | tuple[str, str] | None) -> Connections:
        key = (url, verify, cert, os.getpid())
        with self._lock:
            found = self._known.pop(key, None) or Connections(url, verify, cert)
            self._known[key] = found
            oldest = self._known.pop(next(iter(self._known))) if len(self._known) > MOST_PLACES else None
        if oldest is not None:
            oldest.close_idle()
        return found

    def close_all(self) -> None:
        """Close what is not in use, everywhere."""
        for each in self._known.values():
            each.close_idle()


_places = _Places()
atexit.register(_places.close_all)
