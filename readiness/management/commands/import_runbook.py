"""`manage.py import_runbook FILE.md`: draft a plan from a runbook, and say what is wrong with the runbook itself."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readiness.core.runbook.page import MOST_BYTES, RunbookRefused
from readiness.services.runbooks import RunbookDraft, draft_runbook


class Command(BaseCommand):
    """Write the draft of a plan; what could not be placed and what deserves a look goes to the other stream."""

    help = "Draft a plan from Markdown: `import_runbook FILE.md > draft.yaml`. Nothing is imported."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("file", type=Path, nargs="+", help="the runbook; several documents are read as one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, draft, tell."""
        try:
            draft = draft_runbook([(file.name, document_text(file)) for file in options["file"]])
        except RunbookRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(draft.text, ending="")
        self.tell(draft)

    def tell(self, draft: RunbookDraft) -> None:
        """Say what was read and what deserves a look."""
        book = draft.reading.book
        for finding in draft.settled.findings:
            self.stderr.write(f"{book.place(finding.lines[0])}: {finding.sentence}")
        counts = {
            "phase": len(draft.plan.plan.phases),
            "condition": len(draft.reading.wishes),
            "reference": len(draft.settled.references),
            "line without a place": len(draft.reading.unplaced()),
        }
        self.stderr.write(", ".join(_counted(number, noun) for noun, number in counts.items()) + ".")


def document_text(file: Path) -> str:
    """The text of a document, read no further than it may be long."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as problem:
        raise CommandError(f"{file} can’t be read: {problem.strerror or problem}.") from None
    if len(data) > MOST_BYTES:
        raise CommandError(f"{file} has more than {MOST_BYTES:,} bytes, the most that is read. Split it by phase.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{file} is no text in UTF-8. Save it as UTF-8 and try again.") from None


def _counted(number: int, noun: str) -> str:
    first, space, rest = noun.partition(" ")
    return f"{number} {first}{'' if number == 1 else 's'}{space}{rest}"
