"""Holds: anybody on the rollout may stop it with a reason."""

from typing import ClassVar

from django.db import models


class Hold(models.Model):
    """A hold, until it is lifted with a reason."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="holds")
    reason = models.TextField()
    called_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    by_role = models.CharField(max_length=100, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lift_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"held by {self.by_name}"
