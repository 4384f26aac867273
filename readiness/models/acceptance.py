"""Rows that differ from the record and that two people accept as they are."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Acceptance(models.Model):
    """A row that differs, as one person asked to accept it and another did.

    `found` digests the row as it is here and `recorded` as the record has it, each empty where there is no row. While
    `accepted_at` is empty nothing is accepted; `replaced_at` is set when the row became another one meanwhile.
    """

    RECORDED: ClassVar[bool] = True

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

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["type", "row"],
                condition=Q(accepted_at=None, replaced_at=None),
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
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.row}"
