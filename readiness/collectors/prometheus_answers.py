"""Prometheus answers as values: shapes, warnings and the plain words for what went wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http import HTTPStatus

from readiness.core.canonical import digest_bytes
from readiness.core.selectors import quote_label
from readiness.core.types import SeriesValue, Trouble
from readiness.core.windows import Lines, Point

MOST_SERIES = 1000
MOST_KEPT_BYTES = 100_000
QUOTED = 200


@dataclass(frozen=True)
class Exchange:
    """One question as it was sent and what came back; `body` is None when it is too long to keep, or nothing came."""

    path: str
    params: Mapping[str, str]
    status: int = 0
    size: int = 0
    body: bytes | None = None
    said: str = ""
    took: timedelta = timedelta(0)

    @cached_property
    def digest(self) -> str:
        """What it is kept under: `sha256:<hex>` of its data."""
        return digest_bytes(self.data)

    @cached_property
    def data(self) -> bytes:
        """The exchange as JSON."""
        document = {
            "asked": self.path,
            "params": dict(self.params),
            "status": self.status,
            "size": self.size,
            "took_ms": round(self.took.total_seconds() * 1000),
            "body": None if self.body is None else self.body.decode(errors="replace"),
        }
        said = {"trouble": self.said} if self.said else {}
        return json.dumps(document | said, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of Prometheus. `values` are of an instant query, `lines` of a range query, `data` of anything else.

    With `trouble` there is nothing but `message` and the `exchange`, which is None when nothing was asked.
    """

    trouble: Trouble = Trouble.NONE
    message: str = ""
    values: tuple[SeriesValue, ...] = ()
    lines: Lines = field(default_factory=dict)
    data: object = None
    warnings: tuple[str, ...] = ()
    result_type: str = ""
    exchange: Exchange | None = None


class UnfitAnswer(ValueError):
    """The answer has a shape that a gate cannot be judged from; the message completes "Prometheus at HOST …"."""


@dataclass(slots=True)
class Receipt:
    """What came back for one question, beside what the client library hands on."""

    status: int = 0
    size: int = 0
    body: bytes | None = None
    document: Mapping[str, object] = field(default_factory=dict)
    is_json: bool = False

    def keep(self, status: int, body: bytes) -> None:
        """Keep status, size, a body that is not too long and, when it is a JSON object, the document of an answer."""
        self.status, self.size = status, len(body)
        self.body = body if len(body) <= MOST_KEPT_BYTES else None
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
    def rows(self) -> Sequence[Mapping[str, object]]:
        """The series of the answer. Raises UnfitAnswer."""
        result = self.data.get("result")
        if not isinstance(result, list) or not all(isinstance(row, Mapping) for row in result):
            raise UnfitAnswer("answered without a result")
        return result

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


def accepted(receipt: Receipt) -> Answer:
    """The answer without its content: its warnings and its type."""
    return Answer(warnings=receipt.warnings, result_type=str(receipt.data.get("resultType", "")))


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
    return tuple(sorted((series_value(row) for row in _few(receipt.rows)), key=lambda series: series.labels))


def range_lines(receipt: Receipt) -> Lines:
    """The series of a range answer, each as points in order. Raises UnfitAnswer."""
    return dict(line_of(row) for row in _few(receipt.rows))


def _few(rows: Sequence[Mapping[str, object]]) -> Sequence[Mapping[str, object]]:
    if len(rows) > MOST_SERIES:
        raise UnfitAnswer(f"answered {len(rows)} series; at most {MOST_SERIES} can be judged, so aggregate them")
    return rows


def line_of(row: Mapping[str, object]) -> tuple[str, tuple[Point, ...]]:
    """The labels of one series of a range answer, and its points. Raises UnfitAnswer."""
    pairs = row.get("values", [])
    if not isinstance(pairs, list):
        raise UnfitAnswer("answered histograms, which cannot be compared with a number")
    return series_labels(_metric(row)), tuple(Point(_moment(pair), _number(pair)) for pair in pairs)


def _metric(row: Mapping[str, object]) -> Mapping[str, object]:
    metric = row.get("metric")
    return metric if isinstance(metric, Mapping) else {}


def series_value(row: Mapping[str, object]) -> SeriesValue:
    """The labels of one series of an instant answer, and its value. Raises UnfitAnswer."""
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
