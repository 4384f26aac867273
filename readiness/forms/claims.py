"""The form that claims an item: what is brought for it, and a person's word where that is what counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from readiness.forms.fields import MOST_PIECES, WEB_ADDRESS, FilesField, Words
from readiness.queries.pages.sheets import WrittenField

LONGEST_LINK = 2_000


class ClaimForm(forms.Form):
    """A claim: files, links and files in git (parted by blanks), a note, and what the item asks for besides.

    `written` are the fields of a report, all of them required; `attested` asks for the word itself.
    """

    file = FilesField(required=False)
    link = Words(lines=1, longest=20_000)
    git = Words(lines=1, longest=20_000)
    note = Words()
    attest = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        attested: bool = False,
        written: Sequence[WrittenField] = (),
        note: str = "",
    ) -> None:
        super().__init__(data, files, initial={"note": note})
        self.names = {f"field-{place}": each.name for place, each in enumerate(written)}
        for name, each in zip(self.names, written, strict=True):
            missing = f"Fill in “{each.name}”; the plan asks for it."
            self.fields[name] = Words(missing, label=each.name, initial=each.value, help_text=each.hint, lines=2)
        if attested:
            self.fields["attest"] = forms.BooleanField(
                error_messages={"required": "Tick that you have seen it yourself, or close this without claiming."}
            )

    def clean_link(self) -> list[str]:
        """Give the addresses."""
        links = _pieces(str(self.cleaned_data["link"]), "links")
        for link in links:
            if len(link) > LONGEST_LINK:
                raise ValidationError(f"“{link[:40]}…” has {len(link):,} characters; a link may have {LONGEST_LINK:,}.")
            try:
                WEB_ADDRESS(link)
            except ValidationError:
                raise ValidationError(
                    f"“{link[:80]}” is no web address. Give one such as https://ci.example.org/42."
                ) from None
        return links

    def clean_git(self) -> list[str]:
        """Give the files in git as `source:path`."""
        places = _pieces(str(self.cleaned_data["git"]), "files")
        wrong = next((place for place in places if not all(place.partition(":")[::2])), None)
        if wrong is not None:
            raise ValidationError(f"“{wrong[:80]}” names no file in git. Give one such as code:docs/a.md.")
        return places

    def written_fields(self) -> Iterator[BoundField]:
        """Give the fields of the report."""
        return (self[name] for name in self.names)

    def written(self) -> dict[str, str]:
        """Give what was written, by the names in the plan."""
        return {self.names[name]: str(self.cleaned_data[name]) for name in self.names}


def _pieces(text: str, noun: str) -> list[str]:
    pieces = text.split()
    if len(pieces) > MOST_PIECES:
        raise ValidationError(f"{len(pieces)} {noun} at once are too many; give at most {MOST_PIECES}.")
    return pieces
