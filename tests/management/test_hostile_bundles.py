"""Bundles made to harm who checks them: each is refused in words, in bounded memory, and nothing is written."""

import json
import os
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness.verify import main, verify_bundle
from tests.management.tampering import mend_manifest
from tests.management.test_tampering import bundle, exported, home  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db
LIMIT = 40_000_000


def refused(path, words):
    report = verify_bundle(path)
    assert (int(report.result), report.worst.word) == (3, "malformed")
    assert words in report.worst.sentence
    return report


def archive(path, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return path


def packed(bundle, path):  # noqa: F811
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for each in sorted(bundle.rglob("*")):
            if each.is_file():
                made.write(each, each.relative_to(bundle))
    return path


def test_a_bundle_that_others_packed_again_is_still_verified(bundle, tmp_path):  # noqa: F811
    assert int(verify_bundle(packed(bundle, tmp_path / "again.zip")).result) == 0


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "a/../../b", "a\\b", ".hidden", "C:evil", "a//b", "a b", "ä"]
)
def test_names_that_lead_out_or_hide_are_refused(name, tmp_path):
    path = archive(tmp_path / "names.zip", **{"manifest.json": "{}", name: "x"})
    refused(path, "no file of a bundle is")
    assert not (tmp_path.parent / "outside").exists()


def test_links_are_refused(bundle, tmp_path):  # noqa: F811
    os.symlink("/etc/passwd", bundle / "evidence.txt")
    refused(bundle, "may lead out of the bundle")
    (bundle / "evidence.txt").unlink()
    os.symlink("/etc", bundle / "evidence")
    refused(bundle, "may lead out of the bundle")
    link = zipfile.ZipInfo("evidence.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as made:
        made.writestr(link, "/etc/passwd")
    refused(tmp_path / "link.zip", "is a link")


def test_a_pipe_is_refused_and_not_read(bundle):  # noqa: F811
    os.mkfifo(bundle / "evidence.txt")
    refused(bundle, "neither a file nor a directory")


def test_an_archive_that_unpacks_to_very_much_is_refused_before_it_is_read(tmp_path):
    made = zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED)
    with made, made.open("entries.jsonl", "w", force_zip64=True) as stream:
        for _ in range(400):
            stream.write(bytes(1_000_000))
    refused(tmp_path / "bomb.zip", "unpacks to more than 200 times its size")


def test_two_files_of_one_name_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as made:
        made.writestr("manifest.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("manifest.json", "{}")
    refused(tmp_path / "two.zip", "the same name")


def test_an_encrypted_or_strangely_packed_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "packed.zip", "w", zipfile.ZIP_LZMA) as made:
        made.writestr("manifest.json", "{}")
    refused(tmp_path / "packed.zip", "packed in a way")
    data = bytearray(archive(tmp_path / "plain.zip", **{"manifest.json": "{}"}).read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    refused(tmp_path / "locked.zip", "encrypted")


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), os.urandom(2000)])
def test_what_is_no_archive_is_refused(data, tmp_path):
    (tmp_path / "no.zip").write_bytes(data)
    assert int(verify_bundle(tmp_path / "no.zip").result) == 3
    assert int(verify_bundle(tmp_path / "nothing.zip").result) == 3


def test_an_archive_that_was_damaged_within_is_refused(bundle, tmp_path):  # noqa: F811
    data = bytearray(packed(bundle, tmp_path / "whole.zip").read_bytes())
    for place in range(50, len(data) // 2, 97):
        data[place] ^= 0x55
    (tmp_path / "damaged.zip").write_bytes(data)
    assert int(verify_bundle(tmp_path / "damaged.zip").result) == 3


def test_a_line_without_end_is_refused_in_little_memory(bundle):  # noqa: F811
    with (bundle / "entries.jsonl").open("wb") as file:
        for _ in range(200):
            file.write(b"a" * 1_000_000)
    tracemalloc.start()
    refused(bundle, "a line of more than 65,535 bytes")
    assert tracemalloc.get_traced_memory()[1] < LIMIT
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("name", "size"), [("checkpoint", 200_000), ("keys.txt", 2_000_000), ("proofs/1.tlog-proof", 300_000)]
)
def test_a_small_file_that_is_large_is_refused(name, size, bundle):  # noqa: F811
    (bundle / name).write_bytes(b"a" * size)
    refused(bundle, "has more than")


