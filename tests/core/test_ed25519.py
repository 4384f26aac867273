import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.ed25519 import ORDER, P, is_signature, make_signature, public_key

CASES = json.loads((Path(__file__).parent.parent / "cases" / "audit_vectors.json").read_text())["ed25519_rfc8032"]
SEED = bytes(range(32))


@pytest.mark.parametrize("case", CASES["cases"], ids=["no bytes", "one byte", "two bytes"])
def test_ed25519_is_the_one_of_rfc_8032(case):
    seed, message = bytes.fromhex(case["secret"]), bytes.fromhex(case["message_hex"])
    assert public_key(seed).hex() == case["public"]
    assert make_signature(seed, message).hex() == case["signature"]
    assert is_signature(public_key(seed), message, make_signature(seed, message))
    assert not is_signature(public_key(seed), message + b"x", make_signature(seed, message))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=100), st.integers(0, 511))
def test_a_signature_fits_until_one_bit_of_it_turns(seed, message, place):
    signature = bytearray(make_signature(seed, message))
    assert is_signature(public_key(seed), message, bytes(signature))
    signature[place // 8] ^= 1 << place % 8
    assert not is_signature(public_key(seed), message, bytes(signature))


def test_a_second_spelling_of_a_signature_is_refused():
    signature = make_signature(SEED, b"text")
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not is_signature(public_key(SEED), b"text", signature[:32] + scalar.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "public",
    [b"", bytes(31), (P + 1).to_bytes(32, "little"), (2).to_bytes(32, "little"), (1 | 1 << 255).to_bytes(32, "little")],
    ids=["nothing", "short", "beyond the field", "no point", "zero with a sign"],
)
def test_bytes_that_are_no_public_key_verify_nothing(public):
    assert not is_signature(public, b"text", make_signature(SEED, b"text"))


def test_a_seed_of_another_length_signs_nothing():
    with pytest.raises(ValueError, match="32 bytes"):
        make_signature(b"short", b"text")


def test_openssl_accepts_what_is_signed_here(tmp_path):
    der = bytes.fromhex("302a300506032b6570032100") + public_key(SEED)
    (tmp_path / "public.der").write_bytes(der)
    (tmp_path / "text").write_bytes(b"a checkpoint\n")
    (tmp_path / "signature").write_bytes(make_signature(SEED, b"a checkpoint\n"))
    words = ["-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-rawin", "-in", "text"]
    done = subprocess.run(
        ["openssl", "pkeyutl", *words, "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
