"""Sign-offs: one person answers GO or NO-GO for one role, over a statement, after proving who they are again."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from readiness.core.audit import Act, Change, Signature
from readiness.core.case import open_case
from readiness.core.facts import Facts
from readiness.core.locks import go_lock
from readiness.core.permissions import Right
from readiness.core.phases import find_phase
from readiness.core.signoffs import PollAnswer, poll_stations, polled_roles
from readiness.core.statements import (
    MEANINGS,
    Seen,
    Statement,
    build_statement,
    sign_statement,
    signed_digests,
    waived_conditions,
)
from readiness.core.types import Assessment, Question
from readiness.models import Rollout, SignOff
from readiness.queries.facts import load_facts
from readiness.queries.plans import load_plan
from readiness.queries.states import row_state
from readiness.services.audit import append
from readiness.services.blobs import keep_blob
from readiness.services.gaps import ReasonRequired
from readiness.services.recording import lock_rollout, mark_dirty, object_ref
from readiness.services.rights import NotAllowed, require, require_reauthentication


class FactsMoved(Exception):
    """What the signer saw is no longer what is."""


class GoLocked(Exception):
    """GO cannot be given yet; the message says what stands in the way."""


class MeaningUnfit(ValueError):
    """What the signature is said to mean is not in the list, or contradicts the answer."""


class NotPolled(LookupError):
    """This role is not asked for this phase now."""


class AlreadySigned(Exception):
    """This very statement was signed already, for example by pressing the button twice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody signs: for which role, GO or not, what it means, why, over what they were shown (its digest)."""

    phase: str
    role: str
    go: bool
    meaning: str
    reason: str
    digest: str
    seen: Seen


def sign_off(rollout_key: str, answer: Answer, act: Act, now: datetime) -> int:
    """Sign; return the entry's number. Judged inside the transaction: nothing is signed over facts that moved."""
    _check_form(answer, act)
    with transaction.atomic():
        rollout = lock_rollout(rollout_key)
        facts = _facts_of_poll(rollout, answer)
        require(rollout, act, Right.SIGN, now, owner=answer.role, phase=find_phase(load_plan(rollout), answer.phase))
        judged = open_case(facts, Question.ENTER, now).judged
        shown = build_statement(facts, answer.role, act.actor.id, answer.seen, judged)
        if shown.digest != answer.digest:
            raise FactsMoved("Facts changed while you were reading. Read what is different, then answer again.")
        _check_once(rollout, answer, shown)
        _check_waivers(facts, answer, judged)
        if why := _locked_because(facts, answer, act, now, judged):
            raise GoLocked(why)
        return _keep(rollout, facts, answer, sign_statement(shown, go=answer.go, meaning=answer.meaning), act, now)


def _check_form(answer: Answer, act: Act) -> None:
    opposite = "approve-no-go" if answer.go else "approve-go"
    if answer.meaning not in MEANINGS or answer.meaning == opposite:
        raise MeaningUnfit("Choose what your answer means; approving and objecting go with GO and NO-GO.")
    if not answer.go and not answer.reason.strip():
        raise ReasonRequired("Say why it is NO-GO, so it can be fixed.")
    require_reauthentication(act)


def _check_once(rollout: Rollout, answer: Answer, shown: Statement) -> None:
    """Refuse a second answer to one statement, whatever it would be."""
    if SignOff.objects.filter(rollout=rollout, role=answer.role, statement__in=signed_digests(shown)).exists():
        raise AlreadySigned("Your answer is in the record already. It was not recorded again.")


def _check_waivers(facts: Facts, answer: Answer, judged: dict[str, Assessment]) -> None:
    waived = waived_conditions(facts, answer.role, judged)
    if waived and answer.go and not answer.reason.strip():
        titles = ", ".join(f"“{each.condition.title}”" for each in waived)
        raise ReasonRequired(f"You sign over a waiver of {titles}. Say why it is GO all the same.")


def _facts_of_poll(rollout: Rollout, answer: Answer) -> Facts:
    facts = load_facts(rollout, Question.ENTER)
    target = facts.target
    if target is None or target.phase != answer.phase or target.sign_off is None:
        raise NotPolled("This phase isn’t the next one any more. Go back to the board.")
    if answer.role not in polled_roles(target.sign_off):
        raise NotPolled("This role isn’t polled for this phase.")
    return facts


def _locked_because(facts: Facts, answer: Answer, act: Act, now: datetime, judged: dict[str, Assessment]) -> str:
    if not answer.go:
        return ""
    if facts.rehearsal:
        return go_lock(facts, answer.role, now)
    for station in poll_stations(facts, judged, now):
        given = station.signature
        if station.answer is PollAnswer.GO and station.role != answer.role and given and given.by.id == act.actor.id:
            raise NotAllowed(f"You already answer for {station.role}; one person counts for one role.")
    return go_lock(facts, answer.role, now)


def _keep(rollout: Rollout, facts: Facts, answer: Answer, statement: Statement, act: Act, now: datetime) -> int:
    keep_blob(statement.data)
    row = SignOff.objects.create(
        rollout=rollout,
        phase=answer.phase,
        run=facts.target.run if facts.target else 0,
        role=answer.role,
        go=answer.go,
        meaning=answer.meaning,
        reason=answer.reason,
        statement=statement.digest,
        material=statement.material,
        signed_at=now,
        expires_at=statement.expires_at,
        by_id=act.actor.id,
        by_name=act.actor.name,
    )
    mark_dirty(rollout, now)
    verdict = "GO" if answer.go else "NO_GO"
    signature = Signature(answer.meaning, statement.digest, statement.material, verdict, facts.policy)
    thing = object_ref(row, rollout, answer.role)
    change = Change("sign_off.given", thing, None, row_state(row), answer.reason, signature)
    return append(change, act)
