"""The signer: it signs what the record has become, after it has seen that the record still begins as it signed it.

The steps are ordered so that a crash between any two leaves nothing half done: the note is on the signer's own disk
before it is in the database, and what is missing there is added at the next start.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from readiness.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note
from readiness.core.entries import parse_entry
from readiness.core.epochs import BEGUN, begins_after
from readiness.core.merkle import root_of, verify_consistency
from readiness.core.signing import SigningKey, sign_checkpoint
from readiness.models import AuditEntry, Rollout, SignerKey, SignerState
from readiness.models import Checkpoint as StoredCheckpoint
from readiness.queries.audit import load_consistency_proof, load_frontier, load_record_head
from readiness.queries.checkpoints import is_signing_due, newest_size
from readiness.queries.verification import verify_record, verify_since
from readiness.services.signer_files import (
    SignerFiles,
    SignerTrouble,
    only_signer,
    read_head,
    read_signing_keys,
    write_private,
)

logger = logging.getLogger("readiness")
ASK_AGAIN_AFTER = timedelta(seconds=5)


class RecordDisagrees(Exception):
    """The record is not what the signer signed before; the message begins with one word for how."""


def ask_signer(now: datetime) -> bool:
    """Say whether the signer is to be called now, and note that it was. Without a key nobody is called."""
    if not SignerKey.objects.filter(origin=settings.LOG_ORIGIN, retired_at=None).exists():
        return False
    state, _ = SignerState.objects.get_or_create(pk=1)
    waits = Q(asked_at=None) | Q(answered_at__gte=F("asked_at")) | Q(asked_at__lte=now - ASK_AGAIN_AFTER)
    if not is_signing_due(state, now):
        return False
    return bool(SignerState.objects.filter(waits, pk=1).update(asked_at=now))


def sign_record(files: SignerFiles, now: datetime) -> None:
    """Sign the record if it has grown, and keep how that went. A disagreement makes every rollout NO-GO."""
    problem = trouble = ""
    try:
        with only_signer(files):
            _sign(files, now)
    except SignerTrouble as fact:
        trouble = str(fact)
    except RecordDisagrees as fact:
        problem = str(fact)
    _keep_state(problem, trouble, now)


def _keep_state(problem: str, trouble: str, now: datetime) -> None:
    state, _ = SignerState.objects.get_or_create(pk=1)
    if problem and problem != state.problem:
        logger.critical("The signer refuses: %s", problem)
    if trouble and trouble != state.trouble:
        logger.error("The signer cannot sign: %s", trouble)
    with transaction.atomic():
        SignerState.objects.filter(pk=1).update(problem=problem, trouble=trouble, answered_at=now)
        if problem != state.problem:
            Rollout.objects.update(dirty_at=now, dirty_changes=F("dirty_changes") + 1)


def _sign(files: SignerFiles, now: datetime) -> None:
    keys = _usable_keys(read_signing_keys(files.keys))
    kept = read_head(files.head)
    last = _last_signed(files, kept)
    fresh = _grown(last)
    if last is not None and kept is not None and last.origin == settings.LOG_ORIGIN:
        _store(last, kept, now)
    if fresh is not None:
        note = sign_checkpoint(fresh, keys)
        write_private(files.head, note)
        _store(fresh, note, now)


def _usable_keys(keys: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
    """Leave out keys of which the record does not tell, and those that it tells are retired."""
    rows = SignerKey.objects.filter(origin=settings.LOG_ORIGIN, retired_at=None)
    recorded = set(rows.values_list("text", flat=True))
    found = tuple(key for key in keys if key.verifier.text in recorded)
    if not found:
        names = ", ".join(key.verifier.text for key in keys) or "none"
        raise SignerTrouble(
            f"The record tells of no key in the key file that signs for {settings.LOG_ORIGIN}; found {names}. "
            "Make one: manage.py audit_key create"
        )
    return found


def _last_signed(files: SignerFiles, kept: bytes | None) -> Checkpoint | None:
    if kept is None:
        if size := newest_size():
            raise SignerTrouble(
                f"The signer’s last checkpoint is not in {files.head}, but checkpoint {size:,} is in the database. "
                "Copy the file from where it was, or save a checkpoint that you trust as that file."
            )
        return None
    try:
        return parse_checkpoint(parse_note(kept).text)
    except BadNote as problem:
        raise SignerTrouble(f"The signer’s last checkpoint, {files.head}, cannot be read: {problem}") from None


def _grown(last: Checkpoint | None) -> Checkpoint | None:
    """Give the checkpoint to sign; None when nothing was added. Raises RecordDisagrees."""
    if last is not None and last.origin != settings.LOG_ORIGIN:
        _require_epoch(last)
        last = None
    frontier = _same_beginning(last) if last is not None else ""
    report = verify_since(last.size, frontier) if last is not None else verify_record()
    if report.contradiction is not None:
        raise RecordDisagrees(f"{report.contradiction.word.value}: {report.contradiction.sentence}")
    fresh = Checkpoint(settings.LOG_ORIGIN, report.size, root_of(report.frontier))
    if last is not None:
        _require_consistent(last, fresh)
    return None if report.size == (last.size if last is not None else 0) else fresh


def _same_beginning(last: Checkpoint) -> str:
    """Give the frontier of what was signed last, as the record has it now, or say that it is another."""
    size = load_record_head().size
    if size < last.size:
        raise RecordDisagrees(
            f"rollback: the record has {size:,} entries, and checkpoint {last.size:,} was signed. "
            "Was a backup restored? Then begin an epoch: manage.py audit_epoch"
        )
    frontier = load_frontier(last.size)
    if root_of(frontier) != last.root:
        raise RecordDisagrees(f"forked: the first {last.size:,} entries contradict checkpoint {last.size:,}")
    return b"".join(frontier).hex()


def _require_consistent(last: Checkpoint, fresh: Checkpoint) -> None:
    proof = load_consistency_proof(last.size, fresh.size)
    if not verify_consistency(last.size, fresh.size, last.root, fresh.root, proof):
        raise RecordDisagrees(f"forked: nothing leads from checkpoint {last.size:,} to the {fresh.size:,} entries now")


def _require_epoch(last: Checkpoint) -> None:
    """Pass over to another epoch only where the record says that it begins, and names what was signed last."""
    name = f"log:{settings.LOG_ORIGIN}"
    body = AuditEntry.objects.filter(object=name, action=BEGUN).values_list("body", flat=True).first()
    if body is None or not begins_after(parse_entry(bytes(body)), last):
        raise RecordDisagrees(
            f"forked: the record is called {settings.LOG_ORIGIN}, and the last checkpoint was of {last.origin}, "
            f"{last.size:,} entries. Nothing in the record begins an epoch after it"
        )


def _store(checkpoint: Checkpoint, note: bytes, now: datetime) -> None:
    """Keep a checkpoint in the database, unless it or a later one is there."""
    if newest_size() < checkpoint.size:
        StoredCheckpoint.objects.create(origin=checkpoint.origin, size=checkpoint.size, note=note, signed_at=now)
