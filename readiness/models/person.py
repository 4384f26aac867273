"""Who may do what: grants of roles, and the one-time link that makes the first administrator."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class RoleGrant(models.Model):
    """A role, a group or plain membership of a rollout, given to a person. Names are copied, never joined."""

    RECORDED: ClassVar[bool] = True
    ROLE, GROUP, MEMBER = "role", "group", "member"

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="grants")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in (ROLE, GROUP, MEMBER)])
    key = models.CharField(max_length=60, blank=True)
    person_id = models.CharField(max_length=80)
    person_name = models.CharField(max_length=150)
    granted_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rollout", "kind", "key", "person_id"],
                condition=Q(revoked_at=None),
                name="one_open_grant_of_a_role_to_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_name}: {self.kind} {self.key}"


class SetupLink(models.Model):
    """A one-time link, kept by its digest only."""

    digest = models.CharField(max_length=71, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link until {self.expires_at}"
