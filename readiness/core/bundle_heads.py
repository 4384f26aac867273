"""What a bundle's entries must lead to: the roots that keys signed, and those that somebody kept outside.

The newest checkpoint's signature is checked first; each older one's too, with the keys of its epoch, fitting or not.
The signature of one that does not fit tells whether its file was altered or the log has forked.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from readiness.core.bundle import CHECKPOINT, CHECKPOINTS, KEYS, MANIFEST, BadBundle, Files, Manifest
from readiness.core.checkpoint import (
    BadNote,
    BadSignature,
    Check,
    MalformedNote,
    Note,
    UnknownSigner,
    VerifierKey,
    parse_checkpoint,
    parse_note,
    parse_verifier_key,
    verify_note,
)
from readiness.core.epochs import split_origin
from readiness.core.findings import BundleReport, Finding, Word
from readiness.core.merkle import HASH_BYTES
from readiness.core.proofs import HEADER, NotAProof, parse_log_proof
from readiness.core.strict import NotCanonical, parse_canonical

MAX_NOTE_BYTES = 100_000
MAX_KEYS_BYTES = 1_000_000
MAX_ANCHOR_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says what the root was at a size: a checkpoint of the bundle, or what was kept outside it.

    `past` is that of an earlier epoch, whose end may have been lost with what a restored backup did not have.
    """

    size: int
    root: bytes
    source: str
    origin: str
    note: Note | None = None
    outside: bool = False
    past: bool = False


def read_keys(files: Files, own: bytes | None, report: BundleReport) -> tuple[VerifierKey, ...]:
    """Read the keys that somebody brings, else those of the bundle. Raises BadBundle for a line that is no key."""
    data, source = own, "the keys that were given"
    if data is None:
        data, source = (files.read(KEYS, MAX_KEYS_BYTES) if KEYS in files.names() else b""), KEYS
    try:
        lines = data.decode().splitlines()
        keys = tuple(parse_verifier_key(line.split()[0]) for line in lines if line.strip() and line[0] != "#")
    except (UnicodeDecodeError, MalformedNote) as problem:
        raise BadBundle(f"A key in {source} cannot be read: {problem}") from None
    report.own_keys = own is None
    if own is None and keys:
        said = ", ".join(sorted({key.fingerprint for key in keys}))
        report.notes.append(f"The keys are the bundle’s own. Compare them with what you were told: {said}.")
    return keys


def read_newest(files: Files) -> Claim | None:
    """Read the newest checkpoint without verifying it; None when the log is unsigned. Raises BadBundle."""
    return _claim(files, CHECKPOINT) if CHECKPOINT in files.names() else None


def check_newest(
    claim: Claim | None, keys: Iterable[VerifierKey], check: Check, report: BundleReport
) -> Finding | None:
    """Verify the newest checkpoint, and say in the report who signed it; give what is wrong with its signature.

    Only keys that have the name of the log count: the key of another log vouches for that one.
    """
    if claim is None:
        report.signature = "UNSIGNED: no key vouches for these entries"
        return Finding(Word.UNSIGNED, "The bundle has no checkpoint, so nobody vouches for what it holds.")
    try:
        signers = _signers(claim, (key for key in keys if key.name == claim.origin), check)
    except UnknownSigner as problem:
        report.signature = "by no key of this log that is known here"
        return Finding(Word.UNKNOWN_KEY, str(problem))
    except BadSignature as problem:
        report.signature = "does not hold"
        return Finding(Word.ALTERED, f"The checkpoint was altered: {problem}")
    named = ", ".join(f"{key.name} ({key.fingerprint[:16]}…)" for key in signers)
    report.signature = f"checkpoint of {claim.size:,} entries, by {named}"
    return None


def read_older(files: Files, log: str) -> Iterator[Claim]:
    """Read every other checkpoint without verifying it, and without keeping its text. Raises BadBundle."""
    for name in files.names():
        if name.startswith(CHECKPOINTS):
            claim = _claim(files, name)
            if name.rpartition("/")[2] != str(claim.size):
                raise BadBundle(f"{name} is the checkpoint of {claim.size} entries.")
            yield replace(claim, note=None, past=claim.origin != log)


def verify_file(files: Files, claim: Claim, keys: Iterable[VerifierKey], check: Check) -> tuple[VerifierKey, ...]:
    """Read a checkpoint's file again and verify its signatures by keys of its log. Raises BadNote."""
    return _signers(_claim(files, claim.source), (key for key in keys if key.name == claim.origin), check)


def check_older(files: Files, claims: Iterable[Claim], keys: Iterable[VerifierKey], check: Check) -> Iterator[Finding]:
    """Say which older checkpoints do not have a signature that holds, though their roots may fit."""
    known = tuple(keys)
    for claim in claims:
        try:
            verify_file(files, claim, known, check)
        except UnknownSigner as problem:
            yield Finding(Word.UNKNOWN_KEY, f"No known key signed {claim.source}: {problem}")
        except BadSignature as problem:
            yield Finding(Word.ALTERED, f"{claim.source} was altered: {problem}")


