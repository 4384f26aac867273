"""Replies to programs that are kept for a day, so that a call that is made twice is done once."""

from django.db import models


class KeptReply(models.Model):
    """What a token was told under an `Idempotency-Key`, and the digest of what it had asked.

    Not part of the record: the act that it tells of is.
    """

    token = models.ForeignKey("AccessToken", models.CASCADE, related_name="replies")
    key = models.CharField(max_length=200)
    asked = models.CharField(max_length=71)
    at = models.DateTimeField()
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_reply_to_a_key_of_a_token")]

    def __str__(self) -> str:
        return f"{self.key} of {self.token_id}"
