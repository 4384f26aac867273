import json
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.checkpoint import (
    COSIGNATURE,
    BadNote,
    BadSignature,
    Checkpoint,
    MalformedNote,
    Note,
    NoteSignature,
    UnknownSigner,
    VerifierKey,
    checkpoint_text,
    cosigned_bytes,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_note,
    write_note,
)
from readiness.core.ed25519 import is_signature
from readiness.core.merkle import verify_consistency
from readiness.core.signing import SigningKey, parse_signing_key, sign_checkpoint, write_signing_key

VECTORS = json.loads((Path(__file__).parent.parent / "cases" / "audit_vectors.json").read_text())
NOTES = VECTORS["signed_note"]
ORIGIN = "log.test/audit/1"
KEY = SigningKey(ORIGIN, bytes(range(32)))
OTHER = SigningKey(ORIGIN, bytes(32))
HEAD = Checkpoint(ORIGIN, 4712, bytes(range(32)))


def note_bytes(case):
    return b64decode(case["note_b64"]) if "note_b64" in case else case["note"].encode()


def verified(data, vkeys):
    return verify_note(parse_note(data), [parse_verifier_key(each) for each in vkeys], is_signature)


# --- the official notes


@pytest.mark.parametrize("case", NOTES["good"], ids=lambda case: "+".join(case["verified"]))
def test_an_official_note_is_verified_by_the_keys_it_names(case):
    assert [key.name for key in verified(note_bytes(case), case["vkeys"])] == case["verified"]


@pytest.mark.parametrize("case", NOTES["good"], ids=lambda case: "+".join(case["verified"]))
def test_an_official_note_is_written_as_it_was_read(case):
    assert write_note(parse_note(note_bytes(case))) == note_bytes(case)


@pytest.mark.parametrize("case", NOTES["bad"], ids=lambda case: case["why"])
def test_an_official_bad_note_is_refused(case):
    with pytest.raises(BadNote):
        verified(note_bytes(case), case["vkeys"])


def test_official_bad_notes_are_refused_for_what_is_wrong_with_them():
    kinds = {}
    for case in NOTES["bad"]:
        with pytest.raises(BadNote) as problem:
            verified(note_bytes(case), case["vkeys"])
        kinds[case["why"]] = type(problem.value)
    assert kinds.pop("no known key") is UnknownSigner
    assert kinds.pop("invalid signature") is BadSignature
    assert set(kinds.values()) == {MalformedNote}
    assert len(kinds) == 8


@pytest.mark.parametrize("text", NOTES["bad_vkeys"])
def test_an_official_bad_verifier_key_is_refused(text):
    with pytest.raises(MalformedNote):
        parse_verifier_key(text)


def test_every_official_verifier_key_is_written_as_it_was_read():
    texts = {each for case in NOTES["good"] for each in case["vkeys"]} | {VECTORS["checkpoint_consistency"]["vkey"]}
    assert len(texts) == 5
    assert {parse_verifier_key(each).text for each in texts} == texts


def test_the_official_secret_key_makes_the_official_signature():
    (case,) = [each for each in NOTES["good"] if "skey" in each]
    key, note = parse_signing_key(case["skey"]), parse_note(case["note"].encode())
    assert key.verifier.text == case["vkeys"][0]
    assert note.signatures == (NoteSignature(key.name, key.verifier.key_id, key.sign(note.text.encode())),)
    assert write_signing_key(key) == case["skey"] + "\n"


# --- the official checkpoints


def test_the_checkpoint_of_the_specification_verifies_under_the_key_that_truly_signed_it():
    examples, vkey = VECTORS["c2sp_examples"], NOTES["good"][-1]["vkeys"][0]
    as_signed = examples["checkpoint_is_sum_golang_org_signature_of"].encode()
    found = open_checkpoint(as_signed, "go.sum database tree", [parse_verifier_key(vkey)], is_signature)
    assert (found.size, found.root.hex()[:8]) == (20852163, "0ac5186a")
    printed = parse_checkpoint(parse_note(examples["checkpoint_text"].encode()).text)
    assert (printed.origin, printed.size, printed.root) == ("example.com/behind-the-sofa", found.size, found.root)
    with pytest.raises(UnknownSigner):
        verified(examples["checkpoint_text"].encode(), [vkey])


