"""Sign-offs and what ended them. Nothing is deleted: a void or a revocation is a row of its own."""

from typing import ClassVar

from django.db import models


class SignOff(models.Model):
    """One person's answer for one role, to enter one run of a phase, over a statement kept by its digest."""

    RECORDED: ClassVar[bool] = True

    rollout = models.ForeignKey("Rollout", models.PROTECT, related_name="sign_offs")
    phase = models.CharField(max_length=60)
    run = models.PositiveIntegerField()
    role = models.CharField(max_length=60)
    go = models.BooleanField()
    meaning = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    statement = models.CharField(max_length=71)
    material = models.CharField(max_length=71)
    signed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.role} {'GO' if self.go else 'NO-GO'} by {self.by_name}"


class SignOffEnd(models.Model):
    """Why a sign-off no longer counts: its facts changed, or its signer (or the role) took it back."""

    RECORDED: ClassVar[bool] = True
    VOID, REVOKED = "void", "revoked"

    sign_off = models.OneToOneField(SignOff, models.PROTECT, related_name="end")
    kind = models.CharField(max_length=10, choices=[(k, k) for k in (VOID, REVOKED)])
    why = models.TextField()
    ended_at = models.DateTimeField()
    by_id = models.CharField(max_length=80)
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.kind}: {self.why}"
