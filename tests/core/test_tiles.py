from hypothesis import given
from hypothesis import strategies as st

from readiness.core.tiles import Tile, entry_tiles, hash_tiles, index_path, pack_entries


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


def test_a_bundle_holds_each_entry_after_its_length_in_sixteen_bits():
    assert pack_entries([b"one", b"", b"x" * 300]) == b"\x00\x03one" + b"\x00\x00" + b"\x01\x2c" + b"x" * 300
    assert pack_entries([b"x" * 65_535])[:2] == b"\xff\xff"
