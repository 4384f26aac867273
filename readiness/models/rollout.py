"""Rollouts and the versions of their plans."""

from typing import ClassVar

from django.db import models


class Rollout(models.Model):
    """A change on its way to production. `changed` counts what open pages may have to show again.

    `dirty_at` is set while facts have changed that the stored verdict does not know yet.
    """

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    plan = models.ForeignKey("PlanVersion", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    dirty_at = models.DateTimeField(null=True)
    dirty_changes = models.PositiveIntegerField(default=0)
    changed = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class PlanVersion(models.Model):
    """A plan as it was imported: the text, and the resolved document whose digest names it.

    `changed_by` names, for each condition by its path, everybody who imported a version that changed it.
    """

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey(Rollout, models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=71)
    text = models.TextField()
    document = models.BinaryField()
    imported_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    changed_by = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollout", "number"], name="one_plan_a_number")]

    def __str__(self) -> str:
        return f"{self.rollout_id} plan {self.number}"
