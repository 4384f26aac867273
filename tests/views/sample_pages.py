"""Every template with the values that fill it."""

from typing import Any

from readiness.forms.gaps import NewGapForm
from tests.views import sample_forms as forms
from tests.views import (
    samples,
    samples_flags,
    samples_more,
    samples_past,
    samples_phase,
    samples_plan,
    samples_report,
    samples_sheets,
    samples_tokens,
    samples_verdict,
)

ROLES, PHASES = [("backend-lead", "Backend lead")], [("canary", "Canary")]
WRONG = forms.SignOffForm({"answer": "", "meaning": "reviewed", "reason": "Looks fine to me", "password": ""})


class Said:
    """A message, as the messages framework hands it to templates."""

    def __init__(self, level_tag: str, text: str) -> None:
        self.level_tag, self.text = level_tag, text

    def __str__(self) -> str:
        return self.text


SAID = [
    Said("success", "Signed GO. It is entry 1,285 of the record."),
    Said("error", "Not by you"),
    Said("info", "Signed in"),
]
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "board": ("board/page.html", {"page": samples.BOARD}),
    "board-running": ("board/page.html", {"page": samples.RUNNING, "messages": SAID}),
    "board-waiting": ("board/page.html", {"page": samples.WAITING}),
    "board-past": ("board/past.html", {"page": samples_past.PAST}),
    "no-past": ("rollouts/no_past.html", {"page": samples_past.NO_PAST}),
    "verdict-past": ("verdicts/past.html", {"page": samples_past.PAST_VERDICT}),
    "verdict-past-none": ("verdicts/past.html", {"page": samples_past.NO_PAST_VERDICT}),
    "phase-past": ("phases/past.html", {"page": samples_past.PAST_PHASE}),
    "phase": ("phases/page.html", {"page": samples_phase.PHASE}),
    "signoff": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF, "form": forms.SignOffForm()}),
    "signoff-wrong": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF, "form": WRONG}),
    "signoff-locked": ("signoffs/page.html", {"page": samples_phase.SIGN_OFF_LOCKED, "form": forms.SignOffForm()}),
    "stations": ("signoffs/page.html", {"page": samples_phase.STATIONS}),
    "audit": ("audit/page.html", {"page": samples_phase.AUDIT}),
    "audit-unsigned": ("audit/page.html", {"page": samples_phase.UNSIGNED_AUDIT}),
    "audit-empty": ("audit/page.html", {"page": samples_phase.NO_ENTRY}),
    "audit-broken": ("audit/page.html", {"page": samples_phase.EMPTY_AUDIT}),
    "report": ("reports/page.html", {"page": samples_report.REPORT}),
    "report-empty": ("reports/page.html", {"page": samples_report.EMPTY}),
    "verdict": ("verdicts/page.html", {"page": samples_verdict.VERDICT}),
    "verdict-none": ("verdicts/page.html", {"page": samples_verdict.NOTHING_JUDGED}),
    "flags": ("flags/page.html", {"page": samples_flags.FLAGS}),
    "flags-none": ("flags/page.html", {"page": samples_flags.NO_FLAGS}),
    "now": ("runs/now.html", {"page": samples_sheets.NOW_PAGE}),
    "gates": ("gates/page.html", {"page": samples_more.GATES_PAGE}),
    "gate": ("gates/gate.html", {"page": samples_more.GATE}),
    "measurement": ("gates/measurement.html", {"page": samples_more.MEASUREMENT}),
    "gate-no-data": ("gates/gate.html", {"page": samples_more.NO_DATA}),
    "gaps": ("gaps/page.html", {"page": samples_more.GAPS_PAGE}),
    "portfolio": ("portfolio/page.html", {"page": samples_more.PORTFOLIO}),
    "empty": ("portfolio/page.html", {"page": samples_more.EMPTY}),
    "people": (
        "people/page.html",
        {"page": samples_more.PEOPLE, "add_form": forms.PersonForm({}), "grant_form": forms.GrantForm()},
    ),
    "integrations": (
        "integrations/page.html",
        {"page": samples_tokens.INTEGRATIONS, "form": samples_tokens.form({"title": "CI", "scopes": ["read"]})},
    ),
    "integrations-none": ("integrations/page.html", {"page": samples_tokens.NONE, "form": samples_tokens.form()}),
    "token": ("integrations/token.html", {"page": samples_tokens.TOKEN, "form": samples_tokens.ProvenForm()}),
    "token-made": ("integrations/made.html", {"page": samples_tokens.MADE}),
    "plan": ("plans/page.html", {"page": samples_plan.PLAN}),
    "plan-new": ("plans/page.html", {"page": samples_plan.NEW_PLAN}),
    "import": ("plans/import.html", {"page": samples_more.IMPORT, "form": forms.PlanForm()}),
    "import-wrong": ("plans/import.html", {"page": samples_more.WRONG, "form": forms.PlanForm()}),
    "import-preview": ("plans/import.html", {"page": samples_more.PREVIEW, "form": forms.PlanForm()}),
    "import-new": ("plans/import.html", {"page": samples_more.NEW, "form": forms.PlanForm()}),
    "login": ("accounts/login.html", {"form": forms.LoginForm()}),
    "login-wrong": ("accounts/login.html", {"form": forms.LoginForm({"username": "tomas", "password": ""})}),
    "setup": ("accounts/setup.html", {"form": forms.SetupForm()}),
    "setup-used": ("accounts/setup.html", {}),
    "403": ("403.html", {}),
    "404": ("404.html", {}),
    "altered": ("claims/altered.html", {"digest": "sha256:" + "a1" * 32}),
    "statement-altered": ("signoffs/altered.html", {"digest": "sha256:" + "a1" * 32}),
    "400": ("400.html", {}),
    "403-csrf": ("403_csrf.html", {}),
    "500": ("500.html", {"reference": "r-7f3a-91c2"}),
}


