"""`manage.py experiments ROLLOUT`: how the experiments of the running phase stand now. Decides and keeps nothing."""

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readiness.collectors.blocks import collect_blocks
from readiness.collectors.registry import CollectContext, make_context
from readiness.core.conditions import Condition
from readiness.core.experiment_words import comparison_words
from readiness.core.experiments import UnreadableExperiment, block_ends, read_experiment
from readiness.core.phases import find_phase
from readiness.core.types import Trouble
from readiness.models import PhaseRun, Rollout
from readiness.queries.plans import load_plan
from readiness.services.looks import look_between

SETTLES = timedelta(seconds=10)
"""So long after its end a block may still get samples."""


class Command(BaseCommand):
    """Say how the experiments of the running phase stand now."""

    help = "Say how the experiments of the running phase stand now. Decides and keeps nothing; never says GO."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare what may be given."""
        parser.add_argument("rollout", help="the key of the rollout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the blocks of each experiment since the phase began, and print a line for each."""
        rollout = Rollout.objects.select_related("plan").filter(key=options["rollout"]).exclude(plan=None).first()
        run = PhaseRun.objects.filter(rollout=rollout, state="running").first() if rollout else None
        if rollout is None or run is None:
            raise CommandError(f"No phase of {options['rollout']} runs.")
        plan, now = load_plan(rollout), timezone.now()
        phase = find_phase(plan, run.phase)
        asked = [c for c in (phase.succeed if phase else ()) if c.experiment is not None]
        if phase is None or not asked:
            raise CommandError(f"{run.phase} asks for no experiment.")
        with make_context(plan.sources, os.environ, settings.SOURCE_HOSTS, now) as context:
            for condition in asked:
                words = stand_words(context, condition, phase.traffic, run, len(asked))
                self.stdout.write(f"{condition.key}: {words}")


def stand_words(context: CollectContext, condition: Condition, traffic: str, run: PhaseRun, siblings: int) -> str:
    """Say how one experiment stands, or why that cannot be said."""
    try:
        said = condition.experiment.settings if condition.experiment is not None else {}
        experiment = read_experiment(said, traffic)
    except UnreadableExperiment as problem:
        return f"invalid; {problem}"
    batch = context.prometheus(experiment.metric.source)
    seen = collect_blocks(batch, experiment, block_ends(experiment, run.entered_at, context.now - SETTLES))
    if seen.trouble is not Trouble.NONE:
        return f"invalid; {seen.message}"
    result = look_between(experiment, seen, siblings, context.now)
    interval, counts = result.interval, result.amounts
    words = result.ruling.reason.replace("_", " ")
    blocks = f"{counts.blocks_used} of {experiment.planned_blocks} blocks, {counts.blocks_dropped} dropped"
    compared = comparison_words(experiment, interval.effect, interval.upper)
    return f"{result.ruling.call.lower()}, {words}; {blocks}. {compared}".strip()
