"""Flags: the most that may be served of each, and who last lowered or raised it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class FlagState(models.Model):
    """The last authorised share of a flag, in basis points of all. A GO raises it; anybody on the rollout lowers it.

    `lowered_at` is set while it is held below what was authorised, by a person or by a way back.
    """

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="flag_states")
    flag = models.CharField(max_length=100)
    most_bp = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    lowered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rollout", "flag"], name="one_state_a_flag"),
            models.CheckConstraint(condition=Q(most_bp__lte=10_000), name="a_share_is_at_most_all"),
        ]

    def __str__(self) -> str:
        return f"{self.flag} at most {self.most_bp / 100:g} %"
