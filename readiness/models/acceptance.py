"""Rows that differ from the record and that two people accept as they are."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Acceptance(models.Model):
    """A row that differs, as one person asked to accept it and another did.

    `found` digests the row as it is here and `recorded` as the record has it, each empty where there is no row. While
    `accepted_at` is empty nothing is accepted; `replaced_at` is set when the row became another one meanwhile, and
    `ended_at` when whoever asked took it back, or the second person declined.
    """

    RECORDED: ClassVar[bool] = True
    DECLINED, WITHDRAWN = "declined", "withdrawn"

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="acceptances")
    type = models.CharField(max_length=40)
    row = models.CharField(max_length=80)
    found = models.CharField(max_length=71, blank=True)
    recorded = models.CharField(max_length=71, blank=True)
    reason = models.TextField()
    asked_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    by_seats = models.CharField(max_length=40)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_id = models.CharField(max_length=80, blank=True)
    accepted_by_name = models.CharField(max_length=150, blank=True)
    accepted_reason = models.TextField(blank=True)
    replaced_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=10, blank=True)
    end_reason = models.TextField(blank=True)
    ended_by_id = models.CharField(max_length=80, blank=True)
    ended_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "row"],
                condition=Q(accepted_at=None, replaced_at=None, ended_at=None),
                name="one_open_acceptance_of_a_row",
            ),
            models.CheckConstraint(condition=~Q(accepted_by_id=F("by_id")), name="nobody_accepts_alone"),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by_id="") | ~(Q(accepted_at=None) | Q(accepted_by_id="")),
                name="an_acceptance_names_who_accepted",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(replaced_at=None), name="what_was_accepted_is_not_replaced"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | ~(Q(ended_at=None) | Q(end="")),
                name="a_request_that_ended_says_how",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(accepted_at=None, replaced_at=None),
                name="what_ended_was_neither_accepted_nor_replaced",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.row}"