def _signers(claim: Claim, keys: Iterable[VerifierKey], check: Check) -> tuple[VerifierKey, ...]:
    if claim.note is None:
        raise UnknownSigner(f"{claim.source} has no signature.")
    return verify_note(claim.note, keys, check)


def _claim(files: Files, name: str) -> Claim:
    try:
        return _note_claim(files.read(name, MAX_NOTE_BYTES), name)
    except BadNote as problem:
        raise BadBundle(f"{name} cannot be read: {problem}") from None


def _note_claim(data: bytes, source: str, outside: bool = False) -> Claim:
    note = parse_note(data)
    found = parse_checkpoint(note.text)
    return Claim(found.size, found.root, source, found.origin, note, outside)


def read_anchor(data: bytes) -> Claim:
    """Read what somebody kept: a signed checkpoint, its three lines alone, a proof file or a receipt.

    Raises BadBundle, also for a proof whose log nobody signs: it names no root.
    """
    try:
        if data.startswith(HEADER.encode()):
            return _note_claim(parse_log_proof(data.decode()).checkpoint.encode(), "the proof that you kept", True)
        if data.lstrip().startswith(b"{"):
            return _receipt_claim(data)
        if b"\n\n" in data:
            return _note_claim(data, "the checkpoint that you kept", True)
        found = parse_checkpoint(data.decode())
    except (BadNote, NotAProof, NotCanonical, UnicodeDecodeError, KeyError, TypeError, ValueError) as problem:
        raise BadBundle(f"What you kept is no checkpoint, proof or receipt that can be read: {problem}") from None
    return Claim(found.size, found.root, "the checkpoint that you kept", found.origin, outside=True)


def _receipt_claim(data: bytes) -> Claim:
    body = parse_canonical(data)
    tree = body["tree"] if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(tree, dict):
        raise NotCanonical("A receipt has a tree")
    size, root = int(str(tree["size"])), bytes.fromhex(str(tree["root"]))
    if size < 1 or len(root) != HASH_BYTES:
        raise NotCanonical(f"A root has {HASH_BYTES} bytes, and its tree at least one entry")
    return Claim(size, root, "the receipt that you kept", str(body["log"]), outside=True)


def check_anchor(claim: Claim, manifest: Manifest, keys: Iterable[VerifierKey], check: Check) -> Finding | None:
    """Say what is wrong with what somebody kept before it is compared: of another log, or not what a key signed."""
    (stem, epoch), (here, newest) = split_origin(claim.origin), split_origin(manifest.log)
    if stem != here or epoch > newest:
        return Finding(Word.FOREIGN, f"{_upper(claim.source)} is of the log {claim.origin}; this is {manifest.log}.")
    try:
        if claim.note is not None:
            verify_note(claim.note, keys, check)
    except BadSignature as problem:
        return Finding(Word.MALFORMED, f"{_upper(claim.source)} is not what its key signed: {problem}")
    except UnknownSigner:
        pass  # it was kept outside, which counts for more than who signed it
    return None


def judge_claim(claim: Claim, fits: int, signed: bool, signers: Callable[[Claim], object]) -> Finding:
    """Say what it means that a claim does not fit the entries, of which the first `fits` are as somebody claims.

    `signed` says that the newest checkpoint holds; `signers` verifies the claim's own signatures.
    """
    where = f"One of the entries {fits:,} to {claim.size - 1:,} is not what {claim.source} covers."
    if claim.outside:
        return Finding(Word.FORKED, f"{where} This log is not a continuation of it.", fits)
    if claim.source in (CHECKPOINT, MANIFEST):
        return Finding(Word.ALTERED, where, fits)
    try:
        signers(claim)
    except UnknownSigner as problem:
        return Finding(Word.UNKNOWN_KEY, f"{claim.source} does not fit, and no known key signed it: {problem}")
    except BadSignature as problem:
        return Finding(Word.ALTERED, f"{claim.source} was altered: {problem}")
    word, two = (Word.FORKED, " Both were signed, so the log has two histories.") if signed else (Word.ALTERED, "")
    return Finding(word, f"{where}{two}", fits)


def judge_beyond(claim: Claim, size: int) -> Finding:
    """Say what it means that a claim covers more entries than there are."""
    more = f"{_upper(claim.source)} covers {claim.size:,} entries; here are {size:,}."
    if claim.source == CHECKPOINT:
        return Finding(Word.TAIL_CUT, f"{more} The end was cut off.", size)
    return Finding(Word.ROLLBACK, f"{more} This is an older state.", size)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
