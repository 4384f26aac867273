"""Fields that several forms share, with what they say to people."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import URLValidator

LONGEST_TEXT = 2_000
MOST_PIECES = 10
WEB_ADDRESS = URLValidator(schemes=["http", "https"])
Files = list["UploadedFile[bytes]"]


class Words(forms.CharField):
    """Text that others will read, of a length that fits an entry of the record."""

    def __init__(self, missing: str = "", *, longest: int = LONGEST_TEXT, lines: int = 3, **more: Any) -> None:
        widget = forms.Textarea(attrs={"rows": lines, "maxlength": longest}) if lines > 1 else forms.TextInput()
        super().__init__(
            **{"required": bool(missing), "max_length": longest, "widget": widget, **more},
            error_messages={
                "required": missing,
                "max_length": f"At most {longest:,} characters fit; this has %(show_value)s. Say it shorter.",
            },
        )


class Password(forms.CharField):
    """A password, never shown again."""

    def __init__(self, missing: str = "Type your password", *, new: bool = False, **more: Any) -> None:
        attrs = {"autocomplete": "new-password" if new else "current-password"}
        super().__init__(
            strip=False,
            max_length=200,
            widget=forms.PasswordInput(attrs=attrs),
            error_messages={"required": missing, "max_length": "A password has at most 200 characters here"},
            **more,
        )


class FilesInput(forms.ClearableFileInput):
    """Takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Some files, each within the limit; the refusal names the file, its size and the limit."""

    widget = FilesInput

    def clean(self, data: object, initial: object = None) -> Files:
        """Give the files as a list."""
        given: Sequence[object] = data if isinstance(data, list | tuple) else [data]
        files = [file for file in given if isinstance(file, UploadedFile)]
        if len(files) > MOST_PIECES:
            raise ValidationError(f"{len(files)} files at once are too many; choose at most {MOST_PIECES}.")
        faults = [fault for fault in map(_too_large, files) if fault]
        if faults:
            raise ValidationError(faults)
        return files


def _too_large(file: "UploadedFile[bytes]") -> str:
    size, most = file.size or 0, settings.MAX_UPLOAD_BYTES
    if size <= most:
        return ""
    return f"{file.name} has {size:,} bytes; at most {most:,} are kept. Bring a smaller file, or a link to it."


def read_moment(text: str) -> datetime:
    """Read a date and time as people write them; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text.strip().removesuffix("UTC").strip())
    except ValueError:
        raise ValidationError(f"“{text[:40]}” is no time. Give one such as 2025-12-02 14:30, in UTC.") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
