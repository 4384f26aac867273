"""Bytes kept under their own digest: large values of entries, statements, evidence."""

from django.db import models
from django.db.models.functions import Now


class Blob(models.Model):
    """Content-addressed bytes; `digest` is `sha256:<hex>` of `data`.

    `checked_at` is when that was last looked at; `altered_at` since when it is no longer so.
    """

    digest = models.CharField(primary_key=True, max_length=71)
    data = models.BinaryField()
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())
    checked_at = models.DateTimeField(null=True)
    altered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="blob_digest_named", condition=models.Q(digest__startswith="sha256:")),
        ]

    def __str__(self) -> str:
        return self.digest
