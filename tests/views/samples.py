"""Sample pages: one story, filled by hand, so that templates can be rendered and photographed without a database."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from readiness.queries.pages.board import (
    BoardPage,
    GapRow,
    GapsCard,
    GateRow,
    GatesCard,
    ReasonRow,
    RollBackBar,
    SequenceCard,
    SequenceStep,
    VerdictCard,
)
from readiness.queries.pages.forecasts import ForecastDay, ForecastNote
from readiness.queries.pages.parts import (
    Fact,
    FeedCard,
    FeedRow,
    HoldNote,
    Line,
    Link,
    Live,
    OverrideNote,
    Owner,
    PollCard,
    PollRow,
    Quantity,
    Region,
    RolloutHead,
    Spark,
    StepCard,
    Tab,
)

NOW = datetime(2025, 12, 2, 14, 32, 6, tzinfo=UTC)
SHA = "sha256:859169c0ffee00aa11bb22cc33dd44ee55ff66778899aabbccddeeff0011971e"
MARCUS, HANA = Owner("Marcus Bell", "DevOps lead"), Owner("Hana Kovář", "Performance engineer")
PRIYA, TOMAS = Owner("Priya Raman", "SRE lead"), Owner("Tomás Oliveira", "Backend lead")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def region(name: str) -> Region:
    return Region(name, f"/rollouts/dual-memory/region/board/{name}/")


def head(tab: str, **more: object) -> RolloutHead:
    tabs = (
        Tab("board", "Board", "/b/"),
        Tab("phases", "Phases", "/p/"),
        Tab("gates", "Gates", "/g/", 3),
        Tab("gaps", "Gaps", "/gaps/", 3),
        Tab("sign-offs", "Sign-offs", "/s/", 5),
        Tab("audit", "Audit", "/a/"),
    )
    values: dict[str, object] = {
        "service": "engram",
        "owner": "Platform engineering",
        "plan_version": 3,
        "plan_digest": SHA,
        "commits": (Fact("repository", "b41e7d0"),),
        "actions": (Link("Call a hold", "/hold/"), Link("New plan version", "/plans/import/")),
        "title_word": "NO-GO",
        "travel_url": "/past/" if tab in ("board", "phases") else "",
    } | more
    return RolloutHead("dual-memory", "Dual-memory recall", "/b/", tab, tabs, **values)  # type: ignore[arg-type]


def wave(base: float, size: float, step_at: int = 999, step: float = 0.0, silent: int = 0) -> tuple[float | None, ...]:
    values = [
        base + size * (math.sin(i * 0.9) + math.sin(i * 0.37) * 0.7) + (step if i >= step_at else 0.0)
        for i in range(60)
    ]
    return (*values[: 60 - silent], *([None] * silent))


def spark(points: tuple[float | None, ...], limit: float, worse: str, unit: str) -> Spark:
    return Spark(points, limit, worse, unit, timedelta(hours=6))


REASONS = (
    ReasonRow(
        "gap-2",
        "Open",
        "Kubernetes manifests: 5 of 9 missing",
        "All 9 exist and apply in staging",
        "Gap open",
        MARCUS,
        "/gaps/",
    ),
    ReasonRow(
        "gap-3", "Open", "Load testing: no soak test script", "It runs 24 hours unattended", "Gap open", HANA, "/gaps/"
    ),
    ReasonRow(
        "gap-4",
        "Contradicted",
        "“Monitoring complete”: 2 of 4 dashboards missing",
        "Grafana returns all 4",
        "",
        PRIYA,
        "/gaps/",
    ),
    ReasonRow(
        "rollback-data",
        "Untracked",
        "Data rollback: 2 scripts missing, in no gap",
        "A gap tracks them and both exist",
        "",
        None,
        "/gaps/",
    ),
    ReasonRow(
        "recall-p99",
        "Failing",
        "Recall P99 is 17.8 ms, limit 15 ms",
        "At most 15 ms for 10 minutes",
        "",
        TOMAS,
        "/g/",
        ago(22),
    ),
    ReasonRow(
        "consolidation",
        "Stale",
        "Consolidation success: no sample for 11 min",
        "A sample under 2 minutes old",
        "",
        PRIYA,
        "/g/",
    ),
    ReasonRow(
        "timeouts",
        "No data",
        "Semantic timeouts: nothing exports the metric",
        "The query returns one series",
        "",
        Owner("", "Performance engineer"),
        "/g/",
    ),
    ReasonRow(
        "checklist",
        "Unproven",
        "Checklist: 1 contradicted, 3 unproven, 4 not met",
        "Each has passing evidence",
        "8 items",
        Owner("", "5 owners", 5),
        "/p/",
        children=(
            ReasonRow(
                "restore-tested",
                "Unproven",
                "Backup and restore tested: no restore recorded",
                "Evidence of a restore",
                "",
                MARCUS,
                "/p/",
                ago(4000),
            ),
            ReasonRow(
                "merged",
                "Contradicted",
                "“Tasks 001 to 014 merged”: task 013 says “Status: Pending”",
                "Task 013 says complete",
                "",
                TOMAS,
                "/p/",
            ),
        ),
    ),
    ReasonRow(
        "poll",
        "No answer",
        "Sign-offs: 1 NO-GO, 1 void, 3 outstanding",
        "All six say GO on this evidence",
        "5 of 6",
        Owner("Ingrid Solheim", "Director"),
        "/s/",
    ),
)

VERDICT = VerdictCard(
    region("verdict"),
    "nogo",
    "NO-GO",
    "Phase 0 can’t start",
    "20 of 48 conditions aren’t met, for 9 reasons",
    ago(0.1),
    28,
    48,
    REASONS,
    since_at=ago(9000),
    policy_version="1",
    verdict_id=SHA,
)

GO_VERDICT = VerdictCard(
    region("verdict"),
    "go",
    "GO",
    "Canary may continue",
    "7 of 7 abort triggers armed, none fires",
    ago(0.1),
    9,
    9,
    rests_on=(
        Line("Abort triggers", "7 of 7 armed, the nearest at 36 % of the way", "Armed", "", "9 s ago"),
        Line("Exposure", "5 % asked, 4.9 % observed", "Passing"),
        Line(
            "Performance baseline captured",
            "Instead: recorded at the start of phase 1",
            "Waived",
            end_note="by Ingrid Solheim,",
            left_at=NOW + timedelta(days=5),
        ),
        Line("Record", "Verified through entry 1,284", "Valid"),
    ),
    valid_until=NOW + timedelta(minutes=2),
    policy_version="1",
    verdict_id=SHA,
)

WAITS = VerdictCard(
    region("decision"),
    "waits",
    "Waits",
    "Ramp to 25 % can’t be entered yet",
    "Everything else holds. Canary has run 3 of 7 days.",
    ago(0.1),
    slim=True,
    url="/p/",
    url_label="Open phase 3",
)

NO_DECISION = VerdictCard(
    region("decision"),
    "nogo",
    "NO-GO",
    "Ramp to 25 % can’t be entered",
    "4 of 31 conditions aren’t met, for 2 reasons",
    ago(0.1),
    27,
    31,
    REASONS[4:6],
    slim=True,
)

STEP = StepCard(
    region("step"),
    "Your next step",
    "Sign again for Backend",
    "Your GO of 1 Dec is void. Two facts you signed have changed since.",
    "Review 2 changes",
    "/signoff/",
    todo=(Link("Add evidence: restore tested", "/c/"), Link("Record the rollback drill", "/d/")),
)

POLL = PollCard(
    region("poll"),
    (
        PollRow("Verification lead", "GO", "Wei Zhang", "", ago(207)),
        PollRow("DevOps lead", "NO-GO", "Marcus Bell", "5 files missing", ago(290)),
        PollRow("Backend lead", "Void", "Tomás Oliveira", "2 facts changed", url="/signoff/", mine=True),
        PollRow("Performance engineer", "No answer", "Hana Kovář", "asked 1 Dec"),
        PollRow("SRE lead", "No answer", ""),
        PollRow("Release manager", "Waits", "Ingrid Solheim", "answers last"),
    ),
    1,
    6,
    url="/s/",
)


def sequence(current: int, state: str) -> SequenceCard:
    names = (
        ("0", "Pre-deployment", "3–5 days", 0),
        ("1", "Shadow mode", "7 days", 0),
        ("2", "Canary", "7 days", 5),
        ("3", "Ramp", "7 days", 25),
        ("4a", "Ramp", "7 days", 50),
        ("4b", "Ramp", "7 days", 75),
        ("5", "Full + review", "14 days", 100),
    )
    steps = tuple(
        SequenceStep(
            number,
            title,
            "Done" if i < current else state if i == current else "Not due",
            takes,
            traffic,
            i == current,
            "/p/",
        )
        for i, (number, title, takes, traffic) in enumerate(names)
    )
    return SequenceCard(region("sequence"), steps, "Planned start 24 Nov, now 8 days late", "/p/", "Open phase 0")


GATES = GatesCard(
    region("gates"),
    (
        GateRow(
            "recall-p99",
            "Recall latency, p99",
            "Failing",
            "at most 15 ms",
            Quantity(0.0178, "s", (0.015,)),
            "Above the limit for 22 min; it must hold for 10 min",
            ago(0.15),
            spark=spark(wave(0.0122, 0.0002, 50, 0.0054), 0.015, "above", "s"),
            url="/g/",
        ),
        GateRow(
            "timeouts",
            "Semantic timeout rate",
            "No data",
            "at most 10 %",
            Quantity(None),
            "No target exports this metric",
            url="/g/",
        ),
        GateRow(
            "consolidation",
            "Consolidation success",
            "Stale",
            "at least 99 %",
            Quantity(0.996, "ratio"),
            "Last value 99.6 %, too old to count",
            ago(11),
            spark=spark(wave(0.996, 0.0003, silent=6), 0.99, "below", "ratio"),
            url="/g/",
        ),
        GateRow(
            "freshness",
            "Consolidation freshness",
            "Not sustained",
            "at most 450 s",
            Quantity(212, "s"),
            "Holds for 7 of the required 10 min",
            ago(0.2),
            spark=spark(wave(230, 9), 450, "above", "s"),
            url="/g/",
        ),
        GateRow(
            "errors",
            "Recall error rate",
            "Passing",
            "at most 0.1 %",
            Quantity(0.0003, "ratio"),
            "",
            ago(0.15),
            spark=spark(wave(0.0003, 0.00003), 0.001, "above", "ratio"),
            url="/g/",
        ),
        GateRow(
            "memory",
            "Memory growth",
            "Passing",
            "at most 1 GB/h",
            Quantity(4.1e7, "bytes/h"),
            "",
            ago(0.2),
            spark=spark(wave(4.1e7, 4e6), 1e9, "above", "bytes/h"),
            url="/g/",
        ),
    ),
    "Production, 3 of 6 pass",
    "/g/",
)

GAPS = GapsCard(
    region("gaps"),
    (
        GapRow(
            "k8s",
            "Blocking",
            "Kubernetes manifests",
            "Open",
            "4 of 9 manifests exist. Traffic splits for 25, 50 and 75 %, staging, and the 100 % variant are missing.",
            1,
            2,
            5,
            "2–3 days",
            "blocks every phase",
            "Task 018",
            MARCUS,
            "/gaps/",
            counted="1 of 5 proven, 1 only claimed",
        ),
        GapRow(
            "load",
            "Blocking",
            "Load testing",
            "Open",
            "run_soak_test.sh and compare_canary_control.sh don’t exist.",
            3,
            4,
            6,
            "3–4 days",
            "blocks phase 0",
            "Task 019",
            HANA,
            "/gaps/",
            counted="3 of 6 proven, 1 only claimed",
        ),
        GapRow(
            "dash",
            "High",
            "Monitoring dashboards",
            "Contradicted",
            "Marked complete in commit 547824e. Grafana has 2 of 4 dashboards.",
            2,
            5,
            5,
            "1–2 days",
            "blocks phase 0",
            "Task 020",
            PRIYA,
            "/gaps/",
            counted="2 of 5 proven, 3 only claimed",
        ),
        GapRow(
            "flags",
            "Blocking",
            "Runtime feature flags",
            "Closed",
            "Toggles reach every instance in 1.9 s. Limit: 5 s.",
            5,
            5,
            5,
            "took 4 days",
            "",
            "Task 017",
            TOMAS,
            "/gaps/",
            counted="5 of 5 proven",
        ),
        GapRow(
            "conf",
            "Medium",
            "Configuration",
            "Closed",
            "All five configuration files load and validate.",
            4,
            4,
            4,
            "took 1.5 days",
            "",
            "Task 021",
            TOMAS,
            "/gaps/",
            counted="4 of 4 proven",
        ),
    ),
    "All 25 criteria of 5 gaps: 15 proven, 5 only claimed",
    "/gaps/",
)

FEED = FeedCard(
    region("feed"),
    "Today",
    (
        FeedRow(ago(11), "Consolidation success went stale", "Verdict unchanged", "Stale"),
        FeedRow(ago(12), "Recall P99 started failing", "One more reason", "Failing"),
        FeedRow(ago(26), "Tomás turned fan_effect on in staging"),
        FeedRow(ago(207), "Wei signed GO for Verification", "", "GO"),
        FeedRow(ago(292), "Marcus signed NO-GO for DevOps", "", "NO-GO"),
        FeedRow(ago(1500), "Tomás’s GO for Backend went void", "2 facts changed", "Void"),
    ),
    "/a/",
)

FORECAST = ForecastNote(
    region("forecast"),
    "Every gap that blocks phase 0 is closed by",
    "5,000 simulated runs. 2 days later than a day ago: Mon 8 Dec.",
    "/gaps/",
    date(2025, 12, 2),
    (
        ForecastDay(date(2025, 12, 10), "Wed 10 Dec", "61 %"),
        ForecastDay(date(2025, 12, 11), "Thu 11 Dec", "82 %"),
        ForecastDay(date(2025, 12, 12), "Fri 12 Dec", "96 %"),
    ),
    (date(2025, 12, 8), date(2025, 12, 15)),
    (date(2025, 12, 9), date(2025, 12, 12)),
)

LIVE = Live("/rollouts/dual-memory/live/board/", "abc123")
NO_BAR = RollBackBar(region("bar"), 0.0)
BAR = RollBackBar(region("bar"), 5.0, "Canary runs at 5 %", "/roll-back/", "/now/")

BOARD = BoardPage(head("board"), LIVE, VERDICT, STEP, POLL, sequence(0, "NO-GO"), GATES, GAPS, FORECAST, FEED, NO_BAR)
RUNNING = BoardPage(
    head(
        "board",
        title_word="GO",
        holds=(HoldNote("Ana Reyes", "SRE lead", "backup job is failing", ago(30), "/lift/"),),
        overrides=(
            OverrideNote(
                "Overridden",
                "Canary was entered without GO by Ana Reyes and Ben Kaya",
                "the old path burns",
                ago(70),
                url="/overrides/1/close/",
                label="Close the override",
            ),
            OverrideNote(
                "Waits",
                "Ana Reyes asks to enter Ramp to 25 % without GO",
                "the queue is full",
                ago(3),
                ago(-27),
                "/overrides/2/confirm/",
                "Confirm or not",
                "/overrides/2/withdraw/",
            ),
        ),
    ),
    LIVE,
    GO_VERDICT,
    STEP,
    POLL,
    sequence(2, "Running"),
    GATES,
    GAPS,
    FORECAST,
    FEED,
    BAR,
    NO_DECISION,
)
WAITING = BoardPage(
    head("board", title_word="REHEARSAL GO", rehearsal=True),
    LIVE,
    replace(GO_VERDICT, tone="waits", word="Rehearsed", rehearsal=True),
    STEP,
    POLL,
    sequence(2, "Running"),
    GATES,
    GAPS,
    FORECAST,
    FEED,
    BAR,
    WAITS,
)
