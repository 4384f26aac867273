"""The entries of a bundle, line by line: their order, their hashes, and what each sign-off needs beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from readiness.core.bundle import ENTRIES, BadBundle, Files, Manifest, proof_name
from readiness.core.bundle_heads import Claim
from readiness.core.bundle_kept import KeptCheck
from readiness.core.bundle_tree import TreeWalk, read_tile
from readiness.core.checkpoint import BadNote, parse_checkpoint, parse_note
from readiness.core.codec import PlainDict
from readiness.core.epochs import may_stand
from readiness.core.findings import Finding, Word
from readiness.core.merkle import leaf_hash, verify_inclusion
from readiness.core.proofs import LogProof, NotAProof, parse_log_proof
from readiness.core.strict import NotCanonical, parse_canonical
from readiness.core.tiles import WIDTH, Tile, pack_entries

MAX_LINE_BYTES = 65_535
MAX_PROOF_BYTES = 200_000
MAX_BUNDLE_BYTES = 256 * (MAX_LINE_BYTES + 2)
MAX_BESIDE = 20
SIGN_OFFS = "sign_off."
GIVEN = "sign_off.given"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, the entry that it holds (empty: bytes that are no entry), and the number it gives itself (-1: none)."""

    data: bytes
    body: PlainDict
    seq: int


