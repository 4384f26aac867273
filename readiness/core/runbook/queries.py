"""The queries that a document gives, what each is called there, and which of them measures a criterion."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness.core.quantities import UnitsDiffer, UnreadableQuantity, convert
from readiness.core.selectors import UnreadableQuery, parse_query, query_selectors, reads_fixed_time, reads_only_past

_LOOKS = re.compile(r"[({\[]|[a-z0-9]_[a-z]|^up\b")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_SUFFIX = (
    "total seconds milliseconds ms bytes ratio count sum bucket info state percent celsius created current errors "
    "requests depth size lag age up share active failures success duration latency usage utilization"
)
METRIC = re.compile(
    rf"(?<![\w/.$-])[a-z][a-z0-9]{{1,40}}(?:_[a-z0-9]{{1,40}}){{0,9}}_(?:{'|'.join(_SUFFIX.split())})(?![\w/.-])"
)
_WORD = re.compile(r"[a-zà-ÿ]+\d{0,3}|\d{1,3}(?:th|%)?", re.IGNORECASE)
_IDLE_WORDS = (
    "a an the of in on for to and or is are be must should stay stays remain remains than with vs over all per no by "
    "at sum rate avg max min le histogram quantile query metric target value current seconds total bucket m s h less "
    "more below above under most least during entire week whole phase der die das la les el los las de du des"
)
_IDLE = frozenset(_IDLE_WORDS.split())
_ONE_WORD = {
    "duration": "latency latencies durations time slow latenz latence latencia antwortzeit",
    "errors": "error failures failure failed 5xx fehler fehlerrate erreur erreurs errores",
    "memory": "rss ram resident footprint speicher",
    "availability": "uptime verfügbarkeit up",
    "requests": "throughput request rps qps durchsatz",
    "99": "p99 99th",
    "95": "p95 95th",
    "90": "p90 90th",
    "50": "p50 median",
}
_SAME = {word: one for one, words in _ONE_WORD.items() for word in words.split()}
_QUANTILE = re.compile(r"\bp(\d{2,3})\b|(\d{2})th percentile|histogram_quantile\(\s*0?\.(\d{2,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL that a document gives: what it is called there, its unit, and the line it stands on."""

    promql: str
    title: str
    line: int
    unit: str
    words: frozenset[str]
    quantile: str = ""
    lines: tuple[int, ...] = ()


def make_query(promql: str, title: str, line: int, lines: tuple[int, ...] = ()) -> Query | None:
    """The text as a query; None when it is no PromQL that can be asked for ever, or only a word.

    `lines` are all that it stands on, where those are more than one.
    """
    text = " ".join(promql.split()).strip("`")
    if not is_query(text):
        return None
    words = subject_words(f"{title} {' '.join(metric_names(text))}")
    quantile = _quantile(text) or _quantile(title)
    return Query(text, title.strip(), line, unit_of_query(text), words, quantile, lines or (line,))


def is_query(text: str) -> bool:
    """Whether a text is PromQL that reads a metric now."""
    if not _LOOKS.search(text) or (_NAME.fullmatch(text) and not METRIC.fullmatch(text) and text != "up"):
        return False
    try:
        return bool(query_selectors(text)) and not reads_fixed_time(text) and not reads_only_past(text)
    except UnreadableQuery:
        return False


def metric_names(promql: str) -> tuple[str, ...]:
    """The metrics that a query reads."""
    try:
        texts = [selector.text for selector in query_selectors(promql)]
    except UnreadableQuery:
        return ()
    names = [match[0] for text in texts if (match := _NAME.match(text)) is not None]
    return tuple(dict.fromkeys(names))


def parses(promql: str) -> bool:
    """Whether a text is PromQL at all."""
    try:
        parse_query(promql)
    except UnreadableQuery:
        return False
    return True


def unit_of_query(promql: str) -> str:
    """The unit of what a query gives, as far as its names say; empty for a plain number."""
    if re.search(r"\*\s*100\s*$|^\s*100\s*\*", promql):
        return "%"
    names = " ".join(metric_names(promql))
    if re.search(r"\)\s*/\s*|_ratio\b|/\s*\(|avg_over_time\(\s*(?:avg\(\s*)?up\b|^1\s*-|[a-z_}]\s*/\s*[a-z]", promql):
        return "ratio"
    by_name = (("_seconds", "s"), ("_milliseconds", "ms"), ("_ms", "ms"), ("_bytes", "bytes"), ("_percent", "%"))
    unit = next((unit for part, unit in by_name if part in names), "")
    counts = re.search(r"_count\b|\bcount\(|_total\b", promql)
    per = "/s" if re.search(r"\b(?:rate|irate|deriv)\(", promql) and unit == "bytes" else ""
    if "histogram_quantile" not in promql and re.search(r"\brate\(|\bincrease\(", promql) and (unit == "s" or counts):
        return ""
    return unit + per


def fits_unit(query: Query, unit: str, change: str) -> bool:
    """Whether a limit in that unit can judge what the query gives."""
    if change and unit == "%":
        return True
    try:
        convert(1, unit or query.unit, query.unit)
    except (UnitsDiffer, UnreadableQuantity):
        return False
    return not (unit == "" and query.unit in ("s", "bytes", "ms"))


def subject_words(text: str) -> frozenset[str]:
    """The telling words of a text, each in one form."""
    lower = text.lower().replace("_", " ").replace("error rate", "errors").replace("-", " ")
    words = (_SAME.get(word, word) for word in _WORD.findall(lower))
    return frozenset(word for word in words if word not in _IDLE and (len(word) > 1 or word.isdigit()))


def _quantile(text: str) -> str:
    match = _QUANTILE.search(text)
    return next((part for part in match.groups() if part), "") if match else ""


def find_measure(text: str, unit: str, change: str, known: Iterable[Query]) -> Query | None:
    """The one query that surely measures what a criterion is about; None when none does, or more than one could.

    At least two telling words are the same (one, where the query is called by that alone), they are most of the
    query's name, and percentiles and units agree.
    """
    words, quantile = subject_words(text), _quantile(text)
    rated: list[tuple[float, Query]] = []
    for query in known:
        if (quantile or query.quantile) and quantile != query.quantile:
            continue
        if not fits_unit(query, unit, change):
            continue
        called = subject_words(query.title) or query.words
        common = words & query.words
        enough = len(common) >= 2 or (len(called) == 1 and called <= words)
        share = len(words & called) / len(called)
        if enough and share >= 0.5:
            rated.append((share + len(common) / 100, query))
    return _clear_best(rated)


def _clear_best(rated: Sequence[tuple[float, Query]]) -> Query | None:
    best = sorted(rated, key=lambda pair: -pair[0])
    if not best:
        return None
    rivals = [query for rating, query in best[1:] if rating > best[0][0] - 0.005 and query.promql != best[0][1].promql]
    return None if rivals else best[0][1]
