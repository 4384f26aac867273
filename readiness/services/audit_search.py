"""Keep the words of entries for search. What is kept here is never evidence: it is made from the entries, and anew.

SQLite keeps them in FTS5 without a copy of the text, PostgreSQL as a `tsvector` with its index.
"""

from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from readiness.core.canonical import Plain
from readiness.core.search import entry_phase, search_words
from readiness.models import AuditHead
from readiness.queries.replays import load_bodies

AT_ONCE = 1_000
_ADD = {
    "sqlite": "INSERT INTO readiness_auditsearch (rowid, words) VALUES (%s, %s)",
    "postgresql": "INSERT INTO readiness_auditsearch (seq, words) VALUES (%s, array_to_tsvector(%s)) "
    "ON CONFLICT (seq) DO UPDATE SET words = excluded.words",
}
_TAKE = {
    "sqlite": "INSERT INTO readiness_auditsearch (readiness_auditsearch, rowid, words) VALUES ('delete', %s, %s)",
    "postgresql": "DELETE FROM readiness_auditsearch WHERE seq = %s AND words = array_to_tsvector(%s)",
}
_EMPTY = {
    "sqlite": "INSERT INTO readiness_auditsearch (readiness_auditsearch) VALUES ('delete-all')",
    "postgresql": "DELETE FROM readiness_auditsearch",
}


def index_entry(body: Mapping[str, Plain], phase: str) -> None:
    """Make one entry findable by its words, in the transaction of the entry."""
    _write(_ADD, [(int(str(body["seq"])), search_words(body, phase))])


def forget_words(seq: int, words: Iterable[str]) -> None:
    """Make an entry no longer findable; `words` are all that it was findable by."""
    _write(_TAKE, [(seq, tuple(words))])


def clear_search() -> None:
    """Forget the words of all entries."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY[connection.vendor])


def rebuild_search() -> int:
    """Make the words anew from all entries; return how many there are."""
    phases: dict[tuple[str, str], str] = {}
    batch: list[tuple[int, tuple[str, ...]]] = []
    with transaction.atomic():
        clear_search()
        size: int = AuditHead.objects.values_list("size", flat=True).get(pk=1)
        for body in load_bodies(upto=size - 1):
            batch.append((int(str(body["seq"])), search_words(body, entry_phase(body, phases))))
            if len(batch) == AT_ONCE:
                _write(_ADD, batch)
                batch = []
        _write(_ADD, batch)
    return size


def _write(statements: Mapping[str, str], rows: "list[tuple[int, tuple[str, ...]]]") -> None:
    given = [(seq, " ".join(words) if connection.vendor == "sqlite" else list(words)) for seq, words in rows]
    if given:
        with connection.cursor() as cursor:
            cursor.executemany(statements[connection.vendor], given)
