"""What a query does about series that are not there or do not suit: it fills them in, counts them missing, drops them.

Each of these is PromQL that people write for dashboards, where an empty panel looks broken. On a board it hides what is
not measured, or what would not have held.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

import promql_parser as promql

from readiness.core.selectors import ABSENCE, parse_query, parts_of, query_nodes

COMPARISONS = frozenset({"==", "!=", ">", "<", ">=", "<="})
_GUARDS = frozenset({"> 0", "!= 0"})


@dataclass(frozen=True, slots=True)
class Filling:
    """Something that answers for what has no answer.

    `value` is what it answers, where that is one number; `whole` says that this is then the answer of the whole query.
    """

    missing: str
    stands_in: str
    value: float | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """A part of a query that is 1 while nothing is measured, and else no answer.

    `whole` says that it is then the answer of the query, `alone` that nothing else in the query ever answers.
    """

    text: str
    of: str
    whole: bool
    alone: bool


def reads_nothing(query: str) -> bool:
    """Whether the query names no series at all, so that it says the same whatever happens. Raises UnreadableQuery."""
    return _is_constant(parse_query(query))


def query_fillings(query: str) -> Iterator[Filling]:
    """Everything in the query that answers for what has no answer; a filled in absence only where it is nested."""
    ways = _alternatives(parse_query(query))
    for place, way in enumerate(ways):
        before = ways[:place] or ways[1:]
        if _is_constant(way) and not all(_is_absence(each) for each in before):
            yield Filling(_joined(before), way.prettify(), _number(way), whole=True)
        yield from _nested_fillings(way)


def _nested_fillings(way: promql.Expr) -> Iterator[Filling]:
    for node in query_nodes(way):
        if not isinstance(node, promql.BinaryExpr):
            continue
        if _fills(node):
            yield Filling("one side", node.prettify(), None, whole=False)
        elif str(node.op) == "or" and _is_constant(node.rhs):
            yield Filling(node.lhs.prettify(), node.rhs.prettify(), _number(node.rhs), whole=False)


def query_absences(query: str) -> Iterator[Absence]:
    """Every `absent()` and `absent_over_time()` of the query. Raises UnreadableQuery."""
    ways = _alternatives(parse_query(query))
    for way in ways:
        for node in query_nodes(way):
            if isinstance(node, promql.Call) and node.func.name in ABSENCE:
                whole = _bare(way) is node
                yield Absence(node.prettify(), node.args[0].prettify(), whole, whole and len(ways) == 1)


def dropping_comparisons(query: str) -> Iterator[str]:
    """Every comparison that takes out series rather than answering 0 or 1.

    One that keeps a division from a divisor of nothing is no filter of what is judged. Raises UnreadableQuery.
    """
    yield from dict.fromkeys(_dropping(parse_query(query)))


def _dropping(node: promql.Expr, *, divides: bool = False) -> Iterator[str]:
    if _drops(node) and not (divides and f"{node.op} {node.rhs.prettify()}" in _GUARDS):
        yield node.prettify()
    is_division = isinstance(node, promql.BinaryExpr) and str(node.op) in ("/", "%")
    for place, part in enumerate(parts_of(node)):
        divisor = is_division and place == 1
        yield from _dropping(part, divides=divisor or (divides and isinstance(node, promql.ParenExpr)))


def _fills(node: promql.BinaryExpr) -> bool:
    fills = node.modifier.fill_values if node.modifier is not None else None
    return fills is not None and (fills.lhs is not None or fills.rhs is not None)


def _drops(node: promql.Expr) -> TypeGuard[promql.BinaryExpr]:
    if not isinstance(node, promql.BinaryExpr) or str(node.op) not in COMPARISONS:
        return False
    return node.modifier is None or not node.modifier.return_bool


def _alternatives(node: promql.Expr) -> list[promql.Expr]:
    """What the query answers with, in the order in which it is asked: the parts of `a or b or c`."""
    bare = _bare(node)
    if isinstance(bare, promql.BinaryExpr) and str(bare.op) == "or":
        return [*_alternatives(bare.lhs), *_alternatives(bare.rhs)]
    return [bare]


def _bare(node: promql.Expr) -> promql.Expr:
    while isinstance(node, promql.ParenExpr):
        node = node.expr
    return node


def _joined(ways: list[promql.Expr]) -> str:
    return " or ".join(way.prettify() for way in ways)


def _is_absence(node: promql.Expr) -> bool:
    return isinstance(node, promql.Call) and node.func.name in ABSENCE


def _is_constant(node: promql.Expr) -> bool:
    return not any(isinstance(each, promql.VectorSelector) for each in query_nodes(node))


def _number(node: promql.Expr) -> float | None:
    """The number that a constant part answers; None where it is not written out."""
    match node:
        case promql.NumberLiteral():
            return float(node.val)
        case promql.ParenExpr():
            return _number(node.expr)
        case promql.Call() if node.func.name == "vector":
            return _number(node.args[0])
    return None
