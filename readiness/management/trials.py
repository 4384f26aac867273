"""What `manage.py verdict` asks: the answer now, as it was at a moment of the record, and by other rules throughout."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from readiness.core.answers import verdict_as_read
from readiness.core.canonical import Plain, PlainDict, from_plain, to_plain
from readiness.core.phases import find_phase
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Decision, Question, Verdict
from readiness.management.policies import Policy, judge_by
from readiness.models import Rollout, StoredVerdict
from readiness.queries.audit import load_entry, load_record_head
from readiness.queries.facts import load_facts
from readiness.queries.kept_verdicts import KeptVerdict, entry_at, load_kept_facts, load_kept_verdicts
from readiness.queries.moments import parse_moment
from readiness.queries.plans import load_plan, load_rollout


class NoSuchPhase(LookupError):
    """The plan has no such phase."""


class NothingKept(LookupError):
    """The record keeps no answer to the question at that moment."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A kept verdict, and what other rules say of the same facts at the same moment."""

    kept: KeptVerdict
    decision: str
    sentences: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Say whether the decision would have been another one."""
        return self.decision != self.kept.judged.decision


def answer_now(key: str, question: Question, phase_key: str | None, policy: Policy, now: datetime) -> PlainDict:
    """Judge what is stored now."""
    rollout = load_rollout(key)
    plan = load_plan(rollout)
    phase = find_phase(plan, phase_key) if phase_key else None
    if phase_key and phase is None:
        known = ", ".join(each.key for each in plan.phases)
        raise NoSuchPhase(f"The plan has no phase {phase_key}. It has: {known}.")
    facts = cast(PlainDict, to_plain(load_facts(rollout, question, phase)))
    answer = judge_by(policy, facts, question, now)
    is_go = cast(PlainDict, answer["verdict"])["decision"] == Decision.GO.value
    return answer if phase_key or not is_go else _as_everywhere(rollout, question, answer, now)


def _as_everywhere(rollout: Rollout, question: Question, answer: PlainDict, now: datetime) -> PlainDict:
    """Give a GO only while the stored answer is one as well: one that ran out is GO for no reader, here neither."""
    stored = StoredVerdict.objects.filter(rollout=rollout, question=question).first()
    kept = from_plain(Verdict, stored.payload) if stored is not None else None
    if kept is not None and (kept.stands_at(now) or kept.decision is Decision.NO_GO):
        return answer
    fresh = from_plain(Verdict, cast(PlainDict, answer["verdict"]))
    read = verdict_as_read(replace(kept or fresh, valid_until=kept.valid_until if kept else now), now)
    said: list[Plain] = [{"sentence": reason_sentence(r), "clears": reason_clears(r)} for r in read.reasons]
    return {"verdict": to_plain(read), "said": said}


def answer_as_of(key: str, question: Question, moment: str, policy: Policy) -> PlainDict:
    """Judge again what was judged last at or before a moment; the answer also names the entry it comes from."""
    load_rollout(key)
    upto = _entry_of(moment)
    kept = next(load_kept_verdicts(key, question, upto), None) if upto is not None else None
    if kept is None:
        raise NothingKept(f"The record keeps no answer to “{question.value}” at or before {moment}.")
    answer = judge_by(policy, load_kept_facts(kept), question, kept.judged.evaluated_at)
    return {**answer, "entry": kept.seq, "judged_at": to_plain(kept.judged.evaluated_at)}


def try_policy(key: str, question: Question, policy: Policy) -> Iterator[Trial]:
    """Judge every kept verdict of a rollout by other rules, oldest first."""
    load_rollout(key)
    for kept in reversed(list(load_kept_verdicts(key, question))):
        answer = judge_by(policy, load_kept_facts(kept), question, kept.judged.evaluated_at)
        said = cast("list[dict[str, str]]", answer["said"])
        decision = cast(PlainDict, answer["verdict"])["decision"]
        yield Trial(kept, str(decision), tuple(each["sentence"] for each in said))


def _entry_of(moment: str) -> int | None:
    found = parse_moment(moment)
    if isinstance(found, int) and load_entry(found) is None:
        raise NothingKept(f"There is no entry {found:,}; the record has {load_record_head().size:,} entries, from 0.")
    return found if isinstance(found, int) else entry_at(found)
