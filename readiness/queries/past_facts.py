"""What the record keeps of a past moment: the answers in force, the facts they were judged from, the plan, the runs.

What is missing or altered is said; nothing is taken from today's tables instead.
"""

from dataclasses import dataclass
from typing import cast

from readiness.core.canonical import PlainDict
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

RUNS = "phaserun"


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


def load_past_runs(rollout: Rollout, upto: int) -> list[tuple[str, str]]:
    """Give (phase, state) of every run as the entries through `upto` left it, oldest first."""
    rows = AuditEntry.objects.filter(rollout=rollout.key, action__startswith="phase.", seq__lte=upto).order_by("seq")
    runs: dict[str, PlainDict] = {}
    for body in (entry_of(row).body for row in rows):
        for (kind, key), side in row_changes(body) if body else ():
            if kind == RUNS:
                fields = cast("dict[str, list[str]]", side["fields"])
                runs[key] = runs.get(key, {}) | {name: pair[1] for name, pair in fields.items()}
    return [(str(run.get("phase", "")), str(run.get("state", ""))) for run in runs.values()]
