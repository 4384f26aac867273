"""The two ways to verify Ed25519, and the one to sign: against RFC 8032, against each other, against openssl."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core import ed25519
from readiness.core.ed25519 import ORDER, P, is_signature
from readiness.core.signatures import is_signed, make_signature, public_key

CASES = json.loads((Path(__file__).parent.parent / "cases" / "audit_vectors.json").read_text())["ed25519_rfc8032"]
SEED = bytes(range(32))
VERIFIERS = pytest.mark.parametrize("holds", [is_signature, is_signed], ids=["standard library", "cryptography"])
SEEDS, MESSAGES = st.binary(min_size=32, max_size=32), st.binary(max_size=100)


@pytest.mark.parametrize("case", CASES["cases"], ids=["no bytes", "one byte", "two bytes"])
def test_signatures_are_made_as_in_rfc_8032(case):
    seed, message = bytes.fromhex(case["secret"]), bytes.fromhex(case["message_hex"])
    assert public_key(seed).hex() == case["public"]
    assert make_signature(seed, message).hex() == case["signature"]


@VERIFIERS
@pytest.mark.parametrize("case", CASES["cases"], ids=["no bytes", "one byte", "two bytes"])
def test_signatures_of_rfc_8032_hold_for_their_message_alone(case, holds):
    public, message, signature = (bytes.fromhex(case[name]) for name in ("public", "message_hex", "signature"))
    assert holds(public, message, signature)
    assert not holds(public, message + b"x", signature)
    assert not holds(public_key(SEED), message, signature)


@settings(max_examples=60, deadline=None)
@given(SEEDS, MESSAGES, st.integers(0, 511))
def test_both_verifiers_take_a_signature_until_one_bit_of_it_turns(seed, message, place):
    signature = bytearray(make_signature(seed, message))
    assert is_signature(public_key(seed), message, bytes(signature))
    assert is_signed(public_key(seed), message, bytes(signature))
    signature[place // 8] ^= 1 << place % 8
    assert not is_signature(public_key(seed), message, bytes(signature))
    assert not is_signed(public_key(seed), message, bytes(signature))


@settings(max_examples=60, deadline=None)
@given(SEEDS, MESSAGES, st.integers(0, 255))
def test_both_verifiers_refuse_a_key_of_which_one_bit_turned(seed, message, place):
    public = bytearray(public_key(seed))
    public[place // 8] ^= 1 << place % 8
    signature = make_signature(seed, message)
    assert not is_signature(bytes(public), message, signature)
    assert not is_signed(bytes(public), message, signature)


@VERIFIERS
def test_a_second_spelling_of_a_signature_is_refused(holds):
    signature = make_signature(SEED, b"text")
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    assert not holds(public_key(SEED), b"text", signature[:32] + scalar.to_bytes(32, "little"))


@VERIFIERS
@pytest.mark.parametrize(
    "public",
    [b"", bytes(31), (P + 1).to_bytes(32, "little"), (2).to_bytes(32, "little"), (1 | 1 << 255).to_bytes(32, "little")],
    ids=["nothing", "short", "beyond the field", "no point", "zero with a sign"],
)
def test_bytes_that_are_no_public_key_verify_nothing(public, holds):
    assert not holds(public, b"text", make_signature(SEED, b"text"))


@VERIFIERS
@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(65), make_signature(SEED, b"text") + b"\0"])
def test_a_signature_of_another_length_is_none(signature, holds):
    assert not holds(public_key(SEED), b"text", signature)


def test_a_seed_of_another_length_signs_nothing():
    with pytest.raises(ValueError, match="32 bytes"):
        make_signature(b"short", b"text")
    with pytest.raises(ValueError, match="32 bytes"):
        public_key(b"short")


def test_what_is_for_verifying_cannot_sign():
    own = {name for name, each in vars(ed25519).items() if getattr(each, "__module__", "") == ed25519.__name__}
    assert {name for name in own if not name.startswith("_")} == {"NoPoint", "is_signature"}


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
