"""`manage.py import_plan FILE [--check]`: say what is wrong with a plan or what it would change, or import it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.audit import REHEARSAL
from readiness.management.acts import shell_act
from readiness.queries.imports import fill_preview, load_current
from readiness.queries.pages.parts import Change
from readiness.queries.pages.plans import PlanPreview
from readiness.services.plan_file import PlanDraft, PlanRefused, Problem, read_plan
from readiness.services.recording import RolloutClosed
from readiness.services.rollouts import PlanUnfit, import_plan


class Command(BaseCommand):
    """Import a plan file; nothing changes when anything is wrong with it."""

    help = "Import a plan. One fault, and nothing changes; the same plan again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only say what is wrong, and what it would change")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, report, import."""
        try:
            text = options["file"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{options['file']} can’t be read: {problem}") from None
        draft, now = self.read(text, options["file"]), timezone.now()
        for warning in draft.warnings:
            self.stderr.write(f"{_place(options['file'], warning)}: warning: {warning.sentence}")
        if options["check"]:
            self.check_only(draft, now)
            return
        try:
            done = import_plan(draft, text, shell_act(), now)
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
            lines = "\n".join(f"{_place(file, problem)}: {problem.sentence}" for problem in refused.problems)
            raise CommandError(f"Nothing was imported.\n{lines}") from None

    def check_only(self, draft: PlanDraft, now: datetime) -> None:
        """Say what importing would change and which signatures would go void."""
        self.stdout.write(f"{draft.plan.title}: nothing is wrong. Digest {draft.digest}.")
        for line in _effects(fill_preview(draft.plan, load_current(draft.plan.key), None, now)):
            self.stdout.write(line)


def _place(file: Path, problem: Problem) -> str:
    return f"{file}:{problem.line}: {problem.path}" if problem.path else f"{file}:{problem.line}"


def _effects(preview: PlanPreview) -> Iterator[str]:
    if preview.unchanged:
        yield "It is the plan in force."
        return
    if preview.version == 1:
        yield "It would make a new rollout."
    else:
        count = len(preview.changes)
        yield f"It would be version {preview.version}, with {count} change{'' if count == 1 else 's'}."
    yield from (f"  {_change(change)}" for change in preview.changes)
    yield from (f"  {line.title}: {line.note} would go void." for line in preview.voids)


def _change(change: Change) -> str:
    sides = [side for side in (change.before, change.after) if side]
    said = f"{sides[0]} → {sides[1]}" if len(sides) == 2 else f"new: {change.after}" if change.after else "gone"
    return f"{change.title}: {said}. {change.note}".rstrip()
