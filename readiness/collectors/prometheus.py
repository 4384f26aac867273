"""Prometheus, asked safely: the only module that imports `prometheus_api_client`.

The library's defaults turn a timeout of one second into ten, repeat a 503 four times, follow redirects and drop
`warnings`, so that a partial answer looks complete. Here it gets a session of ours: no redirects, no proxies from the
environment, no repeats, a limit on size and on the whole time, and a hook that keeps what the library drops.
"""

import hashlib
import io
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import requests
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from readiness.collectors.prometheus_answers import (
    BROKEN_OFF,
    TIMEOUTS,
    Answer,
    Receipt,
    UnfitAnswer,
    accepted,
    failure_words,
    instant_values,
    range_lines,
    refusal_words,
)
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.types import Trouble
from readiness.core.windows import Stretch

CONNECT_TIMEOUT_S = 3.0
MOST_BYTES = 20_000_000
CHUNK_BYTES = 65_536
MOST_SILENCES = 2
FAILURES = (
    requests.RequestException,
    PrometheusApiClientException,
    HTTPError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    RecursionError,
)


class AnswerTooLarge(requests.RequestException):
    """The answer has more bytes than may be read."""


class GuardedSession(requests.Session):
    """A session that follows no redirect and takes nothing from the environment."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Never name a target, so that a redirect stays an answer with its own status."""
        return None


class PrometheusBatch:
    """All questions of one refresh to one source at one moment. The same question is asked once.

    Nothing is raised for trouble of the source: every answer says what is wrong. When the source cannot be reached, or
    two questions stay without an answer, the rest of the batch is not asked any more. One thread at a time.
    """

    def __init__(self, source: ResolvedSource | SourceTrouble, now: datetime) -> None:
        self.source = source
        self.now = now
        self._answers: dict[tuple[str, ...], Answer] = {}
        self._receipt = Receipt()
        self._silences = 0
        self._given_up: Answer | None = None
        self._deadline = 0.0
        if isinstance(source, SourceTrouble):
            self._given_up = Answer(source.trouble, source.message)
        else:
            self._open(source)

    def _open(self, source: ResolvedSource) -> None:
        self._timeout_s = source.timeout_s
        self._connect_s = min(CONNECT_TIMEOUT_S, source.timeout_s)
        self._session = GuardedSession()
        self._session.verify, self._session.cert = source.verify, source.cert
        self._session.stream = True
        self._session.hooks["response"].append(self._keep)
        # Compressing costs Prometheus more than the query does, and pays only for the long answers of a range.
        self._instant = self._client(source, {"Accept-Encoding": "identity"})
        self._range = self._client(source, {})

    def _client(self, source: ResolvedSource, more: Mapping[str, str]) -> PrometheusConnect:
        return PrometheusConnect(
            url=source.url,
            headers={**source.headers, **more},
            auth=source.auth,
            retry=Retry(0, read=False),
            session=self._session,
            timeout=(self._connect_s, self._timeout_s),
        )

    def close(self) -> None:
        """Close the connections; a batch over a source in trouble has none."""
        if isinstance(self.source, ResolvedSource):
            self._session.close()

    def ask(self, query: str) -> Answer:
        """The answer of an instant query, evaluated at the batch's moment."""
        params = {"time": f"{self.now.timestamp():.3f}", "timeout": self._patience()}
        key = ("query", query)
        return self._once(key, lambda: self._instant.custom_query(query, params=params), _with_values)

    def ask_range(self, query: str, stretch: Stretch) -> Answer:
        """The answer of a range query over the grid of `stretch`, whose ends are whole seconds."""
        start_at, step = stretch.first_at, str(round(stretch.step.total_seconds()))
        key = ("query_range", query, start_at.isoformat(), stretch.end_at.isoformat(), step)
        params = {"timeout": self._patience()}

        def call() -> object:
            return self._range.custom_query_range(query, start_at, stretch.end_at, step, params=params)

        return self._once(key, call, _with_lines)

    def ask_api(self, path: str) -> Answer:
        """The `data` of another endpoint, such as `rules`, through the same session."""
        return self._once(("api", path), lambda: self._get(path), _with_data)

    def _get(self, path: str) -> requests.Response:
        client = self._instant
        return self._session.get(
            f"{client.url}/api/v1/{path}",
            headers=client.headers,
            auth=client.auth,
            timeout=(self._connect_s, self._timeout_s),
        )

    def _patience(self) -> str:
        return f"{self._timeout_s:g}s" if isinstance(self.source, ResolvedSource) else "0s"

    def _once(
        self, key: tuple[str, ...], call: Callable[[], object], shape: Callable[[Answer, Receipt], Answer]
    ) -> Answer:
        if key not in self._answers:
            self._answers[key] = self._given_up or self._asked(call, shape)
        return self._answers[key]

    def _asked(self, call: Callable[[], object], shape: Callable[[Answer, Receipt], Answer]) -> Answer:
        self._receipt = Receipt()
        self._deadline = time.monotonic() + self._timeout_s
        try:
            call()
        except FAILURES as problem:
            if not self._receipt.status:
                return self._trouble(self._failure(problem))
        if words := refusal_words(self._receipt):
            return self._trouble(words)
        try:
            return shape(accepted(self._receipt), self._receipt)
        except UnfitAnswer as problem:
            return self._trouble(str(problem))

    def _failure(self, problem: Exception) -> str:
        """The words for a request without an answer; give up where the next one would fare no better."""
        if isinstance(problem, AnswerTooLarge):
            return f"answered more than {MOST_BYTES // 1_000_000} MB"
        words = failure_words(problem, (self._connect_s, self._timeout_s))
        unreachable = isinstance(problem, requests.ConnectionError) and words != BROKEN_OFF
        self._silences += isinstance(problem, TIMEOUTS) or words == BROKEN_OFF
        if unreachable or self._silences >= MOST_SILENCES:
            self._given_up = self._trouble(words)
        return words

    def _trouble(self, words: str) -> Answer:
        host = self.source.host if isinstance(self.source, ResolvedSource) else self.source.key
        receipt = self._receipt
        return Answer(
            Trouble.SOURCE_ERROR,
            f"Prometheus at {host} {words}",
            status=receipt.status,
            size=receipt.size,
            digest=receipt.digest,
        )

    def _keep(self, response: requests.Response, *args: object, **kwargs: object) -> requests.Response:
        """Read the body within its limits, keep what the library drops, and hand the body on."""
        body = self._bounded_body(response)
        self._receipt.keep(response.status_code, body, hashlib.sha256(body).hexdigest())
        response.raw = io.BytesIO(body)
        return response

    def _bounded_body(self, response: requests.Response) -> bytes:
        body = bytearray()
        # read1 comes back with whatever has arrived, so that an answer that drips cannot outlast the deadline.
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > MOST_BYTES:
                response.close()
                raise AnswerTooLarge
            if time.monotonic() > self._deadline:
                response.close()
                raise requests.ReadTimeout
        response.raw.release_conn()
        return bytes(body)


def _with_values(answer: Answer, receipt: Receipt) -> Answer:
    return replace(answer, values=instant_values(receipt))


def _with_lines(answer: Answer, receipt: Receipt) -> Answer:
    return replace(answer, lines=range_lines(receipt))


def _with_data(answer: Answer, receipt: Receipt) -> Answer:
    return replace(answer, data=receipt.document.get("data"))


def moment_of(answer: Answer) -> datetime | None:
    """The moment that a `max(timestamp(…))` query answered; None when there was no sample."""
    seconds = [series.value for series in answer.values if series.value == series.value]
    return datetime.fromtimestamp(min(seconds), UTC) if seconds else None
