"""`manage.py audit_export TARGET [--rollout K] [--phase P] [--from T] [--to T]`: the record as a bundle."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.core.bundle import README, REPORT, SIGN_OFFS, VERIFIER, Manifest
from readiness.core.codec import to_plain
from readiness.management.bundle_files import BundleWriter, NoRoom
from readiness.management.bundle_pages import how_to_check, report_pieces, report_style
from readiness.management.verifier import build_verifier
from readiness.models import Rollout
from readiness.queries.bundle_choice import NothingToExport, Wanted, choose_entries
from readiness.queries.bundle_tables import sign_off_lines
from readiness.queries.bundles import BundleHead, bundle_members, load_absent, load_bundle_head
from readiness.queries.plans import NoPlan


class Command(BaseCommand):
    """Write a bundle that anybody can check without us; a filter says how many of how many entries it holds."""

    help = "Write the record as a directory or a .zip file that anybody can check without this application."
    requires_system_checks = ()  # what is wrong elsewhere must not keep anybody from exporting

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("target", type=Path, metavar="DIR|FILE.zip", help="where; nothing may be there yet")
        parser.add_argument("--rollout", default="", metavar="K", help="only the entries of a rollout, by its key")
        parser.add_argument("--phase", default="", metavar="P", help="with --rollout: only what one decision rests on")
        parser.add_argument("--from", dest="start", metavar="T", help="only entries since a day or a moment, in UTC")
        parser.add_argument("--to", dest="end", metavar="T", help="only entries through a day, or before a moment")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the bundle and say what it holds, and how to check it."""
        try:
            wanted = _wanted(options)
            head = load_bundle_head()
            entries = self._write(options["target"], head, wanted)
        except Rollout.DoesNotExist:
            known = ", ".join(Rollout.objects.order_by("key").values_list("key", flat=True)) or "none yet"
            raise CommandError(f"There is no rollout {options['rollout']}. Rollouts: {known}.") from None
        except (NoRoom, NothingToExport, NoPlan, OSError) as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(f"{entries:,} of {head.size:,} entries of {head.log}: {options['target']}")
        self.stdout.write(f"Root: {head.root}")
        if head.newer:
            self.stdout.write(f"{head.newer:,} newer entries are not signed yet and left out; run this again later.")
        if not head.note:
            self.stdout.write("UNSIGNED: this log has no key, so nobody vouches for these entries.")
        self.stdout.write(f"Check it: python -m readiness.verify {options['target']}")

    def _write(self, target: Path, head: BundleHead, wanted: Wanted) -> int:
        rows, now, words = choose_entries(wanted, head.size), timezone.now(), wanted.words
        entries = rows.count() if words else head.size
        if not entries:
            raise NothingToExport(f"No entry is what was asked for; the log has {head.size:,} entries.")
        with BundleWriter(target) as writer:
            writer.add(README, [how_to_check(head, wanted, entries)])
            for member in bundle_members(head, rows, whole=not words):
                writer.add(member.name, member.pieces)
            writer.add(SIGN_OFFS, sign_off_lines(rows))
            writer.add(REPORT, report_pieces(head, wanted, entries, now))
            writer.add("report.css", [report_style()])
            writer.add(VERIFIER, [build_verifier()])
            made_at, signed = str(to_plain(now)), bool(head.note)
            absent = load_absent(rows)
            writer.finish(Manifest(head.log, head.size, head.root, entries, signed, made_at, head.newer, words, absent))
        return entries


def _wanted(options: dict[str, Any]) -> Wanted:
    if options["phase"] and not options["rollout"]:
        raise NothingToExport("--phase needs --rollout: phases of two rollouts may have the same name.")
    start, end = _moment(options["start"], timedelta(0)), _moment(options["end"], timedelta(days=1))
    return Wanted(options["rollout"], options["phase"], start, end)


def _moment(text: str | None, day_adds: timedelta) -> datetime | None:
    """Read a day or a moment in UTC; a day as an end goes to its end."""
    if text is None:
        return None
    try:
        if len(text) == len("2025-12-31"):
            return datetime.combine(date.fromisoformat(text), time(), UTC) + day_adds
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NothingToExport(f"{text!r} is no moment. Write 2025-12-31 or 2025-12-31T14:30, in UTC.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
