"""How an answer was computed, as samples."""

from readiness.queries.pages.parts import Fact, FeedCard, FeedRow, Line, Region
from readiness.queries.pages.verdicts import Computation, VerdictPage
from tests.views.samples import BAR, NO_DECISION, NOW, SHA, ago, head

RULES = (
    Line("The record verifies, and was verified within ten minutes", "It has nothing to say", "Met"),
    Line("Every gap that blocks the next phase is closed", "5 open and 19 missing", "Not met", "24 reasons"),
)
COMPUTATION = Computation(
    "enter",
    NO_DECISION,
    RULES,
    "1 of 2 rules holds",
    (Fact("Facts", "kept when this answer began", digest=SHA), Fact("Since", "", at=ago(90))),
    Line("Computed again just now from the kept facts", "The same answer", "Valid"),
    ".venv/bin/python manage.py verdict dual-memory --ask enter --explain",
)
CHANGES = FeedCard(
    Region("changes", ""), "Verdict changes", (FeedRow(NOW, "Verdict became NO-GO", "GO to NO-GO", "NO-GO", "/a/"),)
)
VERDICT = VerdictPage(head("board"), (COMPUTATION,), CHANGES, BAR)
NOTHING_JUDGED = VerdictPage(head("board"), (), CHANGES, BAR)
