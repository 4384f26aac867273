"""A sample of the final report: one phase entered on a GO with a waiver, one begun by a rollback."""

from datetime import timedelta

from readiness.queries.pages.parts import Fact, Line
from readiness.queries.pages.reports import (
    ConditionGroup,
    ConditionRecord,
    Proof,
    ReportPage,
    RollbackRecord,
    RunRecord,
    Section,
    SignatureRecord,
)
from tests.views.samples import SHA, ago, head
from tests.views.samples_phase import AUDIT

CONDITION = ConditionRecord(
    "Recall latency, p99",
    "Met",
    "12.2 ms",
    "at most 15 ms",
    "Backend lead",
    "canary/enter/gate:recall-p99",
    (
        Proof("report.xml", "junit proves it: 412 tests pass", "by Ana Reyes", SHA, ago(300), "/evidence/x/"),
        Proof("Asked metrics", "0.0122", "histogram_quantile(0.99, …)", at=ago(301)),
    ),
    (Fact("Waived because", "The baseline moves"), Fact("Granted by", "Ingrid Solheim")),
)
SIGNATURE = SignatureRecord(
    "Backend lead",
    "Ben Kaya",
    "GO",
    "I have reviewed the evidence",
    "Looks sound",
    ago(200),
    ago(-9000),
    SHA,
    "answered again later",
    "Held then: Backend lead. Confirmed with password, 0 s before",
    "Entry 1,204",
    "/a/",
)
BACK = RollbackRecord("Turn it off", "Met", "Ben Kaya", ago(50), timedelta(minutes=1), timedelta(seconds=41), "Errors")
RUN = RunRecord(
    "canary-1",
    "Canary, run 1",
    "May Canary be entered?",
    "GO",
    "GO",
    (Fact("Entered by", "Ana Reyes", "Held then: Release manager"), Fact("Facts", "as they were kept", SHA)),
    (Fact("Conditions", "31"), Fact("Met by evidence", "27"), Fact("By a person’s word", "3"), Fact("Waived", "1")),
    (Line("The backup job is failing", "It runs", "Failing"),),
    (ConditionGroup("What Canary asked for", "30 of 31 met", (CONDITION,)),),
    (SIGNATURE,),
    (BACK,),
    (Section("Holds", empty="Nobody called a hold"), Section("How it went on", (Fact("State", "Rolled back"),))),
)
AGAIN = RunRecord(
    "shadow-2",
    "Shadow mode, run 2",
    "",
    "Rolled back",
    "Begun by a rollback",
    (Fact("By", "Ben Kaya"),),
    (),
    (),
    (),
    (),
    (RollbackRecord("Turn it off", "Unproven", "Ben Kaya", ago(5), timedelta(minutes=1), None, "Errors"),),
    (Section("Changed afterwards", lines=(Line("Took back a signature", end_note="Entry 1,300"),)),),
    "A rollback began this run, so nothing was asked and nothing signed.",
)
REPORT = ReportPage(
    head("phases"),
    "Final report: Dual-memory recall",
    "Closed on 9 Dec 2025 at 09:30 UTC. Every run, with what stood when it was entered.",
    (RUN, AGAIN),
    AUDIT.record,
    (Fact("Runs", "2"), Fact("Entered without GO", "1")),
    (Line("Canary, run 1", "by Ana Reyes", "GO", url="#canary-1"),),
    (Section("Gaps", lines=(Line("No way back", "closed by Ben Kaya", "Closed"),)),),
    is_final=True,
)
EMPTY = ReportPage(
    head("phases", rehearsal=True),
    "Decision record: Canary",
    "What stood when Canary was entered.",
    (),
    AUDIT.record,
    empty="Canary has not been entered, so there is no decision to show.",
)
