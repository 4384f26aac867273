"""Forms of integrations: a new token, and another secret for one."""

from collections.abc import Sequence
from typing import Any

from django import forms

from readiness.forms.fields import Password, Words
from readiness.services.tokens import LASTS, LONGEST

LONGEST_TITLE = 100
_DAYS = f"A token lasts 1 to {LONGEST.days} days"


class ProvenForm(forms.Form):
    """Nothing but who it is."""

    password = Password()


class TokenForm(ProvenForm):
    """A new token, for whoever is signed in."""

    field_order = ("title", "scopes", "rollout", "days", "password")

    title = Words("Say what the token is for, so that it can be told from others.", lines=1, longest=LONGEST_TITLE)
    scopes = forms.MultipleChoiceField(
        error_messages={
            "required": "Choose what the program may do",
            "invalid_choice": "There is no scope %(value)s",
        }
    )
    rollout = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "You are on no rollout %(value)s. Choose one that is listed."}
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=LONGEST.days,
        initial=LASTS.days,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _DAYS),
    )

    def __init__(
        self, scopes: Sequence[tuple[str, str]], rollouts: Sequence[tuple[str, str]], data: Any = None
    ) -> None:
        super().__init__(data)
        for name, choices in (("scopes", scopes), ("rollout", rollouts)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = list(choices)
