"""The official vectors through the runner that anybody can use, and the runner with files that must fail."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest

from tests.cases.audit import FAIL, NOT_APPLICABLE, PASS, main, run_vectors

FILE = Path(__file__).parent.parent / "cases" / "audit_vectors.json"
VECTORS = json.loads(FILE.read_text())
REJECTED = sum(case["wantErr"] for case in VECTORS["rfc6962_proof_corpus"]["cases"])


def test_every_case_that_applies_passes_and_none_is_lost():
    found = [*run_vectors(VECTORS)]
    assert [(group, case) for group, case in found if case.result == FAIL] == []
    assert Counter(case.result for _, case in found) == {PASS: 390, NOT_APPLICABLE: 16}
    assert Counter(group for group, _ in found)["rfc6962_proof_corpus"] == 196
    assert REJECTED == 184
    assert all(case.why for _, case in found if case.result == NOT_APPLICABLE)


def test_the_runner_prints_a_line_for_each_case_and_their_count(capsys):
    assert main([str(FILE)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 407
    assert lines[0] == "pass: rfc6962_tree, empty root"
    assert lines[-1] == "390 pass, 0 fail, 16 not applicable"
    assert any(line.startswith("not applicable: dsse, envelope: ") for line in lines)


WRONG = {
    "a proof that must be accepted": ("rfc6962_proof_corpus", "cases", 0, "wantErr", True),
    "a proof that is no base64": ("checkpoint_consistency", "proofs", 0, "proof", 0, "!"),
    "a root": ("rfc6962_tree", "root_by_size", 8, "00" * 32),
    "a signer": ("signed_note", "good", 0, "vkeys", 0, VECTORS["signed_note"]["good"][1]["vkeys"][0]),
    "a bad note that is good": ("signed_note", "bad", 0, VECTORS["signed_note"]["good"][0] | {"why": "fine"}),
    "a bad key that is good": ("signed_note", "bad_vkeys", 0, VECTORS["signed_note"]["good"][0]["vkeys"][0]),
    "a bad proof that is good": ("tlog_proof_format", "bad", 0, VECTORS["tlog_proof_format"]["good"][0]["text"]),
    "a bad checkpoint that is good": ("checkpoint_parse", "bad", 0, VECTORS["golang_tlog"]["format_tree"]["text"]),
    "a document": ("rfc8785", "documents", 0, "output_hex", "00"),
    "a signature": ("ed25519_rfc8032", "cases", 0, "signature", "00" * 64),
    "a path of a tile": ("golang_tlog", "tile_paths_go", 0, "path", "tile/4/0/002"),
    "a count of tiles": ("c2sp_examples", "tiles", 0, "size", 70001),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_case_that_is_not_as_the_file_says_fails_with_why(name, tmp_path, capsys):
    *path, last, value = WRONG[name]
    place = vectors = {path[0]: deepcopy(VECTORS[path[0]])}
    for step in path:
        place = place[step]
    place[last] = value
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps(vectors))
    assert main([str(file)]) == 1
    failed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("fail: ")]
    assert failed
    assert all(line.startswith(f"fail: {path[0]}, ") and line.count(": ") >= 2 for line in failed)


@pytest.mark.parametrize(
    ("text", "code"),
    [('{"another": []}', 1), ('{"dsse": {}, "rfc6962_tree": {}}', 1), ("{}", 1), ("[]", 2), ("nothing", 2)],
)
def test_what_the_runner_cannot_check_is_never_a_pass(text, code, tmp_path):
    file = tmp_path / "vectors.json"
    file.write_text(text)
    assert main([str(file)]) == code
    assert main([str(tmp_path / "none.json")]) == 2
    assert main([]) == 2
