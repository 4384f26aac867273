"""Tokens as their pages show them."""

from datetime import timedelta

from readiness.forms.integrations import ProvenForm, TokenForm
from readiness.queries.integrations import EVERYWHERE, scope_words
from readiness.queries.pages.integrations import IntegrationsPage, MadePage, ScopeChoice, TokenPage, TokenRow
from readiness.queries.pages.parts import Choice
from tests.views.samples import NOW, ago

__all__ = ["INTEGRATIONS", "MADE", "NONE", "TOKEN", "ProvenForm", "form"]
PLACES = [("", EVERYWHERE), ("dual-memory", "Dual-memory recall (dual-memory)")]
CI = TokenRow(
    "3",
    "CI of engram",
    "Ingrid Solheim",
    "evidence, claim",
    "dual-memory",
    "Counts",
    ago(90_000),
    NOW + timedelta(days=28),
    ago(12),
    "10.20.0.7",
    "/integrations/3/",
)
NIGHTLY = TokenRow(
    "4", "Nightly", "Ingrid Solheim", "read", EVERYWHERE, "Run out", ago(900_000), ago(60), url="/integrations/4/"
)
THEIRS = TokenRow(
    "5", "Deploy", "Marcus Bell", "plan", EVERYWHERE, "Taken back", ago(9_000), NOW + timedelta(days=9), url="/x/"
)
SCOPES = tuple(ScopeChoice(value, words, value == "read") for value, words in scope_words())
CHOICES = tuple(Choice(value, label) for value, label in PLACES)
INTEGRATIONS = IntegrationsPage("/integrations/", (CI, NIGHTLY), SCOPES, CHOICES, (THEIRS,))
NONE = IntegrationsPage("/integrations/", (), SCOPES, CHOICES)
TOKEN = TokenPage(CI, "/integrations/", True)
SECRET = "readiness_" + "s3cret" * 7
MADE = MadePage(CI, SECRET, f'curl -H "Authorization: Bearer {SECRET}" http://localhost:8000/api/v1/', "/integrations/")


def form(data=None):
    return TokenForm(scope_words(), PLACES, data)
