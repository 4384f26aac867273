"""What the record keeps of a past moment: the answers in force, the facts they were judged from, the plan, the runs.

What is missing or altered is said; nothing is taken from today's tables instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import datetime
from typing import cast

from django.db.models import Q

from readiness.core.canonical import Plain, PlainDict
from readiness.core.codec import UnexpectedShape, from_plain
from readiness.core.facts import Facts
from readiness.core.plan import Plan
from readiness.core.replay import row_changes
from readiness.core.types import Question
from readiness.models import AuditEntry, PlanVersion, Rollout
from readiness.queries.audit import entry_of
from readiness.queries.blobs import BlobAltered
from readiness.queries.kept_verdicts import FactsNotKept, KeptVerdict, load_kept_facts, load_verdict_at
from readiness.queries.plans import NoPlan, load_plan_version

RUNS, ACCEPTED = "phaserun", "difference.accepted"


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run of a phase, as the entries left it."""

    phase: str
    number: int
    state: str
    entered_at: datetime
    by_name: str
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One kept answer, with the facts it was judged from and its plan, or why they cannot be shown."""

    kept: KeptVerdict
    facts: Facts | None = None
    plan: Plan | None = None
    plan_number: int = 0
    trouble: str = ""


def load_past_answers(rollout: Rollout, upto: int) -> dict[Question, PastAnswer]:
    """Read the answer to each question that was asked at entry `upto`.

    What was asked follows from the newest facts: an answer about a run that had ended by then is none.
    """
    kept = {question: load_verdict_at(rollout.key, question, upto) for question in Question}
    found = {question: _answer(rollout, each) for question, each in kept.items() if each is not None}
    newest = max(found.values(), key=lambda each: each.kept.seq, default=None)
    if newest is None or newest.facts is None:
        return found
    asked = {Question.CONTINUE: newest.facts.running, Question.ENTER: newest.facts.target}
    return {question: each for question, each in found.items() if asked[question] is not None}


def _answer(rollout: Rollout, kept: KeptVerdict) -> PastAnswer:
    try:
        facts = from_plain(Facts, load_kept_facts(kept))
    except FactsNotKept as fact:
        return PastAnswer(kept, trouble=str(fact))
    except BlobAltered as fact:
        return PastAnswer(kept, trouble=f"{fact}. Nothing is shown from the facts of entry {kept.seq}.")
    except UnexpectedShape:
        said = f"The facts of entry {kept.seq} were kept by another version of the rules and can’t be read by this one."
        return PastAnswer(kept, trouble=said)
    return _with_plan(rollout, PastAnswer(kept, facts), facts.plan)


def _with_plan(rollout: Rollout, answer: PastAnswer, digest: str) -> PastAnswer:
    """Add the plan that was in force; the number of a version is the newest that has this digest."""
    version = PlanVersion.objects.filter(rollout=rollout, digest=digest).defer("text", "document").last()
    if version is None:
        return PastAnswer(answer.kept, trouble=f"The plan {digest} that entry {answer.kept.seq} rests on isn’t here.")
    try:
        return PastAnswer(answer.kept, answer.facts, load_plan_version(version), version.number)
    except NoPlan as fact:
        return PastAnswer(answer.kept, trouble=f"The plan can’t be shown: {fact}.")


def load_past_runs(rollout: Rollout, upto: int) -> tuple[PastRun, ...]:
    """Give every run as the entries through `upto` left it, oldest first, where its beginning can be read."""
    told = Q(action__startswith="phase.") | Q(action=ACCEPTED)
    rows = AuditEntry.objects.filter(told, rollout=rollout.key, seq__lte=upto).order_by("seq")
    runs: dict[str, PlainDict] = {}
    for body in (entry_of(row).body for row in rows):
        for (kind, key), side in row_changes(body) if body else ():
            if kind == RUNS:
                runs[key] = _changed(runs.get(key, {}), side)
    names = [field.name for field in fields_of(PastRun)]
    whole = (run for run in runs.values() if run.keys() >= set(names))
    return tuple(from_plain(PastRun, {name: run[name] for name in names}) for run in whole)


def _changed(run: PlainDict, side: Mapping[str, Plain]) -> PlainDict:
    """Give a run as an entry left it; nothing where it was found gone and accepted."""
    fields = cast("dict[str, list[Plain]]", side["fields"])
    return {} if side["after"] is None else {**run, **{name: pair[1] for name, pair in fields.items()}}
