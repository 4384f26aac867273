"""Verification: walk the rows of the log, compute everything again, and say the first contradiction in one word.

Pure: rows in, report out. What a log alone cannot show (a rewrite of everything, head included) shows against what was
remembered outside: pass the size and frontier of an earlier report as the start.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from readiness.core.anchors import Anchor, Anchors
from readiness.core.canonical import NotCanonical, PlainDict
from readiness.core.entries import Columns, columns_of, parse_entry
from readiness.core.epochs import may_stand
from readiness.core.merkle import HASH_BYTES, completed_nodes, leaf_hash, root_of


class Diagnosis(StrEnum):
    """What is wrong, in one word. A double write or a restored backup is not called tampering."""

    ALTERED = "altered"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out-of-order"
    TAIL_CUT = "tail-cut"
    ROLLBACK = "rollback"
    FOREIGN = "foreign"
    FORKED = "forked"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One stored row, as it is."""

    seq: int
    body: bytes
    nodes: bytes
    columns: Columns


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The stored head, and `end`, the number after the last stored row, read in the same moment."""

    size: int
    frontier: bytes
    last_time: str
    end: int


@dataclass(frozen=True, slots=True)
class Start:
    """From where to verify: the size and frontier of a report that was whole, and the time of its last entry."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    last_time: str = ""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The first thing that does not fit. `seq` is None when it is the head row."""

    seq: int | None
    word: Diagnosis
    sentence: str


@dataclass(frozen=True, slots=True)
class RecordReport:
    """What verification found: the entries that fit, and the first thing that does not.

    `backward` numbers the entries whose time is before the time of the entry in front: shown, not a contradiction.
    """

    size: int
    frontier: tuple[bytes, ...]
    contradiction: Contradiction | None = None
    backward: tuple[int, ...] = ()

    @property
    def verified(self) -> bool:
        """Say whether everything fits."""
        return self.contradiction is None

    @property
    def root(self) -> str:
        """Return the root of the entries that fit, as 64 hex digits."""
        return root_of(self.frontier).hex()

    @property
    def frontier_hex(self) -> str:
        """Return the frontier as hex, to remember."""
        return b"".join(self.frontier).hex()


def check_entries(
    rows: Iterable[EntryRow],
    head: HeadRow | None,
    log: str,
    start: Start = Start(),
    anchors: Iterable[Anchor] = (),
) -> RecordReport:
    """Verify the rows from `start` to the head, in order of their numbers, and then the head itself.

    `log` is the name of the newest epoch; `anchors` are checkpoints beyond `start`, in order of their sizes.
    """
    walk = _Walk(log, start.size, list(start.frontier), start.last_time, Anchors(anchors, start.size))
    if found := _head_problem(head, start):
        return walk.report(found)
    for row, following in _with_next(rows):
        if found := walk.step(row, following):
            return walk.report(found)
    return walk.report(walk.end(head) if head else None)


def _with_next(rows: Iterable[EntryRow]) -> Iterator[tuple[EntryRow, EntryRow | None]]:
    source = iter(rows)
    row = next(source, None)
    while row is not None:
        following = next(source, None)
        yield row, following
        row = following


def _head_problem(head: HeadRow | None, start: Start) -> Contradiction | None:
    if head is None:
        return Contradiction(None, Diagnosis.MISSING, "The head of the log is gone.")
    if head.size < start.size:
        sentence = f"The log says {head.size} entries; {start.size} had been verified before."
        return Contradiction(head.size, Diagnosis.ROLLBACK, sentence)
    return None


@dataclass(slots=True)
class _Walk:
    """The entries that fit so far."""

    log: str
    size: int
    frontier: list[bytes]
    last_time: str
    anchors: Anchors
    before: str = ""
    backward: list[int] = field(default_factory=list)

    def report(self, found: Contradiction | None) -> RecordReport:
        return RecordReport(self.size, tuple(self.frontier), found, tuple(self.backward))

    def step(self, row: EntryRow, following: EntryRow | None) -> Contradiction | None:
        """Take one row, or say why it does not fit."""
        if row.seq != self.size:
            word = Diagnosis.MISSING if row.seq > self.size else Diagnosis.OUT_OF_ORDER
            return Contradiction(self.size, word, f"Where entry {self.size} belongs, the next row is {row.seq}.")
        try:
            entry = parse_entry(row.body)
            return self._order_problem(row, entry, following) or _byte_problem(row, entry) or self._take(row, entry)
        except (NotCanonical, KeyError, TypeError) as problem:
            return _altered(row.seq, f"its bytes cannot be read ({problem})")

    def _order_problem(self, row: EntryRow, entry: PlainDict, following: EntryRow | None) -> Contradiction | None:
        if entry["seq"] != row.seq:
            word = _order_word(row.seq, entry["seq"], following)
            return Contradiction(row.seq, word, f"Row {row.seq} holds the entry that calls itself {entry['seq']}.")
        if not may_stand(entry["log"], entry["action"], self.before, self.log):
            sentence = f"Entry {row.seq} belongs to the log {entry['log']}; this is {self.before or self.log}."
            return Contradiction(row.seq, Diagnosis.FOREIGN, sentence)
        return None

    def _take(self, row: EntryRow, entry: PlainDict) -> Contradiction | None:
        nodes, frontier = completed_nodes(row.seq, leaf_hash(row.body), self.frontier)
        if b"".join(nodes) != row.nodes:
            return _altered(row.seq, "its hashes do not follow from the entries before it")
        if row.columns.at < self.last_time:
            self.backward.append(row.seq)
        self.size, self.frontier, self.last_time, self.before = row.seq + 1, frontier, row.columns.at, str(entry["log"])
        if sentence := self.anchors.problem_at(self.size, frontier):
            return Contradiction(self.anchors.fits, Diagnosis.FORKED, sentence)
        return None

    def end(self, head: HeadRow) -> Contradiction | None:
        """Compare the head with what was walked."""
        if self.size < head.size:
            sentence = f"The head says {head.size} entries; they end after {self.size}."
            return Contradiction(self.size, Diagnosis.TAIL_CUT, sentence)
        if head.end > head.size:
            sentence = f"The head says {head.size} entries; there are rows up to {head.end - 1}."
            return Contradiction(head.size, Diagnosis.ROLLBACK, sentence)
        if b"".join(self.frontier) != head.frontier or head.last_time != self.last_time:
            sentence = "The head of the log does not follow from its entries."
            return Contradiction(None, Diagnosis.ALTERED, sentence)
        if sentence := self.anchors.problem_beyond(self.size):
            return Contradiction(self.size, Diagnosis.TAIL_CUT, sentence)
        return None


def _order_word(seq: int, named: object, following: EntryRow | None) -> Diagnosis:
    """Tell a second copy from a removed entry (all later ones moved up) from an exchange."""
    if isinstance(named, int) and named < seq:
        return Diagnosis.DUPLICATE
    moved_up = following is None or parse_entry(following.body).get("seq") == following.seq + 1
    return Diagnosis.MISSING if moved_up else Diagnosis.OUT_OF_ORDER


def _byte_problem(row: EntryRow, entry: PlainDict) -> Contradiction | None:
    if leaf_hash(row.body) != row.nodes[:HASH_BYTES]:
        return _altered(row.seq, "its bytes no longer have the hash that the log holds for them")
    if row.columns != columns_of(entry):
        return _altered(row.seq, "the columns beside it do not say what its bytes say")
    return None


def _altered(seq: int, why: str) -> Contradiction:
    return Contradiction(seq, Diagnosis.ALTERED, f"Entry {seq} was altered: {why}.")
