"""The log as rows: one per entry with the exact bytes of its leaf, and one head row that says how far it goes."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

WITH_VERDICT = models.Q(verdict__gt="")


class AuditEntry(models.Model):
    """One entry. `body` and `nodes` are the record; the other columns are copies for search."""

    seq = models.BigIntegerField(primary_key=True)
    body = models.BinaryField()
    nodes = models.BinaryField()
    at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    object = models.TextField()
    rollout = models.TextField(blank=True)
    verdict = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index("rollout", models.F("seq").desc(), name="audit_rollout"),
            models.Index("actor", models.F("seq").desc(), name="audit_actor"),
            models.Index("object", models.F("seq").desc(), name="audit_object"),
            models.Index("action", models.F("seq").desc(), name="audit_action"),
            models.Index("at", name="audit_at"),
            models.Index(models.F("seq").desc(), name="audit_verdict", condition=WITH_VERDICT),
            models.Index("rollout", models.F("seq").desc(), name="audit_rollout_verdict", condition=WITH_VERDICT),
        ]
        constraints = [
            models.CheckConstraint(name="audit_seq_from_zero", condition=models.Q(seq__gte=0)),
            models.CheckConstraint(name="audit_body_fits", condition=LessThanOrEqual(Length("body"), 65_535)),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class AuditHead(models.Model):
    """The one row that counts the entries and carries the tree's frontier. `last_at` is the time of the last entry."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="audit_one_head", condition=models.Q(id=1)),
            models.CheckConstraint(name="audit_size_from_zero", condition=models.Q(size__gte=0)),
        ]

    def __str__(self) -> str:
        return f"head at {self.size}"
