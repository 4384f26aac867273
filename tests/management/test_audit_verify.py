"""`audit_verify --receipt`: a receipt by itself, and against the record that is here."""

import pytest
from django.core.management import call_command

from readiness.core.receipts import write_receipt
from readiness.models import SignOff
from readiness.queries.receipts import load_receipt
from readiness.services.holds import call_hold
from tests.core.test_receipts import make_receipt
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NAMES, NOW, OWNER, act_of, document, make_rollout
from tests.services.test_signoffs import sign

pytestmark = pytest.mark.django_db


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
    assert "The receipt holds: entry 0 signs its statement, and the record still begins as it says." in said


def test_an_altered_receipt_is_refused(receipt, capsys):
    receipt.write_bytes(receipt.read_bytes().replace(b"approve-go", b"approve-no"))
    code, said = verify(capsys, receipt)
    assert (code, "Nothing leads from the entry" in said) == (1, True)


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
