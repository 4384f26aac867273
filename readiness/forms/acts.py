"""Forms of the sheets: drill, review, sign, enter, roll back, answer, or give a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from readiness.core.aborts import LONGEST_ANSWER
from readiness.forms.fields import Password, Words, read_moment


class ReasonForm(forms.Form):
    """One reason."""

    reason = Words("Say why, so that others can act on it.")

    def __init__(self, data: Any = None, *, missing: str = "", optional: bool = False) -> None:
        super().__init__(data)
        self.fields["reason"].required = not optional
        if missing:
            self.fields["reason"].error_messages["required"] = missing


class ConfirmedReasonForm(ReasonForm):
    """One reason, by somebody who proves who they are."""

    password = Password()


class NoteForm(forms.Form):
    """A note that may be left out."""

    note = Words()


def _one_message(message: str) -> dict[str, str]:
    return dict.fromkeys(("invalid", "min_value", "max_value"), message)


class DrillForm(forms.Form):
    """A drill as it was run. Times are UTC."""

    ran_at = forms.CharField(error_messages={"required": "Say when it began, such as 2025-12-02 14:30"})
    minutes = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100_000,
        error_messages=_one_message("Minutes must be a whole number from 0 to 100,000"),
    )
    seconds = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=59,
        error_messages=_one_message("Seconds must be a whole number from 0 to 59"),
    )
    passed = forms.ChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it did what was expected", "invalid_choice": "Choose Yes or No"},
    )
    note = Words()

    def clean_ran_at(self) -> datetime:
        """Read the time; without a zone it is UTC."""
        return read_moment(str(self.cleaned_data["ran_at"]))

    def clean(self) -> dict[str, Any]:
        """Add how long it took."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and cleaned.get("minutes") is None and cleaned.get("seconds") is None:
            self.add_error("minutes", "Say how long it took until everything had recovered")
        cleaned["took"] = timedelta(minutes=cleaned.get("minutes") or 0, seconds=cleaned.get("seconds") or 0)
        return cleaned


class ReviewForm(forms.Form):
    """A review's score and what it rests on."""

    score = forms.DecimalField(
        max_digits=4,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(10),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            "Score must be a number from 0 to 10, such as 7.5",
        ),
    )
    note = Words("Say what the score rests on, so that others can follow it.")


class SignOffForm(forms.Form):
    """An answer, signed. Neither answer is preselected."""

    answer = forms.ChoiceField(
        choices=[("go", "GO"), ("no-go", "NO-GO")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose GO or NO-GO", "invalid_choice": "Choose GO or NO-GO"},
    )
    meaning = forms.CharField(error_messages={"required": "Choose what your answer means"})
    reason = Words()
    password = Password()
    role = forms.CharField(required=False, widget=forms.HiddenInput)
    digest = forms.CharField(required=False, widget=forms.HiddenInput)


class EnterForm(forms.Form):
    """The commands that have run, by their numbers."""

    command = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": "The plan has no command %(value)s here. Load this again."}
    )
    digest = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, numbers: Sequence[str], data: Any = None) -> None:
        super().__init__(data)
        self.numbers = list(numbers)
        field = self.fields["command"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(number, number) for number in numbers]

    def positions(self) -> list[int]:
        """Give the positions of the confirmed commands, from 0."""
        return [self.numbers.index(number) for number in self.cleaned_data["command"]]


class OverrideForm(EnterForm):
    """The commands that have run before a phase is entered without GO, by somebody who proves who they are."""

    password = Password()


class RollBackForm(forms.Form):
    """How far back, and why; the reason may follow."""

    level = forms.CharField(error_messages={"required": "Choose how far back"})
    reason = Words()


class AbortForm(forms.Form):
    """Continue for some minutes, or roll back."""

    answer = forms.ChoiceField(
        choices=[("continue", "Continue"), ("roll-back", "Roll back")],
        error_messages={"required": "Choose whether it may go on", "invalid_choice": "Choose one of the two answers"},
    )
    until = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_ANSWER // timedelta(minutes=1),
        error_messages=_one_message("Choose a time of at most a day from now"),
        help_text="A day from now at most. Then it is asked again.",
    )
    reason = Words()
