"""The sheets about a row that differs from the record: accept it, take that back, decline it."""

from readiness.core.acceptance import Seat, completes, seats_sentence
from readiness.core.canonical import Plain, PlainDict, canonical_bytes, digest_of
from readiness.core.replay import DoesNotFold, RowKey
from readiness.models import Acceptance
from readiness.queries.acceptances import OPEN, concerned_rollout, find_confirmed, held_seats, open_acceptance
from readiness.queries.blobs import BlobAltered
from readiness.queries.differences import plain_change
from readiness.queries.heads import fill_head
from readiness.queries.pages.parts import Change, Fact
from readiness.queries.pages.sheets import DifferenceSheet, ReasonSheet
from readiness.queries.replays import Difference, load_difference, load_fold, row_title
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place

CHANGED = "This row is not as recorded. Once a second person accepts it, the record has it as it is here."
GONE = "The record has this row, and here it is gone. Once a second person accepts that, the record says so too."
ADDED = "No entry tells of this row. Once a second person accepts it, the record has it as it is here."
HOW = {Acceptance.DECLINED: "Declined by", Acceptance.WITHDRAWN: "Taken back by"}


def difference_sheet(scene: Scene, key: RowKey, place: Place) -> DifferenceSheet:
    """Show a row as it is and as it is recorded, who asked, and who accepts."""
    found, trouble = _compare(key)
    asked = _asked(key, found)
    mine = asked is not None and asked.by_id == scene.reader.person.id
    return DifferenceSheet(
        fill_head(scene),
        *place,
        title=_title(asked, mine),
        sub=row_title(*key),
        why_not=trouble or _why_not(scene, key, found, asked),
        lead=_lead(found),
        label="Ask to accept it" if asked is None else "Accept it",
        busy="Saving…",
        failed="The row still differs",
        hint="Say how it came about, and why it may stay as it is. Everyone will read it.",
        confirm=True,
        changes=_changes(found),
        facts=_facts(key, found, asked),
        digest=_digest(found.here) if found is not None else "",
        who=seats_sentence(_of(scene, key)),
        end_url=scene.url("end-difference", asked.pk) if asked is not None and _may_end(scene, key, asked) else "",
        end_label="Take it back" if mine else "Decline it",
    )


def _title(asked: Acceptance | None, mine: bool) -> str:
    if asked is None:
        return "Accept a row that differs"
    return "You asked to accept this row" if mine else "Accept it as the second person"


def _compare(key: RowKey) -> tuple[Difference | None, str]:
    try:
        return load_difference(key, load_fold()), ""
    except (DoesNotFold, BlobAltered) as problem:
        return None, f"The record does not add up, so nothing can be accepted by it. {problem}"


def _asked(key: RowKey, found: Difference | None) -> Acceptance | None:
    """What was asked about the row as it is now."""
    row = open_acceptance(key)
    return row if row is not None and found is not None and row.found == _digest(found.here) else None


def _of(scene: Scene, key: RowKey) -> str:
    kept = find_confirmed(key, scene.rollout.key)
    return kept.rollout if kept is not None else scene.rollout.key


def _seats(scene: Scene, of: str) -> frozenset[Seat]:
    return held_seats(scene.rollout, scene.plan, scene.reader.person, of, scene.now)


def _why_not(scene: Scene, key: RowKey, found: Difference | None, asked: Acceptance | None) -> str:
    if found is None or find_confirmed(key, scene.rollout.key) is None:
        return "This row is as recorded, or was not found to differ twice yet."
    if asked is not None and asked.by_id == scene.reader.person.id:
        return "You asked for this; a second person accepts it."
    of = _of(scene, key)
    held = _seats(scene, of)
    if not held:
        return f"You may not accept this. {seats_sentence(of)}"
    if asked is not None and not completes(asked.by_seats.split(), held, of):
        return f"{seats_sentence(of)} {asked.by_name} asked; you don’t hold the other part."
    return ""


def _may_end(scene: Scene, key: RowKey, asked: Acceptance) -> bool:
    """Whoever asked may take it back, and whoever could accept it may decline."""
    of = _of(scene, key)
    return asked.by_id == scene.reader.person.id or completes(asked.by_seats.split(), _seats(scene, of), of)


# ------------------------------------------------------------------------------------- what differs


def _lead(found: Difference | None) -> str:
    if found is None:
        return ""
    return GONE if found.here is None else ADDED if found.recorded is None else CHANGED


def _changes(found: Difference | None) -> tuple[Change, ...]:
    if found is None:
        return ()
    before, after = found.recorded or {}, found.here or {}
    names = [name for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name)]
    return tuple(_change(name, before.get(name), after.get(name)) for name in names)


def _change(name: str, before: Plain, after: Plain) -> Change:
    """Show both sides of a field; two that read the same are shown as they are kept."""
    said = plain_change(name, before, after)
    if said.before != said.after:
        return said
    kept = (canonical_bytes(before).decode(), canonical_bytes(after).decode())
    return Change(said.title, *kept, said.note)


def _facts(key: RowKey, found: Difference | None, asked: Acceptance | None) -> tuple[Fact, ...]:
    rested = (Fact("Acted on", f"{found.unsound[:1].upper()}{found.unsound[1:]}"),) if found and found.unsound else ()
    if asked is None:
        return (*rested, *_ended(key, found)) or (Fact("Asked by", "Nobody yet"),)
    asker = (Fact("Asked by", asked.by_name), Fact("Asked at", "", at=asked.asked_at), Fact("Why", asked.reason))
    return (*rested, *asker)


def _ended(key: RowKey, found: Difference | None) -> tuple[Fact, ...]:
    """Say how the last request about the row as it is now ended."""
    digest = _digest(found.here) if found is not None else ""
    rows = Acceptance.objects.filter(type=key[0], row=key[1], found=digest).exclude(ended_at=None)
    row = rows.order_by("-ended_at").first()
    if row is None:
        return ()
    said = (Fact("Asked by", row.by_name), Fact(HOW[row.end], row.ended_by_name), Fact("At", "", at=row.ended_at))
    return (*said, Fact("Why", row.end_reason)) if row.end_reason else said


def _digest(state: "PlainDict | None") -> str:
    return digest_of(state) if state is not None else ""


# ------------------------------------------------------------------------------------- end what was asked


def find_acceptance(scene: Scene, pk: int) -> Acceptance | None:
    """Give a request that was made on this rollout, open or not."""
    return Acceptance.objects.filter(rollout=scene.rollout, pk=pk).first()


def end_acceptance_sheet(scene: Scene, row: Acceptance, place: Place) -> ReasonSheet:
    """Show what would end: one's own request, or that of somebody else."""
    mine = row.by_id == scene.reader.person.id
    return ReasonSheet(
        fill_head(scene),
        *place,
        title="Take your request back" if mine else "Decline to accept it",
        sub=row_title(row.type, row.row),
        why_not=_why_not_end(scene, row, mine),
        lead=f"{row.by_name} asked: “{row.reason}” The row stays in the way until it is restored, or accepted later.",
        label="Take it back" if mine else "Decline it",
        busy="Saving…",
        failed="It is still asked for",
        optional=mine,
    )


def _why_not_end(scene: Scene, row: Acceptance, mine: bool) -> str:
    if any(getattr(row, name) != value for name, value in OPEN.items()):
        return "This is no longer asked for."
    of = concerned_rollout(row)
    if mine or completes(row.by_seats.split(), _seats(scene, of), of):
        return ""
    return f"You may not decline this. {seats_sentence(of)}"
