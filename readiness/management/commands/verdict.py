"""`manage.py verdict ROLLOUT`: the answer, and every reason. Exit 0 GO, 1 NO-GO, 2 could not be evaluated."""

import json
import sys
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readiness.core.audit import REHEARSAL
from readiness.core.canonical import PlainDict
from readiness.core.codec import UnexpectedShape
from readiness.core.types import Decision, Outcome, Question
from readiness.management.explanations import explained, since_words
from readiness.management.policies import NoSuchPolicy, PolicyFailed, find_policy
from readiness.management.trials import (
    NoSuchPhase,
    NothingKept,
    Trial,
    answer_as_of,
    answer_now,
    try_policy,
)
from readiness.models import Rollout
from readiness.queries.blobs import BlobAltered
from readiness.queries.kept_verdicts import FactsNotKept
from readiness.queries.moments import UnreadableMoment
from readiness.queries.plans import NoPlan, is_rehearsal, load_rollout
from readiness.queries.words import count_of

GO, NO_GO, UNANSWERED = 0, 1, 2
NOT_KEPT = (NothingKept, FactsNotKept, BlobAltered, UnexpectedShape)
NOT_THERE = (NoPlan, NoSuchPhase, NoSuchPolicy, PolicyFailed, UnreadableMoment)


class Command(BaseCommand):
    """Say whether a rollout may go on, or enter its next phase: now, at a moment of the record, or by other rules."""

    help = "Say GO or NO-GO with every reason. Exit 0 GO, 1 NO-GO, 2 could not be evaluated."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("rollout", help="the rollout's key")
        parser.add_argument("--phase", help="ask about entering this phase instead of the next one")
        parser.add_argument("--ask", choices=[q.value for q in Question], default=Question.ENTER.value)
        parser.add_argument("--as-of", metavar="T", help="as the record keeps it: an entry's number, or a time in UTC")
        parser.add_argument(
            "--policy",
            metavar="P",
            default="today",
            help="by other rules: a digest or its beginning, a folder, an archive",
        )
        parser.add_argument("--every", action="store_true", help="try the rules on each verdict that the record keeps")
        parser.add_argument(
            "--explain", action="store_true", help="also what clears each reason, its owner, since when, and its page"
        )
        parser.add_argument(
            "--json", action="store_true", help="the whole verdict as JSON, each reason with its sentence and link"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer and print; what cannot be answered is said in one sentence, with exit code 2."""
        try:
            code = self.try_all(options) if options["every"] else self.answer(options)
        except Rollout.DoesNotExist as problem:
            known = ", ".join(Rollout.objects.values_list("key", flat=True)) or "none yet"
            self.stderr.write(f"{options['rollout']}: {problem} Rollouts: {known}.")
            code = UNANSWERED
        except (*NOT_KEPT, *NOT_THERE) as problem:
            self.stderr.write(f"{options['rollout']}: {problem}")
            code = UNANSWERED
        sys.exit(code)

    def answer(self, options: dict[str, Any]) -> int:
        """Give one answer."""
        key, question, policy = options["rollout"], Question(options["ask"]), find_policy(options["policy"])
        if options["as_of"]:
            answer = answer_as_of(key, question, options["as_of"], policy)
        else:
            answer = answer_now(key, question, options["phase"], policy, timezone.now())
        counts = as_it_counts(key, cast(PlainDict, answer["verdict"]))
        verdict = explained(key, counts, answer["said"], timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(verdict, indent=2, ensure_ascii=False))
        else:
            self.tell(answer, verdict, options["explain"])
        return GO if verdict["decision"] == Decision.GO.value else NO_GO

    def tell(self, answer: PlainDict, verdict: PlainDict, explain: bool) -> None:
        """Print the answer and one line a reason."""
        until = f", valid until {verdict['valid_until']}" if verdict["valid_until"] else ""
        self.stdout.write(f"{_said(verdict)}: {verdict['question']} {verdict['phase']} ({verdict['stage']}{until})")
        if "entry" in answer:
            self.stdout.write(f"  judged at {answer['judged_at']}, kept by entry {answer['entry']}")
        reasons = cast("list[PlainDict]", verdict["reasons"])
        for reason in reasons:
            self.stdout.write(f"  {reason['code']:<24} {reason['sentence']}")
            if explain:
                self.explain(reason, verdict)
        counted = f"{count_of(len(reasons), 'reason')}, {_counted(verdict)}"
        self.stdout.write(f"{counted}, verdict {verdict['verdict_id']}, policy {verdict['policy']}")

    def explain(self, reason: PlainDict, verdict: PlainDict) -> None:
        """Print what would clear a reason, who owns it, since when it has stood, and where it can be seen."""
        since = since_words(reason, verdict["evaluated_at"])
        self.stdout.write(f"  {'':<24} clears when: {reason['clears']}; owner: {reason['owner'] or 'nobody'}; {since}")
        self.stdout.write(f"  {'':<24} {reason['link']}")

    def try_all(self, options: dict[str, Any]) -> int:
        """Try rules on every kept verdict; 1 when a decision would have been another one."""
        key, question, policy = options["rollout"], Question(options["ask"]), find_policy(options["policy"])
        rehearsed = REHEARSAL if is_rehearsal(load_rollout(key)) else ""
        self.stdout.write(f"{rehearsed}Policy {policy.digest} on what was asked: {question.value}")
        trials = []
        for trial in try_policy(key, question, policy):
            trials.append(trial)
            self.tell_trial(trial)
        differ = sum(trial.differs for trial in trials)
        self.stdout.write(f"{differ} of {len(trials)} kept verdicts would have been another decision.")
        if not trials:
            raise NothingKept(f"The record keeps no answer to “{question.value}”.")
        return NO_GO if differ else GO

    def tell_trial(self, trial: Trial) -> None:
        """Print one line, and the reasons where the decision would have been NO-GO instead."""
        judged = trial.kept.judged
        then, now = _word(judged.decision.value), _word(trial.decision)
        mark = "differs" if trial.differs else "same"
        self.stdout.write(
            f"  entry {trial.kept.seq:>6}  {judged.evaluated_at:%Y-%m-%d %H:%M:%S}  {judged.phase:<16} "
            f"then {then:<5}  now {now:<5}  {mark}"
        )
        for sentence in trial.sentences if trial.differs else ():
            self.stdout.write(f"  {'':<12} {sentence}")


def as_it_counts(key: str, verdict: PlainDict) -> PlainDict:
    """Give a verdict as others may take it: a rehearsal's GO is none, and what it would be stands under `rehearsed`."""
    if not is_rehearsal(load_rollout(key)):
        return verdict
    return {**verdict, "rehearsal": True, "decision": Decision.NO_GO.value, "rehearsed": verdict["decision"]}


def _counted(verdict: PlainDict) -> str:
    """Count what is met, and apart what is met by a person's word alone, and what is waived."""
    judged = cast("list[dict[str, object]]", verdict["assessments"])
    met = [each for each in judged if each["outcome"] == Outcome.MET]
    attested = sum(each["attested"] is True for each in met)
    waived = sum(each["outcome"] == Outcome.WAIVED for each in judged)
    also = f", {waived} waived" if waived else ""
    return f"{len(met)} of {len(judged)} conditions met, {attested} of them by a person's word{also}"


def _said(verdict: PlainDict) -> str:
    if "rehearsed" in verdict:
        return f"{REHEARSAL}NO-GO for everybody else; rehearsed {_word(verdict['rehearsed'])}"
    return _word(verdict["decision"])


def _word(decision: object) -> str:
    return "GO" if decision == Decision.GO.value else "NO-GO"
