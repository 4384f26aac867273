"""`manage.py audit_verify [--entry N] [--receipt FILE]`: verify the record and say the result in plain sentences."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from readiness.core.audit_report import RecordReport
from readiness.core.merkle import verify_inclusion
from readiness.core.receipts import UnreadableReceipt, read_receipt, receipt_problem
from readiness.core.replay import DoesNotFold
from readiness.management.record_ranges import verify_at_once
from readiness.queries.audit import load_entry, load_inclusion_proof
from readiness.queries.blobs import BlobAltered
from readiness.queries.personal import PersonalReport, verify_personal
from readiness.queries.receipts import load_root, note_problem
from readiness.queries.replays import difference_words, load_differences, row_title
from readiness.services.record_checks import tell_board


class Command(BaseCommand):
    """Exit 0 when everything fits, 1 at a contradiction."""

    help = "Compute the whole record again and compare. Exit 0: everything fits; 1: a contradiction."
    requires_system_checks = ()  # what is wrong elsewhere must not keep anybody from verifying

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--entry", type=int, metavar="N", help="also show that entry N is in the verified tree")
        parser.add_argument(
            "--receipt", type=Path, metavar="FILE", help="also check a signer’s receipt, and that the record begins so"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print, and leave with the exit code."""
        report = verify_at_once()
        self.stdout.write("\n".join(_sentences(report)))
        fits = report.verified
        if fits:
            fits, sentence = _personal(verify_personal())
            self.stdout.write(sentence)
        if fits and options["entry"] is not None:
            fits, sentence = _inclusion(options["entry"], report)
            self.stdout.write(sentence)
        if fits and options["receipt"] is not None:
            fits, sentence = _receipt(options["receipt"])
            self.stdout.write(sentence)
        if fits and options["entry"] is None and options["receipt"] is None:
            fits, sentences = _tables()
            self.stdout.write("\n".join(sentences))
        if not report.verified:
            tell_board(timezone.now())
        if not fits:
            sys.exit(1)


def _tables() -> tuple[bool, list[str]]:
    """Compare every governed row with the fold of the record."""
    try:
        found = load_differences()
    except (DoesNotFold, BlobAltered) as problem:
        return False, [str(problem)]
    if not found:
        return True, ["The tables are what the record says."]
    told = [f"{row_title(*each.key)} differs from the record: {difference_words(each)}." for each in found]
    return False, told


def _sentences(report: RecordReport) -> list[str]:
    steps = [
        f"The clock stepped back before entry {seq}; the order of entries is not affected." for seq in report.backward
    ]
    if report.contradiction is None:
        return [f"The record is whole: {report.size:,} entries recomputed.", f"Root: {report.root}", *steps]
    where = "The head" if report.contradiction.seq is None else f"Entry {report.contradiction.seq:,}"
    fit = f"{report.size:,} entries before it fit, with root {report.root}."
    return [f"{where} contradicts the record: {report.contradiction.word}.", report.contradiction.sentence, fit, *steps]


def _personal(report: PersonalReport) -> tuple[bool, str]:
    """Say what became of personal values. What was erased by an entry is no contradiction: every proof stands."""
    if report.problem:
        return False, f"A personal value contradicts the record: altered or missing. {report.problem}"
    told = f"{report.opened:,} personal values open"
    if not report.erased:
        return True, f"{told}; none is erased."
    return True, f"{told}; erased: {report.erased:,}, as {report.erasures:,} of its entries tell. All proofs stand."


def _inclusion(seq: int, report: RecordReport) -> tuple[bool, str]:
    entry = load_entry(seq)
    if entry is None or seq >= report.size:
        return False, f"There is no entry {seq:,}; the record has {report.size:,} entries, from 0."
    proof = load_inclusion_proof(seq, report.size)
    holds = verify_inclusion(bytes.fromhex(entry.leaf), seq, report.size, proof, bytes.fromhex(report.root))
    steps = f"{len(proof)} hashes lead from its leaf {entry.leaf} to that root"
    return holds, f"Entry {seq:,} ({entry.action}) is {'in' if holds else 'not in'} the record: {steps}."


def _receipt(path: Path) -> tuple[bool, str]:
    """Check a receipt by itself, then against the record: a tree that is not its beginning is another record."""
    try:
        found = read_receipt(path.read_bytes())
    except (OSError, UnreadableReceipt) as problem:
        return False, str(problem)
    if broken := receipt_problem(found):
        return False, broken
    if found.checkpoint and (unsigned := note_problem(found.checkpoint)):
        return False, f"The checkpoint of the receipt is not ours: {unsigned}"
    root = load_root(found.size)
    if root is None:
        return (
            False,
            f"The receipt is of {found.size:,} entries, and the record here has fewer: its end was cut off.",
        )
    if root != found.root:
        return False, f"The first {found.size:,} entries are not those that the receipt was made from."
    signed = "a checkpoint signs it" if found.checkpoint else "no checkpoint signs it"
    told = (
        f"The receipt holds: entry {found.seq:,} signs its statement, {signed}, and the record still begins as it says."
    )
    return True, told
