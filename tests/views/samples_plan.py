"""A plan and its versions, as samples."""

from readiness.queries.pages.parts import Change, Fact, Line
from readiness.queries.pages.plans import PlanPage, VersionRow
from tests.views.samples import BAR, SHA, ago, head

COUNTS = (Fact("Phases", "7"), Fact("Conditions", "96"), Fact("Gates", "29"), Fact("Gaps", "8"))
SECOND = VersionRow(2, SHA, "Ana Ruiz", ago(90), "/v/2/", current=True, in_force=True)
FIRST = VersionRow(1, SHA, "deploy (shell)", ago(9000), "/v/1/")
PLAN = PlanPage(
    head=head("board"),
    title="Version 2",
    sentence="This is the plan in force.",
    counts=COUNTS,
    changes=(
        Change(
            "Gate Recall latency, p99: limit", "at most 15 ms", "at most 18 ms", "A signature that covers it is void."
        ),
        Change("Canary, to enter: Support knows", "", "owner Release manager"),
    ),
    versions=(SECOND, FIRST),
    file_url="/v/2/file/",
    decisions=(Line("Not ready", "NO-GO by product-planner on 2025-11-20", end_note="gap analysis"),),
    alternatives=(Line("Extended shadow mode", "Three weeks. Rejected: less validation", end_note="no source stated"),),
    criteria=(Line("Latency", "Asked: at most 15 ms; it was called not met; found: 18 ms", end_note="sheet"),),
    lessons=(Line("Writing the runbook first exposed the gaps early."),),
    bar=BAR,
)
NEW_PLAN = PlanPage(head("board"), "Version 1", "This is the plan in force.", COUNTS, (), (FIRST,), "/v/1/file/")
