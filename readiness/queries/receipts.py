"""The receipt of a signature, as the record stands now; and whether the record still begins as a receipt says."""

from readiness.core.merkle import root_of
from readiness.core.receipts import SIGNED, Receipt
from readiness.models import AuditEntry, SignOff
from readiness.queries.audit import load_frontier, load_inclusion_proof, load_record_head
from readiness.queries.blobs import load_blob


def load_receipt(row: SignOff) -> Receipt | None:
    """Give the receipt of a signature; None when its entry or statement is not kept. Raises BlobAltered."""
    found = AuditEntry.objects.filter(object=f"signoff:{row.pk}", action=SIGNED).values_list("seq", "body").first()
    statement = load_blob(row.statement)
    if found is None or statement is None:
        return None
    (seq, body), head = found, load_record_head()
    proof = load_inclusion_proof(seq, head.size)
    return Receipt(statement, bytes(body), seq, head.size, bytes.fromhex(head.root), tuple(proof))


def load_root(size: int) -> bytes | None:
    """Give the root that the record had at a size; None when it does not go that far."""
    if not 0 < size <= load_record_head().size:
        return None
    return root_of(load_frontier(size))
