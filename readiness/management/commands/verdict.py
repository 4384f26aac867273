"""`manage.py verdict ROLLOUT`: the answer, and every reason. Exit 0 GO, 1 NO-GO, 2 could not be evaluated."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readiness.core.codec import to_plain
from readiness.core.phases import find_phase
from readiness.core.reasons import reason_clears, reason_sentence
from readiness.core.types import Decision, Question, Verdict
from readiness.core.verdict import evaluate_verdict
from readiness.models import Rollout
from readiness.queries.facts import load_facts
from readiness.queries.plans import NoPlan, load_plan, load_rollout

GO, NO_GO, UNANSWERED = 0, 1, 2


class Command(BaseCommand):
    """Say whether a rollout may go on, or enter its next phase."""

    help = "Say GO or NO-GO with every reason. Exit 0 GO, 1 NO-GO, 2 could not be evaluated."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("rollout", help="the rollout's key")
        parser.add_argument("--phase", help="ask about entering this phase instead of the next one")
        parser.add_argument("--ask", choices=[q.value for q in Question], default=Question.ENTER.value)
        parser.add_argument("--explain", action="store_true", help="also what would clear each reason, and its owner")
        parser.add_argument("--json", action="store_true", help="the whole verdict as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Evaluate now, from what is stored, and print."""
        verdict = self.evaluate(options["rollout"], options["phase"], Question(options["ask"]))
        if verdict is None:
            sys.exit(UNANSWERED)
        if options["json"]:
            self.stdout.write(json.dumps(to_plain(verdict), indent=2, ensure_ascii=False))
        else:
            self.tell(verdict, options["explain"])
        sys.exit(GO if verdict.decision is Decision.GO else NO_GO)

    def evaluate(self, key: str, phase_key: str | None, question: Question) -> Verdict | None:
        """Answer, or say why there is no answer."""
        try:
            rollout = load_rollout(key)
            phase = find_phase(load_plan(rollout), phase_key) if phase_key else None
        except (Rollout.DoesNotExist, NoPlan) as problem:
            known = ", ".join(Rollout.objects.values_list("key", flat=True)) or "none yet"
            self.stderr.write(f"{key}: {problem} Rollouts: {known}.")
            return None
        if phase_key and phase is None:
            self.stderr.write(f"{key} has no phase {phase_key}.")
            return None
        return evaluate_verdict(load_facts(rollout, question, phase), question, timezone.now())

    def tell(self, verdict: Verdict, explain: bool) -> None:
        """Print the answer and one line a reason."""
        word = "GO" if verdict.decision is Decision.GO else "NO-GO"
        until = f", valid until {verdict.valid_until:%Y-%m-%d %H:%M:%S} UTC" if verdict.valid_until else ""
        self.stdout.write(f"{word}: {verdict.question.value} {verdict.phase} ({verdict.stage.value}{until})")
        for reason in verdict.reasons:
            self.stdout.write(f"  {reason.code:<24} {reason_sentence(reason)}")
            if explain:
                self.stdout.write(f"  {'':<24} clears when: {reason_clears(reason)}; owner: {reason.owner or 'nobody'}")
        self.stdout.write(f"{len(verdict.reasons)} reasons, verdict {verdict.verdict_id}")
