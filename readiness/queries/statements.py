"""Statements that were signed: their lines, and what has changed since one was."""

from collections.abc import Mapping, Sequence
from typing import cast

from readiness.core.canonical import PlainDict, parse_canonical
from readiness.core.reasons import REASONS
from readiness.core.statements import Statement
from readiness.models import SignOff
from readiness.queries.blobs import load_blob
from readiness.queries.pages.parts import Change
from readiness.queries.scenes import Scene

OUTCOMES = {"MET": "Met", "WAIVED": "Waived"}
OTHERS = {"evidence": "other evidence", "waiver": "another waiver"}


def statement_lines(data: bytes) -> Sequence[Mapping[str, object]]:
    """Give the conditions that the bytes of a statement name, in order."""
    body = cast(PlainDict, parse_canonical(data))
    return cast("Sequence[Mapping[str, object]]", body["conditions"])


def newest_of_reader(scene: Scene, phase: str, role: str) -> SignOff | None:
    """Give the last signature that the reader gave for a role of a phase, in any run of it."""
    given = SignOff.objects.filter(rollout=scene.rollout, phase=phase, role=role, by_id=scene.reader.person.id)
    return given.order_by("-pk").first()


def changes_since(signed: SignOff, statement: Statement) -> tuple[Change, ...]:
    """Compare what was signed with what would be signed now, line by line."""
    kept = load_blob(signed.statement)
    before = {str(line["path"]): line for line in statement_lines(kept)} if kept else {}
    after = {str(line["path"]): line for line in statement_lines(statement.data)}
    paths = [*after, *(path for path in before if path not in after)]
    return tuple(_change(before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))


def _change(before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> Change:
    title = str((after or before or {}).get("title", ""))
    old, new = _word(before), _word(after)
    note = next((said for key, said in OTHERS.items() if _differs(key, before, after)), "")
    return Change(title, old, f"{new}, on {note}" if note and old == new else new, note if old != new else "")


def _differs(key: str, before: Mapping[str, object] | None, after: Mapping[str, object] | None) -> bool:
    """Say whether two lines that both name something name something else."""
    old, new = (before or {}).get(key), (after or {}).get(key)
    return old is not None and new is not None and old != new


def _word(line: Mapping[str, object] | None) -> str:
    if line is None:
        return ""
    code = str(line.get("code") or "")
    return REASONS[code].word if code in REASONS else OUTCOMES.get(str(line.get("outcome")), "Not met")
