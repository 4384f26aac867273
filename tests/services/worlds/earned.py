"""What a GO to enter lacks, found in the tables alone, without the core."""

import json
from datetime import timedelta

from readiness.models import (
    Claim,
    DrillRecord,
    Firing,
    FlagState,
    GapClosure,
    Hold,
    Override,
    PhaseRun,
    ReviewRecord,
    Rollout,
    SignOff,
    StoredVerdict,
    Waiver,
)


def unearned(now):
    """Say what a GO to enter lacks; nothing when it was earned, or when it is NO-GO."""
    stored = StoredVerdict.objects.filter(question="enter", decision="GO").first()
    if stored is None:
        return []
    document = json.loads(bytes(Rollout.objects.get().plan.document))
    phase = next((p for p in document["phases"] if p["key"] == stored.phase), document["close"])
    return [
        *_unsigned(phase["sign_off"]["roles"], stored.phase, now),
        *(["a hold"] if Hold.objects.filter(lifted_at=None).exists() else []),
        *_held_flags(document),
        *(["a firing"] if Firing.objects.filter(run__state="running", answer="").exists() else []),
        *_unmet(phase["enter"], f"{stored.phase}/enter", now),
        *_unfinished(document, now),
        *(["an override"] if Override.objects.filter(run__state="running", closed_at=None).exists() else []),
        *_open_gap(stored.phase),
        *_young_run(now),
    ]


def _held_flags(document):
    run = PhaseRun.objects.filter(state="running").first()
    phase = next((phase for phase in document["phases"] if run is not None and phase["key"] == run.phase), {})
    rows = {row.flag: row.most_bp for row in FlagState.objects.all()}
    asked = {flag: round(float(share.rstrip("%")) * 100) for flag, share in phase.get("flags", {}).items()}
    return [f"flag {flag}" for flag, share in asked.items() if rows.get(flag, 0) < share]


def _unsigned(roles, phase, now):
    run = PhaseRun.objects.filter(phase=phase).count() + 1
    people = set()
    for role in roles:
        row = SignOff.objects.filter(phase=phase, run=run, role=role).order_by("-pk").first()
        if row is None or not row.go or hasattr(row, "end") or row.expires_at <= now:
            yield f"a GO of {role}"
        else:
            people.add(row.by_id)
    if len(people) < len(roles):
        yield "another person for each role"
    if len(people) < 2 and Claim.objects.filter(withdrawn_at=None, by_id__in=people).exists():
        yield "somebody who did not work on it"


def _unfinished(document, now):
    """What the running phase asks for and does not have."""
    for run in PhaseRun.objects.filter(state="running"):
        phase = next(p for p in document["phases"] if p["key"] == run.phase)
        yield from _unmet(phase.get("succeed", []), f"{run.phase}/succeed", now)


def _unmet(conditions, place, now):
    """What is asked for and neither a claim, a drill or a score nor a waiver in force gives."""
    for said in conditions:
        kind, name = next(iter(said.items()))
        path = f"{place}/{kind}:{name}"
        if Waiver.objects.filter(path=path, ended_at=None, expires_at__gt=now).exclude(granted_at=None).exists():
            continue
        if kind == "item" and not Claim.objects.filter(path=path, withdrawn_at=None).exists():
            yield path
        if kind == "drill" and not DrillRecord.objects.filter(drill=name, passed=True).exists():
            yield path
        if kind == "review":
            row = ReviewRecord.objects.order_by("reviewed_at", "pk").last()
            if row is None or row.score < 7:
                yield path


def _open_gap(phase):
    if phase == "canary" and not GapClosure.objects.filter(gap="way-back", task="1", reopened_at=None).exists():
        yield "the gap"


def _young_run(now):
    for run in PhaseRun.objects.filter(state="running"):
        if now - run.entered_at < timedelta(minutes=1):
            yield "time"