@dataclass(slots=True)
class LinesCheck:
    """What the check of the lines needs, and what it found.

    `trusted` says that the tiles lead to the claimed roots, so that a leaf which differs from theirs is the wrong one;
    else `walk` builds the tree from the lines themselves. `beside` is what is wrong with what goes with the entries.
    """

    files: Files
    manifest: Manifest
    head: Claim
    trusted: bool
    walk: TreeWalk
    kept: KeptCheck
    count: int = 0
    last: int = -1
    log: str = ""
    findings: list[Finding] = field(default_factory=list)
    beside: list[Finding] = field(default_factory=list)
    unconfirmed: list[int] = field(default_factory=list)
    tile: tuple[int, list[bytes]] = (-1, [])
    bundled: list[bytes] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Say whether every entry of the log is here."""
        return not self.manifest.wanted

    def note(self, found: Finding | None) -> None:
        """Keep what is wrong beside the entries, but not without end."""
        if found is not None and len(self.beside) < MAX_BESIDE:
            self.beside.append(found)


def read_lines(files: Files) -> Iterator[Line]:
    """Give each entry; raise BadBundle for lines that are too long or no UTF-8."""
    if ENTRIES not in files.names():
        raise BadBundle(f"There is no {ENTRIES}.")
    for number, data in enumerate(files.lines(ENTRIES, MAX_LINE_BYTES)):
        body = _entry(data, number)
        seq = body.get("seq")
        yield Line(data, body, seq if isinstance(seq, int) and not isinstance(seq, bool) else -1)


def _entry(data: bytes, number: int) -> PlainDict:
    try:
        body = parse_canonical(data)
    except NotCanonical:
        try:
            data.decode()
        except UnicodeDecodeError as problem:
            raise BadBundle(f"Line {number} of {ENTRIES} is not UTF-8: {problem}.") from None
        return {}
    return body if isinstance(body, dict) else {}


def check_lines(check: LinesCheck) -> None:
    """Check every line, to the first that does not stand where it should."""
    source = read_lines(check.files)
    line = next(source, None)
    while line is not None and not check.findings:
        following = next(source, None)
        if check.whole and check.count >= check.manifest.size:
            said = f"The log has {check.manifest.size:,} entries here; more lines follow, which nothing covers."
            check.findings.append(Finding(Word.UNSIGNED_TAIL, said, check.count))
            return
        found = _order_problem(check, line, following) or _leaf_problem(check, line, following)
        if found is not None:
            check.findings.append(found)
            return
        _take(check, line)
        line = following
    _check_end(check)
    for found in check.kept.problems():
        check.note(found)


def _take(check: LinesCheck, line: Line) -> None:
    check.count, check.last, check.log = check.count + 1, line.seq, str(line.body["log"])
    if check.whole:
        check.bundled.append(line.data)
        check.note(_bundle_problem(check, check.count == check.manifest.size))
    action = str(line.body.get("action"))
    if action == GIVEN and not _confirmed(line.body):
        check.unconfirmed.append(line.seq)
    signature = line.body.get("signature")
    signs = isinstance(signature, dict) and action.startswith(SIGN_OFFS)
    signed = str(cast(PlainDict, signature).get("statement")) if signs else ""
    check.kept.take(line.data, line.seq, action, signed)
    if action.startswith(SIGN_OFFS) or not check.whole:
        check.note(_proof_problem(check, line))


def _confirmed(body: PlainDict) -> bool:
    """Say whether an entry says how its actor proved who they are, in the act."""
    auth = body.get("auth")
    return isinstance(auth, dict) and bool(auth.get("methods"))


def _bundle_problem(check: LinesCheck, is_last: bool) -> Finding | None:
    """Compare a bundle of entries with the lines, once it is full or the last."""
    width = len(check.bundled)
    if width < WIDTH and not is_last:
        return None
    tile, wanted = Tile(None, (check.count - 1) // WIDTH, width), pack_entries(check.bundled)
    check.bundled.clear()
    if tile.path not in check.files.names():
        return Finding(Word.MISSING, f"{tile.path} is not here.", check.count - width)
    if check.files.read(tile.path, MAX_BUNDLE_BYTES) != wanted:
        said = f"{tile.path} does not hold the entries that {ENTRIES} holds."
        return Finding(Word.ALTERED, said, check.count - width)
    return None


def _order_problem(check: LinesCheck, line: Line, following: Line | None) -> Finding | None:
    body, wanted = line.body, check.count if check.whole else check.last + 1
    if not body:
        return Finding(Word.ALTERED, f"Line {check.count} is no entry: its bytes cannot be read.", wanted)
    if line.seq != wanted and (check.whole or line.seq < wanted):
        word = _order_word(wanted, line, following) if check.whole else _repeat_word(check, line)
        return Finding(word, f"Where entry {wanted} belongs, the line calls itself {body.get('seq')!r}.", wanted)
    if line.seq >= check.manifest.size:
        return Finding(Word.UNSIGNED_TAIL, f"The log has {check.manifest.size:,} entries here.", line.seq)
    before = check.log if check.whole else ""
    goes_on = bool(before) and body.get("log") == before
    if not goes_on and not may_stand(body.get("log"), body.get("action"), before, check.manifest.log):
        said = f"Entry {line.seq} belongs to the log {body.get('log')!r}; this is {before or check.manifest.log}."
        return Finding(Word.FOREIGN, said, line.seq)
    return None


def _repeat_word(check: LinesCheck, line: Line) -> Word:
    return Word.DUPLICATE if line.seq == check.last else Word.OUT_OF_ORDER


def _order_word(wanted: int, line: Line, following: Line | None) -> Word:
    """Tell a second copy from a removed entry (all later ones moved up) from an exchange."""
    if 0 <= line.seq < wanted:
        return Word.DUPLICATE
    return Word.MISSING if following is None or following.seq == line.seq + 1 else Word.OUT_OF_ORDER


def _leaf_problem(check: LinesCheck, line: Line, following: Line | None) -> Finding | None:
    leaf = leaf_hash(line.data)
    if not check.trusted:
        if check.whole:
            check.walk.take(leaf)
        return None
    if leaf == _leaf_at(check, line.seq):
        return None
    if following is not None and following.seq == line.seq:
        return Finding(Word.DUPLICATE, f"Two lines call themselves entry {line.seq}.", line.seq)
    return Finding(Word.ALTERED, f"Entry {line.seq} does not have the hash that the tree holds for it.", line.seq)


def _leaf_at(check: LinesCheck, seq: int) -> bytes:
    """Look into the tile of an entry; the last one read is kept, since entries come in order."""
    index, start = seq // WIDTH, seq // WIDTH * WIDTH
    if check.tile[0] != index:
        tile = Tile(0, index, min(WIDTH, check.manifest.size - start))
        check.tile = (index, read_tile(check.files, tile) or [])
    hashes = check.tile[1]
    return hashes[seq - start] if seq - start < len(hashes) else b""


def _check_end(check: LinesCheck) -> None:
    if not check.findings and check.whole and check.log not in ("", check.manifest.log):
        said = f"The last entry belongs to the log {check.log}; nothing begins {check.manifest.log}."
        check.findings.append(Finding(Word.FOREIGN, said, check.last))
    if check.findings or check.count == check.manifest.entries:
        return
    said = f"{check.manifest.entries:,} entries should be here; they end after {check.count:,}."
    word = Word.TAIL_CUT if check.whole else Word.MISSING
    check.findings.append(Finding(word, said, check.count if check.whole else None))


def _proof_problem(check: LinesCheck, line: Line) -> Finding | None:
    """Check the proof that travels with an entry: that it is of this entry, of this log, and leads to the root."""
    name = proof_name(line.seq)
    if name not in check.files.names():
        return Finding(Word.MISSING, f"{name} is not here.", line.seq)
    try:
        proof = parse_log_proof(check.files.read(name, MAX_PROOF_BYTES).decode())
    except (NotAProof, UnicodeDecodeError) as problem:
        return Finding(Word.MALFORMED, f"{name} is no proof: {problem}.", line.seq)
    if other := _head_problem(check, proof, line.seq):
        return other
    if proof.index == line.seq and _holds(check.head, leaf_hash(line.data), proof):
        return None
    return Finding(Word.ALTERED, f"{name} does not lead from entry {line.seq} to the root.", line.seq)


def _holds(head: Claim, leaf: bytes, proof: LogProof) -> bool:
    return verify_inclusion(leaf, proof.index, head.size, proof.hashes, head.root)


def _head_problem(check: LinesCheck, proof: LogProof, seq: int) -> Finding | None:
    """A proof under another checkpoint than the bundle's is a proof of another log, or of another history."""
    wanted = check.head.note.text if check.head.note is not None else ""
    try:
        text = parse_note(proof.checkpoint.encode()).text if proof.checkpoint else ""
        origin = parse_checkpoint(text).origin if text else check.head.origin
    except BadNote as problem:
        return Finding(Word.MALFORMED, f"The checkpoint in {proof_name(seq)} cannot be read: {problem}", seq)
    if origin != check.head.origin:
        return Finding(Word.FOREIGN, f"{proof_name(seq)} is of the log {origin}; this is {check.head.origin}.", seq)
    if text != wanted:
        return Finding(Word.FORKED, f"{proof_name(seq)} is under another checkpoint than the bundle’s.", seq)
    return None
