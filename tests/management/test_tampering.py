"""The tamper matrix: what somebody may do to a bundle, with the word and the entry that the check must say.

Who tampers also mends what anybody can mend: numbers, tiles, proofs, the manifest. Where nothing inside the bundle can
give them away, one checkpoint or receipt that was kept outside does.
"""

import json
import shutil

import pytest
from django.db import connection, transaction

from readiness.core.bundle import proof_name
from readiness.core.canonical import canonical_bytes
from readiness.core.checkpoint import Checkpoint
from readiness.core.merkle import inclusion_proof
from readiness.core.proofs import LogProof, write_log_proof
from readiness.core.receipts import write_receipt
from readiness.core.signing import SigningKey, sign_checkpoint
from readiness.models import AuditEntry, Hold, SignOff
from readiness.queries.receipts import load_receipt
from readiness.services.audit_guards import drop_guards
from readiness.services.reconciliation import AGAIN_AFTER, EVERY, reconcile_tables
from readiness.services.signer_files import read_signing_keys
from readiness.verify import verify_bundle
from tests.core.test_receipts import make_receipt
from tests.management.bundles import export, small_log
from tests.management.tampering import lines_of, mend_manifest, put, rebuild, renumbered, resign, write_lines
from tests.services.helpers import NOW

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
ORIGIN = "localhost/audit/1"


@pytest.fixture(scope="module")
def exported(tmp_path_factory, django_db_setup, django_db_blocker):
    """A log of eleven entries with checkpoints after 2, 5 and 11, its bundles, its key, and what people kept of it."""
    home = tmp_path_factory.mktemp("exported")
    with django_db_blocker.unblock(), transaction.atomic():
        files = small_log(home)
        export(home / "whole")
        export(home / "some", "--rollout", "demo")
        (home / "receipt").write_bytes(write_receipt(load_receipt(SignOff.objects.order_by("pk").first())))
        transaction.set_rollback(True)
    (home / "checkpoint").write_bytes((home / "whole" / "checkpoint").read_bytes())
    (home / "proof").write_bytes((home / "whole" / proof_name(1)).read_bytes())
    (home / "keys.txt").write_bytes((home / "whole" / "keys.txt").read_bytes())
    return home, read_signing_keys(files.keys)[0]


