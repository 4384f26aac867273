"""Ways to tamper with a bundle that was exported into a directory, by somebody who also mends what is easy to mend."""

import hashlib
import json
import shutil

from readiness.core.bundle import Manifest, Measured, manifest_lines, parse_manifest, proof_name
from readiness.core.canonical import canonical_bytes
from readiness.core.checkpoint import Checkpoint
from readiness.core.merkle import completed_nodes, inclusion_proof, leaf_hash, root_of, row_of, split_hashes
from readiness.core.proofs import LogProof, write_log_proof
from readiness.core.signing import sign_checkpoint
from readiness.core.tiles import entry_tiles, hash_tiles, pack_entries


def lines_of(bundle):
    return (bundle / "entries.jsonl").read_bytes().splitlines()


def write_lines(bundle, lines):
    (bundle / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    mend_manifest(bundle)


def mend_manifest(bundle, **said):
    """Write the manifest anew for the files that there are."""
    old = parse_manifest((bundle / "manifest.json").read_bytes())
    fields = {name: getattr(old, name) for name in Manifest.__dataclass_fields__} | said
    names = sorted(str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file())
    files = [(name, measured((bundle / name).read_bytes())) for name in names if name != "manifest.json"]
    (bundle / "manifest.json").write_text("".join(manifest_lines(Manifest(**fields), files)))


def measured(data):
    return Measured(hashlib.sha256(data).hexdigest(), len(data))


def renumbered(lines):
    """Give each entry the number of its line."""
    return [canonical_bytes(json.loads(line) | {"seq": seq}) for seq, line in enumerate(lines)]


class Rebuilt:
    """The tree over other lines, as somebody would build it who wants the bundle to look whole."""

    def __init__(self, lines):
        self.lines, self.rows, self.frontier = lines, [], []
        for seq, line in enumerate(lines):
            nodes, self.frontier = completed_nodes(seq, leaf_hash(line), self.frontier)
            self.rows.append(b"".join(nodes))
        self.root = root_of(self.frontier)

    def node(self, level, index):
        return split_hashes(self.rows[row_of(level, index)])[level]


def rebuild(bundle, lines):
    """Write lines, tiles, the size and the root anew; leave checkpoints and proofs as they are."""
    tree = Rebuilt(lines)
    shutil.rmtree(bundle / "tile")
    for tile in hash_tiles(len(lines)):
        nodes = (tree.node(8 * tile.level, tile.index * 256 + place) for place in range(tile.width))
        put(bundle, tile.path, b"".join(nodes))
    for tile in entry_tiles(len(lines)):
        start = tile.index * 256
        put(bundle, tile.path, pack_entries(lines[start : start + tile.width]))
    put(bundle, "entries.jsonl", b"".join(line + b"\n" for line in lines))
    mend_manifest(bundle, size=len(lines), entries=len(lines), root=tree.root.hex())
    return tree


def put(bundle, name, data):
    path = bundle / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def resign(bundle, lines, key, with_keys=True):
    """Rebuild everything and sign it with a key, proofs included; old checkpoints are left."""
    tree = rebuild(bundle, lines)
    origin = json.loads(lines[-1])["log"]
    note = sign_checkpoint(Checkpoint(origin, len(lines), tree.root), (key,))
    put(bundle, "checkpoint", note)
    put(bundle, f"checkpoints/{len(lines)}", note)
    for seq, line in enumerate(lines):
        if (bundle / proof_name(seq)).exists() or json.loads(line)["action"].startswith("sign_off."):
            proof = LogProof(seq, tuple(inclusion_proof(seq, len(lines), tree.node)), note.decode())
            put(bundle, proof_name(seq), write_log_proof(proof).encode())
    if with_keys:
        put(bundle, "keys.txt", f"{key.verifier.text}\n".encode())
    mend_manifest(bundle)