def sheet(value: object, partial: str, form: object) -> tuple[str, dict[str, Any]]:
    return "sheet_page.html", {"page": value, "sheet": value, "form": form, "partial": partial}


SHEETS = {
    "claim": sheet(samples_sheets.CLAIM, "claims/_claim.html", forms.ClaimForm({})),
    "claim-file": sheet(samples_sheets.FILE, "claims/_claim.html", forms.ClaimForm()),
    "claim-report": sheet(samples_sheets.REPORT, "claims/_claim.html", forms.ReportForm({})),
    "attest": sheet(samples_sheets.ATTEST, "claims/_claim.html", forms.ClaimForm()),
    "claim-shut": sheet(samples_sheets.SHUT, "claims/_claim.html", None),
    "difference-mine": sheet(samples_past.NO_DIFFERENCE, "audit/_difference.html", forms.ReasonForm({})),
    "difference": sheet(samples_past.DIFFERENCE, "audit/_difference.html", forms.ReasonForm({})),
    "hold": sheet(samples_sheets.HOLD, "_reason_sheet.html", forms.ReasonForm({})),
    "make-gap": sheet(samples_flags.MAKE_GAP, "gaps/_make.html", NewGapForm(ROLES, PHASES, {"title": ""})),
    "task": sheet(samples_sheets.TASK, "gaps/_close_task.html", forms.NoteForm()),
    "drill": sheet(samples_sheets.DRILL, "drills/_drill.html", forms.DrillForm()),
    "review": sheet(samples_sheets.REVIEW, "reviews/_review.html", forms.ReviewForm({"score": "lots"})),
    "baseline": sheet(samples_sheets.BASELINE, "claims/_baseline.html", forms.NoteForm()),
    "enter": sheet(samples_sheets.ENTER, "runs/_enter.html", forms.EnterForm()),
    "enter-locked": sheet(samples_sheets.ENTER_LOCKED, "runs/_enter.html", forms.EnterForm({})),
    "override": sheet(samples_sheets.OVERRIDE, "overrides/_override.html", forms.OverrideForm({})),
    "roll-back": sheet(samples_sheets.ROLL_BACK, "runs/_roll_back.html", forms.RollBackForm()),
    "waive": sheet(samples_sheets.WAIVE, "waivers/_ask.html", forms.AskWaiverForm({"reason": "The cache is cold"})),
    "waive-shut": sheet(samples_sheets.WAIVE_SHUT, "waivers/_ask.html", None),
    "waiver": sheet(samples_sheets.WAIVER, "waivers/_decide.html", forms.DecideWaiverForm()),
    "waiver-shut": sheet(samples_sheets.WAIVER_SHUT, "waivers/_decide.html", None),
    "abort": sheet(samples_sheets.ABORT, "runs/_answer_abort.html", forms.AbortForm()),
}
PAGES |= SHEETS
