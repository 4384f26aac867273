"""Receipts: one that is whole checks by itself, and whatever is changed in it shows."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.merkle import completed_nodes, inclusion_proof, leaf_hash, root_of, row_of
from readiness.core.receipts import Receipt, UnreadableReceipt, read_receipt, receipt_problem, write_receipt

STATEMENT = canonical_bytes({"role": "sre-lead", "person": "u:7", "sagt": "Übergang „ja“"})


def entry_of(seq, action="sign_off.given", statement=STATEMENT):
    signature = {"statement": digest_bytes(statement), "meaning": "approve-go"}
    return canonical_bytes({"log": "shop/audit/1", "seq": seq, "action": action, "signature": signature})


def make_receipt(seq=4, size=7, **entry):
    """Build a tree of `size` entries and the receipt of the one at `seq`."""
    bodies = [entry_of(n, **entry) if n == seq else entry_of(n, "claim.made") for n in range(size)]
    rows, frontier = [], []
    for number, body in enumerate(bodies):
        nodes, frontier = completed_nodes(number, leaf_hash(body), frontier)
        rows.append(nodes)
    proof = inclusion_proof(seq, size, lambda level, index: rows[row_of(level, index)][level])
    return Receipt(STATEMENT, bodies[seq], seq, size, root_of(frontier), tuple(proof))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_a_receipt_holds_and_reads_back_as_it_was(place):
    receipt = make_receipt(*place)
    assert receipt_problem(receipt) == ""
    assert read_receipt(write_receipt(receipt)) == receipt


def test_its_file_can_be_checked_with_nothing_but_sha_256():
    body = json.loads(write_receipt(make_receipt(0, 2)))
    said = body["statement"]
    assert "sha256:" + hashlib.sha256(said["text"].encode()).hexdigest() == said["digest"]
    assert json.loads(body["entry"]["text"])["signature"]["statement"] == said["digest"]
    leaf = hashlib.sha256(b"\x00" + body["entry"]["text"].encode()).digest()
    (sibling,) = body["tree"]["proof"]
    root = hashlib.sha256(b"\x01" + leaf + bytes.fromhex(sibling)).hexdigest()
    assert (root, body["log"], body["checkpoint"]) == (body["tree"]["root"], "shop/audit/1", None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"statement": STATEMENT + b" "}, "signs another statement"),
        ({"entry": entry_of(4).replace(b"approve-go", b"approve-no")}, "Nothing leads from the entry"),
        ({"entry": entry_of(5)}, "says that it has number 5, and the receipt says 4"),
        ({"entry": entry_of(4, "hold.called")}, "records hold.called, which is no sign-off"),
        ({"entry": b"{"}, "cannot be read"),
        ({"size": 6}, "Nothing leads"),
        ({"size": 4}, "Nothing leads"),
        ({"root": bytes(32)}, "Nothing leads"),
        ({"proof": ()}, "Nothing leads"),
    ],
)
def test_whatever_is_changed_shows(change, words):
    assert words in receipt_problem(replace(make_receipt(), **change))


def signed_over(**said):
    """A receipt whose statement says what its signer meant; the entry says GO and approve-go."""
    statement = canonical_bytes({"person": "u:7", **said})
    signature = {"statement": digest_bytes(statement), "meaning": "approve-go", "verdict": "GO"}
    entry = canonical_bytes({"log": "shop/audit/1", "seq": 0, "action": "sign_off.given", "signature": signature})
    return Receipt(statement, entry, 0, 1, leaf_hash(entry), ())


def test_statement_and_entry_say_the_same_answer_and_meaning():
    assert receipt_problem(signed_over(answer="GO", meaning="approve-go")) == ""
    assert receipt_problem(signed_over()) == ""
    for said in ({"answer": "NO_GO", "meaning": "approve-go"}, {"answer": "GO", "meaning": "reviewed"}):
        assert "another answer, or another meaning" in receipt_problem(signed_over(**said))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no receipt of a sign-off"),
        (b"[]", "no receipt of a sign-off"),
        (b'{"receipt": 1}', "no receipt of a sign-off"),
        (b'{"receipt": 2}', "receipt format 2; format 1 can be read"),
        (write_receipt(make_receipt()).replace(b'"size": 7', b'"size": "many"'), "no receipt of a sign-off"),
        (write_receipt(make_receipt()).replace(b'"root": "', b'"root": "zz'), "no receipt of a sign-off"),
    ],
)
def test_what_is_no_receipt_says_so(data, words):
    with pytest.raises(UnreadableReceipt, match=words):
        read_receipt(data)
