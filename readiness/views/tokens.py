"""What a page carries to its own form, signed: what a signer was shown, which files were judged but not claimed yet."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner

from readiness.core.codec import from_plain, to_plain
from readiness.core.statements import Seen
from readiness.queries.signoffs import MARK_DIGITS
from readiness.services.evidence import Held

LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a signer was shown: the log as it was, and a short mark of each fact."""

    seen: Seen
    marks: tuple[str, ...]


def write_shown(shown: Shown) -> str:
    """Sign what a signer is shown."""
    text = json.dumps([shown.seen.size, shown.seen.root, to_plain(shown.seen.at), "".join(shown.marks)])
    return TimestampSigner(salt="shown").sign_object(text, compress=True)


def read_shown(token: str) -> Shown | None:
    """Read back what a signer was shown; None when we did not write it, or more than an hour ago."""
    try:
        text: str = TimestampSigner(salt="shown").unsign_object(token, max_age=LASTS)
    except BadSignature:
        return None
    size, root, at, marks = json.loads(text)
    cut = tuple(marks[n : n + MARK_DIGITS] for n in range(0, len(marks), MARK_DIGITS))
    return Shown(Seen(size, root, from_plain(datetime, at)), cut)


def write_held(about: tuple[str, str, str], held: Sequence[Held]) -> str:
    """Sign what was judged and kept, but not claimed yet. `about` binds it to the item, the plan and the person."""
    return TimestampSigner(salt="held").sign_object([list(about), [to_plain(piece) for piece in held]], compress=True)


def read_held(token: str, about: tuple[str, str, str]) -> tuple[Held, ...]:
    """Read back what was judged; nothing when it was about something else, or is more than an hour old."""
    try:
        said, pieces = TimestampSigner(salt="held").unsign_object(token, max_age=LASTS)
    except BadSignature:
        return ()
    if tuple(said) != about:
        return ()
    return tuple(from_plain(Held, piece) for piece in pieces)
