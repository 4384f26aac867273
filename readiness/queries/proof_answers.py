"""Proofs that anybody may check: that an entry is in the tree, and that one tree begins another. Each is one query."""

from dataclasses import dataclass

from readiness.core.merkle import NotInTree, consistency_proof, frontier_at, inclusion_proof, root_of
from readiness.queries.audit import load_record_head, with_nodes
from readiness.queries.checkpoints import newest_size


@dataclass(frozen=True, slots=True)
class InclusionAnswer:
    """That an entry, by its leaf hash, is in the tree of a size with a root."""

    entry: int
    size: int
    leaf: bytes
    root: bytes
    proof: list[bytes]


@dataclass(frozen=True, slots=True)
class ConsistencyAnswer:
    """That the tree of the old size is the beginning of the tree of the new one."""

    old: int
    new: int
    old_root: bytes
    new_root: bytes
    proof: list[bytes]


def answer_inclusion(entry: int, size: int | None = None) -> InclusionAnswer:
    """Prove an entry in the tree of a size; without one, of the newest checkpoint that covers it. Raises NotInTree."""
    whole = _within(size)
    upto = size or (newest_size() if newest_size() > entry else whole)
    leaf, root, proof = with_nodes(
        lambda node: (
            node(0, entry) if entry < upto else b"",
            root_of(frontier_at(upto, node)),
            inclusion_proof(entry, upto, node),
        )
    )
    return InclusionAnswer(entry, upto, leaf, root, proof)


def answer_consistency(old: int, new: int | None = None) -> ConsistencyAnswer:
    """Prove that one size begins another; without a second one, the newest checkpoint. Raises NotInTree."""
    whole = _within(new)
    upto = new or (newest_size() if newest_size() >= old else whole)
    old_root, new_root, proof = with_nodes(
        lambda node: (
            root_of(frontier_at(old, node)),
            root_of(frontier_at(upto, node)),
            consistency_proof(old, upto, node),
        )
    )
    return ConsistencyAnswer(old, upto, old_root, new_root, proof)


def _within(size: int | None) -> int:
    whole = load_record_head().size
    if size is not None and not 0 < size <= whole:
        raise NotInTree(f"There is no tree of {size:,} entries; the record has {whole:,}")
    return whole
