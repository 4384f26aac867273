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

OUTCOMES = {"MET": "Met", "WAIVED": "Waived", "CLOSED": "Closed", "OPEN": "Open"}
OTHERS = {
    "evidence": "other evidence",
    "waiver": "another waiver",
    "content": "other content",
    "claims": "another claim",
    "drill": "another run",
    "review": "another review",
    "baseline": "another baseline",
    "proofs": "other proofs",
    "asks": "another question",
    "closing": "a later closing",
}


FIRST_FORMAT = ("path", "title", "outcome", "code", "evidence", "waiver")
Lines = Mapping[str, Mapping[str, object]]
"""What a statement says of each condition, by path."""


def statement_lines(data: bytes) -> Sequence[Mapping[str, object]]:
    """Give the conditions that the bytes of a statement name, in order, then what only people close."""
    body = cast(PlainDict, parse_canonical(data))
    closings = cast("Sequence[Mapping[str, object]]", body.get("closings", ()))
    return [*cast("Sequence[Mapping[str, object]]", body["conditions"]), *map(_closing_line, closings)]


def _closing_line(closing: Mapping[str, object]) -> Mapping[str, object]:
    by, at = closing["by"], closing["at"]
    outcome = "OPEN" if by is None else "CLOSED"
    path = f"gap:{closing['gap']}/{closing['task']}"
    return {"path": path, "title": closing["title"], "outcome": outcome, "closing": [by, at] if by else None}


def newest_of_reader(scene: Scene, phase: str, role: str) -> SignOff | None:
    """Give the last signature that the reader gave for a role of a phase, in any run of it."""
    given = SignOff.objects.filter(rollout=scene.rollout, phase=phase, role=role, by_id=scene.reader.person.id)
    return given.order_by("-pk").first()


def changes_since(signed: SignOff, statement: Statement) -> tuple[Change, ...]:
    """Compare what was signed with what would be signed now, line by line."""
    kept = load_blob(signed.statement)
    before = {str(line["path"]): line for line in statement_lines(kept)} if kept else {}
    after = {str(line["path"]): line for line in statement_lines(statement.data)}
    return comparable_changes(before, after)


def comparable_changes(before: Lines, after: Lines) -> tuple[Change, ...]:
    """Compare lines as far as the older of them say anything."""
    return line_changes(before, _as_before(after) if before and _is_first_format(before) else after)


def _is_first_format(lines: Lines) -> bool:
    """Say whether lines are of a statement that says nothing of what drills, reviews, checks and people’s word are."""
    return not any("asks" in line for line in lines.values())


def _as_before(lines: Lines) -> Lines:
    """Give lines as the first format has them."""
    return {
        path: {name: value for name, value in line.items() if name in FIRST_FORMAT}
        for path, line in lines.items()
        if "asks" in line
    }


def line_changes(before: Lines, after: Lines) -> tuple[Change, ...]:
    """Compare lines by their path; a condition whose limit alone has moved is one change, not one gone and one new."""
    gone, moved = [path for path in before if path not in after], {}
    for path in (path for path in after if path not in before):
        old = next((each for each in gone if _place(each) == _place(path)), None)
        if old is not None:
            moved[path] = old
            gone.remove(old)
    limits = tuple(_limit_change(before[old], after[path], old, path) for path, old in moved.items())
    paths = [*(path for path in after if path not in moved), *gone]
    rest = (_change(before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))
    return (*limits, *rest)


def _place(path: str) -> str:
    """Name a condition without its limit, which is a part of the path of a gate."""
    return "/".join(path.split("/")[:3])


def _limit_change(before: Mapping[str, object], after: Mapping[str, object], old: str, new: str) -> Change:
    """Say that a condition is asked otherwise: the limit that was signed, and the limit now."""
    was, becomes = (path.removeprefix(f"{_place(path)}/").replace("/", " for ") for path in (old, new))
    return Change(str(after.get("title", "")), f"{_word(before)}, {was}", f"{_word(after)}, {becomes}", "another limit")


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
