"""Abort triggers that fired, and the way back that people took."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Firing(models.Model):
    """A time that an abort trigger fired in a run, and what its decider answered."""

    RECORDED: ClassVar[bool] = True
    CONTINUE, ROLLED_BACK = "continue", "rolled back"

    run = models.ForeignKey("PhaseRun", models.PROTECT, related_name="firings")
    path = models.CharField(max_length=300)
    found = models.TextField()
    fired_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    continue_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    by_id = models.CharField(max_length=80, blank=True)
    by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "path"], condition=Q(cleared_at=None, answer=""), name="one_open_firing_of_a_trigger"
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} at {self.fired_at}"


class Rollback(models.Model):
    """A rollback: from which run, by which level, to which phase, and how long it took to be verified."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="rollbacks")
    run = models.ForeignKey("PhaseRun", models.PROTECT, related_name="rollbacks")
    level = models.CharField(max_length=60)
    to_phase = models.CharField(max_length=60)
    reason = models.TextField(blank=True)
    reason_due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.level} from {self.run_id}"
