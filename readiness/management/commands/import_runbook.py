"""`manage.py import_runbook FILE.md`: draft a plan from a runbook, and say what is wrong with the runbook itself."""

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.runbook.page import MOST_BYTES, RunbookRefused
from readiness.core.runbook.resolved import Resolved, lint_report
from readiness.services.runbook_search import Searched, World, host_of, repository_source, search_runbook


class Command(BaseCommand):
    """Write the draft of a plan; what could not be placed and what deserves a look goes to the other stream."""

    help = "Draft a plan from Markdown: `import_runbook FILE.md > draft.yaml`. Nothing is imported."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("file", type=Path, nargs="+", help="the runbook; several documents are read as one")
        parser.add_argument("--repo", metavar="PATH|URL", default="", help="where the things are that it refers to")
        parser.add_argument("--lint", choices=["json"], help="print what was found instead of the draft")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, look for what it names, tell."""
        repo = options["repo"]
        documents = [(document_name(file, repo), document_text(file)) for file in options["file"]]
        sources = {"repository": repository_source(repo)} if repo else {}
        try:
            searched = search_runbook(documents, sources, world_of(repo))
        except RunbookRefused as refusal:
            raise CommandError(str(refusal)) from None
        reading, settled = searched.draft.reading, searched.draft.settled
        if options["lint"] == "json":
            report = lint_report(reading, searched.resolved, settled.findings)
            self.stdout.write(json.dumps(report, indent=2, ensure_ascii=False))
            return
        self.stdout.write(searched.draft.text, ending="")
        self.tell(searched)

    def tell(self, searched: Searched) -> None:
        """Say what was found, what deserves a look, and how much was read."""
        draft = searched.draft
        book = draft.reading.book
        for resolved in searched.resolved:
            self.stderr.write(_row(book.place(resolved.reference.line), resolved))
        for finding in draft.settled.findings:
            self.stderr.write(f"{book.place(finding.lines[0])}: {finding.sentence}")
        met = sum(resolved.outcome.value == "MET" for resolved in searched.resolved)
        counts = {
            "phase": len(draft.plan.plan.phases),
            "condition": len(draft.reading.wishes),
            "reference": len(searched.resolved),
            "line without a place": len(draft.reading.unplaced()),
        }
        words = ", ".join(_counted(number, noun) for noun, number in counts.items())
        self.stderr.write(f"{words}. {met} of {len(searched.resolved)} references exist.")


def world_of(repo: str) -> World:
    """Where to look. Whoever runs the shell is an operator: the repository that they name may be asked."""
    is_address = repo.startswith(("http://", "https://"))
    if repo and not is_address and not Path(repo).is_dir():
        raise CommandError(f"{repo} is neither a folder nor an address that begins with https://.")
    hosts = [*settings.SOURCE_HOSTS, *([host_of(repo)] if is_address else [])]
    folder = str(Path(repo).resolve()) if repo and not is_address else ""
    return World(os.environ, hosts, str(settings.MIRRORS_DIR), timezone.now(), folder)


def document_name(file: Path, repo: str) -> str:
    """What a document is called: its path in the repository when it is in there, else its name."""
    if repo and (root := Path(repo)).is_dir() and file.resolve().is_relative_to(root.resolve()):
        return str(file.resolve().relative_to(root.resolve()))
    return file.name


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


def _row(place: str, resolved: Resolved) -> str:
    reference = resolved.reference
    return f"{resolved.outcome.value:8}{reference.kind.value:15}{reference.name}  ({place}: {resolved.detail})"


def _counted(number: int, noun: str) -> str:
    first, space, rest = noun.partition(" ")
    return f"{number} {first}{'' if number == 1 else 's'}{space}{rest}"
