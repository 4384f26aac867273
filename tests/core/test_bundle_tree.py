"""The tree of a bundle from its tiles, beyond one tile of each level."""

import pytest

from readiness.core.bundle_heads import Claim
from readiness.core.bundle_tree import Claims, TreeWalk, check_tiles
from readiness.core.merkle import leaf_hash
from readiness.core.tiles import hash_tiles
from tests.cases.audit import TileFiles, Tree

SIZE = 66_000
TREE = Tree(leaf_hash(b"%d" % number) for number in range(SIZE))
TILES = {
    tile.path: b"".join(TREE.node(8 * tile.level, tile.index * 256 + place) for place in range(tile.width))
    for tile in hash_tiles(SIZE)
}
ABOVE = [path for path in TILES if not path.startswith("tile/0/")]


def walked(tiles, *claims):
    walk = TreeWalk(Claims([Claim(size, root, "checkpoint", "log") for size, root in claims]))
    return check_tiles(TileFiles(tiles), SIZE, walk), walk.claims


def test_the_tiles_lead_to_the_root_of_every_size():
    sizes = (1, 255, 256, 257, 512, 65_535, 65_536, 65_537, SIZE)
    problem, claims = walked(TILES, *((size, TREE.roots[size]) for size in sizes))
    assert (problem, claims.broken, claims.fits, claims.waiting) == (None, [], SIZE, [])


def test_the_first_root_that_is_another_is_where_it_stops_to_fit():
    claims = walked(TILES, (10, TREE.roots[10]), (300, TREE.roots[299]), (400, TREE.roots[400]))[1]
    assert ([claim.size for claim in claims.broken], claims.fits) == ([300], 10)


@pytest.mark.parametrize("path", ABOVE)
def test_a_tile_above_that_was_changed_cut_or_removed_is_named(path):
    data = TILES[path]
    for spoiled, word in ((bytes([data[0] ^ 1]) + data[1:], "altered"), (data[:-1], "missing"), (None, "missing")):
        tiles = {name: held for name, held in (TILES | {path: spoiled}).items() if held is not None}
        problem = walked(tiles)[0]
        assert (problem.word, path in problem.sentence) == (word, True)


@pytest.mark.parametrize("place", [0, 100, 257])
def test_a_lowest_tile_that_is_not_there_is_missing_from_its_first_entry(place):
    path = [name for name in TILES if name.startswith("tile/0/")][place]
    problem = walked({name: held for name, held in TILES.items() if name != path})[0]
    assert (problem.word, problem.seq) == ("missing", place * 256)
    assert path in problem.sentence
