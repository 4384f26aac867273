"""Keys of the signer: make, rotate with an overlap, retire; and begin an epoch. Each is an entry of the record.

A new key first waits in a file of its own, then the record tells of it, then it takes its place. Whoever is interrupted
calls again: the key that waits is taken.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from readiness.core.audit import Act, Change, ObjectRef
from readiness.core.canonical import PlainDict
from readiness.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note
from readiness.core.entries import parse_entry
from readiness.core.epochs import BEGUN, checkpoint_name, next_origin
from readiness.core.signing import SigningKey
from readiness.models import AuditEntry, AuditHead, SignerKey
from readiness.models import Checkpoint as StoredCheckpoint
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.recording import change_rows, object_ref
from readiness.services.signer_files import (
    KeyMissing,
    SignerFiles,
    fresh_key,
    keys_text,
    only_signer,
    read_head,
    read_signing_keys,
    replace_file,
    write_private,
)


class KeyUnfit(Exception):
    """What was asked for does not fit the keys that there are; the message says what does."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was added, by its verifier key and fingerprint, and whether it is new in this call."""

    text: str
    fingerprint: str
    is_new: bool


def create_key(files: SignerFiles, act: Act, now: datetime) -> NewKey:
    """Make the first key of this epoch and tell the record, or say which key there is."""
    with only_signer(files):
        try:
            keys = read_signing_keys(files.keys)
        except KeyMissing:
            keys = ()
        if keys and keys[0].name != settings.LOG_ORIGIN:
            raise KeyUnfit(
                f"The key in {files.keys} signs for {keys[0].name}, and the record is called {settings.LOG_ORIGIN}. "
                "Another name is another epoch: manage.py audit_epoch"
            )
        if keys and not files.next_keys.exists():
            return _tell(keys[0], "key.added", act, now)
        return _add(files, (), "key.added", act, now)


def rotate_key(files: SignerFiles, act: Act, now: datetime) -> NewKey:
    """Add a key; from now on both sign, until the older one is retired."""
    with only_signer(files):
        keys = read_signing_keys(files.keys)
        if len(keys) > 1 and not files.next_keys.exists():
            raise KeyUnfit("Two keys sign already. End that overlap first: manage.py audit_key retire")
        return _add(files, keys[:1], "key.rotated", act, now)


def retire_key(files: SignerFiles, act: Act, now: datetime) -> str:
    """End the overlap: only the newest key signs from now on. Return the fingerprint of the older one."""
    with only_signer(files):
        keys = read_signing_keys(files.keys)
        if len(keys) < 2:
            raise KeyUnfit("Only one key signs, and it stays. Add another one first: manage.py audit_key rotate")
        old = keys[-1].verifier
        with transaction.atomic():
            row = SignerKey.objects.select_for_update().filter(text=old.text, retired_at=None).first()
            if row is not None:
                before, row.retired_at = row_state(row), now
                row.save(update_fields=["retired_at"])
                append(Change("key.retired", object_ref(row, None, str(row)), before, row_state(row)), act)
        write_private(files.keys, keys_text(keys[:1]).encode())
        return old.fingerprint


def begin_epoch(files: SignerFiles, reason: str, act: Act, now: datetime) -> Checkpoint:
    """Go on under the next name with a new key, after a backup was restored or a key was lost.

    The first entry names the last checkpoint of the epoch before, which is returned. Raises KeyUnfit.
    """
    with only_signer(files):
        last, note = _last_checkpoint(files)
        newest = _newest_log()
        if newest != settings.LOG_ORIGIN:
            if next_origin(newest) != settings.LOG_ORIGIN:
                raise KeyUnfit(
                    f"The record is called {newest}, so its next epoch is {next_origin(newest)}, and "
                    f"READINESS_LOG_ORIGIN says {settings.LOG_ORIGIN}. Stop every part, set it, and call this again."
                )
            _append_epoch(last, note, reason, act, now)
        elif last.origin == newest:
            raise KeyUnfit(
                f"Set READINESS_LOG_ORIGIN={next_origin(newest)} for every part, with all of them stopped, and call "
                "this again."
            )
        _add(files, (), "key.added", act, now)
        return last


def _append_epoch(last: Checkpoint, note: bytes, reason: str, act: Act, now: datetime) -> None:
    with transaction.atomic():
        old = change_rows(SignerKey.objects.select_for_update().filter(retired_at=None), retired_at=now)
        size = AuditHead.objects.values_list("size", flat=True).get(pk=1)
        begun: PlainDict = {
            "previous": last.origin,
            "checkpoint": checkpoint_name(last),
            "note": note.decode(),
            "entries": size,
            "missing": max(last.size - size, 0),
        }
        log = ObjectRef("log", settings.LOG_ORIGIN, settings.LOG_ORIGIN)
        append(Change(BEGUN, log, None, begun, reason, also=old), act)


def _last_checkpoint(files: SignerFiles) -> tuple[Checkpoint, bytes]:
    """Give what was signed last: as the signer remembers it, else as the database has it."""
    note = read_head(files.head)
    if note is None:
        row = StoredCheckpoint.objects.order_by("-pk").first()
        if row is None:
            raise KeyUnfit("Nothing was ever signed here, so there is no epoch to end.")
        note = bytes(row.note)
    try:
        return parse_checkpoint(parse_note(note).text), note
    except BadNote as problem:
        raise KeyUnfit(f"The last checkpoint cannot be read: {problem}") from None


def _newest_log() -> str:
    body = AuditEntry.objects.order_by("-seq").values_list("body", flat=True).first()
    return str(parse_entry(bytes(body))["log"]) if body is not None else settings.LOG_ORIGIN


def _add(files: SignerFiles, older: tuple[SigningKey, ...], action: str, act: Act, now: datetime) -> NewKey:
    """Put a key in front: let it wait on the disk, tell the record, then let it sign."""
    keys = _waiting(files)
    if not keys:
        keys = (fresh_key(settings.LOG_ORIGIN), *older)
        write_private(files.next_keys, keys_text(keys).encode())
    told = _tell(keys[0], action, act, now)
    replace_file(files.next_keys, files.keys)
    return replace(told, is_new=True)


def _waiting(files: SignerFiles) -> tuple[SigningKey, ...]:
    """Give the keys that an interrupted call left waiting, if they are of this epoch."""
    if not files.next_keys.exists():
        return ()
    keys = read_signing_keys(files.next_keys)
    return keys if keys and keys[0].name == settings.LOG_ORIGIN else ()


def _tell(key: SigningKey, action: str, act: Act, now: datetime) -> NewKey:
    """Let the record tell of a key, once."""
    new = key.verifier
    with transaction.atomic():
        if SignerKey.objects.filter(text=new.text).exists():
            return NewKey(new.text, new.fingerprint, is_new=False)
        row = SignerKey.objects.create(origin=key.name, text=new.text, fingerprint=new.fingerprint, added_at=now)
        append(Change(action, object_ref(row, None, str(row)), None, row_state(row)), act)
    return NewKey(new.text, new.fingerprint, is_new=True)
