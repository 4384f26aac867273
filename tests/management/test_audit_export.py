"""`audit_export`: what a bundle holds, for whom, and that it can be checked in three ways without us."""

import csv
import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.test import override_settings

from readiness.core.audit import Change, ObjectRef, Place, entry_bytes
from readiness.core.bundle import csv_line
from readiness.core.checkpoint import parse_checkpoint, parse_note, write_note
from readiness.core.entries import columns_of, parse_entry
from readiness.core.merkle import completed_nodes, leaf_hash
from readiness.core.signing import SigningKey, sign_checkpoint
from readiness.management.verifier import MODULES
from readiness.models import AuditEntry, AuditHead, Blob, SignerKey, SignOff
from readiness.services.audit import append
from readiness.services.audit_guards import drop_guards
from readiness.services.blobs import keep_blob
from readiness.services.holds import call_hold
from readiness.services.signer_keys import begin_epoch, retire_key, rotate_key
from readiness.verify import verify_bundle
from tests.management.bundles import checkpoint, export, small_log, verify
from tests.management.tampering import mend_manifest, put
from tests.services.helpers import LEAD, NOW, act_of
from tests.services.signer_files import OPERATOR, files_in, grow
from tests.services.test_audit import ACT, claim

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def manifest_of(bundle):
    return json.loads((bundle / "manifest.json").read_bytes())


def run(*command, cwd, env=None):
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_bundle_of_everything_has_every_file_and_is_verified(tmp_path, capsysbinary):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    names = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    statements = {f"statements/{row.statement.replace(':', '/')}" for row in SignOff.objects.all()}
    assert names == statements | {
        "README.txt",
        "manifest.json",
        "keys.txt",
        "checkpoint",
        "checkpoints/2",
        "checkpoints/5",
        "checkpoints/11",
        "entries.jsonl",
        "tile/0/000.p/11",
        "tile/entries/000.p/11",
        "proofs/1.tlog-proof",
        "proofs/5.tlog-proof",
        "report.html",
        "report.css",
        "sign-offs.csv",
        "verify.pyz",
    }
    assert names - {"manifest.json"} == manifest_of(bundle)["files"].keys()
    bodies = [bytes(body) for body in AuditEntry.objects.order_by("seq").values_list("body", flat=True)]
    assert (bundle / "entries.jsonl").read_bytes() == b"".join(body + b"\n" for body in bodies)
    code, said = verify(capsysbinary, bundle, "--keys", bundle / "keys.txt", "--since", bundle / "checkpoints/2")
    assert (code, said.splitlines()[-1]) == (0, "VERIFIED")
    assert "Outside world: the log begins as the checkpoint that you kept says, which covers 2 entries" in said


def test_an_archive_is_the_same_bundle(tmp_path, capsysbinary):
    small_log(tmp_path)
    export(tmp_path / "bundle")
    path = export(tmp_path / "bundle.zip")
    code, said = verify(capsysbinary, path, "--json")
    found = json.loads(said[said.index("{") :])
    assert (code, found["result"], found["word"], found["seq"], found["size"]) == (0, "verified", "", None, 11)
    with zipfile.ZipFile(path) as archive:
        assert archive.read("entries.jsonl") == (tmp_path / "bundle/entries.jsonl").read_bytes()


def test_what_is_not_signed_yet_is_left_out_and_said(tmp_path, capsys):
    small_log(tmp_path)
    call_hold("demo", act_of(LEAD), NOW, reason="later")
    bundle = export(tmp_path / "bundle")
    assert "1 newer entries are not signed yet and left out" in capsys.readouterr().out
    assert (manifest_of(bundle)["size"], manifest_of(bundle)["newer"]) == (11, 1)
    assert "1 entries were newer" in (bundle / "README.txt").read_text()
    assert int(verify_bundle(bundle).result) == 0


def test_a_log_without_a_key_is_exported_and_loudly_unsigned(tmp_path, capsysbinary):
    small_log(tmp_path, signed=False)
    for options in ([], ["--rollout", "demo"]):
        bundle = export(tmp_path / f"bundle{len(options)}", *options)
        code, said = verify(capsysbinary, bundle)
        assert (code, said.splitlines()[-1]) == (2, "UNVERIFIABLE: unsigned")
        assert "Signature: UNSIGNED: no key vouches for these entries" in said
        for name in ("README.txt", "report.html"):
            assert "UNSIGNED" in (bundle / name).read_text()


