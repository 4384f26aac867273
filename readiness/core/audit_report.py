"""What verification of the record reads and what it reports."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from readiness.core.entries import Columns
from readiness.core.merkle import root_of

Row: TypeAlias = tuple[int, bytes, bytes, str, str, str, str, str, str]
"""A stored row as it is: number, bytes, hashes, and the columns time, actor, action, object, rollout, verdict."""


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

    @classmethod
    def of(cls, row: Row) -> "EntryRow":
        """Name the parts of a row."""
        return cls(*row[:3], Columns(*row[3:]))


@dataclass(frozen=True, slots=True)
class HeadRow:
    """The stored head, and `end`, the number after the last stored row, read in the same moment."""

    size: int
    frontier: bytes
    last_time: str
    end: int


@dataclass(frozen=True, slots=True)
class Start:
    """From where to verify: the size and frontier of a report that was whole, and time and log of its last entry.

    An empty log is one that is not known.
    """

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    last_time: str = ""
    log: str = ""


BEGINNING = Start()


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
    Time and log are those of the last entry that fits.
    """

    size: int
    frontier: tuple[bytes, ...]
    contradiction: Contradiction | None = None
    backward: tuple[int, ...] = ()
    last_time: str = ""
    log: str = ""

    @property
    def end(self) -> Start:
        """Return where verification can go on from here."""
        return Start(self.size, self.frontier, self.last_time, self.log)

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
