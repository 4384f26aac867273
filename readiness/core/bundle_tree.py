"""The tree of a bundle: from its tiles to every root that somebody claims, in constant memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from readiness.core.bundle import Files
from readiness.core.bundle_heads import Claim
from readiness.core.findings import Finding, Word
from readiness.core.merkle import HASH_BYTES, completed_nodes, root_of, split_hashes
from readiness.core.tiles import LEVEL_BITS, WIDTH, Tile, hash_tiles


@dataclass(slots=True)
class Claims:
    """Claims in order of their sizes, met one by one: `fits` entries are as claimed, `broken` are not met."""

    waiting: list[Claim]
    fits: int = 0
    broken: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the largest first, so that the next one is the last."""
        self.waiting.sort(key=lambda claim: -claim.size)

    def meet(self, size: int, frontier: Sequence[bytes]) -> None:
        """Compare with every claim of this size."""
        while self.waiting and self.waiting[-1].size == size:
            claim = self.waiting.pop()
            if claim.root != root_of(frontier):
                self.broken.append(claim)
            elif all(each.past for each in self.broken):
                self.fits = size


@dataclass(slots=True)
class TreeWalk:
    """A frontier that grows by one leaf at a time, the claims it meets, and the nodes that tiles above must hold."""

    claims: Claims
    size: int = 0
    frontier: list[bytes] = field(default_factory=list)

    def take(self, leaf: bytes) -> list[bytes]:
        """Add a leaf and return the nodes that it completes, itself first."""
        nodes, self.frontier = completed_nodes(self.size, leaf, self.frontier)
        self.size += 1
        self.claims.meet(self.size, self.frontier)
        return nodes


def tile_leaves(files: Files, size: int) -> Iterator[bytes]:
    """Give every leaf hash that the lowest tiles hold; stop where a tile is not there or not whole."""
    for tile in hash_tiles(size):
        hashes = read_tile(files, tile) if tile.level == 0 else None
        if hashes is None:
            return
        yield from hashes


def read_tile(files: Files, tile: Tile) -> list[bytes] | None:
    """Read the hashes of a tile; None when it is not there or has another length."""
    if tile.path not in files.names():
        return None
    data = files.read(tile.path, WIDTH * HASH_BYTES)
    return split_hashes(data) if len(data) == tile.width * HASH_BYTES else None


def check_tiles(files: Files, size: int, walk: TreeWalk) -> Finding | None:
    """Walk the lowest tiles and compare those above; say the first that is missing, not whole, or does not follow."""
    above: dict[int, list[bytes]] = {}
    counts: dict[int, int] = {}
    compare = _comparer(files)
    for leaf in tile_leaves(files, size):
        nodes = walk.take(leaf)
        for level in range(1, (len(nodes) - 1) // LEVEL_BITS + 1):
            held = above.setdefault(level, [])
            held.append(nodes[level * LEVEL_BITS])
            if len(held) == WIDTH:
                if problem := compare(Tile(level, counts.get(level, 0)), held):
                    return problem
                counts[level] = counts.get(level, 0) + 1
                held.clear()
    if walk.size < size:
        path = Tile(0, walk.size // WIDTH, min(WIDTH, size - walk.size // WIDTH * WIDTH)).path
        return Finding(Word.MISSING, f"{path} is not there, or not whole.", walk.size)
    partial = (compare(Tile(level, counts.get(level, 0), len(held)), held) for level, held in above.items() if held)
    return next(filter(None, partial), None)


def _comparer(files: Files) -> Callable[[Tile, list[bytes]], Finding | None]:
    def compare(tile: Tile, wanted: list[bytes]) -> Finding | None:
        found = read_tile(files, tile)
        if found == wanted:
            return None
        word = Word.MISSING if found is None else Word.ALTERED
        return Finding(word, f"{tile.path} does not hold what the tiles below lead to.")

    return compare
