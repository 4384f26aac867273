"""The check of a bundle: content, signature and outside world, each for itself, with the first thing that is wrong.

Nothing here opens a file or reads a clock: the files come in as `Files`, the check of one signature as `Check`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from readiness.core.bundle import (
    ENTRIES,
    EVIDENCE,
    MANIFEST,
    MAX_MANIFEST_BYTES,
    STATEMENTS,
    TILES,
    BadBundle,
    Files,
    Manifest,
    parse_manifest,
)
from readiness.core.bundle_heads import (
    Claim,
    check_anchor,
    check_newest,
    check_older,
    judge_beyond,
    judge_claim,
    read_anchor,
    read_keys,
    read_newest,
    read_older,
    verify_file,
)
from readiness.core.bundle_kept import KeptCheck
from readiness.core.bundle_lines import LinesCheck, check_lines
from readiness.core.bundle_tree import Claims, TreeWalk, check_tiles
from readiness.core.checkpoint import Check, VerifierKey
from readiness.core.findings import BundleReport, Finding, Result, Word

SHOWN = 5


def check_bundle(files: Files, check: Check, keys: bytes | None = None, anchor: bytes | None = None) -> BundleReport:
    """Check a bundle, with the keys and the checkpoint or receipt that somebody kept outside it, if they did."""
    report = BundleReport()
    try:
        _prepared(files, check, keys, anchor, report).run()
    except BadBundle as problem:
        report.findings.append(Finding(Word.MALFORMED, str(problem)))
    return report


@dataclass(slots=True)
class _Checker:
    files: Files
    manifest: Manifest
    keys: tuple[VerifierKey, ...]
    check: Check
    head: Claim
    signature: Finding | None
    claims: list[Claim]
    anchored: Finding | None
    report: BundleReport
    content: list[Finding] = field(default_factory=list)

    def run(self) -> None:
        """Check everything; what is wrong with the entries is said first."""
        self._check_sizes()
        self._check_entries()
        self.report.content = self._content_words()
        self.report.findings += self.content
        self.report.findings += filter(None, [self.signature, self.anchored])
        self._check_files()

    def _content_words(self) -> str:
        wrong = [each for each in self.content if each.result in (Result.CONTRADICTION, Result.MALFORMED)]
        if wrong:
            return "contradicts itself"
        count = min(self.manifest.entries, self.head.size)
        return f"all {count:,} entries that are covered lead to the root"

    def _check_sizes(self) -> None:
        """Compare how far the entries go with how far each checkpoint does."""
        size = self.manifest.size
        beyond = [claim for claim in self.claims if claim.size > size and not claim.past]
        self.content += [judge_beyond(claim, size) for claim in beyond[:SHOWN]]
        if self.head.size < size:
            said = f"The checkpoint covers {self.head.size:,} of {size:,} entries; nothing vouches for the others."
            self.content.append(Finding(Word.UNSIGNED_TAIL, said, self.head.size))
        rolled = next((c for c in self.claims if self.head.size < c.size <= size and not c.outside), None)
        if rolled is not None and not rolled.past:
            said = f"The newest checkpoint covers {self.head.size:,} entries, and {rolled.source} more."
            self.content.append(Finding(Word.ROLLBACK, said, self.head.size))
        if self.head.size == size and self.head.root.hex() != self.manifest.root:
            self.content.append(Finding(Word.ALTERED, f"{MANIFEST} names another root than the checkpoint."))

    def _check_entries(self) -> None:
        tree = TreeWalk(self._claims_within())
        broken_tile = check_tiles(self.files, self.manifest.size, tree)
        trusted = broken_tile is None and self.head not in tree.claims.broken
        own = TreeWalk(self._claims_within())
        kept = KeptCheck(self.files.names(), self.manifest.absent)
        lines = LinesCheck(self.files, self.manifest, self.head, trusted, own, kept)
        check_lines(lines)
        self.content += lines.findings
        if lines.unconfirmed:
            named = ", ".join(map(str, lines.unconfirmed[:SHOWN]))
            said = f"{len(lines.unconfirmed)} sign-offs do not say how the signer confirmed, among them {named}."
            self.report.notes.append(said)
        self.report.notes += kept.notes()
        met = tree.claims if trusted or not lines.whole else own.claims
        self._judge(met)
        if not self.content and broken_tile is not None:
            self.content.append(broken_tile)
        elif not self.content and not trusted:
            self.content.append(Finding(Word.ALTERED, "The tiles do not lead to the root; the entries do."))
        if not self.content:
            self.content += lines.beside

    def _claims_within(self) -> Claims:
        return Claims([claim for claim in self.claims if claim.size <= self.manifest.size])

    def _judge(self, met: Claims) -> None:
        past = [claim for claim in met.broken if claim.past and not claim.outside]
        past += [claim for claim in self.claims if claim.past and claim.size > self.manifest.size]
        if past:
            said = f"{len(past)} checkpoints of an earlier epoch, the first of {past[0].size:,} entries, do not fit."
            self.report.notes.append(f"{said} The entry that begins the next epoch says what became of them.")
        real = [claim for claim in met.broken if claim not in past]
        signed = self.signature is None and self.head not in met.broken and self.head.size <= self.manifest.size
        judged = {each.source for each in (*real, self.head)}
        older = (each for each in self.claims if not each.outside and each.source not in judged)
        spoiled = [*check_older(self.files, older, self.keys, self.check)]
        unknown = [each for each in spoiled if each.word is Word.UNKNOWN_KEY]
        self.content += [each for each in spoiled if each not in unknown or self.report.own_keys][:SHOWN]
        if unknown and not self.report.own_keys:
            said = f"{len(unknown)} older checkpoints are by keys that were not given; their roots were compared."
            self.report.notes.append(said)
        for claim in real[:SHOWN]:
            self.content.append(judge_claim(claim, met.fits, signed, self._signers))
        if any(claim.outside for claim in real):
            self.report.outside = "the log is not a continuation of what you kept"

    def _signers(self, claim: Claim) -> object:
        return verify_file(self.files, claim, self.keys, self.check)

    def _check_files(self) -> None:
        """Compare every file with what the manifest says, and kept bytes with their names."""
        names = self.files.names()
        self.report.findings += self._file_problems(names)
        unknown = sorted(names - self.manifest.files.keys() - {MANIFEST})
        if unknown:
            self.report.notes.append(f"The manifest does not name {', '.join(unknown[:SHOWN])}: it was not checked.")

    def _file_problems(self, names: frozenset[str]) -> Iterator[Finding]:
        for name, said in self.manifest.files.items():
            if self.content and name.startswith((ENTRIES, TILES)):
                continue  # what is wrong with them was said by entry
            if name not in names:
                yield Finding(Word.MISSING, f"{name} is in the manifest and not here.")
            elif (found := self.files.measure(name)) != said:
                yield Finding(Word.ALTERED, f"{name} is not what the manifest says: {found.length:,} bytes.")
            elif name.startswith((STATEMENTS, EVIDENCE)) and name.rpartition("/")[2] != found.sha256:
                yield Finding(Word.ALTERED, f"{name} does not have the digest that it is kept under.")


def _prepared(files: Files, check: Check, own: bytes | None, anchor: bytes | None, report: BundleReport) -> _Checker:
    if MANIFEST not in files.names():
        raise BadBundle(f"There is no {MANIFEST}, so this is no bundle.")
    manifest = parse_manifest(files.read(MANIFEST, MAX_MANIFEST_BYTES))
    report.log, report.size, report.entries, report.root = manifest.log, manifest.size, manifest.entries, manifest.root
    keys = read_keys(files, own, report)
    newest = read_newest(files)
    if newest is not None and newest.origin != manifest.log:
        raise BadBundle(f"The checkpoint is of the log {newest.origin}, and the manifest of {manifest.log}.")
    signature = check_newest(newest, keys, check, report)
    head = newest or Claim(manifest.size, bytes.fromhex(manifest.root), MANIFEST, manifest.log)
    claims = [head, *read_older(files, manifest.log)]
    kept = read_anchor(anchor) if anchor is not None else None
    anchored = check_anchor(kept, manifest, keys, check) if kept is not None else None
    report.outside = _outside(kept, anchored)
    if kept is not None and anchored is None:
        claims.append(kept)
    return _Checker(files, manifest, keys, check, head, signature, claims, anchored, report)


def _outside(kept: Claim | None, problem: Finding | None) -> str:
    if kept is None:
        return "self-verified only: nothing that was kept outside was given"
    if problem is not None:
        return "what you kept cannot be compared"
    return f"the log begins as {kept.source} says, which covers {kept.size:,} entries"
