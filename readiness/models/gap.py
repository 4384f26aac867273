"""Gap tasks that people have closed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class GapClosure(models.Model):
    """A closed task of a gap; with an empty `task`, a gap that has neither tasks nor conditions."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="closures")
    gap = models.CharField(max_length=60)
    task = models.CharField(max_length=60, blank=True)
    reason = models.TextField(blank=True)
    closed_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    reopened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "gap", "task"],
                condition=Q(reopened_at=None),
                name="one_open_closure_of_a_task",
            )
        ]

    def __str__(self) -> str:
        return f"{self.gap} {self.task}"
