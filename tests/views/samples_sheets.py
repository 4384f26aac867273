"""Every sheet, as samples."""

from dataclasses import replace
from datetime import timedelta

from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Choice, Fact, Line, Quantity
from readiness.queries.pages.phases import CommandRow, Segment
from readiness.queries.pages.runs import ClockCard, NowPage, ShareCard, TroubleCard, TroubleRow
from readiness.queries.pages.sheets import (
    AbortSheet,
    BaselineRow,
    BaselineSheet,
    ClaimSheet,
    DrillSheet,
    EnterSheet,
    EvidenceRow,
    LevelChoice,
    OverrideSheet,
    ReasonSheet,
    ReviewSheet,
    RollBackSheet,
    TaskSheet,
    WrittenField,
)
from readiness.queries.pages.waivers import AskWaiverSheet, WaiverSheet
from tests.views.samples import LIVE, NOW, SHA, ago, head, region

PHASES, BOARD = head("phases"), head("board")
WAIVE = AskWaiverSheet(
    PHASES,
    "/waive/",
    "/phase/",
    "Ask for a waiver",
    "Recall latency, p99",
    condition=(Line("Recall latency, p99", "17.8 ms", "Failing"),),
    required="at most 15 ms, for 10 min",
    example="2025-12-09 14:00",
    latest_at=NOW + timedelta(days=30),
    deciders="Ingrid Solheim",
)
WAIVE_SHUT = replace(WAIVE, why_not="It is met, so there is nothing to waive.")
WAIVER = WaiverSheet(
    PHASES,
    "/waiver/",
    "/phase/",
    "Waive this condition?",
    "Recall latency, p99",
    condition=(Line("Recall latency, p99", "17.8 ms", "Failing"),),
    facts=(
        Fact("Required", "At most 15 ms, for 10 min"),
        Fact("Asked by", "Tomás Oliveira"),
        Fact("Why", "The cache is cold until Friday."),
        Fact("Instead", "Watched by hand."),
        Fact("Until", "", "2 days from when it was asked", NOW + timedelta(days=2)),
    ),
    ends_at=NOW + timedelta(days=2),
)
WAIVER_SHUT = replace(
    WAIVER, why_not="You asked for this yourself.", end_url="/waivers/4/end/", end_label="Take it back"
)
COMMANDS = (
    CommandRow(
        "2.1",
        "Deploy beside stable",
        "kubectl apply -f canary-5pct.yaml",
        (Segment("kubectl apply -f deployments/kubernetes/variants/canary-5pct.yaml"),),
        True,
    ),
    CommandRow(
        "2.2",
        "Verify the split",
        "scripts/split.sh",
        (Segment("scripts/split.sh", True),),
        False,
        "scripts/split.sh doesn’t exist at b41e7d0",
    ),
)
LEVELS = (
    LevelChoice(
        "immediate",
        "Turn off now",
        "Sets blended recall to off",
        "phase 1, Shadow mode",
        0,
        "within 5 min",
        "1 min 48 s on 29 Nov",
        True,
        "/roll-back/?level=immediate",
    ),
    LevelChoice(
        "partial",
        "Roll back to 5 %",
        "Sets blended recall to 5 %",
        "phase 2, Canary",
        5,
        "within 15 min",
        url="/roll-back/?level=partial",
    ),
)
EVIDENCE = (
    EvidenceRow(
        "junit.xml",
        "JUnit",
        "Contradicted",
        "3 of 412 tests fail: test_restore, test_split, test_flags",
        SHA,
        "Wei Zhang",
        ago(50),
        "/e/",
    ),
    EvidenceRow("ci.example.org/4182", "Link", "Attested", "Only the address was kept", SHA, "Wei Zhang", ago(40)),
)
CLAIM = ClaimSheet(
    PHASES,
    "/claim/",
    "/p/",
    "Integration suites pass",
    "Phase 0, to finish. Verification lead claims it.",
    needs="a JUnit report with at least 5 suites and no failure",
    demand="junit",
    evidence=EVIDENCE,
    checks=EVIDENCE[:1],
    would=Line("With this, it shows as", "3 of 412 tests fail: test_restore, test_split, test_flags", "Contradicted"),
    extends=True,
    claimed_by="Wei Zhang",
    claimed_at=ago(60),
    proved_by=(Line("Check: 4 flags off in config/production.toml", "5 of 5 keys at b41e7d0", "Proven"),),
    valid_for=timedelta(days=7),
    max_size="10 MB",
    withdraw_url="/withdraw/",
)
FILE = ClaimSheet(
    PHASES,
    "/claim/",
    "/p/",
    "Runbook is there",
    "Phase 0, to finish. SRE lead claims it.",
    needs="whatever shows that it is so",
    proved_by=(Line("Check: docs/runbook.md", "docs/runbook.md does not exist at commit b41e7d0", "Missing"),),
    would=Line("Claimed now, it shows as", "Runbook: docs/runbook.md does not exist at commit b41e7d0", "Contradicted"),
    max_size="10 MB",
    git_hint="As code:path, kept as it is at the newest commit",
)
REPORT = ClaimSheet(
    PHASES,
    "/claim/",
    "/p/",
    "Infrastructure and engineering cost is written up",
    "Close. Engineering manager claims it.",
    demand="report",
    fields=(
        WrittenField("cost", "", ""),
        WrittenField("recall-p99", "18.2 ms", "Recall latency, p99, measured 14:31 UTC"),
        WrittenField("rollbacks", "1", "Counted in the record of this rollout"),
    ),
    max_size="10 MB",
)
ATTEST = ClaimSheet(
    PHASES,
    "/claim/",
    "/p/",
    "On-call: has practised the rollback",
    demand="attestation",
    git_hint="As code:path, kept as it is at the newest commit",
)
SHUT = ClaimSheet(
    PHASES,
    "/claim/",
    "/p/",
    "Load balancer has health checks",
    why_not="The DevOps lead claims it. You hold the role Backend lead.",
    evidence=EVIDENCE[:1],
)
HOLD = ReasonSheet(
    BOARD,
    "/hold/",
    "/b/",
    "Call a hold",
    "Dual-memory recall",
    lead="Nothing may be entered, and the share doesn’t rise, until the hold is lifted.",
    label="Call the hold",
    busy="Calling…",
    failed="No hold is called",
    style="stop",
)
TASK = TaskSheet(
    head("gaps"),
    "/t/",
    "/gaps/",
    "Write run_soak_test.sh",
    "1–2 days, Performance engineer",
    gap="Load testing",
    conditions=(Line("scripts/run_soak_test.sh exists", "No such file at b41e7d0", "Missing"),),
)
DRILL = DrillSheet(
    PHASES,
    "/d/",
    "/p/",
    "Rollback in staging",
    target=timedelta(minutes=5),
    expect="traffic is back on stable",
    restore="raise the share again",
    commands=COMMANDS,
    last=(Fact("Ran", "", at=ago(4300)), Fact("Took", "1 min 48 s")),
)
REVIEW = ReviewSheet(
    PHASES,
    "/r/",
    "/p/",
    "Testing methodology",
    needed="at least 7 of 10",
    last=(Fact("Score", "6.5 of 10", "imported with the plan"),),
)
BASELINE = BaselineSheet(
    PHASES,
    "/bl/",
    "/p/",
    "Baseline phase-0",
    rows=(
        BaselineRow("Recall latency, p99", Quantity(0.0122, "s"), Quantity(0.0118, "s"), "3.4 % slower"),
        BaselineRow("Semantic timeouts", None, problem="No target exports this metric"),
    ),
)
ENTER = EnterSheet(
    PHASES,
    "/enter/",
    "/p/",
    "Enter phase 2, Canary",
    "Dual-memory recall",
    question="Every condition is met and all stations say GO.",
    go=True,
    commands=COMMANDS[:1],
    starts=(
        Fact("Share", "0 % to 5 % of traffic"),
        Fact("People", "about 1,200 an hour"),
        Fact("Last measured way back", "1 min 48 s"),
    ),
    digest=SHA,
    label="Enter Canary",
)
ENTER_LOCKED = EnterSheet(
    PHASES,
    "/enter/",
    "/p/",
    "Enter phase 2, Canary",
    locked="4 of 31 conditions aren’t met.",
    reasons=(Line("Recall latency, p99", "17.8 ms, at most 15 ms", "Failing"),),
    digest=SHA,
    label="Enter Canary",
    moved=2,
)
OVERRIDE = OverrideSheet(
    PHASES,
    "/overrides/1/confirm/",
    "/b/",
    "Enter phase 2, Canary, without GO",
    "Dual-memory recall",
    lead="Nothing has begun yet. Your name stands beside theirs in the record, and the run is Overridden.",
    said=(Fact("Asked by", "Ana Reyes", "at 14:02 UTC"), Fact("Why", "“The old path burns”")),
    record="The record is not verified: last verified 14 min ago.",
    reasons=(Line("Recall latency, p99", "17.8 ms, at most 15 ms", "Failing"),),
    commands=COMMANDS[:2],
    why="Why this can’t wait for GO",
    digest=SHA,
    moved=2,
    label="Enter without GO",
    busy="Entering…",
    failed="The phase hasn’t been entered",
)
ROLL_BACK = RollBackSheet(
    BOARD, "/rb/", "/b/", "Roll back Dual-memory recall", levels=LEVELS, share=25, chosen="immediate"
)
ABORT = AbortSheet(
    BOARD,
    "/ab/",
    "/now/",
    "Recall latency, p99",
    "Abort trigger of Canary",
    fired="61.2 ms, over 50 ms for 2 h",
    fired_at=ago(12),
    cleared_at=ago(2),
    decided_by="On-call engineers",
    untils=(Choice("30", "in 30 minutes, 15:02"),),
)

NOW_PAGE = NowPage(
    head("board"),
    LIVE,
    VerdictCard(
        region("verdict"),
        "nogo",
        "NO-GO",
        "Canary may not continue",
        "1 of 7 abort triggers fires",
        ago(0.1),
        slim=True,
        url="/b/",
        url_label="Board",
    ),
    TroubleCard(
        region("trouble"),
        (
            TroubleRow(
                "p99",
                "Recall latency, p99",
                "Abort",
                "at most 50 ms for 2 h",
                Quantity(0.0612, "s", (0.05,)),
                ago(12),
                ago(0.2),
                decided_by="On-call engineers",
                due_at=NOW + timedelta(minutes=8),
                answer_url="/ab/",
            ),
        ),
    ),
    ShareCard(region("share"), 5, 4.9, True, observed_at=ago(0.2)),
    ClockCard(
        region("clock"),
        "Rolling back to shadow mode",
        ago(1),
        timedelta(minutes=5),
        reason_url="/why/",
        reason_due_at=NOW + timedelta(minutes=58),
        commands=COMMANDS[:1],
    ),
    LEVELS,
    "/roll-back/",
    "/hold/",
)
