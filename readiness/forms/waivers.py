"""Forms of waivers: ask for one, decide about one."""

from datetime import datetime
from typing import Any

from django import forms

from readiness.forms.fields import Password, Words, read_moment

UNTIL = "Give a time such as 2025-12-02 14:30, in UTC"
GRANT, DECLINE = "grant", "decline"


class AskWaiverForm(forms.Form):
    """Why, what is done instead, until when. Times are UTC."""

    reason = Words("Say why this can’t be met in time.")
    measure = Words("Say what you do instead while it is waived.")
    expires_at = forms.CharField(max_length=40, error_messages={"required": "Say until when", "max_length": UNTIL})

    def clean_expires_at(self) -> datetime:
        """Read the time; without a zone it is UTC."""
        return read_moment(str(self.cleaned_data["expires_at"]))


class DecideWaiverForm(forms.Form):
    """Grant, with the password, or decline, with a reason. Neither is preselected."""

    answer = forms.ChoiceField(
        choices=[(GRANT, "Grant"), (DECLINE, "Decline")],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose whether it is waived"),
    )
    reason = Words()
    password = Password(required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for what the answer needs."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("answer") == GRANT and not cleaned.get("password"):
            self.add_error("password", "Type your password; granting is signed like an answer in the poll.")
        if cleaned.get("answer") == DECLINE and not cleaned.get("reason"):
            self.add_error("reason", "Say why you decline it, so that they know what to do instead.")
        return cleaned

    @property
    def grants(self) -> bool:
        """Whether what was typed grants the waiver."""
        return self.cleaned_data.get("answer") == GRANT
