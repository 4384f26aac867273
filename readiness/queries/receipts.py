"""The receipt of a signature, as the record stands now; and whether the record still begins as a receipt says."""

from readiness.core.checkpoint import BadNote, parse_checkpoint, parse_note, verify_note
from readiness.core.merkle import root_of
from readiness.core.receipts import SIGNED, Receipt
from readiness.core.signatures import is_signed
from readiness.models import AuditEntry, SignOff
from readiness.queries.audit import load_frontier, load_inclusion_proof, load_record_head
from readiness.queries.blobs import load_blob
from readiness.queries.checkpoints import load_newest_checkpoint, load_verifier_keys


def load_receipt(row: SignOff) -> Receipt | None:
    """Give the receipt of a signature; None when its entry or statement is not kept. Raises BlobAltered."""
    found = AuditEntry.objects.filter(object=f"signoff:{row.pk}", action=SIGNED).values_list("seq", "body").first()
    statement = load_blob(row.statement)
    if found is None or statement is None:
        return None
    (seq, body), (size, root, note) = found, _signed_tree(found[0])
    proof = load_inclusion_proof(seq, size)
    return Receipt(statement, bytes(body), seq, size, bytes.fromhex(root), tuple(proof), note)


def _signed_tree(seq: int) -> tuple[int, str, str]:
    """Give the tree of the newest checkpoint, with its note, if it covers an entry; else the tree as it is now."""
    signed = load_newest_checkpoint()
    if signed is not None and signed.size > seq and not signed.problem:
        return signed.size, signed.root, signed.note.decode()
    head = load_record_head()
    return head.size, head.root, ""


def note_problem(text: str) -> str:
    """Say why a signed note is not a checkpoint of a key that this record tells of; empty when it is one."""
    try:
        note = parse_note(text.encode())
        verify_note(note, load_verifier_keys(parse_checkpoint(note.text).origin), is_signed)
    except BadNote as problem:
        return str(problem)
    return ""


def load_root(size: int) -> bytes | None:
    """Give the root that the record had at a size; None when it does not go that far."""
    if not 0 < size <= load_record_head().size:
        return None
    return root_of(load_frontier(size))