@pytest.mark.parametrize("coding", ["utf-16", "utf-32", "latin-1"])
def test_entries_in_another_coding_are_refused(coding, bundle):  # noqa: F811
    text = (bundle / "entries.jsonl").read_text().replace("Olga", "Ölga")
    (bundle / "entries.jsonl").write_bytes(text.encode(coding))
    mend_manifest(bundle)
    refused(bundle, "not UTF-8")


MANIFESTS = {
    "no JSON": b"{",
    "a list": b"[]",
    "another format": b'{"format": "other/1"}',
    "deep": b"[" * 100_000,
    "a float": b'{"format": 1.5}',
    "a key twice": b'{"format": 1, "format": 2}',
    "another coding": '{"format": 1}'.encode("utf-16"),
}
FIELDS = {
    "size": ["11", -1, True, 2**63, None],
    "root": ["zz", "00", 5],
    "entries": [12, 3, "x"],
    "signed": ["yes"],
    "filter": [[], {"rollout": 5}],
    "files": [[], {"../x": {}}, {"a": {}}, {"a": {"sha256": "00", "bytes": 1}}, {"a": 5}],
    "log": [5, None],
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_what_is_no_manifest_is_refused(name, bundle):  # noqa: F811
    (bundle / "manifest.json").write_bytes(MANIFESTS[name])
    assert int(verify_bundle(bundle).result) == 3


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in FIELDS.items() for value in values])
def test_a_manifest_with_another_kind_of_field_is_refused(name, value, bundle):  # noqa: F811
    body = json.loads((bundle / "manifest.json").read_bytes())
    (bundle / "manifest.json").write_text(json.dumps(body | {name: value}))
    assert int(verify_bundle(bundle).result) == 3


def test_a_manifest_that_promises_very_many_entries_costs_nothing(bundle):  # noqa: F811
    mend_manifest(bundle, size=2**52, entries=2**52)
    tracemalloc.start()
    assert int(verify_bundle(bundle).result) == 1
    assert tracemalloc.get_traced_memory()[1] < LIMIT
    tracemalloc.stop()


FILES = [
    "manifest.json",
    "checkpoint",
    "checkpoints/5",
    "keys.txt",
    "entries.jsonl",
    "proofs/1.tlog-proof",
    "tile/0/000.p/11",
]


@given(name=st.sampled_from(FILES), place=st.floats(0, 0.999), byte=st.integers(1, 255))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_changed_byte_is_ever_verified_or_a_traceback(name, place, byte, bundle):  # noqa: F811
    kept = (bundle / name).read_bytes()
    where = int(place * len(kept))
    (bundle / name).write_bytes(kept[:where] + bytes([kept[where] ^ byte]) + kept[where + 1 :])
    report = verify_bundle(bundle)
    (bundle / name).write_bytes(kept)
    assert report.findings or name in ("keys.txt", "manifest.json")
    assert not any("It cannot be read to its end" in each.sentence for each in report.findings)


@given(name=st.sampled_from(FILES), data=st.binary(max_size=300))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_place_of_a_file_end_in_a_traceback(name, data, bundle):  # noqa: F811
    kept = (bundle / name).read_bytes()
    (bundle / name).write_bytes(data)
    report = verify_bundle(bundle)
    (bundle / name).write_bytes(kept)
    assert report.findings
    assert not any("It cannot be read to its end" in each.sentence for each in report.findings)


def test_a_terminal_is_not_told_what_to_do(bundle, capsysbinary):  # noqa: F811
    mend_manifest(bundle, log="\x1b[2Jgone/audit/1")
    assert main([str(bundle)]) == 3
    said = capsysbinary.readouterr().out
    assert b"\x1b" not in said
    assert rb"\x1b" in said


@pytest.mark.parametrize("arguments", [[], ["--keys"], ["a", "b"], ["a", "--since", "/nowhere"], ["--what"]])
def test_wrong_arguments_do_not_look_like_an_answer(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 3
