"""Break-glass: a phase entered without GO. Asked by one person, confirmed by another, closed by the authority."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Override(models.Model):
    """What two people did to enter a phase without GO, until somebody with the authority closes that.

    `run` is set once it was entered. `standing` lists the reasons that stood then, as sentences; `plan` is the digest
    of the plan that was asked about. Asking counts until `expires_at`, by the clock.
    """

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="overrides")
    phase = models.CharField(max_length=60)
    plan = models.CharField(max_length=71)
    rehearsal = models.BooleanField(default=False)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    run = models.OneToOneField("PhaseRun", models.PROTECT, null=True, related_name="override")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_id = models.CharField(max_length=80, blank=True)
    confirmed_by_name = models.CharField(max_length=150, blank=True)
    standing = models.JSONField(default=list)
    record_problem = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_id = models.CharField(max_length=80, blank=True)
    closed_by_name = models.CharField(max_length=150, blank=True)
    close_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rehearsal=True) | ~Q(confirmed_by_id=F("by_id")), name="two_people_break_glass"
            ),
            models.CheckConstraint(
                condition=Q(run=None, confirmed_at=None, closed_at=None)
                | (~Q(run=None) & ~Q(confirmed_at=None) & Q(withdrawn_at=None)),
                name="what_was_entered_was_confirmed",
            ),
            models.UniqueConstraint(
                fields=["rollout"],
                condition=Q(run__isnull=False, closed_at=None),
                name="one_open_override_of_a_rollout",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} without GO by {self.by_name}"
