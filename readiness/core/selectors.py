"""PromQL helpers: which series a query reads, how far back it looks, and the queries that prove its samples.

`timestamp()` of an expression is the moment of evaluation; only on a bare selector is it the time of the sample. So
the age of a query is asked selector by selector, with range, offset and `@` taken away. Syntax: PromQL of Prometheus
2.45, parsed by `promql_parser`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import promql_parser as promql

ABSENCE = frozenset({"absent", "absent_over_time"})
LABEL_CHANGING = frozenset({"label_replace", "label_join", "info"})
ONE_VALUED = frozenset({"time", "scalar", "vector", "pi"})
GROUPING = ("topk", "bottomk", "count_values", "limitk", "limit_ratio")
LONGEST_QUERY = 10_000
MOST_PARTS = 200
QUOTED = re.compile(r"""\"(?:\\.|[^"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`""")
PART = re.compile(r"[-+*/%^<>=!({[]|\b(?:or|and|unless|atan2)\b")
ZERO = timedelta(0)
OPERATORS = (
    (promql.MatchOp.Equal, "="),
    (promql.MatchOp.NotEqual, "!="),
    (promql.MatchOp.Re, "=~"),
    (promql.MatchOp.NotRe, "!~"),
)


class UnreadableQuery(ValueError):
    """The text is not PromQL; the message says what the parser found."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One vector selector of a query: its text without range, offset and `@`, and how far back the query reads it.

    `of_absence` is set inside `absent()`: there, having no sample is an answer and not a lack of one.
    """

    text: str
    looks_back: timedelta = ZERO
    of_absence: bool = False


def parse_query(query: str) -> promql.Expr:
    """Parse PromQL. Raises UnreadableQuery, also for a text too long or too deep to be a gate.

    The parser goes as deep as the text does and ends the process when its stack is full, so depth is bounded first.
    """
    if len(query) > LONGEST_QUERY or len(PART.findall(QUOTED.sub("", query))) > MOST_PARTS:
        raise UnreadableQuery(
            f"the query is too long; {LONGEST_QUERY} characters with {MOST_PARTS} operators and parentheses are allowed"
        )
    try:
        return promql.parse(query)
    except ValueError as problem:
        raise UnreadableQuery(f"the query is not PromQL: {problem}") from None


@lru_cache(maxsize=16_384)
def query_selectors(query: str) -> tuple[Selector, ...]:
    """Every vector selector of `query`, each text once with its longest look back. Raises UnreadableQuery."""
    found: dict[tuple[str, bool], Selector] = {}
    for selector in _visit(parse_query(query), ZERO, False):
        key = selector.text, selector.of_absence
        known = found.get(key)
        if known is None or known.looks_back < selector.looks_back:
            found[key] = selector
    return tuple(found.values())


def _visit(node: promql.Expr, back: timedelta, of_absence: bool) -> Iterator[Selector]:
    match node:
        case promql.VectorSelector():
            yield Selector(selector_text(node), max(ZERO, back + (node.offset or ZERO)), of_absence)
        case promql.MatrixSelector():
            yield from _visit(node.vector_selector, back + node.range, of_absence)
        case promql.SubqueryExpr():
            deeper = back + (node.range or ZERO) + (node.offset or ZERO)
            yield from _visit(node.expr, deeper, of_absence)
        case promql.Call():
            for argument in node.args:
                yield from _visit(argument, back, of_absence or node.func.name in ABSENCE)
        case _:
            for child in _children(node):
                yield from _visit(child, back, of_absence)


def reads_fixed_time(query: str) -> bool:
    """Whether a part of the query is pinned with `@` to one moment, so that it says the same for ever."""
    return any(_is_pinned(node) for node in query_nodes(parse_query(query)))


def _is_pinned(node: promql.Expr) -> bool:
    if not isinstance(node, promql.VectorSelector | promql.SubqueryExpr):
        return False
    return node.at is not None and node.at.type == promql.AtModifierType.At


def reads_only_past(query: str) -> bool:
    """Whether every selector is moved back with `offset`, so that none says how it is now."""
    parts = list(_offsets(parse_query(query), ZERO))
    return bool(parts) and all(back > ZERO for back in parts)


def _offsets(node: promql.Expr, back: timedelta) -> Iterator[timedelta]:
    """How far each selector is moved back, by itself and by what stands around it."""
    if isinstance(node, promql.VectorSelector):
        yield back + (node.offset or ZERO)
    deeper = back + (node.offset or ZERO) if isinstance(node, promql.SubqueryExpr) else back
    for child in parts_of(node):
        yield from _offsets(child, deeper)


def query_nodes(node: promql.Expr) -> Iterator[promql.Expr]:
    """Every part of a parsed query, itself first."""
    yield node
    for child in parts_of(node):
        yield from query_nodes(child)


def parts_of(node: promql.Expr) -> tuple[promql.Expr, ...]:
    """What a part of a parsed query is made of, from left to right."""
    match node:
        case promql.MatrixSelector():
            return (node.vector_selector,)
        case promql.SubqueryExpr():
            return (node.expr,)
        case promql.Call():
            return tuple(node.args)
    return _children(node)


def _children(node: promql.Expr) -> tuple[promql.Expr, ...]:
    match node:
        case promql.BinaryExpr():
            return node.lhs, node.rhs
        case promql.AggregateExpr():
            return (node.expr,) if node.param is None else (node.expr, node.param)
        case promql.UnaryExpr() | promql.ParenExpr():
            return (node.expr,)
    return ()


def selector_text(node: promql.VectorSelector) -> str:
    """Write a vector selector without range, offset and `@`."""
    groups = [node.matchers.matchers, *node.matchers.or_matchers]
    inside = " or ".join(",".join(_matcher_text(m) for m in group) for group in groups if group)
    return (node.name or "") + (f"{{{inside}}}" if inside else "")


def _matcher_text(matcher: promql.Matcher) -> str:
    operator = next(sign for op, sign in OPERATORS if op == matcher.op)
    return f"{matcher.name}{operator}{quote_label(matcher.value)}"


def quote_label(value: str) -> str:
    """`value` as a PromQL string: quoted, with backslash, quote and newline escaped."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@lru_cache(maxsize=16_384)
def answers_one_series(query: str) -> bool:
    """Whether the query can only ever answer one series without labels, so that none of several can go missing."""
    return _single(parse_query(query))


def _single(node: promql.Expr) -> bool:
    match node:
        case promql.NumberLiteral() | promql.StringLiteral():
            return True
        case promql.AggregateExpr():
            return node.modifier is None and not node.prettify().startswith(GROUPING)
        case promql.SubqueryExpr():
            return _single(node.expr)
        case promql.Call():
            return _single_call(node)
        case promql.BinaryExpr() | promql.UnaryExpr() | promql.ParenExpr():
            return all(_single(child) for child in _children(node))
    return False


def _single_call(node: promql.Call) -> bool:
    if node.func.name in ONE_VALUED:
        return True
    if node.func.name in ABSENCE | LABEL_CHANGING or not node.args:
        return False
    if node.func.name == "histogram_quantile":
        return _grouped_by_bucket(node.args[1]) or _single(node.args[1])
    return all(_single(argument) for argument in node.args)


def _grouped_by_bucket(node: promql.Expr) -> bool:
    if not isinstance(node, promql.AggregateExpr) or node.modifier is None:
        return False
    return node.modifier.type == promql.AggModifierType.By and node.modifier.labels == ["le"]


def newest_sample_query(selector: Selector) -> str:
    """The Unix time of the newest sample of a selector.

    Absence is seen whenever anything is scraped, so inside `absent()` the newest scrape stands in for the sample.
    """
    own = f"max(timestamp({selector.text}))"
    return f"{own} or max(timestamp(up))" if selector.of_absence else own


def last_sample_query(selector: Selector) -> str:
    """The Unix time of the last sample within a day, for a selector that has none now: never newer than the truth.

    Exact to five seconds within ten minutes, to a minute before. Both steps are below the five minutes that Prometheus
    looks back, so no sample falls between two of them.
    """
    lately, earlier = (f"max(max_over_time(timestamp({selector.text})[{span}]))" for span in ("10m:5s", "1d:1m"))
    return f"{lately} or {earlier}"


def reaches_query(selector: Selector) -> str:
    """How many series had a sample as far back as the query reads them."""
    return f"count({selector.text} offset {_seconds(selector.looks_back)}s)"


def first_sample_query(selector: Selector) -> str:
    """The Unix time of the first sample within the look back, on a grid of 300 steps (never earlier than the truth)."""
    span = _seconds(selector.looks_back)
    return f"min(min_over_time(timestamp({selector.text})[{span}s:{max(1, span // 300)}s]))"


def _seconds(duration: timedelta) -> int:
    return max(1, round(duration.total_seconds()))
