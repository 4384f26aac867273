"""Reasons as programs and people at a shell get them: each with its sentence, what clears it, and its page."""

from datetime import datetime, timedelta
from typing import cast

from readiness.core.canonical import Plain, PlainDict
from readiness.core.codec import from_plain
from readiness.core.quantities import format_duration
from readiness.core.types import Person, Reason
from readiness.queries.reasons import reason_url
from readiness.queries.scenes import Address, Scene, load_scene
from readiness.queries.words import moment_words

NOBODY = Person("shell", "the shell")
SECOND = timedelta(seconds=1)
NAMED = ("code", "kind", "key", "title", "path")
"""What a link is made from; rules that were kept long ago may say other things of a reason, and all say these."""


def explained(key: str, verdict: PlainDict, said: Plain, now: datetime) -> PlainDict:
    """Give a verdict whose reasons say their sentence, what clears them, and where they can be seen on the board."""
    scene = load_scene(key, NOBODY, Address("board"), now, str(verdict["phase"]))
    reasons = zip(cast("list[PlainDict]", verdict["reasons"]), cast("list[PlainDict]", said), strict=True)
    told: list[Plain] = [{**reason, **words, "link": _link(scene, reason)} for reason, words in reasons]
    return {**verdict, "reasons": told}


def _link(scene: Scene, reason: PlainDict) -> str:
    return reason_url(scene, from_plain(Reason, {name: reason[name] for name in NAMED}))


def since_words(reason: PlainDict, evaluated_at: object) -> str:
    """Say since when a reason has stood, and for how long when that was judged."""
    if not reason.get("since_at"):
        return "not known since when"
    since, at = (datetime.fromisoformat(str(moment)) for moment in (reason["since_at"], evaluated_at))
    stood = f", {format_duration(at - since)}" if at - since >= SECOND else ""
    return f"since {moment_words(since)}{stood}"
