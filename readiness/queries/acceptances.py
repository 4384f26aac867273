"""Rows that differ from the record: as a list on the audit page, and the sheet on which people accept one."""

from collections.abc import Iterable

from django.urls import reverse

from readiness.core.acceptance import seats_sentence
from readiness.core.canonical import PlainDict, digest_of
from readiness.core.replay import DoesNotFold, RowKey
from readiness.models import Acceptance, RecordCheck
from readiness.queries.blobs import BlobAltered
from readiness.queries.differences import plain_change
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Change, Fact, Line
from readiness.queries.pages.sheets import DifferenceSheet
from readiness.queries.replays import (
    Difference,
    KeptDifference,
    kept_differences,
    load_difference,
    load_fold,
    row_title,
)
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place

LEAD = "The record has this row as on the left. Once a second person accepts it, it has the row as on the right."


def load_difference_lines(rollout: str) -> tuple[Line, ...]:
    """List what was found twice: of one rollout and of none, or, without a rollout, of everything."""
    check = RecordCheck.objects.first()
    kept = [each for each in kept_differences(check) if each.confirmed] if check is not None else []
    concerned = [each for each in kept if not rollout or each.rollout in ("", rollout)]
    return tuple(_line(each, rollout or each.rollout) for each in concerned)


def _line(each: KeptDifference, rollout: str) -> Line:
    url = reverse("difference", args=[rollout, each.type, each.row]) if rollout else ""
    return Line(row_title(each.type, each.row), each.found, "Contradicted", at=each.since_at, end_note="since", url=url)


def difference_sheet(scene: Scene, key: RowKey, place: Place) -> DifferenceSheet:
    """Show a row as it is and as it is recorded, who asked, and who accepts."""
    kept, (found, why_not) = _kept_of(scene, key), _compare(key)
    asked = _asked(key, found)
    if found is None or kept is None:
        why_not = why_not or "This row is as recorded, or was not found to differ twice yet."
    mine = asked is not None and asked.by_id == scene.reader.person.id
    return DifferenceSheet(
        fill_head(scene),
        *place,
        title="Accept a row that differs" if asked is None else "Accept it as the second person",
        sub=row_title(*key),
        why_not=why_not or ("You asked for this; a second person accepts it." if mine else ""),
        lead=LEAD,
        label="Ask to accept it" if asked is None else "Accept it",
        busy="Saving…",
        failed="The row still differs",
        hint="Say how it came about, and why it may stay as it is. Everyone will read it.",
        confirm=True,
        changes=_changes(found),
        facts=_facts(asked),
        digest=_digest(found.here) if found is not None else "",
        who=seats_sentence(kept.rollout if kept is not None else scene.rollout.key),
    )


def is_asked_for(key: RowKey, digest: str) -> bool:
    """Say whether somebody asked to accept the row as it was shown."""
    row = _open_of(key)
    return row is not None and row.found == digest


def _open_of(key: RowKey) -> Acceptance | None:
    return Acceptance.objects.filter(type=key[0], row=key[1], accepted_at=None, replaced_at=None).first()


def _asked(key: RowKey, found: Difference | None) -> Acceptance | None:
    """What was asked about the row as it is now."""
    row = _open_of(key)
    return row if row is not None and found is not None and row.found == _digest(found.here) else None


def _kept_of(scene: Scene, key: RowKey) -> KeptDifference | None:
    check = RecordCheck.objects.first()
    kept: Iterable[KeptDifference] = kept_differences(check) if check is not None else ()
    concerned = (each for each in kept if each.confirmed and each.rollout in ("", scene.rollout.key))
    return next((each for each in concerned if (each.type, each.row) == key), None)


def _compare(key: RowKey) -> tuple[Difference | None, str]:
    try:
        return load_difference(key, load_fold()), ""
    except (DoesNotFold, BlobAltered) as problem:
        return None, f"The record does not add up, so nothing can be accepted by it. {problem}"


def _changes(found: Difference | None) -> tuple[Change, ...]:
    if found is None:
        return ()
    before, after = found.recorded or {}, found.here or {}
    names = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    return tuple(plain_change(name, before.get(name), after.get(name)) for name in names)


def _facts(asked: Acceptance | None) -> tuple[Fact, ...]:
    if asked is None:
        return (Fact("Asked by", "Nobody yet"),)
    return (Fact("Asked by", asked.by_name), Fact("Asked at", "", at=asked.asked_at), Fact("Why", asked.reason))


def _digest(state: "PlainDict | None") -> str:
    return digest_of(state) if state is not None else ""
