"""The way into the log on PostgreSQL: two functions that run as the owner of the tables, and nothing else that writes.

`audit_lock()` takes the head and tells the next number, the frontier and the time; `audit_append(bytes)` computes
hashes and columns from the bytes itself, stores the entry and moves the head. So a role that may only read the tables
and call these two can add to the log and do nothing else to it. This module knows tables by name only.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

# Tables are named with the schema they were made in: a temporary table of the same name must not answer for the head.
_LOCK = """
BEGIN
  PERFORM 1 FROM {schema}.readiness_audithead WHERE id = 1 FOR UPDATE;
  RETURN QUERY SELECT h.size, h.frontier, clock_timestamp() FROM {schema}.readiness_audithead h WHERE h.id = 1;
END
"""
_APPEND = """
DECLARE
  head {schema}.readiness_audithead%ROWTYPE;
  said json := convert_from(entry, 'UTF8')::json;
  made timestamptz := (said->>'time')::timestamptz;
  top bytea := sha256('\\x00'::bytea || entry);
  nodes bytea := top;
  rest bytea;
  left_over bigint;
BEGIN
  SELECT * INTO head FROM {schema}.readiness_audithead WHERE id = 1 FOR UPDATE;
  IF (said->>'seq')::bigint IS DISTINCT FROM head.size THEN
    RAISE EXCEPTION 'The next entry of the log has number %, not %', head.size, said->>'seq';
  END IF;
  IF made IS NULL OR abs(extract(epoch FROM clock_timestamp() - made)) > 60 THEN
    RAISE EXCEPTION 'An entry is of the moment it is made at, not of %', said->>'time';
  END IF;
  rest := head.frontier;
  left_over := head.size;
  WHILE left_over & 1 = 1 LOOP
    top := sha256('\\x01'::bytea || substring(rest FROM length(rest) - 31) || top);
    rest := substring(rest FROM 1 FOR length(rest) - 32);
    nodes := nodes || top;
    left_over := left_over >> 1;
  END LOOP;
  INSERT INTO {schema}.readiness_auditentry (seq, body, nodes, at, actor, action, object, rollout, verdict) VALUES (
    head.size, entry, nodes, made, said#>>'{{actor,id}}', said->>'action',
    (said#>>'{{object,type}}') || ':' || (said#>>'{{object,id}}'), said#>>'{{object,rollout}}',
    CASE WHEN json_typeof(said->'signature') = 'object' THEN said#>>'{{signature,verdict}}'
         WHEN json_typeof(said#>'{{change,fields,verdict,1}}') = 'string' THEN said#>>'{{change,fields,verdict,1}}'
         ELSE '' END);
  UPDATE {schema}.readiness_audithead SET size = head.size + 1, frontier = rest || top, last_at = made WHERE id = 1;
  RETURN head.size;
END
"""


@dataclass(frozen=True, slots=True)
class Way:
    """One function: its name with what it takes, what it gives, and its text."""

    signature: str
    returns: str
    text: str

    @property
    def name(self) -> str:
        """The name alone."""
        return self.signature.partition("(")[0]


WAYS = (
    Way("audit_lock()", "TABLE (next_seq bigint, frontier bytea, at timestamptz)", _LOCK),
    Way("audit_append(entry bytea)", "bigint", _APPEND),
)
_INSTALLED = """
    SELECT p.proname, p.prosrc, p.prosecdef, coalesce(array_to_string(p.proconfig, ';'), ''),
      EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = current_schema() AND p.proname IN ('audit_lock', 'audit_append')
"""
_PATH = "search_path=pg_catalog, pg_temp"


def missing_ways(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of functions that are missing, changed, or that everybody may call."""
    if connection.vendor != "postgresql":
        return []
    schema = _schema(connection)
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED)
        found = {name: tuple(rest) for name, *rest in cursor.fetchall()}
    wanted = {way.name: (way.text.format(schema=schema), True, _PATH, False) for way in WAYS}
    return sorted(name for name in wanted if wanted[name] != found.get(name))


def install_ways(connection: BaseDatabaseWrapper) -> None:
    """Install what is missing. Whoever was allowed to call them is allowed again, since they are replaced in place."""
    missing, schema = missing_ways(connection), _schema(connection) if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for way in (way for way in WAYS if way.name in missing):
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {schema}.{way.signature} RETURNS {way.returns} LANGUAGE plpgsql "
                f"SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $way${way.text.format(schema=schema)}$way$"
            )
            cursor.execute(f"REVOKE ALL ON FUNCTION {schema}.{way.signature} FROM PUBLIC")


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        return str(cursor.fetchone()[0])
