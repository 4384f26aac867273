"""Receipts: what a signer keeps, to show later and without us what they signed and that it is in the record.

A receipt carries the exact bytes of the statement and of the entry, and the path from the entry to the root of the tree
(RFC 6962, with the hash of RFC 9162 section 2.1): nothing but SHA-256 is needed to see that the three belong together.
The checkpoint, once one covers the entry, is our signature of that root. `audit_verify --receipt` also says whether the
record still begins with that tree.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from readiness.core.canonical import NotCanonical, Plain, PlainDict, digest_bytes, parse_canonical
from readiness.core.checkpoint import BadNote, parse_checkpoint, parse_note
from readiness.core.entries import parse_entry
from readiness.core.merkle import leaf_hash, verify_inclusion

FORMAT = 1
SIGNED = "sign_off.given"
HOW = (
    "1. SHA-256 over the UTF-8 bytes of statement.text is statement.digest.",
    "2. entry.text is JSON; its signature.statement is that digest, and it says who signed, when, with which meaning; "
    "the statement says the answer and its meaning too (those of before format 2 do not).",
    "3. SHA-256 over a zero byte and the UTF-8 bytes of entry.text is the leaf at index entry.seq of the tree.",
    "4. With tree.proof, RFC 9162 section 2.1.3.2 leads from that leaf to tree.root in a tree of tree.size entries.",
    "5. checkpoint, unless it is null, is a signed note (c2sp.org/signed-note) over tree.size and tree.root.",
    "6. .venv/bin/python manage.py audit_verify --receipt FILE does all of this, and checks the record against it.",
)


class UnreadableReceipt(ValueError):
    """This is no receipt; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The bytes of a statement and of the entry that records its signature, and the path to a root of the tree.

    `checkpoint` is the signed note over that root; empty while none covers the entry.
    """

    statement: bytes
    entry: bytes
    seq: int
    size: int
    root: bytes
    proof: tuple[bytes, ...]
    checkpoint: str = ""


def write_receipt(receipt: Receipt) -> bytes:
    """Give a receipt as a JSON file that people can read; both texts are exact."""
    body = {
        "receipt": FORMAT,
        "log": parse_entry(receipt.entry)["log"],
        "statement": {"digest": digest_bytes(receipt.statement), "text": receipt.statement.decode()},
        "entry": {"seq": receipt.seq, "text": receipt.entry.decode()},
        "tree": {
            "size": receipt.size,
            "root": receipt.root.hex(),
            "proof": [each.hex() for each in receipt.proof],
        },
        "checkpoint": receipt.checkpoint or None,
        "how": [*HOW],
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def read_receipt(data: bytes) -> Receipt:
    """Read a receipt's file back. Raises UnreadableReceipt."""
    try:
        whole = parse_entry(data)
        if whole["receipt"] != FORMAT:
            raise UnreadableReceipt(f"This is receipt format {whole['receipt']}; format {FORMAT} can be read here.")
        body = cast("Mapping[str, Mapping[str, Plain]]", whole)
        entry, tree = body["entry"], body["tree"]
        return Receipt(
            str(body["statement"]["text"]).encode(),
            str(entry["text"]).encode(),
            int(str(entry["seq"])),
            int(str(tree["size"])),
            bytes.fromhex(str(tree["root"])),
            tuple(bytes.fromhex(str(each)) for each in cast("Sequence[str]", tree["proof"])),
            str(whole["checkpoint"] or ""),
        )
    except (NotCanonical, KeyError, TypeError, ValueError) as problem:
        if isinstance(problem, UnreadableReceipt):
            raise
        raise UnreadableReceipt(f"This is no receipt of a sign-off: {problem}.") from None


def receipt_problem(receipt: Receipt) -> str:
    """Say the first thing in a receipt that does not hold by itself; empty when statement, entry and root fit."""
    try:
        entry = parse_entry(receipt.entry)
    except NotCanonical as why:
        return f"The entry cannot be read: {why}."
    signature = cast(PlainDict, entry.get("signature") or {})
    if entry.get("action") != SIGNED:
        return f"The entry records {entry.get('action')}, which is no sign-off."
    if problem := _statement_problem(receipt.statement, signature):
        return problem
    if entry.get("seq") != receipt.seq:
        return f"The entry says that it has number {entry.get('seq')}, and the receipt says {receipt.seq}."
    leaf = leaf_hash(receipt.entry)
    if not verify_inclusion(leaf, receipt.seq, receipt.size, receipt.proof, receipt.root):
        return f"Nothing leads from the entry to the root of the tree of {receipt.size:,} entries."
    return _checkpoint_problem(receipt) if receipt.checkpoint else ""


def _statement_problem(statement: bytes, signature: PlainDict) -> str:
    """Say how an entry contradicts a statement: it signs another one, or says another answer or meaning of it."""
    if signature.get("statement") != digest_bytes(statement):
        return "The entry signs another statement than the one that is kept here."
    try:
        body = cast("Mapping[str, Plain]", parse_canonical(statement))
        agree = "answer" not in body or (body["answer"], body["meaning"]) == (
            signature["verdict"],
            signature["meaning"],
        )
    except (NotCanonical, KeyError, TypeError):
        agree = False
    return "" if agree else "The entry says another answer, or another meaning of it, than the statement it signs."


def _checkpoint_problem(receipt: Receipt) -> str:
    try:
        found = parse_checkpoint(parse_note(receipt.checkpoint.encode()).text)
    except BadNote as problem:
        return f"Its checkpoint cannot be read: {problem}"
    if (found.size, found.root) != (receipt.size, receipt.root):
        return "Its checkpoint is of another tree than the one that the entry leads to."
    return ""
