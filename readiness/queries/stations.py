"""All signatures of a phase: each station's answer with its receipt, and the answers that no longer count."""

from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.plan import Phase
from readiness.core.signoffs import PollAnswer, Station
from readiness.core.statements import MEANINGS
from readiness.models import AuditEntry, SignOff, SignOffEnd
from readiness.queries.heads import fill_head
from readiness.queries.pages.sheets import ReasonSheet
from readiness.queries.pages.signoffs import SignOffPage, StationRow
from readiness.queries.polls import STATES, station_people, station_url
from readiness.queries.scenes import Scene
from readiness.queries.sheets import Place, phase_words
from readiness.queries.signoffs import sign_rule

STANDING = (PollAnswer.GO, PollAnswer.NO_GO)
ENDED = {SignOffEnd.VOID: "Void", SignOffEnd.REVOKED: "Revoked"}


def fill_stations(scene: Scene, phase: Phase) -> SignOffPage:
    """Show who answered what for a phase, and everything that was answered before."""
    given = list(SignOff.objects.filter(rollout=scene.rollout, phase=phase.key).select_related("end").order_by("-pk"))
    entries = _entries(given)
    by_pk = {row.pk: row for row in given}
    stations = scene.case.stations if sign_rule(scene) is not None else ()
    shown = {s.signature.id for s in stations if s.signature is not None}
    return SignOffPage(
        fill_head(scene),
        f"Sign-off of {phase_words(phase)}",
        tuple(_station(scene, s, by_pk, entries) for s in stations),
        tuple(_past(scene, row, entries) for row in given if row.pk not in shown),
    )


def _entries(given: list[SignOff]) -> dict[int, int]:
    """Find the entry that records each signature."""
    names = {f"signoff:{row.pk}": row.pk for row in given}
    rows = AuditEntry.objects.filter(object__in=list(names), action="sign_off.given").values_list("object", "seq")
    return {names[thing]: seq for thing, seq in rows}


def _station(scene: Scene, station: Station, given: dict[int, SignOff], entries: dict[int, int]) -> StationRow:
    row = given.get(station.signature.id) if station.signature else None
    mine = scene.may(Right.SIGN, station.role)
    stands = row is not None and station.answer in STANDING and row.by_id == scene.reader.person.id
    return StationRow(
        station=scene.titles.get(station.role, station.role),
        name=row.by_name if row else station_people(scene, station.role),
        state=STATES[station.answer],
        at=row.signed_at if row else None,
        meaning=MEANINGS.get(row.meaning, "") if row else "",
        reason=row.reason if row else "",
        note=station.why if station.answer in (PollAnswer.VOID, PollAnswer.EXPIRED) else "",
        digest=row.statement if row else "",
        sign_url=station_url(scene, station.role) if mine else "",
        revoke_url=scene.url("revoke-sign-off", row.pk) if row is not None and stands else "",
        entry_url=_entry_url(scene, row, entries),
        receipt_url=_receipt_url(scene, row, entries),
    )


def _entry_url(scene: Scene, row: SignOff | None, entries: dict[int, int]) -> str:
    return scene.url("audit-entry", entries[row.pk]) if row is not None and row.pk in entries else ""


def _receipt_url(scene: Scene, row: SignOff | None, entries: dict[int, int]) -> str:
    return scene.url("sign-off-receipt", row.pk) if row is not None and row.pk in entries else ""


def _past(scene: Scene, row: SignOff, entries: dict[int, int]) -> StationRow:
    end = getattr(row, "end", None)
    expired = end is None and row.expires_at <= scene.now
    state = ENDED[end.kind] if end else "Expired" if expired else ("GO" if row.go else "NO-GO")
    replaced = "" if end or expired else "answered again later, or of an earlier run"
    return StationRow(
        station=scene.titles.get(row.role, row.role),
        name=row.by_name,
        state=state,
        at=row.signed_at,
        meaning=f"{'GO' if row.go else 'NO-GO'}, run {row.run}",
        reason=row.reason,
        note=end.why if end else replaced,
        digest=row.statement,
        entry_url=_entry_url(scene, row, entries),
        receipt_url=_receipt_url(scene, row, entries),
    )


def find_sign_off(scene: Scene, pk: int) -> SignOff | None:
    """Give a signature of this rollout, whether it stands or not."""
    return SignOff.objects.filter(rollout=scene.rollout, pk=pk).select_related("end").first()


def revoke_sheet(scene: Scene, row: SignOff, place: Place) -> ReasonSheet:
    """Show the answer that would be taken back; only its signer may."""
    role = scene.titles.get(row.role, row.role)
    answer = "GO" if row.go else "NO-GO"
    mine = row.by_id == scene.reader.person.id
    ended = "This answer no longer stands, so there is nothing to take back." if hasattr(row, "end") else ""
    phase = find_phase(scene.plan, row.phase)
    return ReasonSheet(
        fill_head(scene),
        *place,
        title=f"Withdraw the answer of {role}",
        sub=f"{answer} by {row.by_name} for {phase_words(phase) if phase else row.phase}",
        why_not=ended or ("" if mine else f"Only {row.by_name} can take this answer back."),
        lead="The station has no answer from then on. Both entries stay in the record.",
        label=f"Withdraw {answer}",
        busy="Withdrawing…",
        failed="The answer still stands",
    )
