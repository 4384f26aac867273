"""Evidence as a program sends it: for which item, what it brings, and whether it claims with it."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from readiness.core.canonical import digest_bytes
from readiness.core.codec import Plain
from readiness.forms.claims import ClaimForm
from readiness.forms.fields import Words
from readiness.forms.uploads import brought_file, brought_note
from readiness.services.evidence import Brought, How

LONGEST_ITEM = 300
ALLOWED = ("item", "file", "link", "git", "note", "claim")


class SentEvidenceForm(ClaimForm):
    """What is sent as `multipart/form-data`. A field that is misspelt is refused rather than left out."""

    item = Words("Name the item: its key, or its path such as canary/enter/item:tests.", lines=1, longest=LONGEST_ITEM)
    claim = forms.ChoiceField(
        required=False,
        choices=[("yes", "yes"), ("no", "no")],
        error_messages={"invalid_choice": "claim is yes or no; found %(value)s."},
    )

    def clean(self) -> dict[str, Any]:
        """Refuse fields that there are not, and a call that brings nothing."""
        cleaned = super().clean() or self.cleaned_data
        unknown = sorted({*self.data, *self.files} - set(ALLOWED))
        if unknown:
            raise ValidationError(f"There is no field {', '.join(unknown)[:200]}; there are {', '.join(ALLOWED)}.")
        if not self.errors and not self.brought():
            raise ValidationError("Nothing was brought. Send at least one file, link, git or note.")
        return cleaned

    def claims(self) -> bool:
        """Whether the item is to be claimed with it where it is not."""
        return bool(self.cleaned_data["claim"] == "yes")

    def brought(self) -> tuple[Brought, ...]:
        """Give what was sent as pieces; the files are read once."""
        if not hasattr(self, "_brought"):
            self._brought = tuple(self._pieces())
        return self._brought

    def _pieces(self) -> Iterator[Brought]:
        said = self.cleaned_data
        yield from map(brought_file, said["file"])
        yield from (Brought(link, how=How.LINK) for link in said["link"])
        yield from (Brought(place, how=How.GIT) for place in said["git"])
        if said["note"]:
            yield brought_note(said["note"])

    def told(self) -> Plain:
        """Give all that was sent as plain values, the bytes by their digest: what tells one call from another."""
        pieces: list[Plain] = [
            [piece.how.value, piece.title, piece.media_type, digest_bytes(piece.data)] for piece in self.brought()
        ]
        return [self.cleaned_data["item"], self.claims(), pieces]
