"""The tree and the entries as files: C2SP tlog-tiles, 256 hashes or entries in each.

Tile (level, index) holds the nodes (8 * level, 256 * index + k) of the tree. The last tile of a level is partial: its
path ends in `.p/` and its width. Entry bundles hold each entry after its length in 16 bits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WIDTH = 256
LEVEL_BITS = 8
LENGTH_BYTES = 2
ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its level (None: a bundle of entries), its place there, and how many it holds."""

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Return where C2SP tlog-tiles has it."""
        partial = f".p/{self.width}" if self.width < WIDTH else ""
        level = ENTRIES if self.level is None else self.level
        return f"tile/{level}/{index_path(self.index)}{partial}"


def index_path(index: int) -> str:
    """Write an index in groups of three digits, all but the last led by an x: 1234067 is x001/x234/067."""
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    return "/".join(reversed(groups))


def hash_tiles(size: int) -> Iterator[Tile]:
    """Name every tile of hashes of a tree, lowest level first."""
    level, nodes = 0, size
    while nodes:
        yield from _row(level, nodes)
        level, nodes = level + 1, nodes >> LEVEL_BITS


def entry_tiles(size: int) -> Iterator[Tile]:
    """Name every bundle of entries of a tree."""
    yield from _row(None, size)


def _row(level: int | None, count: int) -> Iterator[Tile]:
    for index in range(count // WIDTH):
        yield Tile(level, index)
    if count % WIDTH:
        yield Tile(level, count // WIDTH, count % WIDTH)


def pack_entries(bodies: Iterable[bytes]) -> bytes:
    """Write a bundle of entries."""
    return b"".join(len(body).to_bytes(LENGTH_BYTES, "big") + body for body in bodies)
