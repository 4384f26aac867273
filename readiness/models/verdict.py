"""The stored verdicts, what the record's last verification said, and who was alive when."""

from django.db import models


class StoredVerdict(models.Model):
    """The newest answer to one question of a rollout; readers show this one, and never compute their own.

    `since_at` is when its set of reasons began, `decided_at` when its GO or NO-GO did.
    """

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="verdicts")
    question = models.CharField(max_length=10)
    phase = models.CharField(max_length=60)
    decision = models.CharField(max_length=10)
    stage = models.CharField(max_length=20)
    verdict_id = models.CharField(max_length=71)
    facts = models.CharField(max_length=71)
    payload = models.JSONField()
    since_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    evaluated_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rollout", "question"], name="one_stored_verdict_a_question")]

    def __str__(self) -> str:
        return f"{self.question} {self.phase}: {self.decision}"


class RecordCheck(models.Model):
    """The last verification of the record: through which size, and what it contradicted. One row.

    `tables_at` is when the tables were last compared with the record, `tables_size` through which size, and
    `differences` what differed then.
    """

    size = models.PositiveBigIntegerField(default=0)
    frontier = models.TextField(blank=True)
    verified_at = models.DateTimeField(null=True)
    full_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    tables_at = models.DateTimeField(null=True)
    tables_size = models.PositiveBigIntegerField(default=0)
    differences = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.problem or f"verified through {self.size}"


class Heartbeat(models.Model):
    """When a part of the stack last said that it works."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class RowDigest(models.Model):
    """What the record says of one governed row: the digest of its state, the entry that says so, and of which rollout.

    A copy for speed: it is made from the entries, and made anew from all of them each day.
    """

    type = models.CharField(max_length=40)
    row = models.CharField(max_length=80)
    digest = models.CharField(max_length=71)
    seq = models.PositiveBigIntegerField()
    rollout = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "row"], name="one_digest_of_a_row")]

    def __str__(self) -> str:
        return f"{self.type} {self.row} by entry {self.seq}"
