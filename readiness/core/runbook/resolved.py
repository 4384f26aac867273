"""What became of a reference when it was looked for, and the whole report on a document."""

from collections.abc import Iterable
from dataclasses import dataclass

from readiness.core.runbook.mentions import PATHS, RefKind
from readiness.core.runbook.reading import Finding, Reading
from readiness.core.runbook.to_checks import Reference
from readiness.core.types import Outcome


@dataclass(frozen=True, slots=True)
class Resolved:
    """A reference with what was found. `path` is where a repository has it, if it has."""

    reference: Reference
    outcome: Outcome
    detail: str
    path: str = ""


def unasked(reference: Reference, words: str) -> Resolved:
    """A reference that nobody could be asked for."""
    return Resolved(reference, Outcome.UNKNOWN, words)


def lint_report(reading: Reading, resolved: Iterable[Resolved], findings: Iterable[Finding]) -> dict[str, object]:
    """Everything that is to be said about a document, as `--lint json` prints it."""
    book = reading.book
    several = len(book.pages) > 1

    def place(line: int) -> dict[str, object]:
        name, number = book.where(line)
        return {"file": name, "line": number} if several else {"line": number}

    return {
        "references": [
            {
                "kind": RefKind.DASHBOARD.value
                if r.reference.kind is RefKind.DASHBOARD_FILE
                else r.reference.kind.value,
                ("path" if r.reference.kind in PATHS else "name"): r.reference.name,
                **place(r.reference.line),
                "outcome": r.outcome.value,
                "detail": r.detail,
            }
            for r in resolved
        ],
        "unplaced": [{**place(line), "text": text} for line, text in reading.unplaced()],
        "findings": [
            {"code": f.code, **place(f.lines[0]), "lines": [book.where(n)[1] for n in f.lines], "sentence": f.sentence}
            for f in findings
        ],
    }
