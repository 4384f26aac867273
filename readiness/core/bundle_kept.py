"""What entries name by its digest and a bundle does not have: left out as the manifest says, erased, or missing.

An entry names kept bytes in a few fields; whoever exports and whoever verifies read them alike. The export lists what
it does not have, so that bytes which were taken out of the files and the manifest later are noticed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from readiness.core.bundle import EVIDENCE, STATEMENTS, digest_name
from readiness.core.findings import Finding, Word

NOT_KEPT, ALTERED = "not kept", "altered where it was kept"
"""Why the export does not have something."""
ERASING = ("privacy.erased", "evidence.pruned")
SHOWN = 5
_NAMED = re.compile(rb'"(?:digest|statement|facts|answer|\$kept)":("sha256:[0-9a-f]{64}"|\[[^\[\]{}]*\])')
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def named_digests(data: bytes) -> set[str]:
    """Give the digests of the bytes that an entry says are kept beside it."""
    if b"sha256:" not in data:
        return set()
    return set(_DIGEST.findall(b" ".join(_NAMED.findall(data)).decode("ascii", "replace")))


@dataclass(slots=True)
class KeptCheck:
    """What is named and not here, each with the first entry that names it; `said` is what the manifest says of some.

    What was never kept is excused by the manifest, what was altered is not. A statement that was signed is excused only
    by an entry that tells of its erasure.
    """

    names: frozenset[str]
    said: Mapping[str, str]
    absent: dict[str, int] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)

    def take(self, data: bytes, seq: int, action: str, signed: str = "") -> None:
        """Look at an entry, and at the statement that it signs, if it does."""
        if action in ERASING:
            self.erased |= self.absent.keys() & set(_DIGEST.findall(data.decode()))
        if signed and digest_name(STATEMENTS, signed) not in self.names:
            self.absent.setdefault(signed, seq)
            self.signed.add(signed)
        for digest in named_digests(data) - {signed}:
            if not any(digest_name(folder, digest) in self.names for folder in (EVIDENCE, STATEMENTS)):
                self.absent.setdefault(digest, seq)

    def problems(self) -> Iterator[Finding]:
        """Tell what was erased, which an entry says, from what is simply not here."""
        for digest, seq in self.absent.items():
            what = f"The statement {digest} that entry {seq} signs" if digest in self.signed else f"{digest}"
            named = "" if digest in self.signed else f", which entry {seq} names,"
            if digest in self.erased:
                yield Finding(Word.ERASED, f"{what}{named} is not here, as a later entry says.", seq)
            elif digest not in self.signed and self.said.get(digest) == ALTERED:
                yield Finding(Word.ALTERED, f"{what}{named} was altered where it was kept.", seq)
            elif digest in self.signed or self.said.get(digest) != NOT_KEPT:
                yield Finding(Word.MISSING, f"{what}{named} is not here.", seq)

    def notes(self) -> Iterator[str]:
        """Say what the manifest says was left out, by why."""
        for why in sorted(set(self.said.values())):
            left = [digest for digest in self.absent if self.said.get(digest) == why and not self._is_told(digest)]
            if left:
                shown = ", ".join(f"{digest} of entry {self.absent[digest]}" for digest in left[:SHOWN])
                yield f"{len(left)} digests that entries name are not here; the manifest says why: {why}. {shown}."

    def _is_told(self, digest: str) -> bool:
        return digest in self.erased or digest in self.signed
