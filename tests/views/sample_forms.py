"""The forms that sheets expect, with the field names they post."""

from django import forms

Area = forms.Textarea(attrs={"rows": 3})


class SignOffForm(forms.Form):
    answer = forms.ChoiceField(choices=[("go", "GO"), ("no-go", "NO-GO")], widget=forms.RadioSelect, error_messages={"required": "Choose GO or NO-GO"})
    meaning = forms.CharField()
    reason = forms.CharField(required=False)
    password = forms.CharField(error_messages={"required": "Enter your password"})


class ReasonForm(forms.Form):
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": "Say why, so that others can act on it"})
    password = forms.CharField(widget=forms.PasswordInput, required=False)
