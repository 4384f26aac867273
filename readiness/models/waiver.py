"""Waivers of conditions: asked for by one person, granted or declined by another, each until a moment."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Waiver(models.Model):
    """A waiver of one condition. `definition` digests what the plan asked when it was asked for.

    What it covers ends by the clock at `expires_at`; one of a rehearsal counts only there. `ended_at` is set when
    somebody declined it, took it back or revoked it, or when it counted no more and made room for a new one.
    """

    RECORDED: ClassVar[bool] = True
    DECLINED, WITHDRAWN, REVOKED, REPLACED = "declined", "withdrawn", "revoked", "replaced"

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="waivers")
    path = models.CharField(max_length=300)
    title = models.TextField()
    definition = models.CharField(max_length=71)
    reason = models.TextField()
    measure = models.TextField()
    rehearsal = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    granted_at = models.DateTimeField(null=True)
    granted_by_id = models.CharField(max_length=80, blank=True)
    granted_by_name = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, blank=True)
    end_reason = models.TextField(blank=True)
    ended_by_id = models.CharField(max_length=80, blank=True)
    ended_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "path"], condition=Q(ended_at=None), name="one_open_waiver_of_a_condition"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("asked_at")), name="a_waiver_ends_after_it_is_asked_for"
            ),
            models.CheckConstraint(
                condition=Q(rehearsal=True) | ~Q(granted_by_id=F("by_id")), name="nobody_grants_their_own_waiver"
            ),
            models.CheckConstraint(
                condition=Q(granted_at=None, granted_by_id="") | ~(Q(granted_at=None) | Q(granted_by_id="")),
                name="a_granted_waiver_names_who_granted_it",
            ),
            models.CheckConstraint(
                condition=Q(granted_at=None) | Q(granted_at__lt=F("expires_at")),
                name="a_waiver_is_granted_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | ~(Q(ended_at=None) | Q(end="")),
                name="a_waiver_that_ended_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path} until {self.expires_at}"
