"""A phase, its sign-off and the record, as samples."""

from dataclasses import replace
from datetime import date, timedelta

from readiness.queries.pages.audit import (
    AuditDay,
    AuditEntry,
    AuditFilters,
    AuditPage,
    AuditRow,
    ChangedRow,
    OwnCheck,
    ProofStep,
    RecordState,
)
from readiness.queries.pages.board import VerdictCard
from readiness.queries.pages.parts import Change, Choice, Fact, Line, Link, Quantity, WaiverNote
from readiness.queries.pages.phases import (
    AbortRow,
    AbortsCard,
    ChecklistCard,
    ChecklistGroup,
    ChecklistRow,
    CommandRow,
    CommandsCard,
    ExitCard,
    ExitRow,
    Filter,
    LevelRow,
    LevelsCard,
    PhaseLink,
    PhasePage,
    Segment,
)
from readiness.queries.pages.signoffs import SignOffFact, SignOffPage, SignOffPiece, SignOffSheet, StationRow
from tests.views.samples import BAR, HANA, LIVE, MARCUS, NOW, POLL, PRIYA, SHA, STEP, ago, head, region


def row(key, title, state, evidence, by="", minutes=4000, **more):
    return ChecklistRow(
        key, title, state, evidence, claimed_by=by, claimed_at=ago(minutes) if by else None, claim_url="/claim/", **more
    )


INFRA = ChecklistGroup(
    "Infrastructure",
    3,
    5,
    (
        row(
            "cluster",
            "Cluster runs Kubernetes 1.28 or newer, with 4 nodes, 16 CPU and 64 GB",
            "Met",
            "v1.29.4, 4 nodes, 16 CPU, 64 GB each",
            "Marcus Bell",
            source="cluster.json",
            checked_at=ago(1),
        ),
        row(
            "volumes",
            "20 GiB of persistent volume for each instance",
            "Met",
            "4 of 4 claims bound, 20 GiB",
            "Marcus Bell",
            source="Link",
            checked_at=ago(4000),
        ),
        row("paging", "Paging and chat integrations tested", "Attested", "Marcus Bell’s word", "Marcus Bell"),
        row(
            "restore",
            "Backup and restore tested and documented",
            "Unproven",
            "Documented. No restore has been recorded.",
            "Marcus Bell",
            source="Restore record",
            since_at=ago(500),
        ),
        row("lb", "Load balancer checks instance health", "Expired", "The claim held for 7 days", "Marcus Bell", 14000),
    ),
)
CODE = ChecklistGroup(
    "Code and configuration",
    2,
    5,
    (
        row(
            "merged",
            "Tasks 001 to 014 merged to main",
            "Contradicted",
            "Task 013’s file is named complete; its text says “Status: Pending”",
            "Tomás Oliveira",
            source="Repository check at b41e7d0",
            checked_at=ago(2),
            source_line="runbook.md#L120",
        ),
        row(
            "suites",
            "Integration tests pass",
            "Met",
            "5 suites, 214 passed, 0 failed",
            "Wei Zhang",
            source="junit.xml",
            checked_at=ago(210),
        ),
        ChecklistRow(
            "flags-off",
            "Feature flags default to off",
            "Met",
            "4 of 4 off at b41e7d0",
            machine=True,
            source="Repository check",
            checked_at=ago(1),
            url="/c/",
        ),
        ChecklistRow(
            "script-restore",
            "scripts/restore_backup.sh exists",
            "Missing",
            "No such file at b41e7d0",
            machine=True,
            source="Repository check",
            checked_at=ago(1),
            owner=MARCUS,
        ),
        row(
            "lessons",
            "Lessons-learned document started",
            "Unclaimed",
            "No evidence yet",
            owner=HANA,
            waiver=WaiverNote("Lessons-learned document started", ask_url="/waive/lessons/"),
        ),
    ),
)
TEST = ChecklistGroup(
    "Testing and validation",
    1,
    4,
    (
        ChecklistRow(
            "baseline",
            "Performance baseline captured",
            "Waived",
            "Not claimed. It needs a claim with a file",
            claim_note="Waived, no claim needed",
            waiver=WaiverNote(
                "Performance baseline captured",
                True,
                "Ingrid Solheim",
                NOW + timedelta(days=5),
                "The runbook asks for a phase 0 result before phase 0.",
                "Recorded at the start of phase 1.",
                "/waivers/3/end/",
                "End the waiver",
            ),
        ),
        ChecklistRow(
            "rollback-drill",
            "Rollback tested in staging",
            "No data",
            "Never run",
            machine=True,
            url="/drill/",
            url_label="Record a drill",
            owner=PRIYA,
        ),
        ChecklistRow(
            "review",
            "Testing methodology scores at least 7",
            "Not met",
            "6.5 of 10",
            machine=True,
            source="Review by the verification lead",
            checked_at=ago(30000),
            url="/review/",
            url_label="Record a review",
        ),
        ChecklistRow(
            "trained",
            "On-call: read the runbook end to end",
            "Unclaimed",
            "4 of 6 have confirmed",
            claim_note="4 of 6 on-call engineers claimed",
            owner=PRIYA,
        ),
    ),
)