def test_a_cosignature_covers_the_time_and_the_checkpoint():
    examples = VECTORS["c2sp_examples"]
    note, moment = parse_note(examples["cosigned"].encode()), examples["cosignature_timestamp"]
    assert cosigned_bytes(note.text, moment).decode() == examples["cosigned_message"]
    assert int.from_bytes(note.signatures[1].data[:8], "big") == moment


def test_a_timestamped_signature_is_verified_with_its_time():
    text, moment = checkpoint_text(HEAD), 1_790_000_000
    witness = SigningKey("witness.test", bytes([7]) * 32)
    key = VerifierKey("witness.test", witness.verifier.public, COSIGNATURE)
    data = moment.to_bytes(8, "big") + witness.sign(cosigned_bytes(text, moment))
    note = Note(text, (NoteSignature(key.name, key.key_id, data),))
    assert parse_verifier_key(key.text) == key
    assert verify_note(note, [key], is_signature) == (key,)
    later = (moment + 1).to_bytes(8, "big") + data[8:]
    with pytest.raises(BadSignature):
        verify_note(Note(text, (NoteSignature(key.name, key.key_id, later),)), [key], is_signature)


@pytest.mark.parametrize("case", VECTORS["checkpoint_consistency"]["proofs"], ids=lambda case: str(len(case["proof"])))
def test_official_signed_checkpoints_are_consistent_as_they_say(case):
    group = VECTORS["checkpoint_consistency"]
    key = parse_verifier_key(group["vkey"])
    old, new = (
        open_checkpoint(group["checkpoints"][str(case[end])].encode(), key.name, [key], is_signature)
        for end in ("from", "to")
    )
    proof = [b64decode(each) for each in case["proof"]]
    assert verify_consistency(old.size, new.size, old.root, new.root, proof) is case["ok"]


@pytest.mark.parametrize("case", VECTORS["checkpoint_parse"]["good"], ids=lambda case: str(case["size"]))
def test_an_official_checkpoint_is_read_once_its_root_has_32_bytes(case):
    with pytest.raises(MalformedNote, match="32 bytes"):
        parse_checkpoint(case["text"])
    lines = case["text"].split("\n")
    lines[2] = checkpoint_text(HEAD).split("\n")[2]
    found = parse_checkpoint("\n".join(lines))
    assert (found.origin, found.size, list(found.extensions)) == (case["origin"], case["size"], case.get("ext", []))


@pytest.mark.parametrize("text", VECTORS["checkpoint_parse"]["bad"])
def test_an_official_bad_checkpoint_is_refused(text):
    with pytest.raises(MalformedNote):
        parse_checkpoint(text)


def test_the_tree_text_of_the_go_checksum_database_is_read_and_written():
    case = VECTORS["golang_tlog"]["format_tree"]
    found = parse_checkpoint(case["text"])
    assert (found.size, found.root) == (case["n"], b64decode(case["hash_b64"]))
    assert checkpoint_text(found) == case["text"]


@pytest.mark.parametrize("text", VECTORS["golang_tlog"]["bad_trees"])
def test_a_bad_tree_text_of_the_go_checksum_database_is_refused(text):
    key = SigningKey("go.sum database tree".replace(" ", "-"), bytes(32))
    line = NoteSignature(key.name, key.verifier.key_id, key.sign(text.encode()))
    with pytest.raises(MalformedNote):
        open_checkpoint(write_note(Note(text, (line,))), "go.sum database tree", [key.verifier], is_signature)


# --- ours


