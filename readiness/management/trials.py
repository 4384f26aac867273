"""What `manage.py verdict` asks: the answer now, as it was at a moment of the record, and by other rules throughout."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from readiness.core.canonical import PlainDict, to_plain
from readiness.core.phases import find_phase
from readiness.core.types import Question
from readiness.management.policies import Policy, judge_by
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
    return judge_by(policy, facts, question, now)


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
    return found if isinstance(found, int) else entry_at(found)