PHASE = PhasePage(
    head=head("phases"),
    live=LIVE,
    phases=(
        PhaseLink("0", "Pre-deployment", "/p/", 0, True),
        PhaseLink("1", "Shadow mode", "/p/"),
        PhaseLink("2", "Canary", "/p/", 5),
        PhaseLink("3", "Ramp", "/p/", 25),
        PhaseLink("4a", "Ramp", "/p/", 50),
        PhaseLink("4b", "Ramp", "/p/", 75),
        PhaseLink("5", "Full + review", "/p/", 100),
    ),
    number="0",
    title="Pre-deployment validation",
    objective="Establish the baseline and prove that monitoring works before production changes.",
    verdict=VerdictCard(
        region("verdict"),
        "nogo",
        "NO-GO",
        "Phase 0, Pre-deployment, can’t start",
        "20 of 48 conditions aren’t met",
        NOW,
        28,
        48,
        slim=True,
        url="/b/",
        url_label="See 9 reasons",
        facts=(
            Fact("Takes", "3–5 days"),
            Fact("Traffic on new version", "0 %"),
            Fact("Owner", "Priya Raman"),
            Fact("If it fails, go back to", "Types off"),
        ),
    ),
    checklist=ChecklistCard(
        region("checklist"),
        "To enter",
        6,
        14,
        (INFRA, CODE, TEST),
        (Filter("All", "?", 14, True), Filter("Not met", "?show=open", 8), Filter("Mine", "?show=mine", 6)),
    ),
    finish=ChecklistCard(region("finish"), "To finish", 0, 0, ()),
    commands=CommandsCard(
        region("commands"),
        (
            CommandRow(
                "0.1",
                "Integration suites",
                "cargo test",
                (
                    Segment(
                        "cargo test --features dual_memory_types --test dual_memory_migration\n"
                        "cargo test --features dual_memory_types --test dual_memory_load"
                    ),
                ),
                True,
                confirmed_by="Wei Zhang",
                confirmed_at=ago(200),
            ),
            CommandRow(
                "0.2",
                "24-hour soak",
                "scripts/run_soak_test.sh 0 86400",
                (
                    Segment("cargo build --release --features dual_memory_types\n"),
                    Segment("scripts/run_soak_test.sh", True),
                    Segment(" 0 86400"),
                ),
                False,
                "scripts/run_soak_test.sh doesn’t exist at b41e7d0",
                Link("Gap 3", "/gaps/"),
            ),
        ),
        "1 of 2 can run at b41e7d0",
    ),
    exit=ExitCard(
        region("exit"),
        (
            ExitRow("P99 latency, hour over hour", "at most 10 % apart", "Not due"),
            ExitRow(
                "Recall error rate",
                "at most 0.1 % for 24 h",
                "Passing",
                now=Quantity(0.0003, "ratio"),
                sampled_at=ago(0.2),
                url="/g/",
            ),
            ExitRow(
                "Memory growth over 24 h",
                "at most 5 %",
                "Not sustained",
                now=Quantity(0.021, "ratio"),
                sampled_at=ago(0.2),
            ),
        ),
        "Judged while the phase runs",
    ),
    aborts=AbortsCard(
        region("aborts"),
        (
            AbortRow(
                "restarts",
                "Process restarts",
                "at most 0",
                "Armed",
                Quantity(0, ""),
                decided_by="on-call engineers",
                way=0,
            ),
            AbortRow("errors", "Recall error rate", "over 1 % for 1 hour", "Armed", Quantity(0.0003, "ratio"), way=3),
            AbortRow(
                "p99",
                "Recall latency, p99",
                "over 50 ms for 2 hours",
                "Abort",
                Quantity(0.0612, "s", (0.05,)),
                word="Fires since 14:10",
            ),
            AbortRow("memory", "Memory growth", "over 1 GB/h", "Not armed", Quantity(4.1e7, "bytes/h", (1e9,))),
            AbortRow("complaints", "More than 5 user reports", "reported by people", "Armed", report_url="/report/"),
        ),
    ),
    levels=LevelsCard(
        region("levels"),
        (
            LevelRow(
                "1",
                "Immediate",
                "Turn the flags off",
                "0–5 min",
                "Proven",
                "Rehearsed",
                timedelta(seconds=108),
                ago(4300),
            ),
            LevelRow(
                "2",
                "Partial",
                "Send less traffic to the new version",
                "5–15 min",
                "Can’t run",
                note="3 traffic-split manifests missing",
                url="/drill/",
            ),
            LevelRow(
                "3",
                "Full",
                "Go back to milestone 16",
                "30–60 min",
                "Too slow",
                "Too slow",
                timedelta(minutes=74),
                ago(3000),
            ),
            LevelRow(
                "4",
                "Data",
                "Restore from backup",
                "1–4 h",
                "Can’t run",
                note="restore_backup.sh and verify_data_integrity.sh missing",
            ),
        ),
        "1 of 4 rehearsed",
    ),
    step=STEP,
    poll=POLL,
    bar=BAR,
)