@pytest.fixture
def home(exported, tmp_path):
    shutil.copytree(exported[0], tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def bundle(home):
    return home / "whole"


@pytest.fixture
def stolen(exported):
    return exported[1]


def answer(bundle, keys=None, since=None):
    report = verify_bundle(bundle, *(path.read_bytes() if path else None for path in (keys, since)))
    worst = report.worst
    return int(report.result), str(worst.word) if worst else "", worst.seq if worst else None


OTHER = SigningKey(ORIGIN, bytes(range(32)))
VERIFIED = (0, "", None)


def forged(line, **said):
    return canonical_bytes(json.loads(line) | {"reason": "forged"} | said)


def changed(lines):
    return [*lines[:3], forged(lines[3]), *lines[4:]]


def inserted(lines):
    return [*lines[:3], forged(lines[3]), *lines[3:]]


def deleted(lines):
    return [*lines[:3], *lines[4:]]


def swapped(lines):
    return [*lines[:3], lines[4], lines[3], *lines[5:]]


def cut(lines):
    return lines[:8]


def appended(lines):
    return [*lines, forged(lines[10], seq=11)]


LINES = {
    "change an entry": (changed, (1, "altered", 3)),
    "insert an entry": (inserted, (1, "duplicate", 3)),
    "repeat an entry": (lambda lines: [*lines[:4], *lines[3:]], (1, "duplicate", 4)),
    "delete an entry": (deleted, (1, "missing", 3)),
    "delete the last entry": (lambda lines: lines[:10], (1, "tail-cut", 10)),
    "swap two entries": (swapped, (1, "out-of-order", 3)),
    "swap two far entries": (lambda lines: [lines[9], *lines[1:9], lines[0], lines[10]], (1, "out-of-order", 0)),
    "cut the end off": (cut, (1, "tail-cut", 8)),
    "cut everything off": (lambda lines: [], (1, "tail-cut", 0)),
    "add an entry": (appended, (2, "unsigned-tail", 11)),
    "bytes that are no entry": (lambda lines: [*lines[:3], b"{", *lines[4:]], (1, "altered", 3)),
    "an entry of another log": (
        lambda lines: [*lines[:3], forged(lines[3], log="a/audit/1"), *lines[4:]],
        (1, "foreign", 3),
    ),
    "a number that is none": (
        lambda lines: [*lines[:3], forged(lines[3], seq="3"), *lines[4:]],
        (1, "out-of-order", 3),
    ),
}
RENUMBERED = {
    "insert an entry": (inserted, (1, "altered", 3)),
    "delete an entry": (deleted, (1, "altered", 3)),
    "swap two entries": (swapped, (1, "altered", 3)),
}
REBUILT = {
    "change an entry": (changed, (1, "altered", 2)),
    "insert an entry": (inserted, (1, "altered", 2)),
    "delete an entry": (deleted, (1, "altered", 2)),
    "swap two entries": (swapped, (1, "altered", 2)),
    "change the last entry": (lambda lines: [*lines[:10], forged(lines[10])], (1, "altered", 5)),
    "cut the end off": (cut, (1, "tail-cut", 8)),
    "add an entry": (appended, (2, "unsigned-tail", 11)),
}


def test_what_nobody_touched_is_verified_in_every_way(home):
    for bundle in (home / "whole", home / "some"):
        assert answer(bundle) == VERIFIED
        for kept in ("checkpoint", "receipt", "proof", "whole/checkpoints/2"):
            assert answer(bundle, home / "keys.txt", home / kept) == VERIFIED


@pytest.mark.parametrize("act", LINES)
def test_lines_that_were_tampered_with_are_named(act, bundle):
    tamper, wanted = LINES[act]
    write_lines(bundle, tamper(lines_of(bundle)))
    assert answer(bundle) == wanted


@pytest.mark.parametrize("act", RENUMBERED)
def test_new_numbers_do_not_hide_it(act, bundle):
    tamper, wanted = RENUMBERED[act]
    write_lines(bundle, renumbered(tamper(lines_of(bundle))))
    assert answer(bundle) == wanted


@pytest.mark.parametrize("act", REBUILT)
def test_a_tree_that_was_built_again_does_not_hide_it(act, bundle):
    tamper, wanted = REBUILT[act]
    rebuild(bundle, renumbered(tamper(lines_of(bundle))))
    assert answer(bundle) == wanted


def test_a_line_that_was_cut_within_is_a_cut_tail(bundle):
    whole = (bundle / "entries.jsonl").read_bytes()
    put(bundle, "entries.jsonl", whole[:-9])
    assert answer(bundle) == (1, "tail-cut", 10)


def test_the_same_in_a_database_without_guards_shows_in_what_it_exports(tmp_path):
    small_log(tmp_path)
    drop_guards(connection)
    row = AuditEntry.objects.get(seq=3)
    AuditEntry.objects.filter(seq=3).update(body=forged(bytes(row.body)))
    assert answer(export(tmp_path / "changed")) == (1, "altered", 3)
    AuditEntry.objects.filter(seq=3).delete()
    assert answer(export(tmp_path / "deleted")) == (1, "missing", 3)


# --- what is signed


def roll_back(bundle, size=5):
    """Give the log as it was at an older checkpoint, with everything that goes with it."""
    lines = lines_of(bundle)[:size]
    tree = rebuild(bundle, lines)
    note = (bundle / f"checkpoints/{size}").read_bytes()
    put(bundle, "checkpoint", note)
    for path in (bundle / "proofs").iterdir():
        seq = int(path.name.partition(".")[0])
        path.unlink()
        if seq < size:
            proof = LogProof(seq, tuple(inclusion_proof(seq, size, tree.node)), note.decode())
            put(bundle, proof_name(seq), write_log_proof(proof).encode())
    mend_manifest(bundle)


def without_old_checkpoints(bundle):
    shutil.rmtree(bundle / "checkpoints")
    mend_manifest(bundle)


def test_an_older_state_is_a_rollback(home, bundle):
    roll_back(bundle)
    assert answer(bundle) == (1, "rollback", 5)


def test_an_older_checkpoint_in_place_of_the_newest_is_a_rollback(bundle):
    put(bundle, "checkpoint", (bundle / "checkpoints/5").read_bytes())
    mend_manifest(bundle)
    assert answer(bundle) == (1, "rollback", 5)


@pytest.mark.parametrize("kept", ["checkpoint", "receipt", "proof"])
def test_an_older_state_without_its_later_checkpoints_is_caught_by_what_was_kept(kept, home, bundle):
    if kept == "receipt":
        assert json.loads((home / kept).read_bytes())["tree"]["size"] == 11
    roll_back(bundle)
    without_old_checkpoints(bundle)
    assert answer(bundle, home / "keys.txt") == VERIFIED
    assert answer(bundle, home / "keys.txt", home / kept) == (1, "rollback", 5)


def test_a_new_history_under_another_key_is_caught_by_the_keys_that_one_was_told(home, bundle):
    resign(bundle, changed(lines_of(bundle)), OTHER)
    assert answer(bundle) == (2, "unknown-key", None)
    assert answer(bundle, home / "keys.txt") == (1, "altered", 2)
    without_old_checkpoints(bundle)
    assert answer(bundle) == VERIFIED
    assert answer(bundle, home / "keys.txt") == (2, "unknown-key", None)


@pytest.mark.parametrize("kept", ["checkpoint", "receipt", "proof"])
def test_a_new_history_under_another_key_is_caught_by_what_was_kept(kept, home, bundle):
    resign(bundle, changed(lines_of(bundle)), OTHER)
    without_old_checkpoints(bundle)
    assert answer(bundle, None, home / kept) == (1, "forked", 0)


def test_a_new_history_under_the_stolen_key_contradicts_the_older_checkpoints(home, bundle, stolen):
    resign(bundle, changed(lines_of(bundle)), stolen)
    put(bundle, "keys.txt", (home / "keys.txt").read_bytes())
    mend_manifest(bundle)
    assert answer(bundle, home / "keys.txt") == (1, "forked", 2)


@pytest.mark.parametrize("kept", ["checkpoint", "receipt", "proof"])
def test_a_new_history_under_the_stolen_key_is_caught_by_what_was_kept(kept, home, bundle, stolen):
    resign(bundle, changed(lines_of(bundle)), stolen)
    without_old_checkpoints(bundle)
    assert answer(bundle, home / "keys.txt") == VERIFIED
    assert answer(bundle, home / "keys.txt", home / kept) == (1, "forked", 0)


def test_a_checkpoint_that_was_changed_is_altered(bundle):
    text = (bundle / "checkpoint").read_text()
    put(bundle, "checkpoint", text.replace("\n11\n", "\n10\n").encode())
    rebuild(bundle, lines_of(bundle)[:10])
    assert answer(bundle)[:2] == (1, "altered")


def test_without_its_checkpoint_the_log_is_unsigned_and_never_verified(bundle):
    (bundle / "checkpoint").unlink()
    without_old_checkpoints(bundle)
    for path in (bundle / "proofs").iterdir():
        path.write_text(path.read_text().partition("\n\n")[0] + "\n\n")
    mend_manifest(bundle)
    assert answer(bundle) == (2, "unsigned", None)


def test_without_keys_nobody_known_signs(bundle):
    put(bundle, "keys.txt", b"# none\n")
    mend_manifest(bundle)
    assert answer(bundle) == (2, "unknown-key", None)


def test_the_key_of_another_log_does_not_vouch_for_this_one(home, bundle):
    other = SigningKey("other.example/audit/1", bytes(32))
    resign(bundle, changed(lines_of(bundle)), other, with_keys=False)
    without_old_checkpoints(bundle)
    (home / "both").write_text(f"{(home / 'keys.txt').read_text()}{other.verifier.text}\n")
    assert answer(bundle, home / "both") == (2, "unknown-key", None)


def test_an_epoch_that_no_entry_begins_does_not_make_old_checkpoints_count_less(home, bundle):
    later = SigningKey("localhost/audit/2", bytes(32))
    tree = rebuild(bundle, changed(lines_of(bundle)))
    put(bundle, "checkpoint", sign_checkpoint(Checkpoint(later.name, 11, tree.root), (later,)))
    put(bundle, "keys.txt", f"{later.verifier.text}\n".encode())
    mend_manifest(bundle, log=later.name)
    assert answer(bundle)[:2] == (1, "foreign")


# --- what goes with the entries


def spoiled(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def test_a_tile_or_a_bundle_of_entries_that_was_changed_is_altered(bundle):
    for name in ("tile/0/000.p/11", "tile/entries/000.p/11"):
        kept = (bundle / name).read_bytes()
        put(bundle, name, spoiled(kept))
        mend_manifest(bundle)
        assert answer(bundle)[:2] == (1, "altered")
        (bundle / name).unlink()
        mend_manifest(bundle)
        assert answer(bundle)[:2] == (1, "missing")
        put(bundle, name, kept)
        mend_manifest(bundle)
    assert answer(bundle) == VERIFIED


def test_a_proof_that_was_changed_removed_or_taken_from_another_entry_is_named(bundle):
    name = proof_name(1)
    kept = (bundle / name).read_text()
    for text, wanted in (
        ((bundle / proof_name(5)).read_text(), (1, "altered", 1)),
        (kept.replace("index 1", "index 2"), (1, "altered", 1)),
        (kept.replace(ORIGIN, "other.example/audit/1"), (1, "foreign", 1)),
        (kept.replace("\n11\n", "\n12\n"), (1, "forked", 1)),
        ("no proof", (3, "malformed", 1)),
    ):
        put(bundle, name, text.encode())
        mend_manifest(bundle)
        assert answer(bundle) == wanted
    (bundle / name).unlink()
    mend_manifest(bundle)
    assert answer(bundle) == (1, "missing", 1)


def test_a_statement_that_was_changed_or_removed_is_named(bundle):
    path = min((bundle / "statements/sha256").iterdir())
    path.write_bytes(spoiled(path.read_bytes()))
    assert answer(bundle)[:2] == (1, "altered")
    mend_manifest(bundle)
    assert answer(bundle)[:2] == (1, "altered")
    path.unlink()
    assert answer(bundle)[:2] == (1, "missing")
    mend_manifest(bundle)
    code, word, seq = answer(bundle)
    assert (code, word, seq in (1, 5)) == (1, "missing", True)


def test_a_report_that_says_something_else_is_altered(bundle):
    put(bundle, "report.html", b"GO")
    assert answer(bundle) == (1, "altered", None)


# --- what was kept, on another log


def test_a_receipt_is_no_receipt_of_another_log(home, bundle):
    (home / "other").write_bytes(write_receipt(make_receipt(2, 5)))
    assert answer(bundle, None, home / "other")[:2] in ((1, "forked"), (1, "foreign"))
    receipt = json.loads((home / "receipt").read_bytes())
    (home / "other").write_text(json.dumps(receipt | {"log": "other.example/audit/1"}))
    assert answer(bundle, None, home / "other") == (1, "foreign", None)


def test_a_checkpoint_of_another_log_and_one_that_its_key_did_not_sign_do_not_pass(home, bundle):
    text = (home / "checkpoint").read_text()
    (home / "other").write_text(text.replace(ORIGIN, "other.example/audit/1"))
    assert answer(bundle, None, home / "other") == (1, "foreign", None)
    (home / "other").write_text(text.replace("\n11\n", "\n9\n"))
    assert answer(bundle, None, home / "other")[:2] == (3, "malformed")
    (home / "other").write_text("nothing")
    assert answer(bundle, None, home / "other")[:2] == (3, "malformed")


# --- a bundle of some entries


@pytest.mark.parametrize(
    ("tamper", "wanted"),
    [
        (lambda lines: [forged(lines[0]), *lines[1:]], (1, "altered", 1)),
        (lambda lines: [lines[0], *lines], (1, "duplicate", 2)),
        (lambda lines: [lines[1], lines[0], *lines[2:]], (1, "out-of-order", 3)),
        (lambda lines: lines[1:], (1, "missing", None)),
    ],
)
def test_entries_of_a_filtered_bundle_prove_themselves(tamper, wanted, home):
    bundle = home / "some"
    lines = lines_of(bundle)
    put(bundle, "entries.jsonl", b"".join(line + b"\n" for line in [lines[0], *tamper(lines[1:])]))
    mend_manifest(bundle)
    assert answer(bundle) == wanted


def test_proofs_of_a_filtered_bundle_are_all_needed(home):
    (home / "some" / proof_name(3)).unlink()
    mend_manifest(home / "some")
    assert answer(home / "some") == (1, "missing", 3)


# --- a row behind the application


def test_a_table_row_that_was_edited_behind_the_application_differs_from_the_record(tmp_path):
    small_log(tmp_path, signed=False)
    Hold.objects.filter(pk=Hold.objects.order_by("pk").first().pk).update(reason="never mind")
    reconcile_tables(NOW + EVERY)
    (found,) = [each for each in reconcile_tables(NOW + EVERY + AGAIN_AFTER).differences if each["type"] == "hold"]
    assert found["confirmed"]
    assert "never mind" in found["found"]