def test_a_checkpoint_is_read_back_as_it_was_signed():
    data = sign_checkpoint(HEAD, (KEY,))
    assert open_checkpoint(data, ORIGIN, [KEY.verifier], is_signature) == HEAD
    assert data.decode().split("\n")[:2] == [ORIGIN, "4712"]


def test_an_overlap_verifies_with_the_old_key_with_the_new_one_and_with_both():
    data = sign_checkpoint(HEAD, (KEY, OTHER))
    for keys in ([KEY.verifier], [OTHER.verifier], [KEY.verifier, OTHER.verifier]):
        assert verify_note(parse_note(data), keys, is_signature) == tuple(keys)


def test_one_bad_signature_of_a_known_key_spoils_the_good_ones():
    note = parse_note(sign_checkpoint(HEAD, (KEY, OTHER)))
    bad = replace(note.signatures[1], data=bytes(64))
    with pytest.raises(BadSignature):
        verify_note(replace(note, signatures=(note.signatures[0], bad)), [KEY.verifier, OTHER.verifier], is_signature)
    with pytest.raises(BadSignature):
        verify_note(replace(note, signatures=(*note.signatures, bad)), [KEY.verifier, OTHER.verifier], is_signature)


def test_a_checkpoint_of_another_log_is_refused_though_the_key_signed_it():
    data = sign_checkpoint(replace(HEAD, origin="log.test/audit/2"), (KEY,))
    with pytest.raises(MalformedNote, match=r"of the log log.test/audit/2, not"):
        open_checkpoint(data, ORIGIN, [KEY.verifier], is_signature)


def test_a_key_under_another_name_is_another_key():
    assert KEY.verifier.key_id != SigningKey("log.test/audit/2", KEY.seed).verifier.key_id


@pytest.mark.parametrize(
    "change", [{"size": 0}, {"root": b"short"}, {"origin": ""}, {"origin": "a\nb"}, {"size": 2**63}], ids=str
)
def test_nothing_is_signed_that_no_reader_would_accept(change):
    with pytest.raises(MalformedNote):
        sign_checkpoint(replace(HEAD, **change), (KEY,))


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_key_with_a_bad_name_signs_nothing(name):
    with pytest.raises(MalformedNote):
        sign_checkpoint(HEAD, (SigningKey(name, bytes(32)),))


@pytest.mark.parametrize("spelling", ["AAA", "AAAB", "A A=", "AA==\n"])
def test_base64_has_one_spelling(spelling):
    lines = checkpoint_text(HEAD).split("\n")
    with pytest.raises(MalformedNote):
        parse_checkpoint("\n".join([*lines[:2], spelling, ""]))


def test_leftover_bits_of_base64_are_refused():
    text = checkpoint_text(HEAD)
    root = text.split("\n")[2]
    with pytest.raises(MalformedNote):
        parse_checkpoint(text.replace(root, root.replace("8=", "9=")))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "PRIVATE+KEY+a",
        "PRIVATE+KEY+a+00000000+AAAA",
        "PRIVATE+KEY+a+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_line_that_is_no_signing_key_is_refused_without_repeating_it(line):
    with pytest.raises(MalformedNote) as problem:
        parse_signing_key(line)
    assert "AAAA" not in str(problem.value)


def test_a_signing_key_is_read_back_and_never_printed():
    assert parse_signing_key(write_signing_key(KEY)) == KEY
    assert "seed" not in repr(KEY)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_bit_of_a_signed_checkpoint_can_be_turned(place, bit):
    data = bytearray(sign_checkpoint(HEAD, (KEY,)))
    data[place % len(data)] ^= 1 << bit
    with pytest.raises(BadNote):
        open_checkpoint(bytes(data), ORIGIN, [KEY.verifier], is_signature)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_note_are_refused_in_words(data):
    with pytest.raises(BadNote):
        open_checkpoint(data, ORIGIN, [KEY.verifier], is_signature)
