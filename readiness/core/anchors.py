"""Checkpoints that the record is compared with while it is walked: each says what the root was at a size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readiness.core.merkle import root_of


@dataclass(frozen=True, slots=True)
class Anchor:
    """The root that the log had at a size, and what is wrong with the checkpoint that says so (empty: nothing)."""

    size: int
    root: bytes
    problem: str = ""


class Anchors:
    """Anchors in order of their sizes, met one by one. `fits` is the size through which all agrees.

    `spoiled` says that the anchor met last is itself altered, so that it tells nothing of the log.
    """

    def __init__(self, anchors: Iterable[Anchor], fits: int) -> None:
        self._source = iter(anchors)
        self._next = next(self._source, None)
        self.fits = fits
        self.spoiled = False

    @property
    def due(self) -> int | None:
        """Return the size of the next anchor; None when there is none."""
        return self._next.size if self._next is not None else None

    def problem_at(self, size: int, frontier: Sequence[bytes]) -> str:
        """Compare with the anchor of this size, if there is one; say how they disagree, else nothing."""
        if self._next is None or self._next.size != size:
            return ""
        anchor, self._next = self._next, next(self._source, None)
        if anchor.problem:
            self.spoiled = True
            return f"Checkpoint {size:,} was altered: {anchor.problem}"
        if root_of(frontier) != anchor.root:
            return f"{self._between(size)} checkpoint {size:,}, which was signed over other bytes."
        self.fits = size
        return ""

    def problem_beyond(self, size: int) -> str:
        """Say that an anchor covers more than there is; else nothing."""
        if self._next is None:
            return ""
        return f"Checkpoint {self._next.size:,} was signed over {self._next.size - size:,} more entries than there are."

    def _between(self, size: int) -> str:
        """Name the entry that contradicts, or those among which it is."""
        first, last = self.fits, size - 1
        if first == last:
            return f"Entry {last:,} contradicts"
        return f"One of the entries {first:,} to {last:,} contradicts"
