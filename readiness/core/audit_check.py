"""Verification: walk the rows of the log, compute everything again, and say the first contradiction in one word.

Pure: rows in, report out. What a log alone cannot show (a rewrite of everything, head included) shows against what was
remembered outside: pass the size and frontier of an earlier report as the start.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from readiness.core.anchors import Anchor, Anchors
from readiness.core.audit_report import BEGINNING, Contradiction, Diagnosis, EntryRow, HeadRow, RecordReport, Row, Start
from readiness.core.canonical import NotCanonical, PlainDict
from readiness.core.entries import columns_of, parse_entry
from readiness.core.epochs import may_stand
from readiness.core.merkle import HASH_BYTES, completed_nodes, grow_frontier, leaf_hash
from readiness.core.usual_entries import Usual, holds_columns, usual_entries


def check_entries(
    batches: Iterable[Sequence[Row]],
    head: HeadRow | None,
    log: str,
    start: Start = BEGINNING,
    anchors: Iterable[Anchor] = (),
) -> RecordReport:
    """Verify the rows from `start` to the head, in order of their numbers, and then the head itself.

    `log` is the name of the newest epoch; `anchors` are checkpoints beyond `start`, in order of their sizes.
    """
    walk = _walk_from(start, log, anchors)
    found = _head_problem(head, start) or walk.run(batches)
    return walk.report(found or (walk.end(head) if head else None))


def check_range(batches: Iterable[Sequence[Row]], log: str, start: Start, anchors: Iterable[Anchor]) -> RecordReport:
    """Verify the rows from `start` on, of which others follow, so that there is no head to compare with."""
    walk = _walk_from(start, log, anchors)
    return walk.report(walk.run(batches))


def _walk_from(start: Start, log: str, anchors: Iterable[Anchor]) -> "_Walk":
    within = Anchors(anchors, start.size)
    return _Walk(log, start.size, list(start.frontier), start.last_time, within, start.log)


def _with_next(batches: Iterable[Sequence[Row]]) -> Iterator[tuple[Sequence[Row], Row | None]]:
    """Give each batch with the first row after it."""
    source = filter(None, batches)
    batch = next(source, None)
    while batch is not None:
        following = next(source, None)
        yield batch, following[0] if following else None
        batch = following


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
        return RecordReport(self.size, tuple(self.frontier), found, tuple(self.backward), self.last_time, self.before)

    def run(self, batches: Iterable[Sequence[Row]]) -> Contradiction | None:
        """Take all rows, or say why the first that does not fit does not."""
        for batch, beyond in _with_next(batches):
            said, place = usual_entries([row[1] for row in batch]), 0
            while (place := self._take_usual(batch, said, place)) < len(batch):
                following = batch[place + 1] if place + 1 < len(batch) else beyond
                if found := self.step(EntryRow.of(batch[place]), EntryRow.of(following) if following else None):
                    return found
                place += 1
        return None

    def _take_usual(self, batch: Sequence[Row], said: Sequence[Usual], place: int) -> int:
        """Take rows in their usual form that fit, and return the place of the first that must be looked at closely.

        This is `step` for what raises no question. A row that a checkpoint covers last raises one.
        """
        size, due, frontier = self.size, self.anchors.due, self.frontier
        for row, usual in zip(batch[place:], said[place:], strict=True):
            size += 1
            if size == due or row[0] != size - 1 or row[3] < self.last_time:
                break
            if not holds_columns(usual, row[3:], row[0], self.before):
                break
            if not grow_frontier(frontier, row[0], leaf_hash(row[1]), row[2]):
                break
            self.size, self.last_time, place = size, row[3], place + 1
        return place

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
            word = Diagnosis.ALTERED if self.anchors.spoiled else Diagnosis.FORKED
            return Contradiction(self.anchors.fits, word, sentence)
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
