"""Whether the record is whole, in one heading and three lines that are never merged: content, signature, outside."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings

from readiness.core.answers import RECORD_MAX_AGE
from readiness.models import RecordCheck, SignerKey, SignerState
from readiness.queries.audit import RecordHead
from readiness.queries.checkpoints import SignedHead, load_newest_checkpoint
from readiness.queries.pages.audit import ProofStep, RecordState
from readiness.queries.pages.parts import Fact
from readiness.queries.receipts import load_root
from readiness.queries.words import count_of

UNSIGNED_FOR_LONG = timedelta(minutes=2)
COMMAND = ".venv/bin/python manage.py audit_verify"
ONE_ACCOUNT = "All parts here run under one account, so the key protects against the database, not this computer"
MAKE_KEY = "Make one where the signer runs: manage.py audit_key create"
OUTSIDE = ProofStep(
    "Not due",
    "Self-verified only",
    note="Nothing outside is known to hold a checkpoint; keep one, or a receipt",
    label="Outside",
)
_CLAUSE = re.compile(r"[:.;]|, which")


def state_of_record(head: RecordHead, now: datetime) -> RecordState:
    """Say whether the record is whole and signed, as its last verification found it and as it is signed now."""
    check, newest = RecordCheck.objects.first(), load_newest_checkpoint()
    content, signature = _content(check, now), _signature(head, newest, now)
    state, title = _heading(check, head, newest, (content, signature))
    why = " ".join(f"{step.note}." for step in (content, signature) if step.state == "Failing" and step.note)
    sentence = f"{why} Treat every decision as NO-GO." if state == "Failing" else _sentence(content, check)
    lines = (replace(content, label="Content"), replace(signature, label="Signature"), OUTSIDE)
    return RecordState(state, title, sentence, _facts(check, head, newest), COMMAND, lines)


def _sentence(content: ProofStep, check: RecordCheck | None) -> str:
    if content.state != "Stale" or check is None or check.verified_at is None:
        return f"{content.sentence}."
    return f"That was at {_clock(check.verified_at)}. Nothing may be entered until it is verified again."


def _facts(check: RecordCheck | None, head: RecordHead, newest: SignedHead | None) -> tuple[Fact, ...]:
    signed = f"{newest.size:,}" if newest else "None"
    return (
        Fact("Root", "", digest=head.root),
        Fact("Entries", f"{head.size:,}"),
        Fact("Verified", "never", at=check.verified_at if check else None),
        Fact("Signed", signed, f"at {_clock(newest.signed_at)}" if newest else "no checkpoint"),
    )


def _heading(
    check: RecordCheck | None, head: RecordHead, newest: SignedHead | None, steps: tuple[ProofStep, ProofStep]
) -> tuple[str, str]:
    """Choose the state and the words that stand above the lines: the worst first."""
    content, signature = steps
    if content.state == "Failing" and check is not None:
        return "Failing", _clause(check.problem)
    if signature.state == "Failing":
        return "Failing", signature.sentence
    if content.state != "Valid" or check is None or check.verified_at is None:
        return content.state, content.sentence
    if signature.state == "Missing":
        return "Missing", f"Unsigned: {signature.sentence[0].lower()}{signature.sentence[1:]}"
    unsigned = head.size - (newest.size if newest else 0)
    if newest is None or unsigned > 0:
        return signature.state, f"{_entries(unsigned)} not yet signed"
    through = min(check.size, newest.size) - 1
    return "Valid", f"Verified through entry {through:,} at {check.verified_at:%H:%M:%S} UTC"


def _clause(problem: str) -> str:
    """Give what a contradiction says before it explains: "Entry 778 was altered"."""
    return _CLAUSE.split(problem.partition(": ")[2] or problem)[0]


def _content(check: RecordCheck | None, now: datetime) -> ProofStep:
    if check is None or (check.verified_at is None and not check.problem):
        return ProofStep("Not due", "The record was never verified", note="The worker verifies it")
    if check.problem:
        return ProofStep("Failing", "The record contradicts itself", note=check.problem.rstrip("."))
    said = f"All {check.size:,} entries were recomputed. None altered, none missing, none out of order"
    if check.verified_at is None or now - check.verified_at > RECORD_MAX_AGE:
        return ProofStep("Stale", "The record was whole when it was last verified", note=said)
    return ProofStep("Valid", said, note=f"at {_clock(check.verified_at)}")


def _signature(head: RecordHead, newest: SignedHead | None, now: datetime) -> ProofStep:
    state = SignerState.objects.first() or SignerState()
    if state.problem:
        return ProofStep("Failing", "The signer refuses to sign this record", note=state.problem.rstrip("."))
    if newest is None:
        return _no_checkpoint(state)
    if newest.problem:
        return ProofStep("Failing", f"Checkpoint {newest.size:,} does not hold", note=newest.problem.rstrip("."))
    root = load_root(newest.size)
    if root is None or root.hex() != newest.root:
        return ProofStep("Failing", f"The first {newest.size:,} entries contradict checkpoint {newest.size:,}")
    if head.size > newest.size:
        waits = "Stale" if state.trouble or now - newest.signed_at > UNSIGNED_FOR_LONG else "Waits"
        since = f"{_entries(head.size - newest.size)} since checkpoint {newest.size:,} not yet signed"
        return ProofStep(waits, since, note=state.trouble.rstrip("."))
    return _signed(newest)


def _no_checkpoint(state: SignerState) -> ProofStep:
    if not SignerKey.objects.filter(retired_at=None, origin=settings.LOG_ORIGIN).exists():
        return ProofStep("Missing", "No key signs this record", note=MAKE_KEY)
    note = state.trouble.rstrip(".") or "The signer signs within a minute"
    return ProofStep("Stale" if state.trouble else "Waits", "Nothing is signed yet", note=note)


def _signed(newest: SignedHead) -> ProofStep:
    """Name the keys that signed, by their fingerprints."""
    *others, key = newest.keys
    beside = f" and {count_of(len(others), 'other key')}," if others else ""
    note = f"{beside} at {_clock(newest.signed_at)}{f'. {ONE_ACCOUNT}' if settings.IS_EMBEDDED else ''}"
    return ProofStep("Valid", f"Checkpoint {newest.size:,} is signed by the key", key.fingerprint, note)


def _entries(number: int) -> str:
    return f"{number:,} {'entry' if number == 1 else 'entries'}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC on {at.day} {at:%b}"
