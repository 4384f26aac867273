"""`audit_verify --receipt`: a receipt by itself, and against the record that is here."""

from dataclasses import replace

import pytest
from django.core.management import call_command

from readiness.core.checkpoint import parse_checkpoint, parse_note
from readiness.core.receipts import read_receipt, write_receipt
from readiness.core.signing import SigningKey, sign_checkpoint
from readiness.models import AuditHead, Blob, Checkpoint, SignOff
from readiness.queries.receipts import load_receipt
from readiness.services.holds import call_hold
from readiness.services.signer import sign_record
from tests.core.test_receipts import make_receipt
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NAMES, NOW, OWNER, act_of, document, make_rollout
from tests.services.signer_files import grow, signer_with_key
from tests.services.test_signoffs import sign

pytestmark = pytest.mark.django_db
ORIGIN = "localhost/audit/1"


@pytest.fixture
def receipt(tmp_path):
    """A signature's receipt as a file, and three entries after it."""
    rollout = make_rollout(document(**EMPTY_PHASE))
    rollout.claims.create(path="prepare/enter/item:word", claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    sign()
    file = tmp_path / "receipt.json"
    file.write_bytes(write_receipt(load_receipt(SignOff.objects.get())))
    for person in (MATE, OWNER, LEAD):
        call_hold("demo", act_of(person), NOW, reason="wait")
    return file


def verify(capsys, file):
    """Run the command; give its exit code and what it said."""
    code = 0
    try:
        call_command("audit_verify", "--receipt", str(file))
    except SystemExit as left:
        code = left.code
    return code, capsys.readouterr().out


def test_a_receipt_holds_while_the_record_goes_on(receipt, capsys):
    code, said = verify(capsys, receipt)
    assert code == 0
    assert "The receipt holds: entry 0 signs its statement, no checkpoint signs it, and the record still begins" in said


@pytest.fixture
def signed_receipt(receipt, tmp_path):
    """The same receipt once a checkpoint covers its entry, and two entries after that."""
    sign_record(signer_with_key(tmp_path), NOW)
    receipt.write_bytes(write_receipt(load_receipt(SignOff.objects.get())))
    grow(2)
    return receipt


def test_a_receipt_carries_the_checkpoint_that_covers_it(signed_receipt, capsys):
    found = read_receipt(signed_receipt.read_bytes())
    assert found.checkpoint == bytes(Checkpoint.objects.get().note).decode()
    assert found.size == Checkpoint.objects.get().size < AuditHead.objects.get().size
    code, said = verify(capsys, signed_receipt)
    assert (code, "signs its statement, a checkpoint signs it, and the record" in said) == (0, True)


def test_a_receipt_whose_checkpoint_is_of_another_tree_is_refused(signed_receipt, capsys):
    text = signed_receipt.read_text()
    size = Checkpoint.objects.get().size
    signed_receipt.write_text(text.replace(f"\\n{size}\\n", f"\\n{size + 1}\\n"))
    code, said = verify(capsys, signed_receipt)
    assert (code, "Its checkpoint is of another tree" in said) == (1, True)


def test_a_receipt_whose_checkpoint_another_key_signed_is_refused(signed_receipt, capsys):
    found = read_receipt(signed_receipt.read_bytes())
    stranger = sign_checkpoint(
        parse_checkpoint(parse_note(found.checkpoint.encode()).text), (SigningKey(ORIGIN, bytes(32)),)
    )
    signed_receipt.write_bytes(write_receipt(replace(found, checkpoint=stranger.decode())))
    code, said = verify(capsys, signed_receipt)
    assert (code, "is not ours: No signature by a known key" in said) == (1, True)


@pytest.mark.parametrize(
    ("said", "becomes", "words"),
    [
        (b"Olga Owner", b"Olaf Owner", "Nothing leads from the entry"),
        (b"approve-go", b"reviewed", "signs another statement"),
    ],
)
def test_an_altered_receipt_is_refused(receipt, capsys, said, becomes, words):
    assert said in receipt.read_bytes()
    receipt.write_bytes(receipt.read_bytes().replace(said, becomes))
    code, told = verify(capsys, receipt)
    assert (code, words in told) == (1, True)


def test_a_receipt_of_another_record_shows_that_this_one_was_replaced(receipt, capsys):
    receipt.write_bytes(write_receipt(make_receipt(2, 3)))
    code, said = verify(capsys, receipt)
    assert (code, "not those that the receipt was made from" in said) == (1, True)


def test_a_receipt_of_a_longer_record_shows_that_the_end_was_cut_off(receipt, capsys):
    receipt.write_bytes(write_receipt(make_receipt(4, 9)))
    code, said = verify(capsys, receipt)
    assert (code, "its end was cut off" in said) == (1, True)


@pytest.mark.parametrize("text", ["", "{}"])
def test_what_is_no_receipt_is_named(receipt, capsys, text):
    receipt.write_text(text)
    assert verify(capsys, receipt)[0] == 1
    assert verify(capsys, receipt.with_name("nothing.json"))[0] == 1


def test_a_large_value_that_was_altered_is_said(capsys):
    make_rollout()
    call_hold("demo", act_of(MATE), NOW, reason="wait " * 1_000)
    Blob.objects.update(data=b"another")
    with pytest.raises(SystemExit) as stop:
        call_command("audit_verify")
    said = capsys.readouterr().out
    assert (stop.value.code, "sha256:" in said) == (1, True)
