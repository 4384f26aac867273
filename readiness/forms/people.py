"""Forms of people: accounts, sign-in, roles."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm

from readiness.forms.fields import Password, Words

LONGEST_NAME = 100


class PersonForm(forms.Form):
    """A new account. Its owner chooses the password."""

    name = Words("Give the name that others know them by", lines=1, longest=LONGEST_NAME)
    username = forms.RegexField(
        r"^[\w.@+-]+\Z",
        max_length=LONGEST_NAME,
        error_messages={
            "max_length": f"A sign-in name has at most {LONGEST_NAME} characters",
            "required": "Give a name to sign in with",
            "invalid": "A sign-in name has letters, digits and . @ + - _ only",
        },
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        required=False,
        error_messages=dict.fromkeys(("invalid", "max_length"), "Give an address such as ada@example.org"),
    )


class SetupForm(forms.Form):
    """The first administrator, by a one-time link."""

    name = Words("Give the name that others know you by", lines=1, longest=LONGEST_NAME, label="Your name")
    username = forms.RegexField(
        r"^[\w.@+-]+\Z",
        max_length=LONGEST_NAME,
        label="Sign-in name",
        error_messages=PersonForm.base_fields["username"].error_messages,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = Password("Choose a password", new=True, label="Password", help_text="At least 10 characters")


class ChoosePasswordForm(forms.Form):
    """A password for an account that somebody else made."""

    password = Password("Choose a password", new=True, label="Password", help_text="At least 10 characters")


WRONG = "The name or the password isn’t right"


class SignInForm(AuthenticationForm):
    """Who signs in; one message whatever was wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = {"invalid_login": WRONG, "inactive": WRONG}


class GrantForm(forms.Form):
    """Who gets which role, as `rollout/kind/key`."""

    person = forms.CharField(error_messages={"required": "Choose a person"})
    role = forms.CharField(error_messages={"required": "Choose a role"})