# --- some of the entries


def test_a_bundle_of_a_rollout_proves_each_of_its_entries_and_says_how_many_of_how_many(tmp_path, capsysbinary):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle", "--rollout", "demo")
    seqs = [json.loads(line)["seq"] for line in (bundle / "entries.jsonl").read_bytes().splitlines()]
    assert seqs == [0, 1, 2, 3, 4, 5]
    assert {path.name for path in (bundle / "proofs").iterdir()} == {f"{seq}.tlog-proof" for seq in seqs}
    assert not (bundle / "tile/entries").exists()
    code, said = verify(capsysbinary, bundle, "--since", bundle / "checkpoints/5")
    assert (code, said.splitlines()[-1]) == (0, "VERIFIED, with the bundle’s own keys")
    assert "Log localhost/audit/1: 6 of 11 entries." in said
    assert "6 of the 11 entries of the log: those with rollout demo" in (bundle / "README.txt").read_text()
    assert "6 of 11 entries: those with rollout demo" in (bundle / "report.html").read_text()


def test_a_bundle_of_a_time_has_the_entries_of_that_time(tmp_path):
    small_log(tmp_path)
    at = AuditEntry.objects.get(seq=4).at
    bundle = export(tmp_path / "since", "--from", at.isoformat())
    assert manifest_of(bundle)["entries"] == 7
    bundle = export(tmp_path / "before", "--to", at.isoformat())
    assert manifest_of(bundle)["entries"] == 4
    bundle = export(tmp_path / "day", "--from", f"{at:%Y-%m-%d}", "--to", f"{at + timedelta(days=1):%Y-%m-%d}")
    assert manifest_of(bundle)["entries"] == 11
    assert int(verify_bundle(bundle).result) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--rollout", "nothing"], "no rollout nothing. Rollouts: demo"),
        (["--phase", "canary"], "--phase needs --rollout"),
        (["--rollout", "demo", "--phase", "canary"], "canary was never entered"),
        (["--from", "yesterday"], "no moment"),
        (["--from", "2999-01-01"], "No entry is what was asked for"),
    ],
)
def test_what_cannot_be_exported_is_said_and_leaves_nothing(options, words, tmp_path):
    small_log(tmp_path, signed=False)
    for name in ("bundle", "bundle.zip"):
        with pytest.raises(CommandError, match=words):
            export(tmp_path / name, *options)
    assert [path.name for path in tmp_path.iterdir() if "bundle" in path.name] == []


def test_nothing_that_is_there_is_written_over(tmp_path):
    small_log(tmp_path, signed=False)
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").write_text("mine")
    (tmp_path / "file.zip").write_text("mine")
    for target in (tmp_path / "full", tmp_path / "file.zip", tmp_path / "full/file"):
        with pytest.raises(CommandError, match="is there already"):
            export(target)
    with pytest.raises(CommandError, match="no directory"):
        export(tmp_path / "no/where")
    (tmp_path / "empty").mkdir()
    assert int(verify_bundle(export(tmp_path / "empty")).result) == 2


# --- what people read


def test_cells_that_a_spreadsheet_would_compute_are_led_by_an_apostrophe(tmp_path):
    small_log(tmp_path)
    text = (export(tmp_path / "bundle") / "sign-offs.csv").read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["entry"], row["role"], row["go"], row["reason"]) for row in rows] == [
        ("1", "sre", "yes", ""),
        ("5", "lead", "no", "'=1+1"),
    ]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_begins_a_formula(cell):
    assert csv_line([cell, 'say "yes"']) == f'"\'{cell}","say ""yes"""\r\n'


def test_the_report_has_no_way_out_of_the_bundle(tmp_path):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    text = (bundle / "report.html").read_text()
    assert 'href="/' not in text
    assert "url(" not in (bundle / "report.css").read_text()
    assert "<script" not in text
    assert "Decision record: Prepare" in text


# --- checked without us


def test_the_verifier_that_comes_along_runs_alone(tmp_path):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    code, said, trouble = run(sys.executable, "-I", "-S", "verify.pyz", ".", "--since", "checkpoints/5", cwd=bundle)
    assert (code, said.splitlines()[-1:], trouble) == (0, ["VERIFIED, with the bundle’s own keys"], "")
    (bundle / "entries.jsonl").write_bytes(b"")
    code, said, trouble = run(sys.executable, "-I", "-S", "verify.pyz", ".", cwd=bundle)
    assert (code, said.splitlines()[-1:], trouble) == (1, ["CONTRADICTION: tail-cut at entry 0"], "")


