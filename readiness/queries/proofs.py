"""The proof of one entry: four facts that are never merged into one tick."""

from readiness.core.canonical import to_plain
from readiness.core.entries import columns_of
from readiness.core.merkle import HASH_BYTES, verify_inclusion
from readiness.core.proofs import LogProof, write_log_proof
from readiness.models import AuditEntry, RecordCheck, SignerKey
from readiness.queries.audit import Entry, RecordHead, load_inclusion_proof
from readiness.queries.checkpoints import load_checkpoint_covering, load_newest_checkpoint
from readiness.queries.pages.audit import ProofStep

NO_WITNESS = ProofStep(
    "Not due", "Nothing outside holds it", note="Whoever can write the database could replace it all"
)


def prove_entry(entry: Entry, head: RecordHead) -> tuple[ProofStep, ...]:
    """Check an entry's content and its place in the tree now."""
    return (_content(entry), _inclusion(entry, head), _verified(entry), _checkpoint(entry), NO_WITNESS)


def load_log_proof(seq: int) -> str | None:
    """Write the proof of an entry in the tree of the newest checkpoint, with its note; None while none covers it."""
    signed = load_newest_checkpoint()
    if signed is None or signed.size <= seq or signed.problem:
        return None
    hashes = tuple(load_inclusion_proof(seq, signed.size))
    return write_log_proof(LogProof(seq, hashes, signed.note.decode()))


def _content(entry: Entry) -> ProofStep:
    nodes = AuditEntry.objects.filter(pk=entry.seq).values_list("nodes", flat=True).first()
    leaf = bytes(nodes)[:HASH_BYTES].hex() if nodes is not None else ""
    if not entry.body or leaf != entry.leaf:
        return ProofStep("Failing", "Its bytes don’t match the hash in the tree", entry.leaf)
    if not _columns_agree(entry):
        return ProofStep("Failing", "What is listed of it differs from its bytes", entry.leaf)
    return ProofStep("Valid", "Its bytes match the hash in the tree", entry.leaf)


def _columns_agree(entry: Entry) -> bool:
    said = columns_of(entry.body)
    shown = (str(to_plain(entry.at)), entry.actor, entry.action, entry.object, entry.rollout, entry.verdict)
    return (said.at, said.actor, said.action, said.object, said.rollout, said.verdict) == shown


def _inclusion(entry: Entry, head: RecordHead) -> ProofStep:
    proof = load_inclusion_proof(entry.seq, head.size)
    holds = verify_inclusion(bytes.fromhex(entry.leaf), entry.seq, head.size, proof, bytes.fromhex(head.root))
    sentence = f"Included in the tree of {head.size:,} entries" if holds else "Not included in the tree"
    return ProofStep("Valid" if holds else "Failing", sentence, head.root, f" root, {len(proof)} hashes lead to it")


def _verified(entry: Entry) -> ProofStep:
    check = RecordCheck.objects.first()
    if check is None or check.verified_at is None or entry.seq >= check.size:
        return ProofStep("Waits", "Not yet part of a verification of the whole", note="The next one includes it")
    if check.problem:
        return ProofStep("Failing", "The whole record contradicts itself", note=check.problem)
    at = f"{check.verified_at:%H:%M:%S} UTC on {check.verified_at.day} {check.verified_at:%b}"
    return ProofStep("Valid", f"Part of the verification through entry {check.size - 1:,}", note=at)


def _checkpoint(entry: Entry) -> ProofStep:
    """Show that the first checkpoint that covers the entry holds, and that the entry is in the tree it names."""
    found = load_checkpoint_covering(entry.seq)
    if found is None:
        has_key = SignerKey.objects.filter(retired_at=None).exists()
        note = "The next one covers it" if has_key else "No key signs this record"
        return ProofStep("Waits" if has_key else "Missing", "No checkpoint covers it yet", note=note)
    if found.problem:
        return ProofStep("Failing", f"Checkpoint {found.size:,} does not hold", note=found.problem)
    proof = load_inclusion_proof(entry.seq, found.size)
    if not verify_inclusion(bytes.fromhex(entry.leaf), entry.seq, found.size, proof, bytes.fromhex(found.root)):
        return ProofStep("Failing", f"It contradicts checkpoint {found.size:,}", found.root, " root")
    at = f"{found.signed_at:%H:%M:%S} UTC on {found.signed_at.day} {found.signed_at:%b}"
    return ProofStep("Valid", f"Signed with checkpoint {found.size:,}", found.keys[0].fingerprint, f" key, at {at}")
