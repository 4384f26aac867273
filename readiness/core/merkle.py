"""RFC 6962's Merkle tree, laid out so that each entry's row carries the hashes that the entry completes.

Row i holds 1 + ctz(i + 1) hashes, leaf first; node (level, k) stands in row `((k + 1) << level) - 1` at offset `level`.
The frontier is the roots of the perfect subtrees that make up a tree, largest first: one for each set bit of its size.
Proofs ask for nodes through a function `(level, index) -> hash`. Every hash has 32 bytes; verification refuses others.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from hashlib import sha256
from typing import TypeAlias

Lookup: TypeAlias = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


class NotInTree(ValueError):
    """A proof was asked for an entry or a size that the tree does not have."""


def leaf_hash(data: bytes) -> bytes:
    """Hash an entry's bytes (RFC 6962, section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent."""
    return sha256(b"\x01" + left + right).digest()


def completed_nodes(index: int, leaf: bytes, frontier: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the hashes that row `index` carries and the frontier after it, from the frontier before it."""
    nodes, rest = [leaf], list(frontier)
    while index & 1:
        nodes.append(node_hash(rest.pop(), nodes[-1]))
        index >>= 1
    return nodes, [*rest, nodes[-1]]


def grow_frontier(frontier: list[bytes], index: int, leaf: bytes, stored: bytes) -> bool:
    """Add row `index` to a frontier in place if these are the hashes that it completes; else change nothing."""
    if not index & 1:
        if stored != leaf:
            return False
        frontier.append(leaf)
        return True
    nodes, grown = completed_nodes(index, leaf, frontier)
    if b"".join(nodes) != stored:
        return False
    frontier[:] = grown
    return True


def root_of(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree with this frontier; the root of nothing is SHA-256 of nothing."""
    return reduce(lambda right, left: node_hash(left, right), reversed(frontier)) if frontier else EMPTY_ROOT


def split_hashes(data: bytes) -> list[bytes]:
    """Cut stored bytes into hashes."""
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def row_of(level: int, index: int) -> int:
    """Return the sequence number of the row that carries a node."""
    return ((index + 1) << level) - 1


def frontier_at(size: int, node: Lookup) -> list[bytes]:
    """Return the frontier of the tree as it was at a size."""
    found, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append(node(level, start >> level))
            start += 1 << level
    return found


def inclusion_proof(index: int, size: int, node: Lookup) -> list[bytes]:
    """Return the audit path of an entry in the tree of a size (RFC 6962, section 2.1.1)."""
    if not 0 <= index < size:
        raise NotInTree(f"Entry {index} is not in a tree of {size} entries")
    return _path(index, 0, size, node)


def consistency_proof(old: int, new: int, node: Lookup) -> list[bytes]:
    """Return the proof that the tree of `old` entries is a prefix of the tree of `new` (RFC 6962, section 2.1.2)."""
    if not 0 < old <= new:
        raise NotInTree(f"{old} entries cannot be the beginning of {new}")
    return _subproof(old, 0, new, node, known=True)


def _split(start: int, end: int) -> int:
    """Return where RFC 6962 parts a range: the largest power of two below its length."""
    return start + (1 << (end - start - 1).bit_length() - 1)


def _range_root(start: int, end: int, node: Lookup) -> bytes:
    length = end - start
    if length & (length - 1) == 0:
        level = length.bit_length() - 1
        return node(level, start >> level)
    middle = _split(start, end)
    return node_hash(_range_root(start, middle, node), _range_root(middle, end, node))


def _path(index: int, start: int, end: int, node: Lookup) -> list[bytes]:
    if end - start == 1:
        return []
    middle = _split(start, end)
    if index < middle:
        return [*_path(index, start, middle, node), _range_root(middle, end, node)]
    return [*_path(index, middle, end, node), _range_root(start, middle, node)]


def _subproof(old: int, start: int, end: int, node: Lookup, *, known: bool) -> list[bytes]:
    if old == end:
        return [] if known else [_range_root(start, end, node)]
    middle = _split(start, end)
    if old <= middle:
        return [*_subproof(old, start, middle, node, known=known), _range_root(middle, end, node)]
    return [*_subproof(old, middle, end, node, known=False), _range_root(start, middle, node)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether the proof shows the leaf at `index` in the tree of `size` with this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _all_hashes([leaf, root, *proof]):
        return False
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            found = node_hash(sibling, found)
            position, last = _climb(position, last)
        else:
            found = node_hash(found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the first tree is the beginning of the second (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new or not _all_hashes([old_root, new_root, *proof]):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    return bool(path) and _both_roots(old - 1, new - 1, path) == (old_root, new_root)


def _both_roots(position: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    while position & 1:
        position, last = position >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            position, last = _climb(position, last)
        else:
            after = node_hash(after, sibling)
        position, last = position >> 1, last >> 1
    return (before, after) if last == 0 else None


def _climb(position: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the right edge has no sibling."""
    while not position & 1 and position:
        position, last = position >> 1, last >> 1
    return position, last


def _all_hashes(hashes: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in hashes)
