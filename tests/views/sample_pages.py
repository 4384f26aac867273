"""Every template with the values that fill it."""

from typing import Any

from tests.views import sample_forms as forms
from tests.views import samples, samples_phase

WRONG = forms.SignOffForm({"answer": "", "meaning": "reviewed", "reason": "Looks fine to me", "password": ""})
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "board": ("board/page.html", {"page": samples.BOARD}),
    "board-running": ("board/page.html", {"page": samples.RUNNING}),
    "board-waiting": ("board/page.html", {"page": samples.WAITING}),
    "phase": ("phases/page.html", {"page": samples_phase.PHASE}),
    "signoff": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF, "form": forms.SignOffForm()}),
    "signoff-wrong": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF, "form": WRONG}),
    "signoff-locked": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF_LOCKED, "form": forms.SignOffForm()}),
    "stations": ("signoffs/page.html", {"page": samples_phase.STATIONS}),
    "revoke": ("sheet_page.html", {"page": samples_phase.REVOKE, "sheet": samples_phase.REVOKE, "form": forms.ReasonForm(), "partial": "signoffs/_revoke.html"}),
    "audit": ("audit/page.html", {"page": samples_phase.AUDIT}),
    "audit-broken": ("audit/page.html", {"page": samples_phase.EMPTY_AUDIT}),
}
