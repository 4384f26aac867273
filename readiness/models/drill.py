"""Drills as they were run, and reviews as they were scored."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q


class DrillRecord(models.Model):
    """A drill: when it was run, how long it took, whether it passed.

    `practised` digests what the plan had people do then.
    """

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="drills")
    drill = models.CharField(max_length=60)
    ran_at = models.DateTimeField()
    took = models.DurationField()
    passed = models.BooleanField()
    note = models.TextField(blank=True)
    practised = models.CharField(max_length=71, blank=True)
    recorded_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.drill} at {self.ran_at}"


class ReviewRecord(models.Model):
    """A review's score, out of 10."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="reviews")
    review = models.CharField(max_length=60)
    score = models.DecimalField(
        max_digits=4, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(10)]
    )
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(score__gte=0, score__lte=10), name="a_score_is_out_of_10")]

    def __str__(self) -> str:
        return f"{self.review}: {self.score}"
