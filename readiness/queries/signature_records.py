"""Signatures as a decision record shows them: what they meant, by whom in which role, and whether they counted then."""

from collections.abc import Mapping, Sequence
from typing import cast

from readiness.core.canonical import Plain
from readiness.core.facts import Facts, SignatureFacts
from readiness.core.signoffs import Station, poll_stations
from readiness.core.statements import MEANINGS
from readiness.core.types import Verdict
from readiness.queries.audit import Entry
from readiness.queries.pages.reports import SignatureRecord
from readiness.queries.polls import STATES
from readiness.queries.report_files import Files
from readiness.queries.scenes import Scene
from readiness.queries.words import join_words


def signature_records(scene: Scene, files: Files, facts: Facts, verdict: Verdict) -> tuple[SignatureRecord, ...]:
    """Give every signature of the poll, in the order they were given."""
    judged = {assessment.path: assessment for assessment in verdict.assessments}
    stations = {s.signature.id: s for s in poll_stations(facts, judged, verdict.evaluated_at) if s.signature}
    return tuple(
        _signature(scene, files, facts, signature, stations.get(signature.id)) for signature in facts.signatures
    )


def _signature(
    scene: Scene, files: Files, facts: Facts, signature: SignatureFacts, station: Station | None
) -> SignatureRecord:
    row = files.sign_offs.get(signature.id)
    entry = files.entry_of(f"signoff:{signature.id}", "sign_off.given")
    replaced = "" if station else signature.voided or "answered again later"
    return SignatureRecord(
        role=facts.title_of(signature.role),
        name=signature.by.name,
        state=STATES[station.answer] if station else "Void",
        meaning=MEANINGS.get(row.meaning, row.meaning) if row else "",
        reason=signature.reason,
        at=signature.signed_at,
        until_at=signature.expires_at,
        statement=row.statement if row else "",
        note=station.why if station else replaced,
        held=how_acted(facts, entry),
        entry=entry_words(entry),
        entry_url=scene.url("audit-entry", entry.seq) if entry else "",
    )


def how_acted(facts: Facts | None, entry: Entry | None) -> str:
    """Say in which roles somebody acted, and how they proved who they are, as the entry keeps it."""
    if entry is None:
        return ""
    actor = cast("Mapping[str, Plain]", entry.body.get("actor") or {})
    auth = cast("Mapping[str, Plain]", entry.body.get("auth") or {})
    roles = [str(role) for role in cast("Sequence[Plain]", actor.get("roles") or ()) if role != "member"]
    titles = [facts.title_of(role) if facts else role for role in roles]
    methods = ", ".join(str(method) for method in cast("Sequence[Plain]", auth.get("methods") or ()))
    age = f", {auth['age_s']} s before" if auth.get("age_s") is not None else ""
    held = f"Held then: {join_words(titles, 8)}" if titles else ""
    return ". ".join(filter(None, [held, f"Confirmed with {methods}{age}" if methods else ""]))


def entry_words(entry: Entry | None) -> str:
    """Number an entry of the record."""
    return f"Entry {entry.seq:,}" if entry is not None else "No entry"
