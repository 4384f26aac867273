"""The form of a plan: a file, or text."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

LONGEST_PLAN_BYTES = 1_000_000


class PlanForm(forms.Form):
    """A plan, as a file or pasted."""

    file = forms.FileField(required=False, error_messages={"empty": "The file is empty. Choose it again."})
    text = forms.CharField(required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        """Give the text, from the file when there is one."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["text"] = _plan_text(cleaned.get("file"), cleaned.get("text") or "")
        return cleaned


def _plan_text(file: "UploadedFile[bytes] | None", typed: str) -> str:
    size = (file.size or 0) if file is not None else len(typed.encode())
    if size > LONGEST_PLAN_BYTES:
        raise ValidationError(f"The plan has {size:,} bytes; at most {LONGEST_PLAN_BYTES:,} are read.")
    try:
        text = file.read().decode("utf-8-sig") if file is not None else typed
    except UnicodeDecodeError:
        raise ValidationError("The file is no text in UTF-8. Save it as UTF-8 and choose it again.") from None
    if not text.strip():
        raise ValidationError("Choose a file or paste a plan")
    return text