SHEET = SignOffSheet(
    "/sign/",
    "/b/",
    "backend-lead",
    "Backend lead",
    "enter phase 0, Pre-deployment validation, of Dual-memory recall",
    "On the evidence recorded at 14:32:06 UTC, Backend is ready to start phase 0, Pre-deployment validation.",
    SHA,
    NOW,
    (
        SignOffFact("Met", "Gap 1, runtime feature flags", "5 of 5 proven", "/gaps/"),
        SignOffFact("Met", "Gap 5, configuration", "4 of 4 proven"),
        SignOffFact("Met", "Integration tests", "214 passed", pieces=(SignOffPiece("junit.xml", SHA, "/e/", True),)),
        SignOffFact("Attested", "The whole team has read the runbook", "Tomás Oliveira’s word"),
        SignOffFact(
            "Waived",
            "Clippy",
            "3 warnings",
            waiver=WaiverNote("Clippy", True, "Hana Sato", NOW + timedelta(hours=30), "All false.", "Read by two."),
        ),
    ),
    10,
    11,
    reason_needed="You sign over a waiver, so say why.",
    waived=1,
    opened=1,
    brought=2,
    covers=(Fact("Plan", "version 3", digest=SHA), Fact("Record", "through entry 1,283", digest=SHA)),
    changes=(
        Change("Production cohort rate", "0.05", "0.00", "config/production.toml"),
        Change("Integration tests", "212 passed", "214 passed", "junit.xml"),
    ),
    signed_at=ago(1500),
    meanings=(Choice("reviewed", "I reviewed the evidence of my part"), Choice("approve", "I approve for my team")),
    starts=(Fact("Share", "0 % of traffic"), Fact("Last measured way back", "1 min 48 s, level 1, 29 Nov")),
    valid_until=NOW + timedelta(days=7),
    closings=(
        Line("Write the scripts that turn the cohorts off", "closed by Marcus Bell", "Closed", at=ago(4000)),
        Line("Publish the runbook where the on-call engineers look for it", "nobody has closed it", "Open"),
    ),
    exact='{"attested":[],"closings":[],"conditions":[{"asks":"' + SHA + '","code":"","evidence":["' + SHA + '"]}]}',
)
LOCKED = SignOffSheet(
    "/sign/",
    "/b/",
    "release-manager",
    "Release manager",
    "enter phase 0 of Dual-memory recall",
    "On the evidence recorded at 14:32:06 UTC, phase 0 may start.",
    SHA,
    NOW,
    (SignOffFact("Not met", "Recall latency, p99", "17.8 ms"),),
    28,
    48,
    blockers=(
        Line("Gaps", "3 gaps open, 6 to 9 days of effort", "Open"),
        Line("Gates", "1 failing, 1 stale, 1 without data", "Failing"),
        Line("Stations", "1 NO-GO, 1 void, 2 not answered", "No answer", "Outstanding"),
    ),
    go_locked="20 of 48 conditions aren’t met, and you answer last.",
    meanings=SHEET.meanings,
    moved=2,
    reason_needed="Say why, so it can be fixed.",
)

