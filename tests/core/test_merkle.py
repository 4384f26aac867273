import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.merkle import (
    EMPTY_ROOT,
    NotInTree,
    completed_nodes,
    consistency_proof,
    frontier_at,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    row_of,
    split_hashes,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parent.parent / "cases" / "audit_vectors.json").read_text())
TREE = VECTORS["rfc6962_tree"]
CORPUS = VECTORS["rfc6962_proof_corpus"]["cases"]
# Its roots are 12-byte dummies, and the corpus wants them accepted; a verifier that insists on 32 bytes cannot.
NOT_APPLICABLE = "testdata/consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"


class Tree:
    """A log in memory, row by row as the database keeps it."""

    def __init__(self, leaves=()):
        self.rows, self.frontier, self.roots = [], [], [EMPTY_ROOT]
        for leaf in leaves:
            nodes, self.frontier = completed_nodes(len(self.rows), leaf_hash(leaf), self.frontier)
            self.rows.append(b"".join(nodes))
            self.roots.append(root_of(self.frontier))

    def node(self, level, index):
        return split_hashes(self.rows[row_of(level, index)])[level]


BIG = Tree(str(number).encode() for number in range(260))
SIZES = st.integers(1, 260)


def naive_root(leaves):
    """RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


# --- the tree


def test_leaf_and_node_hashes_are_the_official_ones():
    for case in TREE["single"]:
        if case["op"] == "leaf":
            found = leaf_hash(bytes.fromhex(case["input_hex"]))
        else:
            found = node_hash(bytes.fromhex(case["left_hex"]), bytes.fromhex(case["right_hex"]))
        assert found.hex() == case["hash"]
    assert len(TREE["single"]) == 4


def test_every_root_and_every_node_of_the_official_tree_is_found():
    tree = Tree(bytes.fromhex(leaf) for leaf in TREE["leaf_inputs_hex"])
    assert [root.hex() for root in tree.roots] == TREE["root_by_size"]
    levels = TREE["node_hashes_by_level"]
    assert [[tree.node(level, k).hex() for k in range(len(row))] for level, row in enumerate(levels)] == levels


def test_the_record_hash_is_the_one_of_the_go_checksum_database():
    (case,) = VECTORS["golang_tlog"]["record_hash"]
    assert leaf_hash(case["data"].encode()) == b64decode(case["hash_b64"])


def test_the_root_of_nothing_is_the_hash_of_nothing():
    assert root_of([]) == EMPTY_ROOT == bytes.fromhex(TREE["empty_root"])


@pytest.mark.parametrize("case", VECTORS["golang_tlog"]["right_edge"], ids=lambda case: str(case["n"]))
def test_the_frontier_is_made_of_the_official_nodes(case):
    assert frontier_at(case["n"], lambda level, index: [level, index]) == case["nodes"]


def test_row_i_carries_as_many_hashes_as_entry_i_completes():
    for index, row in enumerate(BIG.rows):
        trailing_zeros = (index + 1 & -(index + 1)).bit_length() - 1
        assert len(row) == 32 * (1 + trailing_zeros)


@given(st.lists(st.binary(max_size=40), max_size=40))
def test_the_tree_that_grows_row_by_row_has_the_root_of_the_definition(leaves):
    assert Tree(leaves).roots[-1] == naive_root(leaves)


@given(SIZES)
def test_the_frontier_of_any_earlier_size_can_be_read_back(size):
    assert root_of(frontier_at(size, BIG.node)) == BIG.roots[size]


# --- proofs


def test_the_corpus_is_complete_and_names_what_does_not_apply():
    assert len(CORPUS) == 196
    assert [case["Name"] for case in CORPUS].count(NOT_APPLICABLE) == 1
    assert sum(case["wantErr"] for case in CORPUS) == 184


@pytest.mark.parametrize(
    "case", [case for case in CORPUS if case["Name"] != NOT_APPLICABLE], ids=lambda case: case["Name"]
)
def test_the_official_proof_corpus_is_decided_as_it_says(case):
    proof = [b64decode(value) for value in case["proof"] or []]
    if case["Kind"] == "inclusion":
        leaf, root = b64decode(case["leafHash"] or ""), b64decode(case["root"] or "")
        found = verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
    else:
        old, new = b64decode(case["root1"] or ""), b64decode(case["root2"] or "")
        found = verify_consistency(case["size1"], case["size2"], old, new, proof)
    assert found is not case["wantErr"]


def test_the_case_that_does_not_apply_is_refused_for_its_twelve_byte_roots():
    (case,) = [case for case in CORPUS if case["Name"] == NOT_APPLICABLE]
    assert len(b64decode(case["root1"])) == 12
    assert not verify_consistency(1, 1, b64decode(case["root1"]), b64decode(case["root2"]), [])


@pytest.mark.parametrize("case", VECTORS["rfc6962_section_2_1_3"]["cases"], ids=lambda case: case["want"])
def test_proofs_of_the_worked_example_of_the_rfc_are_its_proofs(case):
    tree = Tree(b"d%d" % number for number in range(7))
    names = dict(zip("abcdef", (tree.node(0, k) for k in range(6)), strict=True)) | {"j": tree.node(0, 6)}
    names |= {"g": tree.node(1, 0), "h": tree.node(1, 1), "i": tree.node(1, 2), "k": tree.node(2, 0)}
    names["l"] = node_hash(names["i"], names["j"])
    if "path" in case:
        found = inclusion_proof(case["path"][0], 7, tree.node)
    else:
        found = consistency_proof(case["proof"][0], 7, tree.node)
    assert found == [names[letter] for letter in case["want"]]


def test_the_signed_tree_of_sigsum_is_consistent_where_it_says_so():
    group = VECTORS["checkpoint_consistency"]
    roots = {size: b64decode(text.split("\n")[2]) for size, text in group["checkpoints"].items()}
    for case in group["proofs"]:
        proof = [b64decode(value) for value in case["proof"]]
        old, new = case["from"], case["to"]
        assert verify_consistency(old, new, roots[str(old)], roots[str(new)], proof) is case["ok"]
    assert {case["ok"] for case in group["proofs"]} == {True, False}


@given(SIZES, st.data())
def test_every_inclusion_proof_holds_and_holds_only_where_it_was_made_for(size, data):
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, BIG.node)
    assert len(proof) <= size.bit_length()
    assert verify_inclusion(BIG.node(0, index), index, size, proof, BIG.roots[size])
    if other != index:
        assert not verify_inclusion(BIG.node(0, index), other, size, proof, BIG.roots[size])
        assert not verify_inclusion(BIG.node(0, other), index, size, proof, BIG.roots[size])
    assert not verify_inclusion(BIG.node(0, index), index, size, proof, BIG.roots[size - 1])


@given(SIZES, st.data())
def test_every_consistency_proof_holds_and_no_other_history_passes(new, data):
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, BIG.node)
    assert verify_consistency(old, new, BIG.roots[old], BIG.roots[new], proof)
    assert not verify_consistency(old, new, bytes(32), BIG.roots[new], proof)
    assert not verify_consistency(old, new, BIG.roots[old], bytes(32), proof)
    assert not verify_consistency(old, new, BIG.roots[old], BIG.roots[new], [*proof, bytes(32)])


@given(SIZES, st.data())
def test_a_proof_with_one_changed_hash_fails(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, BIG.node)
    for place in range(len(proof)):
        broken = [*proof[:place], leaf_hash(proof[place]), *proof[place + 1 :]]
        assert not verify_inclusion(BIG.node(0, index), index, size, broken, BIG.roots[size])


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_hashes_that_are_not_32_bytes_are_refused_everywhere(length):
    odd, leaf = bytes(length), BIG.node(0, 0)
    assert not verify_inclusion(odd, 0, 1, [], odd)
    assert not verify_inclusion(leaf, 0, 2, [odd], node_hash(leaf, odd))
    assert not verify_consistency(1, 1, odd, odd, [])
    assert not verify_consistency(1, 2, leaf, node_hash(leaf, odd), [odd])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 4)])
def test_there_is_no_proof_of_what_is_not_in_the_tree(index, size):
    with pytest.raises(NotInTree):
        inclusion_proof(index, size, BIG.node)
    assert not verify_inclusion(leaf_hash(b"0"), index, size, [], leaf_hash(b"0"))


@pytest.mark.parametrize(("old", "new"), [(0, 1), (0, 0), (2, 1), (-1, 3)])
def test_there_is_no_proof_that_a_later_tree_begins_an_earlier_one(old, new):
    with pytest.raises(NotInTree):
        consistency_proof(old, new, BIG.node)
    assert not verify_consistency(old, new, bytes(32), bytes(32), [])


def test_a_proof_asks_for_about_as_many_nodes_as_the_tree_has_levels():
    asked = []

    def node(level, index):
        asked.append((level, index))
        return bytes(32)

    inclusion_proof(123_456, 1_000_000, node)
    assert len(asked) <= 2 * 20
    assert all(row_of(*place) < 1_000_000 for place in asked)
