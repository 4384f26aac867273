"""Personal values of entries, which can be erased while the entries stay as they are."""

from django.db import models


class PersonalValue(models.Model):
    """A value that an entry only commits to, with its salt. Whoever erases it leaves the commitment without meaning."""

    seq = models.BigIntegerField()
    path = models.CharField(max_length=40)
    salt = models.BinaryField()
    value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seq", "path"], name="one_personal_value_a_path")]

    def __str__(self) -> str:
        return f"{self.path} of entry {self.seq}"