def test_the_verifier_that_comes_along_has_just_what_it_imports():
    names = "sorted(m for m in sys.modules if m.split('.')[0] == 'readiness')"
    code, said, _ = run(sys.executable, "-c", f"import sys, readiness.verify; print({names})", cwd=os.getcwd())
    wanted = {f"readiness/{name}".removesuffix("/__init__").replace("/", ".") for name in MODULES}
    assert (code, set(json.loads(said.replace("'", '"')))) == (0, wanted)


def by_hand(bundle, name):
    text = (bundle / "README.txt").read_text()
    script = text.split(f"# by hand: {name}\n")[1].split("# end\n")[0]
    return run("bash", "-euo", "pipefail", "-c", script, cwd=bundle)


def test_the_root_and_the_signature_can_be_checked_by_hand(tmp_path):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    code, said, _ = by_hand(bundle, "root")
    assert code == 0
    first, second = said.split()
    assert first == second
    code, said, trouble = by_hand(bundle, "signature")
    assert (code, said.strip()) == (0, "Signature Verified Successfully"), trouble
    text = (bundle / "checkpoint").read_text()
    (bundle / "checkpoint").write_text(text.replace("\n11\n", "\n10\n"))
    assert by_hand(bundle, "signature")[0] != 0


def test_a_proof_can_be_checked_by_hand(tmp_path):
    small_log(tmp_path)
    page = (Path(settings.BASE_DIR) / "docs" / "auditing.md").read_text()
    script = page.split("<!-- one proof by hand -->\n```bash\n")[1].split("```")[0]
    for name, options in (("whole", []), ("some", ["--rollout", "demo"])):
        bundle = export(tmp_path / name, *options)
        for number in (1, 5):
            command = script.replace("python3 - 1", f"python3 - {number}")
            assert run("bash", "-c", command, cwd=bundle)[1] == "holds localhost/audit/1 11\n"
        lines = (bundle / "entries.jsonl").read_bytes()
        (bundle / "entries.jsonl").write_bytes(lines.replace(b"approve-no-go", b"approve-yesgo"))
        assert run("bash", "-c", command, cwd=bundle)[1].startswith("DOES NOT HOLD")


def test_what_entries_name_and_a_bundle_does_not_have_is_listed_by_hand(tmp_path):
    files, page = small_log(tmp_path), (Path(settings.BASE_DIR) / "docs" / "auditing.md").read_text()
    script = page.split("<!-- what is named and not here -->\n```bash\n")[1].split("```")[0]
    kept = keep_blob(b"proof of it")
    piece = {"digest": kept, "title": "junit.xml"}
    seq = append(Change("claim.made", ObjectRef("claim", "9", "Tests"), None, {"evidence": [piece]}), ACT)
    checkpoint(files)
    bundle = export(tmp_path / "bundle")
    assert run("bash", "-c", script, cwd=bundle)[1] == ""
    (bundle / "evidence" / kept.replace(":", "/")).unlink()
    assert run("bash", "-c", script, cwd=bundle)[1] == f"{kept.removeprefix('sha256:')} first named by entry {seq}\n"
    statement = SignOff.objects.order_by("pk").first().statement
    (bundle / "statements" / statement.replace(":", "/")).unlink()
    assert f"{statement.removeprefix('sha256:')} first named by entry 1\n" in run("bash", "-c", script, cwd=bundle)[1]


def evidenced(tmp_path, keep=True):
    """Make a log in which one more entry names evidence; give its digest and the number of that entry."""
    files = small_log(tmp_path)
    digest = keep_blob(b"proof of it") if keep else f"sha256:{'0' * 64}"
    piece = {"digest": digest, "title": "junit.xml"}
    seq = append(Change("claim.made", ObjectRef("claim", "9", "Tests", "demo"), None, {"evidence": [piece]}), ACT)
    checkpoint(files)
    return digest, seq


