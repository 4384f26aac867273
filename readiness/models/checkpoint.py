"""Signed checkpoints of the record, the public keys that sign them, and how the signer fares."""

from typing import ClassVar

from django.db import models


class Checkpoint(models.Model):
    """One signed checkpoint: the bytes of the note, with origin and size to find it by. Triggers keep all of them."""

    origin = models.CharField(max_length=200)
    size = models.BigIntegerField()
    note = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["origin", "size"], name="one_checkpoint_of_a_size"),
            models.CheckConstraint(name="checkpoint_of_something", condition=models.Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return f"checkpoint {self.size} of {self.origin}"


class SignerKey(models.Model):
    """The public half of a key that signs checkpoints, as a verifier key; the secret half is in no database."""

    RECORDED: ClassVar[bool] = True

    origin = models.CharField(max_length=200)
    text = models.CharField(max_length=300, unique=True)
    fingerprint = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.fingerprint


class SignerState(models.Model):
    """How the signer fares, in one row. `problem` is what it refuses to sign over, `trouble` why it cannot sign."""

    problem = models.TextField(blank=True)
    trouble = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.problem or self.trouble or f"signed at {self.answered_at}"