SIGN_OFF = SignOffPage(head("sign-offs"), "Sign-off of phase 0", sheet=SHEET)
SIGN_OFF_LOCKED = SignOffPage(head("sign-offs"), "Sign-off of phase 0", sheet=LOCKED)
STATIONS = SignOffPage(
    head("sign-offs"),
    "Sign-off of phase 0",
    (
        StationRow(
            "Verification lead",
            "Wei Zhang",
            "GO",
            ago(200),
            "I reviewed the evidence of my part",
            digest=SHA,
            entry_url="/a/",
            receipt_url="/receipt/",
            revoke_url="/r/",
        ),
        StationRow(
            "DevOps lead",
            "Marcus Bell",
            "NO-GO",
            ago(290),
            reason="5 of 9 manifests are missing",
            digest=SHA,
            entry_url="/a/",
        ),
        StationRow(
            "Backend lead",
            "Tomás Oliveira",
            "Void",
            ago(1500),
            note="Two facts changed: production cohort rate, integration tests",
            digest=SHA,
            sign_url="/s/",
        ),
        StationRow("SRE lead", "", "No answer"),
        StationRow("Release manager", "Ingrid Solheim", "Waits"),
    ),
    (StationRow("Backend lead", "Tomás Oliveira", "Void", ago(3000), digest=SHA),),
)