@pytest.mark.parametrize("options", [[], ["--rollout", "demo"]])
def test_evidence_that_was_taken_out_of_files_and_manifest_is_missing(options, tmp_path):
    digest, seq = evidenced(tmp_path)
    bundle = export(tmp_path / "bundle", *options)
    assert (manifest_of(bundle)["absent"], verify_bundle(bundle).findings) == ({}, [])
    (bundle / "evidence" / digest.replace(":", "/")).unlink()
    mend_manifest(bundle)
    report = verify_bundle(bundle)
    assert [(int(each.result), each.word, each.seq) for each in report.findings] == [(1, "missing", seq)]
    assert digest in report.findings[0].sentence
    mend_manifest(bundle, absent={digest: "over a limit"})
    assert [(int(each.result), each.word) for each in verify_bundle(bundle).findings] == [(1, "missing")]
    mend_manifest(bundle, absent={digest: "not kept"})
    report = verify_bundle(bundle)
    assert report.findings == []
    assert f"the manifest says why: not kept. {digest} of entry {seq}." in " ".join(report.notes)


def test_evidence_that_was_altered_where_it_was_kept_is_altered(tmp_path):
    digest, seq = evidenced(tmp_path)
    Blob.objects.filter(pk=digest).update(data=b"another")
    bundle = export(tmp_path / "bundle")
    assert manifest_of(bundle)["absent"] == {digest: "altered where it was kept"}
    report = verify_bundle(bundle)
    assert [(int(each.result), each.word, each.seq) for each in report.findings] == [(1, "altered", seq)]
    assert "altered where it was kept" in report.findings[0].sentence


def test_evidence_that_was_never_kept_is_said_by_the_manifest_and_evidence_that_was_pruned_by_an_entry(tmp_path):
    digest, seq = evidenced(tmp_path, keep=False)
    bundle = export(tmp_path / "bundle")
    assert manifest_of(bundle)["absent"] == {digest: "not kept"}
    report = verify_bundle(bundle)
    assert report.findings == []
    assert any(f"not kept. {digest} of entry {seq}." in note for note in report.notes)
    append(Change("evidence.pruned", ObjectRef("blob", digest, "Evidence", "demo")), ACT)
    checkpoint(files_in(tmp_path))
    report = verify_bundle(export(tmp_path / "later"))
    assert [(int(each.result), each.word, each.seq) for each in report.findings] == [(0, "erased", seq)]


def test_the_manifest_does_not_excuse_a_statement_that_was_signed(tmp_path):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    statement = SignOff.objects.order_by("pk").first().statement
    (bundle / "statements" / statement.replace(":", "/")).unlink()
    mend_manifest(bundle, absent={statement: "not kept"})
    assert [(each.word, each.seq) for each in verify_bundle(bundle).findings] == [("missing", 1)]


def test_what_was_erased_is_said_and_is_no_contradiction(tmp_path):
    files = small_log(tmp_path)
    digest = SignOff.objects.order_by("pk").first().statement
    append(Change("privacy.erased", ObjectRef("blob", digest, "Statement")), ACT)
    checkpoint(files)
    Blob.objects.filter(pk=digest).delete()
    for options in ([], ["--rollout", "demo"]):
        report = verify_bundle(export(tmp_path / f"bundle{len(options)}", *options))
        assert (int(report.result), [(each.word, each.seq) for each in report.findings]) == (0, [("erased", 1)])


def test_a_sign_off_that_nobody_confirmed_is_noted(tmp_path):
    files = small_log(tmp_path)
    assert verify_bundle(export(tmp_path / "first")).notes == verify_bundle(export(tmp_path / "again")).notes
    grow(1, action="sign_off.given")
    checkpoint(files)
    (_, note) = sorted(verify_bundle(export(tmp_path / "second")).notes, key=lambda each: "confirmed" in each)
    assert note == "1 sign-offs do not say how the signer confirmed, among them 11."


# --- however long the log is


def grow_to(count):
    """Append entries in batches, by the code of the tree."""
    drop_guards(connection)
    frontier, rows = [], []
    for seq in range(count):
        body = entry_bytes(Place("localhost/audit/1", seq, NOW), claim(seq, reason="x" * 200), ACT, {})
        nodes, frontier = completed_nodes(seq, leaf_hash(body), frontier)
        said = columns_of(parse_entry(body))
        columns = {name: getattr(said, name) for name in ("actor", "action", "object", "rollout", "verdict")}
        rows.append(AuditEntry(seq=seq, body=body, nodes=b"".join(nodes), at=NOW, **columns))
        if len(rows) == 1000:
            AuditEntry.objects.bulk_create(rows)
            rows.clear()
    AuditEntry.objects.bulk_create(rows)
    AuditHead.objects.update(size=count, frontier=b"".join(frontier), last_at=NOW)


