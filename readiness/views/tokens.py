"""What a page carries to its own form, signed: what a signer was shown, which files were judged but not claimed yet."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, TimestampSigner

from readiness.core.codec import from_plain, to_plain
from readiness.core.statements import Seen
from readiness.queries.signoffs import MARK_DIGITS

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