TRAIL = (
    (1284, 11, "", "Stale", "Gate went stale", "Consolidation success", "NO-GO, unchanged"),
    (1283, 12, "", "Failing", "Gate started failing", "Recall latency, p99", "NO-GO, 8 to 9 reasons"),
    (1282, 26, "Tomás Oliveira", "", "Claimed", "Feature flags default to off", ""),
    (1281, 190, "Hana Kovář", "Unproven", "Claimed without proof", "Chaos drills", ""),
    (1280, 207, "Wei Zhang", "GO", "Signed GO", "Verification lead", "Poll, 0 to 1 GO"),
    (1279, 210, "", "Met", "Evidence judged", "junit.xml, 214 passed", "27 to 28 met"),
    (1278, 292, "Marcus Bell", "NO-GO", "Signed NO-GO", "DevOps lead", ""),
    (1277, 318, "", "Void", "Signature went void", "Backend lead, Tomás Oliveira", "Poll, 1 to 0 GO"),
)
ENTRY = AuditEntry(
    1280,
    "Valid",
    "Signed GO",
    (
        Fact("At", "", at=ago(207)),
        Fact("Confirmed with", "Password, 4 s before"),
        Fact("Statement", "11 facts,", digest=SHA),
        Fact("Still stands", "No entry ends it", "it counts until 2025-12-09 11:05 UTC"),
    ),
    (
        ProofStep("Valid", "Content matches its leaf hash", SHA),
        ProofStep("Valid", "Included in the tree of 1,284 entries", SHA, " root"),
        ProofStep("Valid", "Signed with checkpoint 1,284", SHA, " key, at 14:30:51 UTC on 2 Dec"),
        ProofStep("Not due", "Nothing outside holds it", note="Self-verified only"),
    ),
    "I have reviewed the evidence",
    "GO",
    "Wei Zhang",
    "Verification lead",
    "Known-answer test passes",
    command="manage.py audit_verify --entry 1280",
    raw='{"action":"sign_off.signed","actor":{"id":"5","name":"Wei Zhang"},"v":1}',
    changes=(
        ChangedRow("", (Change("answer", "", "GO"),), True),
        ChangedRow("Waiver 3", (Change("ended at", "", "2025-12-02"),)),
        ChangedRow("Hold 4", (), False, True),
    ),
    own=OwnCheck("/bytes/", "/proof/", "/receipt/", "python3 - entry-1280.json entry-1280.tlog-proof <<'EOF'"),
    as_of_url="/b/?as_of=1280",
)
AUDIT = AuditPage(
    RecordState(
        "Valid",
        "Verified through entry 1,283 at 14:31:08 UTC",
        "All 1,284 entries were recomputed. None altered, none missing, none out of order.",
        (
            Fact("Root", "", digest=SHA),
            Fact("Entries", "1,284"),
            Fact("Verified", "", at=ago(1)),
            Fact("Signed", "1,284", "at 14:30:51 UTC on 2 Dec"),
        ),
        ".venv/bin/python manage.py audit_verify",
        (
            ProofStep(
                "Valid",
                "All 1,284 entries were recomputed. None altered, none missing",
                note="at 14:31:08 UTC",
                label="Content",
            ),
            ProofStep("Valid", "Checkpoint 1,284 is signed by the key", SHA, " at 14:30:51 UTC", "Signature"),
            ProofStep("Not due", "Self-verified only", note="Nothing outside holds one", label="Outside"),
        ),
    ),
    AuditFilters(
        "/a/",
        "",
        (Choice("", "Every kind"), Choice("sign-off", "Sign-offs"), Choice("claim", "Claims")),
        (Choice("", "Everyone"), Choice("wei", "Wei Zhang")),
        (Choice("", "Every phase"),),
    ),
    (
        AuditDay(
            date(2025, 12, 2),
            8,
            tuple(
                AuditRow(n, ago(m), title, subject, effect, state, name, "/a/", n == 1280)
                for n, m, name, state, title, subject, effect in TRAIL
            ),
        ),
        AuditDay(
            date(2025, 12, 1),
            1,
            (AuditRow(1274, ago(1332), "Signed GO", "Backend lead", "Poll, 0 to 1 GO", "GO", "Tomás Oliveira", "/a/"),),
        ),
    ),
    9,
    1284,
    head("audit"),
    ENTRY,
    "/a/?before=1274",
    quick=(Link("Import, 21 Nov", "/b/?as_of=1"), Link("Verdict change, 2 Dec", "/b/?as_of=1283")),
    differences=(
        Line("Hold 3", "reason is 'x', recorded 'y'", "Contradicted", end_note="since", at=ago(9), url="/d/"),
    ),
)
UNSIGNED_AUDIT = AuditPage(
    RecordState(
        "Missing",
        "Unsigned: no key signs this record",
        "All 3 entries were recomputed.",
        (),
        "manage.py audit_verify",
        (ProofStep("Missing", "No key signs this record", note="Make one", label="Signature"),),
    ),
    AuditFilters("/a/", "", (), ()),
    (),
    0,
    3,
    head("audit"),
    replace(ENTRY, own=OwnCheck("/bytes/"), changes=(), raw="{}"),
    newest_url="/a/",
)
NO_ENTRY = replace(UNSIGNED_AUDIT, head=None, entry=None, newest_url="", total=0)
EMPTY_AUDIT = AuditPage(
    RecordState(
        "Failing",
        "Entry 778 contradicts the tree",
        "Its bytes were altered after they were written. Treat every decision as NO-GO.",
        (),
        "manage.py audit_verify",
    ),
    AuditFilters("/a/", "x", (), (), active=True),
    (),
    0,
    1284,
)
