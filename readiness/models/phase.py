"""Runs of phases, and the clock that counts how long one has lasted."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class PhaseRun(models.Model):
    """One time that a phase was entered. At most one run of a rollout is running.

    `facts` and `verdict` are the digests of what it was entered on: everything that was known, and the answer to it.
    They are empty where a rollback began the run.
    """

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="runs")
    phase = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    entered_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    commands = models.JSONField(default=list)
    verdict_id = models.CharField(max_length=71, blank=True)
    facts = models.CharField(max_length=71, blank=True)
    verdict = models.CharField(max_length=71, blank=True)
    state = models.CharField(max_length=20, default="running")
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rollout", "phase", "number"], name="one_run_a_number"),
            models.UniqueConstraint(fields=["rollout"], condition=Q(state="running"), name="one_running_run"),
            models.CheckConstraint(
                condition=Q(state="running", left_at=None) | (~Q(state="running") & ~Q(left_at=None)),
                name="a_run_that_ended_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} run {self.number}"


class DwellClock(models.Model):
    """How many seconds of a run count towards its dwell: only time between two ticks."""

    run = models.OneToOneField(PhaseRun, models.PROTECT, related_name="clock")
    counted_s = models.PositiveBigIntegerField(default=0)
    ticked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.counted_s} s"
