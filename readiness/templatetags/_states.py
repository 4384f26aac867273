"""The state vocabulary: the only words for a state, each with its glyph (in static/glyphs.svg) and its tone."""

from functools import lru_cache
from typing import NamedTuple


class State(NamedTuple):
    """How a state looks: the glyph's id, the tone of its class, and its word."""

    glyph: str
    tone: str
    word: str


_TABLE = """
Met: met go
Passing: met go
Proven: met go
Closed: met go
Valid: met go
Done: met go
Found: met go
Confirmed: met go
GO: met go
Attested: attested go
Waived: waived note
Running: running note
Checking: running note
Armed: running note
Kept: open note
Can run: open mute
Rehearsed: wait note
Unproven: unproven warn
Not proven: unproven warn
Not sustained: open warn
Expired: stale warn
Stale: stale warn
Void: void warn
Not due: future mute
Unclaimed: open mute
No answer: noanswer mute
Waits: wait mute
Rolled back: back mute
Revoked: void mute
Held: held stop
Not armed: unarmed stop
Too slow: bar stop
Abort: abort stop
Overridden: overridden stop
Turned off: bar stop
Can’t be measured: hollow stop
Failing: fail stop
Missing: fail stop
Untracked: fail stop
Can’t run: fail stop
Not met: bar stop
Open: bar stop
NO-GO: bar stop
Contradicted: contra stop
No data: nodata stop
"""


def _read_table() -> dict[str, State]:
    rows = (line.partition(": ") for line in _TABLE.strip().splitlines())
    looks = ((word, *look.partition(" ")[::2]) for word, _, look in rows)
    return {_key(word): State(glyph, tone, word) for word, glyph, tone in looks}


def _key(word: str) -> str:
    return word.casefold().replace("’", "'").replace("-", " ").replace("_", " ")


STATES = _read_table()


@lru_cache(maxsize=256)
def find_state(word: str) -> State:
    """The look of a state. A word that is not in the table looks like missing data: what is unknown blocks."""
    return STATES.get(_key(word)) or State("nodata", "stop", word or "No data")
