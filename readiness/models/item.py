"""Claims and the evidence brought with them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Claim(models.Model):
    """A tick: somebody says that an item holds. `member` is the person of an `each:` list, else empty."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="claims")
    path = models.CharField(max_length=300)
    member = models.CharField(max_length=80, blank=True)
    note = models.TextField(blank=True)
    claimed_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "path", "member"],
                condition=Q(withdrawn_at=None),
                name="one_open_claim_of_an_item",
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} by {self.by_name}"


class Evidence(models.Model):
    """A piece of evidence: what is kept (by digest), how it was read, and what that showed.

    `report` is what a report with a kind says (`core/reports.py`), so that a changed limit is judged without its bytes.
    """

    RECORDED: ClassVar[bool] = True

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    digest = models.CharField(max_length=71)
    url = models.URLField(max_length=2000, blank=True)
    state = models.CharField(max_length=20)
    finding = models.TextField()
    report = models.JSONField(null=True)
    added_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.title


class EvidenceOpening(models.Model):
    """When somebody first opened a piece of evidence of a rollout: what a signer's statement says they have read."""

    rollout = models.ForeignKey("Rollout", models.CASCADE, related_name="openings")
    digest = models.CharField(max_length=71)
    person_id = models.CharField(max_length=80)
    person_name = models.CharField(max_length=150)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rollout", "digest", "person_id"], name="first_opening_of_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.person_name} opened {self.digest}"
