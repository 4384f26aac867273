"""`manage.py import_plan FILE [--check]`: read a plan, say what is wrong with it, or make it the current version."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.audit import REHEARSAL
from readiness.management.acts import shell_act
from readiness.services.plan_file import PlanDraft, PlanRefused, read_plan
from readiness.services.recording import RolloutClosed
from readiness.services.rollouts import PlanUnfit, import_plan


class Command(BaseCommand):
    """Import a plan file; nothing changes when anything is wrong with it."""

    help = "Import a plan. One fault, and nothing changes; the same plan again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only say what is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, report, import."""
        try:
            text = options["file"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{options['file']} can’t be read: {problem}") from None
        draft = self.read(text, options["file"])
        for warning in draft.warnings:
            self.stderr.write(f"warning: {warning.sentence}")
        if options["check"]:
            self.stdout.write(f"{draft.plan.title}: nothing is wrong. Digest {draft.digest}.")
            return
        try:
            done = import_plan(draft, text, shell_act(), timezone.now())
        except (PlanUnfit, RolloutClosed) as refusal:
            raise CommandError(str(refusal)) from None
        words = "is now the plan" if done.is_new else "is the plan already; nothing changed"
        rehearsed = REHEARSAL if draft.plan.rehearsal else ""
        self.stdout.write(f"{rehearsed}{done.rollout}: version {done.number} {words}.")

    def read(self, text: str, file: Path) -> PlanDraft:
        """Read the plan or say everything that is wrong with it."""
        try:
            return read_plan(text)
        except PlanRefused as refused:
            lines = "\n".join(f"{file}:{p.line}: {p.sentence}" for p in refused.problems)
            raise CommandError(f"Nothing was imported.\n{lines}") from None
