"""What was measured and checked: the newest observation of each condition, its history, recorded baselines."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q


class Observation(models.Model):
    """The newest observation of a gate or check, and when the next is due. `path` is the condition's.

    `lease` and `leased_until` keep two workers from collecting the same one; `shown` and `pending` are the outcome that
    was last recorded and one that has not lasted two evaluations yet; `failing_since` is since when it has not been met
    without a break; `code` is what the last measurement came to, `told_at` when one told something new. `definition`
    digests what was asked when `payload` was collected: of anything else it says nothing. Of just that, `first_at` is
    when it was first looked at, `sound_at` when it last had data, and `red_at` when it was last past its limit.
    """

    GATE, CHECK = "gate", "check"

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="observations")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in (GATE, CHECK)])
    path = models.CharField(max_length=300)
    source = models.CharField(max_length=60, blank=True)
    payload = models.JSONField(null=True)
    definition = models.CharField(max_length=71, blank=True)
    trail = models.JSONField(default=list)
    trail_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    blind_since = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    shown = models.CharField(max_length=40, blank=True)
    pending = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40, blank=True)
    told_at = models.DateTimeField(null=True)
    first_at = models.DateTimeField(null=True)
    sound_at = models.DateTimeField(null=True)
    red_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rollout", "path"], name="one_newest_observation_of_a_condition")
        ]

    def __str__(self) -> str:
        return self.path


class Measurement(models.Model):
    """One measurement of a gate: the query, the time of its sample, the deciding value, and what it came to.

    `seen` is everything that it was judged from and `definition` digests what was asked, `worst` is the series that
    decided, `took` how long the source needed.
    """

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="measurements")
    path = models.CharField(max_length=300)
    source = models.CharField(max_length=60)
    query = models.TextField()
    asked_at = models.DateTimeField()
    sampled_at = models.DateTimeField(null=True)
    value = models.FloatField(null=True)
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=40, blank=True)
    found = models.TextField(blank=True)
    worst = models.TextField(blank=True)
    warnings = models.JSONField(default=list)
    took = models.DurationField(default=timedelta)
    seen = models.JSONField(null=True)
    definition = models.CharField(max_length=71, blank=True)
    kept_until = models.DateTimeField(null=True, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["rollout", "path", "-asked_at"], name="newest_measurements")]

    def __str__(self) -> str:
        return f"{self.path} at {self.asked_at}"


class RawAnswer(models.Model):
    """What a source answered, word for word, under its digest and packed; measurements name it. Kept for a while.

    What a verdict rests on is copied to where it is kept for ever.
    """

    digest = models.CharField(primary_key=True, max_length=71)
    packed = models.BinaryField()
    kept_until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="raw_answer_digest_named", condition=Q(digest__startswith="sha256:")),
        ]

    def __str__(self) -> str:
        return self.digest


class Baseline(models.Model):
    """A recorded value of a gate that later values are compared with, in the gate's unit."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="baselines")
    baseline = models.CharField(max_length=60)
    gate = models.CharField(max_length=60)
    value = models.FloatField()
    query = models.TextField()
    window = models.DurationField()
    answer = models.CharField(max_length=71)
    recorded_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "baseline", "gate"],
                condition=Q(replaced_at=None),
                name="one_baseline_of_a_gate",
            )
        ]

    def __str__(self) -> str:
        return f"{self.baseline} {self.gate}"
