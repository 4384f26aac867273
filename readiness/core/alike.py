"""Alike queries: which differ in the value of one label only, and the one query that answers all of them. Pure.

Two hundred gates `sum(rate(errors_total{svc="…"}[5m]))` are one query `sum by (svc)(rate(errors_total{svc=~"…"}[5m]))`,
whose answer falls apart by that label again. That is only done where both say the same: every selector of the query
names the label with one and the same value, and nothing in it looks at the label, joins series of another kind, or
picks some of them. Whatever is not known to be so is asked alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from math import isinf, isnan

import promql_parser as promql

from readiness.core.selectors import OPERATORS, UnreadableQuery, parse_query, quote_label

VALUES = "\x00"
PLAIN = re.compile(r"[\x20-\x7e]+")
NEVER = frozenset({"__name__", "le"})
JOINS = frozenset({"sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "quantile"})
ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<="})
OVER_TIME = ("avg", "min", "max", "sum", "count", "last", "stddev", "stdvar", "quantile", "present")
RATES = ("rate", "irate", "increase", "delta", "idelta", "deriv", "resets", "changes", "predict_linear")
ROUNDED = ("abs", "ceil", "floor", "round", "exp", "ln", "log2", "log10", "sqrt", "sgn")
CLAMPED = ("clamp", "clamp_min", "clamp_max")
ONE_BY_ONE = {
    *RATES,
    *ROUNDED,
    *CLAMPED,
    *(f"{name}_over_time" for name in OVER_TIME),
    "histogram_quantile",
    "timestamp",
}
"""Functions that look at one series (or its buckets) at a time and at none of its labels but `le`."""


class _Alone(Exception):
    """The query is not known to say the same when it is asked together with others."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A query as one of many: the label in which they differ, its value here, and the text that all of them share.

    `keeps` says whether the answer of the query alone carries the label.
    """

    label: str
    value: str
    text: str
    keeps: bool

    @property
    def kind(self) -> tuple[str, str]:
        """What queries have in common that can be asked together."""
        return self.label, self.text


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    is_number: bool = False
    keeps: bool = False


@lru_cache(maxsize=16_384)
def alike_forms(query: str) -> tuple[Alike, ...]:
    """Every way in which a query may be one of many; none when it must be asked alone."""
    try:
        node = parse_query(query)
    except UnreadableQuery:
        return ()
    return tuple(form for label, value in _candidates(node) if (form := _form(node, label, value)) is not None)


def together_query(forms: Iterable[Alike]) -> str:
    """The one query that answers all of these, which are of one kind."""
    forms = list(forms)
    values = "|".join(re.escape(form.value) for form in forms)
    return forms[0].text.replace(VALUES, quote_label(values))


def _form(node: promql.Expr, label: str, value: str) -> Alike | None:
    try:
        part = _Reader(label, value).read(node)
    except _Alone:
        return None
    return None if part.is_number else Alike(label, value, part.text, part.keeps)


def _candidates(node: promql.Expr) -> list[tuple[str, str]]:
    """The labels that the first selector holds to one value."""
    first = next(_selectors(node), None)
    matchers = first.matchers.matchers if first is not None else ()
    equal = [(m.name, m.value) for m in matchers if m.op == promql.MatchOp.Equal]
    return [(name, value) for name, value in equal if name not in NEVER and PLAIN.fullmatch(value)]


def _selectors(node: promql.Expr) -> Iterator[promql.VectorSelector]:
    if isinstance(node, promql.VectorSelector):
        yield node
        return
    inside = [getattr(node, name, None) for name in ("vector_selector", "expr", "lhs", "rhs")]
    for child in [*inside, *getattr(node, "args", ())]:
        if isinstance(child, promql.Expr):
            yield from _selectors(child)


class _Reader:
    """Writes a query again with the label open; raises _Alone where that might say something else."""

    def __init__(self, label: str, value: str) -> None:
        self.label, self.value = label, value

    def read(self, node: promql.Expr) -> _Part:
        """Write a part of the query again. Raises _Alone."""
        match node:
            case promql.VectorSelector():
                return self._selector(node, "")
            case promql.Call():
                return self._call(node)
            case promql.AggregateExpr():
                return self._aggregate(node)
            case promql.BinaryExpr():
                return self._binary(node)
        return self._simple(node)

    def _simple(self, node: promql.Expr) -> _Part:
        match node:
            case promql.NumberLiteral():
                return _Part(_number(node.val), is_number=True)
            case promql.MatrixSelector():
                return self._selector(node.vector_selector, f"[{_span(node.range)}]")
            case promql.SubqueryExpr():
                return self._subquery(node)
            case promql.ParenExpr() | promql.UnaryExpr():
                part, sign = self.read(node.expr), "-" if isinstance(node, promql.UnaryExpr) else ""
                return _Part(f"{sign}({part.text})", part.is_number, part.keeps)
        raise _Alone

    def _selector(self, node: promql.VectorSelector, span: str) -> _Part:
        own = [m for m in node.matchers.matchers if m.name == self.label]
        if node.matchers.or_matchers or node.at is not None or len(own) != 1:
            raise _Alone
        if own[0].op != promql.MatchOp.Equal or own[0].value != self.value:
            raise _Alone
        others = [m for m in node.matchers.matchers if m.name != self.label]
        written = [f"{m.name}{_operator(m)}{quote_label(m.value)}" for m in others]
        inside = ",".join([*written, f"{self.label}=~{VALUES}"])
        return _Part(f"{node.name or ''}{{{inside}}}{span}{_offset(node.offset)}", keeps=True)

    def _subquery(self, node: promql.SubqueryExpr) -> _Part:
        part = self.read(node.expr)
        if node.at is not None or part.is_number:
            raise _Alone
        return _Part(f"({part.text})[{_span(node.range)}:{_span(node.step)}]{_offset(node.offset)}", keeps=part.keeps)

    def _call(self, node: promql.Call) -> _Part:
        if node.func.name == "time":
            return _Part("time()", is_number=True)
        parts = [self.read(argument) for argument in node.args]
        series = [part for part in parts if not part.is_number]
        if node.func.name not in ONE_BY_ONE or len(series) != 1:
            raise _Alone
        return _Part(f"{node.func.name}({','.join(part.text for part in parts)})", keeps=series[0].keeps)

    def _aggregate(self, node: promql.AggregateExpr) -> _Part:
        op, part = str(node.op), self.read(node.expr)
        if op not in JOINS or part.is_number or (node.param is not None and op != "quantile"):
            raise _Alone
        param = f"{self.read(node.param).text}," if node.param is not None else ""
        how, keeps = self._grouping(node.modifier)
        return _Part(f"{op} {how} ({param}{part.text})", keeps=keeps and part.keeps)

    def _grouping(self, modifier: promql.AggModifier | None) -> tuple[str, bool]:
        """The grouping that keeps the label apart, and whether the query alone keeps it."""
        labels = list(modifier.labels) if modifier is not None else []
        if modifier is not None and modifier.type == promql.AggModifierType.Without:
            return f"without ({','.join(name for name in labels if name != self.label)})", self.label not in labels
        own = [name for name in labels if name != self.label]
        return f"by ({','.join([*own, self.label])})", self.label in labels

    def _binary(self, node: promql.BinaryExpr) -> _Part:
        """Both sides are joined by all their labels, so both must carry this one, or neither."""
        left, right, how = self.read(node.lhs), self.read(node.rhs), str(node.modifier)
        if str(node.op) not in ARITHMETIC or how not in ("None", "bool") or (left.is_number and right.is_number):
            raise _Alone
        if not left.is_number and not right.is_number and left.keeps != right.keeps:
            raise _Alone
        sign = f"{node.op} bool" if how == "bool" else str(node.op)
        return _Part(f"({left.text}) {sign} ({right.text})", keeps=left.keeps or right.keeps)


def _operator(matcher: promql.Matcher) -> str:
    return str(next(sign for op, sign in OPERATORS if op == matcher.op))


def _span(length: timedelta | None) -> str:
    return f"{length // timedelta(milliseconds=1)}ms" if length is not None else ""


def _offset(length: timedelta | None) -> str:
    if not length:
        return ""
    return f" offset -{_span(-length)}" if length < timedelta(0) else f" offset {_span(length)}"


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    return ("Inf" if value > 0 else "-Inf") if isinf(value) else repr(value)
