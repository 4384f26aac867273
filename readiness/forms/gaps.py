"""The form that makes a gap of something missing."""

from collections.abc import Sequence
from typing import Any

from django import forms

ALL = "all"
SEVERITIES = (("blocking", "Blocking"), ("high", "High"), ("medium", "Medium"), ("low", "Low"))
Choices = Sequence[tuple[str, str]]


class NewGapForm(forms.Form):
    """What is missing, how bad that is, who closes it and which phases wait for it."""

    title = forms.CharField(
        max_length=120,
        error_messages={"required": "Say what is missing", "max_length": "Say it in at most 120 characters"},
    )
    severity = forms.ChoiceField(choices=SEVERITIES, error_messages={"required": "Choose how bad it is"})
    owner = forms.ChoiceField(error_messages={"required": "Choose who closes it"})
    blocks = forms.ChoiceField(error_messages={"required": "Choose which phase waits for it"})

    def __init__(self, roles: Choices, phases: Choices, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        for name, choices in (("owner", roles), ("blocks", ((ALL, "Every phase"), *phases))):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(choices)
                field.error_messages["invalid_choice"] = "Choose one of the list"
