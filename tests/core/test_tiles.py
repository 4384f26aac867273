import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.merkle import leaf_hash
from readiness.core.tiles import (
    NotATile,
    Tile,
    entry_tiles,
    full_tile_root,
    hash_tiles,
    index_path,
    pack_entries,
    unpack_entries,
)
from tests.cases.audit import Tree


def test_a_tile_has_the_path_that_others_look_for():
    assert Tile(0, 273, 112).path == "tile/0/273.p/112"
    assert Tile(1, 0).path == "tile/1/000"
    assert Tile(None, 1_234_067).path == "tile/entries/x001/x234/067"


@given(st.integers(0, 10**12))
def test_an_index_can_be_read_from_its_path(index):
    assert int(index_path(index).replace("/", "").replace("x", "")) == index


@given(st.integers(1, 200_000))
def test_the_tiles_of_a_size_hold_every_node_of_their_levels_once(size):
    found = {}
    for tile in hash_tiles(size):
        assert tile.index == -(-found.get(tile.level, 0) // 256)
        found[tile.level] = found.get(tile.level, 0) + tile.width
    assert found == {level: size >> 8 * level for level in range(9) if size >> 8 * level}
    assert sum(tile.width for tile in entry_tiles(size)) == size


def test_a_full_tile_leads_to_the_node_eight_levels_up():
    tree = Tree(leaf_hash(b"%d" % number) for number in range(512))
    for index in (0, 1):
        assert full_tile_root(tree_tile(tree, index)) == tree.node(8, index)
    with pytest.raises(NotATile, match="not 255"):
        full_tile_root(tree_tile(tree, 0)[1:])


def tree_tile(tree, index):
    return [tree.node(0, index * 256 + offset) for offset in range(256)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_entries_come_back_from_their_bundle(bodies):
    assert unpack_entries(pack_entries(bodies)) == bodies


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", pack_entries([b"a", b"b"])[:-1]])
def test_a_bundle_that_ends_within_an_entry_is_none(data):
    with pytest.raises(NotATile):
        unpack_entries(data)
