"""The forms that sheets expect, with the field names they post."""

from django import forms

Area = forms.Textarea(attrs={"rows": 3})


class SignOffForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[("go", "GO"), ("no-go", "NO-GO")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose GO or NO-GO"},
    )
    meaning = forms.CharField()
    reason = forms.CharField(required=False)
    password = forms.CharField(error_messages={"required": "Enter your password"})


class ReasonForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": "Say why, so that others can act on it"}
    )
    password = forms.CharField(widget=forms.PasswordInput, required=False)


class ClaimForm(forms.Form):
    file = forms.FileField(error_messages={"required": "Add a JUnit report with at least 5 suites"})
    link = forms.URLField(required=False, assume_scheme="https")
    git = forms.CharField(required=False)
    note = forms.CharField(required=False, widget=Area)
    attest = forms.BooleanField(required=False)


class ReportForm(ClaimForm):
    """The claim form with the fields of a report; the first is still empty."""

    def __init__(self, data=None):
        super().__init__(data)
        hints = ("", "Recall latency, p99, measured 14:31 UTC", "Counted in the record of this rollout")
        for number, (name, hint) in enumerate(zip(("cost", "recall-p99", "rollbacks"), hints, strict=True)):
            self.fields[f"field-{number}"] = forms.CharField(
                label=name,
                help_text=hint,
                widget=forms.Textarea(attrs={"rows": 2}),
                error_messages={"required": f"Fill in “{name}”; the plan asks for it."},
            )
        self.fields["file"].required = False

    def written_fields(self):
        return (self[name] for name in self.fields if name.startswith("field-"))


class NoteForm(forms.Form):
    note = forms.CharField(required=False, widget=Area)


class DrillForm(forms.Form):
    ran_at = forms.CharField(initial="2025-12-02 14:30")
    minutes = forms.IntegerField()
    seconds = forms.IntegerField()
    passed = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    note = forms.CharField(required=False, widget=Area)


class ReviewForm(forms.Form):
    score = forms.DecimalField(error_messages={"invalid": "Score must be a number from 0 to 10, such as 7.5"})
    note = forms.CharField(widget=Area)


class EnterForm(forms.Form):
    command = forms.MultipleChoiceField(
        choices=[("2.1", ""), ("2.2", "")], error_messages={"required": "Confirm every command"}
    )


class OverrideForm(EnterForm):
    reason = forms.CharField(widget=Area, error_messages={"required": "Say why, so that others can act on it"})
    password = forms.CharField(widget=forms.PasswordInput, error_messages={"required": "Type your password"})


class RollBackForm(forms.Form):
    level = forms.CharField(error_messages={"required": "Choose how far back"})
    reason = forms.CharField(required=False, widget=Area)


class AbortForm(forms.Form):
    answer = forms.CharField()
    until = forms.CharField()
    reason = forms.CharField(widget=Area)


class AskWaiverForm(forms.Form):
    reason = forms.CharField(widget=Area)
    measure = forms.CharField(widget=Area, error_messages={"required": "Say what you do instead while it is waived."})
    expires_at = forms.CharField(error_messages={"required": "Say until when"})


class DecideWaiverForm(forms.Form):
    answer = forms.ChoiceField(choices=[("grant", "Grant"), ("decline", "Decline")], widget=forms.RadioSelect)
    reason = forms.CharField(required=False, widget=Area)
    password = forms.CharField(required=False)


class PersonForm(forms.Form):
    name = forms.CharField(error_messages={"required": "Enter a name"})
    username = forms.CharField()
    email = forms.EmailField(required=False)


class GrantForm(forms.Form):
    person = forms.CharField()
    role = forms.CharField()


class PlanForm(forms.Form):
    file = forms.FileField(required=False)
    text = forms.CharField(required=False, error_messages={"required": "Choose a file or paste a plan"})


class LoginForm(forms.Form):
    username = forms.CharField()
    password = forms.CharField()


class SetupForm(forms.Form):
    name = forms.CharField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    username = forms.CharField(label="Sign-in name", widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters",
    )
