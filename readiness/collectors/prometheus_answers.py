"""Prometheus answers as values: shapes, warnings and the plain words for what went wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

import requests
from urllib3.exceptions import TimeoutError as StreamTimeout

from readiness.core.selectors import quote_label
from readiness.core.types import SeriesValue, Trouble
from readiness.core.windows import Lines, Point

TIMEOUTS = (requests.Timeout, StreamTimeout)
BROKEN_OFF = "broke off its answer"
MOST_SERIES = 1000
QUOTED = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of Prometheus. `values` are of an instant query, `lines` of a range query, `data` of anything else.

    `digest` is the SHA-256 of the body, `size` its length in bytes. With `trouble` there is nothing but `message`.
    """

    trouble: Trouble = Trouble.NONE
    message: str = ""
    values: tuple[SeriesValue, ...] = ()
    lines: Lines = field(default_factory=dict)
    data: object = None
    warnings: tuple[str, ...] = ()
    result_type: str = ""
    status: int = 0
    size: int = 0
    digest: str = ""


class UnfitAnswer(ValueError):
    """The answer has a shape that a gate cannot be judged from; the message completes "Prometheus at HOST …"."""


@dataclass(slots=True)
class Receipt:
    """What the response hook kept of one answer, beside what the client library hands on."""

    status: int = 0
    size: int = 0
    digest: str = ""
    document: Mapping[str, object] = field(default_factory=dict)
    is_json: bool = False

    def keep(self, status: int, body: bytes, digest: str) -> None:
        """Keep status, size, digest and, when it is a JSON object, the document of an answer."""
        self.status, self.size, self.digest = status, len(body), digest
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            return
        if isinstance(document, Mapping):
            self.document, self.is_json = document, True

    @property
    def data(self) -> Mapping[str, object]:
        """The `data` of the document; empty when it has none."""
        data = self.document.get("data")
        return data if isinstance(data, Mapping) else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings that came with the answer: a partial answer carries one."""
        warnings = self.document.get("warnings")
        return tuple(str(w)[:QUOTED] for w in warnings) if isinstance(warnings, list) else ()


def refusal_words(receipt: Receipt) -> str:
    """Complete "Prometheus at HOST …" for an answer that is not one; empty when it is."""
    said = str(receipt.document.get("error", ""))[:QUOTED]
    if receipt.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return f"answered {receipt.status}: it does not accept the credentials"
    if HTTPStatus.MULTIPLE_CHOICES <= receipt.status < HTTPStatus.BAD_REQUEST:
        return f"answered {receipt.status}, a redirect, which is not followed"
    if receipt.status != HTTPStatus.OK:
        return f"answered {receipt.status}" + (f": {said}" if said else "")
    if not receipt.is_json:
        return "answered something that is not JSON"
    if receipt.document.get("status") != "success":
        return f"refused the query: {said}" if said else "answered without a result"
    return ""


def failure_words(problem: Exception, timeouts_s: tuple[float, float]) -> str:
    """Complete "Prometheus at HOST …" for a request without an answer. `timeouts_s` are to connect and to answer."""
    if isinstance(problem, requests.ConnectTimeout):
        return f"did not accept a connection within {timeouts_s[0]:g} s"
    if isinstance(problem, TIMEOUTS):
        return f"did not answer within {timeouts_s[1]:g} s"
    if isinstance(problem, requests.exceptions.SSLError):
        return "has a certificate that is not trusted"
    if isinstance(problem, requests.ConnectionError):
        return _unreachable_words(str(problem))
    return BROKEN_OFF


def _unreachable_words(text: str) -> str:
    if "refused" in text:
        return "refused the connection"
    return "has a name that does not resolve" if "resolve" in text else BROKEN_OFF


def accepted(receipt: Receipt) -> Answer:
    """The answer without its content: warnings, type, status, size and digest."""
    return Answer(
        warnings=receipt.warnings,
        result_type=str(receipt.data.get("resultType", "")),
        status=receipt.status,
        size=receipt.size,
        digest=receipt.digest,
    )


def series_labels(metric: Mapping[str, object]) -> str:
    """The labels of a series as text, sorted, with the metric name in front: `up{instance="a", job="b"}`."""
    name = str(metric.get("__name__", ""))
    pairs = [f"{key}={quote_label(str(value))}" for key, value in sorted(metric.items()) if key != "__name__"]
    return name + (f"{{{', '.join(pairs)}}}" if pairs else "")


def instant_values(receipt: Receipt) -> tuple[SeriesValue, ...]:
    """The series of an instant answer, sorted by labels. Raises UnfitAnswer."""
    result = receipt.data.get("result")
    kind = receipt.data.get("resultType")
    if kind == "scalar" and isinstance(result, list):
        return (SeriesValue("", _number(result)),)
    if kind == "string":
        raise UnfitAnswer("answered text, not a number")
    if kind == "matrix":
        raise UnfitAnswer("answered a range; the query needs a function over it")
    rows = _rows(result)
    return tuple(sorted((_series_value(row) for row in rows), key=lambda series: series.labels))


def range_lines(receipt: Receipt) -> Lines:
    """The series of a range answer, each as points in order. Raises UnfitAnswer."""
    lines: dict[str, tuple[Point, ...]] = {}
    for row in _rows(receipt.data.get("result")):
        pairs = row.get("values", [])
        if not isinstance(pairs, list):
            raise UnfitAnswer("answered histograms, which cannot be compared with a number")
        lines[series_labels(_metric(row))] = tuple(Point(_moment(pair), _number(pair)) for pair in pairs)
    return lines


def _rows(result: object) -> Sequence[Mapping[str, object]]:
    if not isinstance(result, list) or not all(isinstance(row, Mapping) for row in result):
        raise UnfitAnswer("answered without a result")
    if len(result) > MOST_SERIES:
        raise UnfitAnswer(f"answered {len(result)} series; at most {MOST_SERIES} can be judged, so aggregate them")
    return result


def _metric(row: Mapping[str, object]) -> Mapping[str, object]:
    metric = row.get("metric")
    return metric if isinstance(metric, Mapping) else {}


def _series_value(row: Mapping[str, object]) -> SeriesValue:
    if "value" not in row:
        raise UnfitAnswer("answered histograms, which cannot be compared with a number")
    return SeriesValue(series_labels(_metric(row)), _number(row["value"]))


def _number(pair: object) -> float:
    try:
        _, value = pair if isinstance(pair, list) else (None, None)
        return float(str(value))
    except ValueError:
        raise UnfitAnswer("answered a value that is not a number") from None


def _moment(pair: object) -> datetime:
    try:
        seconds, _ = pair if isinstance(pair, list) else (None, None)
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError):
        raise UnfitAnswer("answered a time that cannot be read") from None
