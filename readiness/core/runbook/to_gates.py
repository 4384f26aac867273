"""Gates of the plan: criteria with one limit that a query of the document surely measures. All others stay items."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from readiness.core.criteria import UnreadableCriterion, always_or_never, parse_criteria
from readiness.core.runbook.limits import Limit, find_limits
from readiness.core.runbook.naming import Namer, slug_of
from readiness.core.runbook.queries import Query, find_measure, fits_unit, make_query
from readiness.core.runbook.reading import Finding, Reading, Wish

_CHANCE = re.compile(r"(?:^|\W)p(?:[- ]?value)?\s*$|significan|cohen|\bd\s*$", re.IGNORECASE)
_SHARE_OF = re.compile(r"\bfor\s+(?:at least\s+)?\d{1,3}(?:[.,]\d+)?\s*%", re.IGNORECASE)
_TREATED = re.compile(r'"(canary|treatment|new|green|experiment|v2)"')
MOST_GATES = 300


@dataclass(slots=True)
class Gates:
    """The gates of a draft, by what they ask, and the findings that come of making them."""

    reading: Reading
    entries: dict[str, dict[str, object]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    baselines: dict[str, list[str]] = field(default_factory=dict)
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _namer: Namer = field(default_factory=Namer)

    def place(self, wish: Wish, owner: str) -> dict[str, object] | None:
        """The wish as a gate where it stands; None when it must stay an item."""
        limit = only_limit(wish.text)
        query = self._measure(wish, limit) if limit is not None else None
        if limit is None or query is None:
            return None
        expect = limit.expect(wish.list == "abort")
        if not _decides(expect, query.unit) or len(self._keys) >= MOST_GATES:
            return None
        against = self._against(wish, limit, query, owner)
        if against is None:
            return None
        key = self._key(query, wish, owner)
        judged: dict[str, object] = {"expect": expect} | ({"against": against} if against else {})
        self.entries[key] = judged | self.entries[key] if "expect" not in self.entries[key] else self.entries[key]
        for line in query.lines:
            self.reading.ledger.put(range(line, line + 1))
        return {"gate": key, "title": wish.text, **judged} | ({"for": limit.hold} if limit.hold else {})

    def _measure(self, wish: Wish, limit: Limit) -> Query | None:
        """The query that the place names, else the one of the document that surely measures the same."""
        if wish.query:
            query = make_query(wish.query, wish.text, wish.line)
            return query if query is not None and fits_unit(query, limit.unit, limit.change) else None
        found = find_measure(limit.subject, limit.unit, limit.change, self.reading.queries)
        if found is not None:
            place = self.reading.book.place(found.line)
            named = found.title or found.promql[:60]
            sentence = (
                f"The document does not say how “{wish.text[:80]}” is measured; we took “{named}” ({place}). "
                "Look at the query."
            )
            self.findings.append(Finding("assumed-query", (wish.line, found.line), sentence))
        return found

    def _key(self, query: Query, wish: Wish, owner: str) -> str:
        at = query.promql, query.unit
        if at not in self._keys:
            title = query.title or wish.text
            key = self._keys[at] = self._namer.name(slug_of(title))
            entry = {"title": title[:120], "owner": owner, "source": "metrics", "query": query.promql}
            entry |= {"unit": query.unit} if query.unit else {}
            self.entries[key] = {**entry, "from": self.reading.book.place(query.line)}
        return self._keys[at]

    def _against(self, wish: Wish, limit: Limit, query: Query, owner: str) -> dict[str, object] | None:
        """What a change is a change of: a query for the control, or the baseline that an earlier phase records."""
        if not limit.change:
            return {}
        if wish.against:
            return {"query": wish.against, "title": limit.versus or "control"}
        if "control" in limit.versus.lower() and (other := _control_of(query, self.reading.queries)):
            return {"query": other, "title": "control"}
        phase = self._baseline_phase(limit, wish)
        if not phase:
            return None
        key = self._key(query, wish, owner)
        gates = self.baselines.setdefault(phase, [])
        gates += [key] if key not in gates else []
        return {"baseline": f"phase-{slug_of(phase)}"}

    def _baseline_phase(self, limit: Limit, wish: Wish) -> str:
        """The number of the phase whose baseline is meant, where that phase comes before the one that asks."""
        numbers = [stage.number for stage in self.reading.stages]
        named = re.search(r"(?:phase|stage)\s+(\w{1,4})", limit.versus.lower())
        phase = named[1] if named else numbers[0] if "baseline" in limit.versus.lower() and numbers else ""
        if phase not in numbers or wish.place not in numbers:
            return ""
        return phase if numbers.index(phase) < numbers.index(wish.place) else ""


def only_limit(text: str) -> Limit | None:
    """The one limit of a criterion; None when it states none, several, or one that no threshold can judge."""
    limits = find_limits(text)
    if len(limits) != 1 or _SHARE_OF.search(text):
        return None
    before = text[: text.lower().find(limits[0].number)] if limits[0].number in text else text
    return None if _CHANCE.search(before.rstrip(" <>=≤≥")) else limits[0]


def _decides(expect: str, unit: str) -> bool:
    """Whether the criterion can be read in that unit, and can hold as well as not."""
    try:
        return always_or_never(parse_criteria(expect, unit), unit) is None
    except UnreadableCriterion:
        return False


def _control_of(query: Query, known: Iterable[Query]) -> str:
    """The same query of the control group, if the document gives it."""
    wanted = _TREATED.sub('"control"', query.promql)
    return next((other.promql for other in known if other.promql == wanted != query.promql), "")
