"""How the gaps of a rollout have come along, and the forecast made from it. Neither is a governed fact."""

from django.db import models
from django.db.models import Q


class GapCount(models.Model):
    """How much of a gap was claimed, attested and proven from `counted_at` to `ended_at`; without an end it is so now.

    `claimed` counts what is attested and proven as well.
    """

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="gap_counts")
    gap = models.CharField(max_length=60)
    claimed = models.PositiveIntegerField()
    attested = models.PositiveIntegerField(default=0)
    proven = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    closed = models.BooleanField()
    counted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "gap"], condition=Q(ended_at=None), name="one_newest_count_of_a_gap"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gap}: {self.proven} of {self.total} proven"


class StoredForecast(models.Model):
    """The newest forecast of a rollout, and the digest of what it was made from."""

    rollout = models.OneToOneField("Rollout", models.CASCADE, related_name="forecast")
    inputs = models.CharField(max_length=71)
    payload = models.JSONField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"forecast of {self.made_at:%Y-%m-%d %H:%M}"