def peak(work):
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_log(tmp_path):
    grow_to(600)
    export(tmp_path / "warm.zip")
    small = peak(lambda: export(tmp_path / "small.zip")), peak(lambda: verify_bundle(tmp_path / "small.zip"))
    AuditHead.objects.all().delete()
    AuditEntry.objects.all().delete()
    AuditHead.objects.create(pk=1)
    grow_to(12_000)
    large = peak(lambda: export(tmp_path / "large.zip")), peak(lambda: verify_bundle(tmp_path / "large.zip"))
    assert int(verify_bundle(tmp_path / "large.zip").result) == 2
    assert large[0] < small[0] + 2_000_000
    assert large[1] < small[1] + 2_000_000


def test_kept_bytes_that_were_altered_are_not_passed_on_as_what_they_were(tmp_path):
    small_log(tmp_path)
    row = SignOff.objects.order_by("pk").first()
    Blob.objects.filter(pk=row.statement).update(data=b"another")
    report = verify_bundle(export(tmp_path / "bundle"))
    assert (report.worst.word, report.worst.seq) == ("missing", 1)


def test_checkpoints_along_the_way_are_all_in_it(tmp_path):
    files = small_log(tmp_path)
    for _ in range(3):
        call_hold("demo", act_of(LEAD), NOW, reason="again")
        checkpoint(files)
    bundle = export(tmp_path / "bundle")
    assert {path.name for path in (bundle / "checkpoints").iterdir()} == {"2", "5", "11", "12", "13", "14"}


@pytest.mark.parametrize(("seed", "word"), [(None, "altered"), (bytes(32), "unknown-key")])
def test_an_older_checkpoint_must_be_signed_though_its_root_fits(seed, word, tmp_path):
    small_log(tmp_path)
    bundle = export(tmp_path / "bundle")
    found = parse_note((bundle / "checkpoints/5").read_bytes())
    note = write_note(replace(found, signatures=(replace(found.signatures[0], data=bytes(64)),)))
    if seed is not None:
        note = sign_checkpoint(parse_checkpoint(found.text), (SigningKey("localhost/audit/1", seed),))
    put(bundle, "checkpoints/5", note)
    mend_manifest(bundle)
    report = verify_bundle(bundle)
    assert [each.word for each in report.findings] == [word]
    assert "checkpoints/5" in report.findings[0].sentence


# --- other keys, other epochs


def test_while_two_keys_sign_either_is_enough(tmp_path):
    files = small_log(tmp_path)
    first = SignerKey.objects.get().text
    rotate_key(files, OPERATOR, NOW)
    checkpoint(files)
    second = SignerKey.objects.exclude(text=first).get().text
    bundle = export(tmp_path / "bundle")
    for keys in (first, second, f"{first}\n{second}"):
        report = verify_bundle(bundle, keys.encode())
        assert (int(report.result), report.findings) == (0, [])
    assert by_hand(bundle, "signature")[0] == 0
    retire_key(files, OPERATOR, NOW)
    checkpoint(files)
    bundle = export(tmp_path / "later")
    assert int(verify_bundle(bundle, second.encode()).result) == 0
    assert int(verify_bundle(bundle, first.encode()).result) == 2
    assert by_hand(bundle, "signature")[0] == 0


def test_a_later_epoch_goes_on_in_the_same_tree_and_keeps_the_checkpoints_of_the_one_before(tmp_path):
    files = small_log(tmp_path)
    with override_settings(LOG_ORIGIN="localhost/audit/2"):
        begin_epoch(files, "the key was lost", OPERATOR, NOW)
        checkpoint(files)
        call_hold("demo", act_of(LEAD), NOW, reason="on")
        checkpoint(files)
        bundle = export(tmp_path / "bundle")
    assert {path.name for path in (bundle / "checkpoints/epoch-1").iterdir()} == {"2", "5", "11"}
    kept = (bundle / "checkpoints/epoch-1/5").read_bytes()
    report = verify_bundle(bundle, None, kept)
    assert (int(report.result), report.findings, report.log) == (0, [], "localhost/audit/2")
    assert len(report.notes) == 1
    put(bundle, "checkpoints/epoch-1/4", kept.replace(b"\n5\n", b"\n4\n"))
    report = verify_bundle(bundle)
    assert any("1 checkpoints of an earlier epoch, the first of 4 entries, do not fit" in note for note in report.notes)
