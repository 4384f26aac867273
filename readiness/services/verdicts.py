"""Verdicts: judge a rollout, keep the answer, and put what changed into the record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from django.db import transaction
from django.db.models import F

from readiness.core.answers import Judged
from readiness.core.audit import Act, Change
from readiness.core.codec import PlainDict, UnexpectedShape, from_plain, to_plain
from readiness.core.facts import Facts
from readiness.core.types import Decision, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import Rollout, StoredVerdict
from readiness.queries.facts import facts_of
from readiness.queries.rows import Rows, load_rows, load_since
from readiness.services.aborts import Noted, note_firings
from readiness.services.audit import append
from readiness.services.automation import roll_back_by_automation
from readiness.services.gap_counts import count_gaps
from readiness.services.grounds import keep_inputs
from readiness.services.recording import lock_rollout, object_ref
from readiness.services.rollbacks import verify_rollbacks
from readiness.services.signoff_ends import void_sign_offs

Outcomes = Mapping[str, tuple[str, str]]
"""Conditions whose outcome changed for good: path to (old, new), each a reason code or MET."""
Changed: TypeAlias = "tuple[PlainDict | None, PlainDict]"
"""What a verdict said before (None: there was none) and what it says now."""


def judge_rollout(rollout_key: str, act: Act, now: datetime, outcomes: Outcomes | None = None) -> tuple[Verdict, ...]:
    """Answer every question that the rollout has now, keep the answers, and append what changed as one entry."""
    with transaction.atomic():
        rollout = lock_rollout(rollout_key, closed_too=True)
        rows = load_rows(rollout)
        facts = facts_of(rows)
        verify_rollbacks(rollout, rows, act, now)
        void_sign_offs(rollout, facts, act, now)
        noted = note_firings(rows, facts, now)
        if roll_back_by_automation(rows, facts, noted, act, now):
            rows, noted = load_rows(rollout), replace(noted, rows=())
            facts = facts_of(rows)
        answers = [_answer(rows, facts, question, now) for question in _questions(facts)]
        verdicts = tuple(verdict for verdict, _ in answers)
        changes = [change for _, change in answers if change is not None]
        count_gaps(rows, verdicts, now)
        _drop_other_answers(rollout, verdicts)
        _settle(rollout)
        _append_changes(rollout, act, changes, noted, outcomes or {})
    return verdicts


def judge_if_dirty(rollout_key: str, act: Act, now: datetime) -> None:
    """Judge a rollout that has changes nobody has judged yet."""
    if Rollout.objects.filter(key=rollout_key).exclude(dirty_at=None).exists():
        judge_rollout(rollout_key, act, now)


def _questions(facts: Facts) -> tuple[Question, ...]:
    asked = (Question.CONTINUE if facts.running else None, Question.ENTER if facts.target else None)
    return tuple(question for question in asked if question is not None)


def _answer(rows: Rows, facts: Facts, question: Question, now: datetime) -> "tuple[Verdict, Changed | None]":
    """Answer one question and keep the answer; since when each reason has stood belongs to what is judged."""
    known = replace(facts, since=load_since(rows.rollout, question.value))
    verdict = evaluate_verdict(known, question, now)
    return verdict, _keep(rows.rollout, known, verdict, now)


def _keep(rollout: Rollout, facts: Facts, verdict: Verdict, now: datetime) -> "Changed | None":
    """Store an answer; return (before, after) when it differs from the one before."""
    old = StoredVerdict.objects.filter(rollout=rollout, question=verdict.question).first()
    same = old is not None and old.verdict_id == verdict.verdict_id and old.phase == verdict.phase
    facts_digest = old.facts if old is not None and same else keep_inputs(facts)
    StoredVerdict.objects.update_or_create(
        rollout=rollout,
        question=verdict.question,
        defaults={
            "phase": verdict.phase,
            "decision": verdict.decision,
            "stage": verdict.stage,
            "verdict_id": verdict.verdict_id,
            "facts": facts_digest,
            "payload": to_plain(verdict),
            "since_at": old.since_at if old is not None and same else now,
            "decided_at": _decided_at(old, verdict, now),
            "evaluated_at": verdict.evaluated_at,
            "valid_until": verdict.valid_until,
        },
    )
    if same:
        return None
    return _summary_before(old), _summary(verdict, facts_digest)


def _decided_at(old: StoredVerdict | None, verdict: Verdict, now: datetime) -> datetime:
    """Say since when it is GO or NO-GO, whatever the reasons: a GO that ran out has been NO-GO since then."""
    if old is None or old.phase != verdict.phase:
        return now
    if old.decision == Decision.GO and old.valid_until is not None and old.valid_until < now:
        return old.valid_until if verdict.decision is Decision.NO_GO else now
    return old.decided_at if old.decision == verdict.decision else now


def _summary_before(old: StoredVerdict | None) -> "PlainDict | None":
    """Say what was stored before; what other rules wrote and these cannot read stands in the entry before."""
    try:
        return None if old is None else _summary(from_plain(Verdict, old.payload), old.facts)
    except UnexpectedShape:
        return None


def _summary(verdict: Verdict, facts_digest: str) -> PlainDict:
    judged = Judged(
        verdict.question,
        verdict.phase,
        verdict.decision,
        verdict.verdict_id,
        verdict.policy,
        facts_digest,
        verdict.evaluated_at,
    )
    return {
        "question": verdict.question.value,
        "phase": verdict.phase,
        "verdict": verdict.decision.value,
        "stage": verdict.stage.value,
        "verdict_id": verdict.verdict_id,
        "policy": verdict.policy,
        "judged": to_plain(judged),
        "reasons": [f"{r.code} {r.kind}:{r.key} {r.path}".strip() for r in verdict.reasons],
    }


def _drop_other_answers(rollout: Rollout, verdicts: tuple[Verdict, ...]) -> None:
    StoredVerdict.objects.filter(rollout=rollout).exclude(question__in=[v.question for v in verdicts]).delete()


def _settle(rollout: Rollout) -> None:
    Rollout.objects.filter(pk=rollout.pk).update(dirty_at=None, dirty_changes=0, changed=F("changed") + 1)


def _append_changes(
    rollout: Rollout,
    act: Act,
    changes: "list[Changed]",
    noted: Noted,
    outcomes: Outcomes,
) -> None:
    """Append at most one entry for everything that the machine saw change in one go."""
    if not (changes or noted.rows or outcomes):
        return
    before: PlainDict = {"outcomes": _told(outcomes, 0)} if outcomes else {}
    after: PlainDict = {"outcomes": _told(outcomes, 1), "outcomes_changed": len(outcomes)} if outcomes else {}
    for old, new in changes:
        prefix = "" if new["question"] == Question.ENTER or len(changes) == 1 else "continue "
        before |= {f"{prefix}{name}": value for name, value in (old or {}).items()}
        after |= {f"{prefix}{name}": value for name, value in new.items()}
    after |= {name: [*paths] for name, paths in (("fired", noted.began), ("cleared", noted.cleared)) if paths}
    action = _action(bool(changes), noted)
    thing = object_ref(rollout, rollout, rollout.title)
    append(Change(action, thing, before=before or None, after=after, also=noted.rows), act)


def _action(changed: bool, noted: Noted) -> str:
    """Name an entry after the weightiest thing in it."""
    if changed:
        return "verdict.changed"
    return "trigger.fired" if noted.began else "trigger.cleared" if noted.cleared else "outcome.changed"


def _told(outcomes: Outcomes, side: int) -> PlainDict:
    return {path: change[side] for path, change in sorted(outcomes.items())}
