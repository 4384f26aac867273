"""What a check of a bundle found: one word for each thing that is wrong, and the exit code of the whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum


class Result(IntEnum):
    """The answer of a check, which is also the exit code of the command."""

    VERIFIED = 0
    CONTRADICTION = 1
    UNVERIFIABLE = 2
    MALFORMED = 3


class Word(StrEnum):
    """What is wrong, in one word."""

    ALTERED = "altered"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out-of-order"
    TAIL_CUT = "tail-cut"
    ROLLBACK = "rollback"
    FORKED = "forked"
    FOREIGN = "foreign"
    UNSIGNED_TAIL = "unsigned-tail"
    UNSIGNED = "unsigned"
    UNKNOWN_KEY = "unknown-key"
    ERASED = "erased"
    MALFORMED = "malformed"


RESULTS = {
    Word.UNSIGNED_TAIL: Result.UNVERIFIABLE,
    Word.UNSIGNED: Result.UNVERIFIABLE,
    Word.UNKNOWN_KEY: Result.UNVERIFIABLE,
    Word.ERASED: Result.VERIFIED,
    Word.MALFORMED: Result.MALFORMED,
}
SEVERITY = (Result.MALFORMED, Result.CONTRADICTION, Result.UNVERIFIABLE, Result.VERIFIED)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `seq` is the first entry it concerns; None when it is about no entry."""

    word: Word
    sentence: str
    seq: int | None = None

    @property
    def result(self) -> Result:
        """Return what it means for the whole; every word that is not excepted is a contradiction."""
        return RESULTS.get(self.word, Result.CONTRADICTION)


@dataclass(slots=True)
class BundleReport:
    """What was found. `content`, `signature` and `outside` are three answers that are never merged."""

    log: str = ""
    size: int = 0
    entries: int = 0
    root: str = ""
    content: str = "not checked"
    signature: str = "not checked"
    outside: str = "not checked"
    own_keys: bool = False
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def result(self) -> Result:
        """Return the worst of what was found."""
        found = {finding.result for finding in self.findings}
        return next((result for result in SEVERITY if result in found), Result.VERIFIED)

    @property
    def worst(self) -> Finding | None:
        """Return the finding that decides: of the worst kind, the one about the earliest entry."""
        found = [each for each in self.findings if each.result is self.result]
        return min(found, key=lambda each: (each.seq is None, each.seq or 0), default=None)


def sentences(report: BundleReport) -> Sequence[str]:
    """Say the report in lines."""
    filtered = f"{report.entries:,} of {report.size:,}" if report.entries != report.size else f"{report.size:,}"
    lines = [f"Log {report.log}: {filtered} entries.", f"Root: {report.root}"] if report.log else []
    three = [("Content", report.content), ("Signature", report.signature), ("Outside world", report.outside)]
    lines += [f"{name}: {said}" for name, said in three]
    lines += [f"{each.word}{_at(each)}: {each.sentence}" for each in report.findings]
    return [*lines, *(f"Note: {note}" for note in report.notes), verdict_line(report)]


def verdict_line(report: BundleReport) -> str:
    """Say the answer in one line."""
    worst = report.worst
    if report.result is Result.VERIFIED or worst is None:
        return "VERIFIED, with the bundle’s own keys" if report.own_keys else "VERIFIED"
    return f"{report.result.name}: {worst.word}{_at(worst)}"


def _at(finding: Finding) -> str:
    return f" at entry {finding.seq}" if finding.seq is not None else ""
