"""Tokens: how a program acts for a person. Only the digest of the secret is kept."""

from typing import ClassVar

from django.db import models


class AccessToken(models.Model):
    """A secret that a program shows instead of a password: for whom it acts, what it may do and where, until when.

    Without a `rollout_key` it may act on every rollout of its person.
    """

    RECORDED: ClassVar[bool] = True

    title = models.CharField(max_length=100)
    digest = models.CharField(max_length=71, unique=True)
    scopes = models.JSONField()
    rollout_key = models.CharField(max_length=60, blank=True, default="")
    person_id = models.CharField(max_length=80)
    person_name = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="token_expires_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} for {self.person_name}"


class TokenUse(models.Model):
    """When a token was last used, and from where. Not part of the record: each use would change it."""

    token = models.OneToOneField(AccessToken, models.CASCADE, related_name="use")
    used_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.token_id} at {self.used_at}"
