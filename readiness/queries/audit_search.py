"""Find entries by words and marks, newest first, with the database's own index."""

from collections.abc import Sequence

from django.db import connection

# PostgreSQL looks through the newest 2,000 first, where a common word fills the page, and only then asks its index for
# all matches (`seq + 0` keeps it from walking every entry instead): few, since there was no page among 2,000.
# It is given the words as they are: a parser or dictionary of its own would find other ones.
_FIND = {
    "sqlite": """
        SELECT rowid FROM readiness_auditsearch WHERE readiness_auditsearch MATCH %s AND rowid < %s
        ORDER BY rowid DESC LIMIT %s
    """,
    "postgresql": """
        WITH asked AS (SELECT %s::tsquery AS words, %s::bigint AS before_seq, %s::bigint AS most),
        edge AS (SELECT least(before_seq, (SELECT max(seq) + 1 FROM readiness_auditsearch)) AS seq FROM asked),
        near AS MATERIALIZED (
          SELECT seq FROM readiness_auditsearch WHERE words @@ (SELECT words FROM asked)
          AND seq < (SELECT seq FROM edge) AND seq >= (SELECT seq - 2000 FROM edge)
          ORDER BY seq DESC LIMIT (SELECT most FROM asked)
        ),
        far AS (
          SELECT seq FROM readiness_auditsearch WHERE words @@ (SELECT words FROM asked)
          AND seq < (SELECT seq - 2000 FROM edge) AND (SELECT count(*) FROM near) < (SELECT most FROM asked)
          ORDER BY seq + 0 DESC LIMIT (SELECT most FROM asked)
        )
        SELECT seq FROM near UNION ALL SELECT seq FROM far ORDER BY seq DESC LIMIT (SELECT most FROM asked)
    """,
}
_END = 2**62


def load_found_seqs(
    words: Sequence[str], marks: Sequence[str], before_seq: int | None = None, limit: int = 50
) -> list[int]:
    """Give the numbers of entries that have every mark and word; nothing is found by none.

    A word or mark that ends in `*` is the beginning of one.
    """
    wanted = [*words, *marks]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FIND[connection.vendor], [_query(wanted), _END if before_seq is None else before_seq, limit])
        return [int(row[0]) for row in cursor.fetchall()]


def load_known_words(words: Sequence[str]) -> list[str]:
    """Give each word as it is looked for: whole where an entry has it, else as the beginning of one.

    A whole word is found from the newest entry on, a beginning only after everything that begins so was read.
    """
    return [word if load_found_seqs((word,), (), limit=1) else f"{word}*" for word in words]


def _query(wanted: Sequence[str]) -> str:
    """Write what is wanted in the words of the index; words hold letters, digits and underscores only."""
    parts = [(each.removesuffix("*"), each.endswith("*")) for each in wanted]
    if connection.vendor == "sqlite":
        return " AND ".join(f'"{word}" *' if begins else f'"{word}"' for word, begins in parts)
    return " & ".join(f"'{word}':*" if begins else f"'{word}'" for word, begins in parts)
