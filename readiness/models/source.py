"""How the sources of evidence behave."""

from django.db import models


class SourceState(models.Model):
    """Whether a source of a rollout answers: how often in a row it did not, since when, why, when it is asked again.

    `answered_at` is when it last answered, and `took` how long everything that was asked then needed.
    """

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="source_states")
    key = models.CharField(max_length=60)
    failures = models.PositiveIntegerField(default=0)
    silent_since = models.DateTimeField(null=True)
    message = models.TextField(blank=True)
    retry_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    took = models.DurationField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollout", "key"], name="one_state_of_a_source")]

    def __str__(self) -> str:
        return self.key
