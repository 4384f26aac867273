"""One entry of the record as a page: what it says, whether it still stands, its proof, how to check it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from django.urls import reverse

from readiness.core.canonical import Plain, PlainDict
from readiness.core.personal import ADDRESS, AGENT, ERASED, erasure_in
from readiness.core.quantities import format_duration
from readiness.core.statements import MEANINGS
from readiness.models import AuditEntry as Row
from readiness.queries.audit import Entry, RecordHead, entry_of
from readiness.queries.by_hand import entry_by_hand
from readiness.queries.differences import entry_changes
from readiness.queries.pages.audit import AuditEntry, OwnCheck
from readiness.queries.pages.parts import Fact
from readiness.queries.personal import GONE, Opened, load_personal
from readiness.queries.proofs import prove_entry
from readiness.queries.trail import Titles, entry_actor, entry_fields, entry_label, entry_reason, tell_entry
from readiness.queries.words import moment_words

SIGNED = "sign_off.given"
ENDS = ("sign_off.voided", "sign_off.revoked")
PERSONAL = ((ADDRESS, "address", "ip"), (AGENT, "user agent", "ua"))


def show_entry(entry: Entry, head: RecordHead, titles: Titles) -> AuditEntry:
    """Show one entry; `titles` names roles and conditions of its rollout."""
    told, proof, personal = tell_entry(entry, titles), prove_entry(entry, head), _personal(entry)
    is_lost = any(each.trouble and not each.trouble.startswith(GONE) for each in personal.values())
    is_broken = is_lost or any(step.state == "Failing" for step in proof)
    actor, signature = _part(entry.body, "actor"), _part(entry.body, "signature")
    roles = cast("Sequence[str]", actor.get("roles") or ())
    return AuditEntry(
        seq=entry.seq,
        state="Failing" if is_broken else "Valid",
        title=f"{told.title}: {told.subject}" if told.subject else told.title,
        facts=tuple(_facts(entry, personal)),
        proof=proof,
        statement=MEANINGS.get(str(signature.get("meaning")), ""),
        answer=told.state if entry.action == SIGNED else "",
        name=entry_actor(entry),
        role=", ".join(titles.get(role, role) for role in roles if role != "member"),
        reason=entry_reason(entry),
        changes=entry_changes(entry),
        command=f".venv/bin/python manage.py audit_verify --entry {entry.seq}",
        own=_own_check(entry, is_signed=any(step.sentence.startswith("Signed with") for step in proof)),
        raw=entry.data.decode("utf-8", "replace"),
        as_of_url=f"{reverse('board', args=[entry.rollout])}?as_of={entry.seq}" if entry.rollout else "",
    )


def _part(body: PlainDict, name: str) -> Mapping[str, Plain]:
    return cast("Mapping[str, Plain]", body.get(name) or {})


def _own_check(entry: Entry, is_signed: bool) -> OwnCheck:
    """Give what somebody needs to check an entry on their own: its bytes, its proof, a few lines of Python."""
    receipt = ""
    if entry.action == SIGNED and entry.rollout:
        receipt = reverse("sign-off-receipt", args=[entry.rollout, entry.object.partition(":")[2]])
    return OwnCheck(
        bytes_url=reverse("entry-bytes", args=[entry.seq]),
        proof_url=reverse("entry-proof", args=[entry.seq]) if is_signed else "",
        receipt_url=receipt,
        command=entry_by_hand(entry.seq) if is_signed else "",
    )


# ------------------------------------------------------------------------------------- what it says


def _facts(entry: Entry, personal: Mapping[str, Opened]) -> list[Fact]:
    channel, behalf = _part(entry.body, "channel"), _part(entry.body, "on_behalf_of")
    facts = [Fact("At", "", at=entry.at), *_clock(entry), Fact("Action", entry.action, mono=True)]
    facts.append(Fact("About", entry_label(entry), entry.object))
    if behalf:
        facts.append(Fact("For", str(behalf.get("name") or behalf.get("id"))))
    ip, agent = (_said(personal.get(path), name, channel.get(key)) for path, name, key in PERSONAL)
    facts.append(Fact("Way in", str(channel.get("kind") or "not told"), ip))
    facts += [Fact("With", agent)] if agent else []
    return [*facts, *_confirmed(entry), *_signed(entry)]


def _clock(entry: Entry) -> list[Fact]:
    """Say it where the time of an entry is before that of the one in front of it."""
    before = Row.objects.filter(pk=entry.seq - 1).values_list("at", flat=True).first()
    if before is None or before <= entry.at:
        return []
    return [Fact("Clock", f"{format_duration(before - entry.at)} before entry {entry.seq - 1:,}; it was set back")]


def _confirmed(entry: Entry) -> list[Fact]:
    auth = _part(entry.body, "auth")
    methods, age = cast("Sequence[str]", auth.get("methods") or ()), auth.get("age_s")
    before = f"{format_duration(timedelta(seconds=float(str(age))))} before" if age is not None else ""
    return [Fact("Confirmed with", ", ".join(methods), before)] if methods else []


def _signed(entry: Entry) -> list[Fact]:
    signature = _part(entry.body, "signature")
    digests = [(name, str(signature[name])) for name in ("statement", "evidence") if signature.get(name)]
    facts = [Fact(name.capitalize(), "", digest=digest) for name, digest in digests]
    return [*facts, _standing(entry)] if entry.action == SIGNED else facts


def _standing(entry: Entry) -> Fact:
    """Say whether a sign-off still stands, by the entries after it."""
    later = Row.objects.filter(object=entry.object, action__in=ENDS, seq__gt=entry.seq).order_by("seq")
    end = later.values_list("seq", "action", "at").first()
    if end is not None:
        how = "went void" if end[1] == ENDS[0] else "was taken back"
        return Fact("Still stands", "No", f"it {how} with entry {end[0]:,}, {moment_words(end[2])}")
    until = entry_fields(entry).get("expires_at", (None, None))[1]
    counts = f"it counts until {moment_words(datetime.fromisoformat(str(until)))}" if until else ""
    return Fact("Still stands", "No entry ends it", counts)


# ------------------------------------------------------------------------------------- what was erased


def _personal(entry: Entry) -> dict[str, Opened]:
    """Open the personal values of an entry; of one that is gone, say which entry tells of it."""
    opened = load_personal(entry)
    if all(each.trouble != GONE for each in opened.values()):
        return opened
    told = _erasure_of(entry)
    return {path: replace(each, trouble=told) if each.trouble == GONE else each for path, each in opened.items()}


def _erasure_of(entry: Entry) -> str:
    who = str(_part(entry.body, "actor").get("id", ""))
    for row in Row.objects.filter(object=f"personal:{who}", action=ERASED, seq__gt=entry.seq).order_by("seq"):
        erasure = erasure_in(entry_of(row).body)
        if erasure is not None and erasure.covers(entry.seq, who):
            return f"{GONE} with entry {row.seq:,}, {moment_words(row.at)}"
    return "missing, and no entry tells of its erasure"


def _said(opened: Opened | None, name: str, plain: Plain) -> str:
    """Give a personal value, or what became of it; older entries hold it themselves."""
    if opened is None:
        return str(plain or "")
    return f"{name} {opened.trouble}" if opened.trouble else opened.value
