"""What the client library of Prometheus calls its session: over connections that stay open, keeping what it drops."""

import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from readiness.collectors.connections import Patience, connections_of
from readiness.collectors.prometheus_answers import Receipt
from readiness.collectors.sources import ResolvedSource

CONNECT_TIMEOUT_S = 3.0
MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class _ClientReply:
    """What the client library reads of an answer."""

    status_code: int
    content: bytes
    document: Mapping[str, object]

    def json(self) -> Mapping[str, object]:
        return self.document


class KeptSession:
    """What the client library calls its session; each thread finds its last receipt in `receipt`."""

    verify, cert = True, None

    def __init__(self, source: ResolvedSource) -> None:
        self._connections = connections_of(source)
        self._patience = Patience(min(CONNECT_TIMEOUT_S, source.timeout_s), source.timeout_s, MOST_BYTES)
        self._mine = threading.local()

    @property
    def receipt(self) -> Receipt:
        """What came back for this thread's last question; empty when nothing did."""
        receipt: Receipt = self._mine.receipt
        return receipt

    def begin(self) -> None:
        """Forget what came back before."""
        self._mine.receipt = Receipt()

    def mount(self, *_: object) -> None:
        """Take no adapter: there is one way to connect."""

    def request(
        self, *, url: str, params: Mapping[str, object], headers: Mapping[str, str], **_: object
    ) -> _ClientReply:
        """Ask once and keep the answer. Raises NoReply."""
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query or urlencode(params)}"
        reply = self._connections.fetch(target, headers, self._patience)
        self.receipt.keep(reply.status, reply.body)
        return _ClientReply(reply.status, reply.body, self.receipt.document)


def session_headers(source: ResolvedSource) -> dict[str, str]:
    """What every question to a source carries: who asks, and that short answers are not to be compressed."""
    own = {"Accept-Encoding": "identity", "User-Agent": "readiness"}
    if source.auth is not None:
        own["Authorization"] = f"Basic {b64encode(':'.join(source.auth).encode()).decode()}"
    return own | dict(source.headers)
