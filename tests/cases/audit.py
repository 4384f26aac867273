"""`python -m tests.cases.audit FILE`: run a file of official vectors for the record, and say each case in one line.

A case passes, fails with why, or does not apply with why. The exit code is 1 when one fails, 2 when the file cannot be
read. A group or a kind of case that is not known here fails: it was not checked.
"""

import json
import struct
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from readiness.core.bundle_heads import Claim
from readiness.core.bundle_tree import Claims, TreeWalk, check_tiles
from readiness.core.canonical import NotCanonical, canonical_bytes
from readiness.core.checkpoint import (
    BadNote,
    cosigned_bytes,
    decode_base64,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_note,
    write_note,
)
from readiness.core.ed25519 import is_signature
from readiness.core.merkle import (
    EMPTY_ROOT,
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
from readiness.core.proofs import LogProof, NotAProof, parse_log_proof, write_log_proof
from readiness.core.signatures import is_signed
from readiness.core.signing import SigningKey, parse_signing_key
from readiness.core.tiles import WIDTH, Tile, entry_tiles, hash_tiles, index_path

PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "not applicable"
Group = Callable[[Any], "Iterator[Case]"]


@dataclass(frozen=True)
class Case:
    """One case and what came of it; `why` is empty for one that passes."""

    name: str
    result: str
    why: str = ""


class Tree:
    """A log in memory, row by row as the database keeps it."""

    def __init__(self, leaf_hashes):
        self.rows, self.frontier, self.roots = [], [], [EMPTY_ROOT]
        for leaf in leaf_hashes:
            nodes, self.frontier = completed_nodes(len(self.rows), leaf, self.frontier)
            self.rows.append(b"".join(nodes))
            self.roots.append(root_of(self.frontier))

    def node(self, level, index):
        return split_hashes(self.rows[row_of(level, index)])[level]


def equal(name, found, wanted):
    """Compare what was computed with what the file says."""
    return Case(name, PASS) if found == wanted else Case(name, FAIL, f"found {found!r}, the file says {wanted!r}")


def decided(name, holds, wanted):
    """Compare a decision: a case that must be rejected is one that must not hold."""
    words = {True: "accepted", False: "rejected"}
    return Case(name, PASS) if holds is wanted else Case(name, FAIL, f"{words[holds]}; it must be {words[wanted]}")


def tried(read, *args):
    """Give what a reader gives, or the words in which it refuses."""
    try:
        return read(*args)
    except (BadNote, NotAProof, NotCanonical, ValueError) as problem:
        return f"{type(problem).__name__}: {problem}"


def unbase64(text):
    """Decode base64; what is none becomes no bytes, which nothing accepts for a hash."""
    return decode_base64(text) or b""


def accepts(read, *args):
    """Say whether a reader takes its input."""
    try:
        read(*args)
    except (BadNote, NotAProof, NotCanonical, ValueError):
        return False
    return True


def rfc6962_tree(group):
    yield equal("empty root", EMPTY_ROOT.hex(), group["empty_root"])
    for number, case in enumerate(group["single"]):
        if case["op"] == "leaf":
            found = leaf_hash(bytes.fromhex(case["input_hex"]))
        else:
            found = node_hash(bytes.fromhex(case["left_hex"]), bytes.fromhex(case["right_hex"]))
        yield equal(f"hash {number}", found.hex(), case["hash"])
    tree = Tree(leaf_hash(bytes.fromhex(each)) for each in group["leaf_inputs_hex"])
    for size, root in enumerate(group["root_by_size"]):
        yield equal(f"root of {size}", tree.roots[size].hex(), root)
    for level, row in enumerate(group["node_hashes_by_level"]):
        for index, node in enumerate(row):
            yield equal(f"node {level}/{index}", tree.node(level, index).hex(), node)


def rfc6962_section_2_1_3(group):
    """The letters of the RFC are names of nodes; each proof is spelled in them."""
    leaves = [leaf_hash(b"d%d" % number) for number in range(7)]
    tree = Tree(leaves)
    a, b, c, d, e, f, j = leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, last = node_hash(g, h), node_hash(i, j)
    letters = {a: "a", b: "b", c: "c", d: "d", e: "e", f: "f", j: "j", g: "g", h: "h", i: "i", k: "k", last: "l"}
    for case in group["cases"]:
        if "path" in case:
            name, proof = f"path of {case['path'][0]}", inclusion_proof(case["path"][0], 7, tree.node)
        else:
            name, proof = f"proof of {case['proof'][0]}", consistency_proof(case["proof"][0], 7, tree.node)
        yield equal(name, "".join(letters[each] for each in proof), case["want"])


def rfc6962_proof_corpus(group):
    for case in group["cases"]:
        name, proof = case["Name"], [unbase64(each) for each in case["proof"] or []]
        if case["Kind"] == "inclusion":
            leaf, root = unbase64(case["leafHash"]), unbase64(case["root"])
            holds = verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
            roots = (leaf, root)
        else:
            roots = unbase64(case["root1"]), unbase64(case["root2"])
            holds = verify_consistency(case["size1"], case["size2"], *roots, proof)
        if not case["wantErr"] and any(len(each) != 32 for each in roots):
            yield Case(name, NOT_APPLICABLE, "its roots do not have 32 bytes, and no other hash is accepted here")
        else:
            yield decided(name, holds, not case["wantErr"])


def golang_tlog(group):
    for case in group["record_hash"]:
        yield equal(f"hash of {case['data']}", leaf_hash(case["data"].encode()), b64decode(case["hash_b64"]))
    tree = group["format_tree"]
    found = parse_checkpoint(tree["text"])
    yield equal("tree text", (found.size, found.root), (tree["n"], b64decode(tree["hash_b64"])))
    for number, text in enumerate(group["bad_trees"]):
        name = f"bad tree {number}"
        if accepts(parse_checkpoint, text) and text.split("\n")[0] != "go.sum database tree":
            yield Case(name, NOT_APPLICABLE, "another origin is no fault of the text; opening a note compares it")
        else:
            yield decided(name, accepts(parse_checkpoint, text), False)
    for case in group["known_roots"]:
        name = f"root of {case['log']} at {case['size']}"
        yield Case(name, NOT_APPLICABLE, "only the root is published; there are no leaves to compute it from")
    for case in group["tile_paths_go"]:
        yield golang_path(case)
    for case in group["right_edge"]:
        seen = []
        frontier_at(case["n"], lambda level, index, seen=seen: seen.append([level, index]) or bytes(32))
        yield equal(f"right edge of {case['n']}", seen, case["nodes"])


def golang_path(case):
    """Go names the height of its tiles in the path, C2SP does not; the index and the width are written alike."""
    if case.get("invalid"):
        return Case(case["path"], NOT_APPLICABLE, "paths of tiles are written here and never read")
    partial = f".p/{case['W']}" if case["W"] < 1 << case["H"] else ""
    return equal(case["path"], f"tile/{case['H']}/{case['L']}/{index_path(case['N'])}{partial}", case["path"])


def note_bytes(case):
    return b64decode(case["note_b64"]) if "note_b64" in case else case["note"].encode()


def signers_of(data, vkeys):
    """Name who signed a note; the verifier of bundles and that of the server must agree."""
    keys, found = [*map(parse_verifier_key, vkeys)], parse_note(data)
    signers = verify_note(found, keys, is_signature)
    if verify_note(found, keys, is_signed) != signers:
        raise ValueError("cryptography and the standard library do not agree")
    return [key.name for key in signers]


def signed_note(group):
    for number, case in enumerate(group["good"]):
        data = note_bytes(case)
        yield equal(f"good note {number}", tried(signers_of, data, case["vkeys"]), case["verified"])
        yield equal(f"good note {number}, written again", tried(lambda data=data: write_note(parse_note(data))), data)
        if "skey" in case:
            key = parse_signing_key(case["skey"])
            signature = key.sign(parse_note(data).text.encode())
            yield equal(f"good note {number}, signed again", signature, parse_note(data).signatures[0].data)
    for case in group["bad"]:
        yield decided(case["why"], accepts(signers_of, note_bytes(case), case["vkeys"]), False)
    for number, text in enumerate(group["bad_vkeys"]):
        yield decided(f"bad verifier key {number}", accepts(parse_verifier_key, text), False)


def checkpoint_consistency(group):
    found = {}
    for size, text in group["checkpoints"].items():
        found[int(size)] = parse_checkpoint(parse_note(text.encode()).text)
        name = group["vkey"].partition("+")[0]
        yield equal(f"checkpoint of {size}", tried(signers_of, text.encode(), [group["vkey"]]), [name])
    for number, case in enumerate(group["proofs"]):
        old, new = found[case["from"]], found[case["to"]]
        proof = [unbase64(each) for each in case["proof"]]
        holds = verify_consistency(old.size, new.size, old.root, new.root, proof)
        yield decided(f"proof {number} from {old.size} to {new.size}", holds, case["ok"])


def c2sp_examples(group):
    yield decided("checkpoint", accepts(lambda text: parse_checkpoint(parse_note(text).text), text_of(group)), True)
    theirs = group["checkpoint_is_sum_golang_org_signature_of"].encode()
    key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    yield equal("the checkpoint's true signer", tried(signers_of, theirs, [key]), ["sum.golang.org"])
    note = parse_note(group["cosigned"].encode())
    moment = int.from_bytes(note.signatures[1].data[:8], "big")
    yield equal("time of the cosignature", moment, group["cosignature_timestamp"])
    yield equal("cosigned bytes", cosigned_bytes(note.text, moment).decode(), group["cosigned_message"])
    yield Case("cosignature", NOT_APPLICABLE, "its public key is not published")
    for case in group["tiles"]:
        counts = {"full": Counter(), "partial": {}}
        for tile in hash_tiles(case["size"]):
            if tile.width == 256:
                counts["full"][str(tile.level)] += 1
            else:
                counts["partial"][str(tile.level)] = tile.width
        yield equal(f"tiles of {case['size']}", counts, {"full": case["full"], "partial": case["partial"]})
        width = sum(tile.width for tile in entry_tiles(case["size"]))
        yield equal(f"entries in the bundles of {case['size']}", width, case["size"])
    for case in group["tile_index_path"]:
        yield equal(f"path of {case['n']}", Tile(0, case["n"]).path, f"tile/0/{case['path']}")


def text_of(group):
    return group["checkpoint_text"].encode()


def tlog_proof_format(group):
    for number, case in enumerate(group["good"]):
        extra = case["extra"].encode() if "extra" in case else None
        hashes = tuple(b64decode(each) for each in case["hashes"])
        wanted = LogProof(case["index"], hashes, case["checkpoint"], extra)
        yield equal(f"good proof {number}", tried(parse_log_proof, case["text"]), wanted)
        yield equal(f"good proof {number}, written again", write_log_proof(wanted), case["text"])
    for number, text in enumerate(group["bad"]):
        yield decided(f"bad proof {number}", accepts(parse_log_proof, text), False)


def checkpoint_parse(group):
    for number, case in enumerate(group["good"]):
        name, root = f"good checkpoint {number}", b64decode(case["text"].split("\n")[2])
        if len(root) == 32:
            found = parse_checkpoint(case["text"])
            wanted = (case["origin"], case["size"], tuple(case.get("ext", ())))
            yield equal(name, (found.origin, found.size, found.extensions), wanted)
        else:
            yield Case(name, NOT_APPLICABLE, f"its root has {len(root)} bytes, and a root here has 32")
    for number, text in enumerate(group["bad"]):
        yield decided(f"bad checkpoint {number}", accepts(parse_checkpoint, text), False)


def rfc8785_group(group):
    for case in group["documents"]:
        value, wanted = json.loads(case["input"]), bytes.fromhex(case["output_hex"])
        yield equal(f"document {case['name']}", rfc8785.dumps(value), wanted)
        try:
            ours = canonical_bytes(value)
        except NotCanonical:
            yield Case(f"document {case['name']} here", NOT_APPLICABLE, "it has floats, which are refused here")
            continue
        if ours == wanted:
            yield Case(f"document {case['name']} here", PASS)
        else:
            yield Case(
                f"document {case['name']} here", NOT_APPLICABLE, "it is not in normal form C, which is made first"
            )
    for case in group["numbers_ieee_hex"]:
        (number,) = struct.unpack(">d", bytes.fromhex(case["ieee"]))
        yield equal(f"number {case['ieee']}", rfc8785.dumps(number).decode(), case["json"])
    refused = {"NaN": float("nan"), "Infinity": float("inf")}
    for name in group["must_refuse"]:
        yield decided(f"refuses {name}", accepts(canonical_bytes, refused.get(name, 2**53)), False)


def ed25519_rfc8032(group):
    for number, case in enumerate(group["cases"]):
        key, message = SigningKey("test", bytes.fromhex(case["secret"])), bytes.fromhex(case["message_hex"])
        signature = bytes.fromhex(case["signature"])
        yield equal(f"public key {number}", key.verifier.public.hex(), case["public"])
        yield equal(f"signature {number}", key.sign(message), signature)
        for name, holds in (("", is_signature), (", by cryptography", is_signed)):
            yield decided(f"signature {number} holds{name}", holds(key.verifier.public, message, signature), True)
            yield decided(f"signature {number} of another{name}", holds(key.verifier.public, b"!", signature), False)


def dsse(group):
    for name in ("pae", "envelope"):
        yield Case(name, NOT_APPLICABLE, "DSSE envelopes are neither written nor read here")


class TileFiles:
    """Only the tiles of a bundle, in memory."""

    def __init__(self, tiles):
        self.tiles = tiles

    def names(self):
        return self.tiles.keys()

    def read(self, name, limit):
        return self.tiles[name]


def tiles_of(size):
    """Make the tiles of a tree, and its root."""
    tree = Tree(leaf_hash(b"%d" % number) for number in range(size))
    nodes = {
        tile: [tree.node(8 * tile.level, tile.index * WIDTH + place) for place in range(tile.width)]
        for tile in hash_tiles(size)
    }
    return nodes, tree.roots[size]


def takes_tiles(nodes, size, root):
    walk = TreeWalk(Claims([Claim(size, root, "checkpoint", "log")]))
    problem = check_tiles(TileFiles({tile.path: b"".join(held) for tile, held in nodes.items()}), size, walk)
    return problem is None and not walk.claims.broken


def tile_reader_trap(group):
    """A reader that checks only the path to the root of a tile takes a full one that was replaced whole.

    Forged are the first, the middle and the last full tile of the lowest level; of a large tree, the middle one.
    """
    for text in group["forged_tiles_accepted_of_tried_by_tree_size"]:
        size = int(text)
        nodes, root = tiles_of(size)
        yield decided(f"true tiles at {size}", takes_tiles(nodes, size, root), True)
        full = [tile for tile in nodes if tile.level == 0 and tile.width == WIDTH]
        tried = [full[0], full[len(full) // 2], full[-1]] if size <= 70_000 else [full[len(full) // 2]]
        for tile in dict.fromkeys(tried):
            forged = nodes | {tile: [leaf_hash(b"forged %d" % place) for place in range(WIDTH)]}
            yield decided(f"forged {tile.path} of {size}", takes_tiles(forged, size, root), False)


GROUPS: Mapping[str, Group] = {
    "rfc6962_tree": rfc6962_tree,
    "rfc6962_section_2_1_3": rfc6962_section_2_1_3,
    "rfc6962_proof_corpus": rfc6962_proof_corpus,
    "golang_tlog": golang_tlog,
    "signed_note": signed_note,
    "checkpoint_consistency": checkpoint_consistency,
    "c2sp_examples": c2sp_examples,
    "tlog_proof_format": tlog_proof_format,
    "checkpoint_parse": checkpoint_parse,
    "rfc8785": rfc8785_group,
    "ed25519_rfc8032": ed25519_rfc8032,
    "dsse": dsse,
    "tile_reader_trap": tile_reader_trap,
}


def run_group(name: str, group: Any) -> Iterator[Case]:
    """Run one group; what is not known here, or does not have its shape, fails."""
    if name not in GROUPS:
        yield Case(name, FAIL, f"this group is not known here; known are {', '.join(GROUPS)}")
        return
    try:
        yield from GROUPS[name](group)
    except Exception as problem:  # noqa: BLE001 (a case that stops the run must be seen as a failure)
        yield Case("the rest of the group", FAIL, f"{type(problem).__name__}: {problem}")


def run_vectors(vectors: Mapping[str, Any]) -> Iterator[tuple[str, Case]]:
    """Run every group of a file, and give each case under the name of its group."""
    for name, group in vectors.items():
        if name != "about":
            for case in run_group(name, group):
                yield name, case


def main(arguments: list[str]) -> int:
    """Run a file, print its cases and their count."""
    if len(arguments) != 1:
        print("Usage: python -m tests.cases.audit FILE")
        return 2
    try:
        vectors = json.loads(Path(arguments[0]).read_text())
        if not isinstance(vectors, dict):
            raise ValueError("it is not one JSON object of groups")
    except (OSError, ValueError) as problem:
        print(f"{arguments[0]} cannot be read: {problem}")
        return 2
    counts: Counter[str] = Counter()
    for group, case in run_vectors(vectors):
        counts[case.result] += 1
        print(f"{case.result}: {group}, {case.name}{f': {case.why}' if case.why else ''}")
    print(", ".join(f"{counts[result]} {result}" for result in (PASS, FAIL, NOT_APPLICABLE)))
    return 1 if counts[FAIL] or not counts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
