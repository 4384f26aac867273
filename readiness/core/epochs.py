"""Epochs of the log: its name is host, `/audit/` and a number that rises when a backup is restored or a key is lost.

The entries of an epoch follow those of the one before in the same tree. The first of them says that it begins, and
names the last checkpoint of the one before, whatever became of what that checkpoint covers.
"""

from collections.abc import Mapping
from typing import cast

from readiness.core.checkpoint import Checkpoint
from readiness.core.codec import Plain

BEGUN = "epoch.begun"
"""The action of the first entry of every epoch but the first."""


def split_origin(origin: str) -> tuple[str, int]:
    """Part a log's name into what stays and the number of the epoch; a name without a number is all that stays."""
    stem, slash, number = origin.rpartition("/")
    return (stem, int(number)) if slash and number.isdecimal() else (origin, 0)


def next_origin(origin: str) -> str:
    """Name the epoch after this one."""
    stem, number = split_origin(origin)
    return f"{stem}/{number + 1}"


def may_stand(log: object, action: object, before: str, newest: str) -> bool:
    """Say whether an entry with this log may follow one of `before` ("" when that is not known) up to `newest`."""
    if not isinstance(log, str):
        return False
    (stem, number), (last_stem, last) = split_origin(log), split_origin(newest)
    begins = action == BEGUN and before and log == next_origin(before)
    return stem == last_stem and number <= last and (not before or log == before or bool(begins))


def checkpoint_name(checkpoint: Checkpoint) -> str:
    """Write which checkpoint it is, in one line: the log, its size and its root."""
    return f"{checkpoint.origin} {checkpoint.size} {checkpoint.root.hex()}"


def begins_after(body: Mapping[str, Plain], checkpoint: Checkpoint) -> bool:
    """Say whether an entry begins an epoch after this checkpoint."""
    fields = cast("Mapping[str, Mapping[str, Mapping[str, list[Plain]]]]", body)["change"]["fields"]
    return body["action"] == BEGUN and fields.get("checkpoint") == [None, checkpoint_name(checkpoint)]
