"""Gates, gaps, portfolio, people and plans, as samples."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from readiness.queries.pages.board import GatesCard
from readiness.queries.pages.forecasts import BurnPoint, BurnUp, DateRow, DatesCard, ForecastCard, OddsRow
from readiness.queries.pages.gaps import GapCard, GapsPage, OrderCard, OrderRow, TaskRow, UntrackedRow
from readiness.queries.pages.gates import (
    ArmedCard,
    ArmedRow,
    ChartEvent,
    ChartPoint,
    GateCard,
    GateChart,
    GatePage,
    GatesPage,
    GateUse,
    MeasurementPage,
    RawAnswerCard,
    TraceCard,
    TraceStep,
)
from readiness.queries.pages.parts import Change, Choice, Fact, FeedCard, FeedRow, Line, Quantity, WaiverNote
from readiness.queries.pages.people import PeoplePage, PersonRow, RoleRow
from readiness.queries.pages.phases import Filter
from readiness.queries.pages.plans import ImportPage, PlanPreview, PlanProblem
from readiness.queries.pages.portfolio import AskCard, PortfolioCard, PortfolioPage, PortfolioRow
from tests.views.samples import GAPS, GATES, HANA, LIVE, NO_BAR, NOW, PRIYA, SHA, ago, head, region, wave

LINE = [v for v in (*wave(0.0121, 0.0003), *wave(0.0121, 0.0003), *wave(0.0121, 0.0003, 32, 0.0053)) if v is not None]
POINTS = tuple(ChartPoint(ago(179 - i), None if 60 < i < 66 else v) for i, v in enumerate(LINE))
CHART = GateChart(
    POINTS,
    0.015,
    "above",
    "s",
    ago(180),
    NOW,
    "Recall latency, p99, last 3 hours",
    "Steady near 12 ms until 14:04, then about 17 ms. At most 15 ms is allowed.",
    (ChartEvent(ago(26), "fan_effect on"),),
    "m" * 30 + "ww" + "bbbb",
    "Evaluations, every 5 min",
)
GATE = GatePage(
    head("gates"),
    LIVE,
    GateCard(
        region("gate"),
        "Recall latency, p99",
        "Failing",
        "17.8 ms, above the 15 ms limit for 22 minutes. It must hold for 10.",
        "Production",
        CHART,
        (
            Fact("Now", "17.8 ms"),
            Fact("Limit", "15 ms"),
            Fact("Over by", "2.8 ms", "19 %"),
            Fact("Above since", "", "22 min", ago(22)),
        ),
        (Filter("1 h", "?h=1", 0), Filter("3 h", "?h=3", 0, True), Filter("24 h", "?h=24", 0)),
        ago(0.15),
    ),
    TraceCard(
        region("trace"),
        "Why it’s failing",
        (
            TraceStep("Met", "Answered", "Prometheus replied in 41 ms with one series", "needs 1"),
            TraceStep("Met", "Fresh", "Newest sample is 9 s old", "limit 2 min"),
            TraceStep("Met", "Enough", "1,204 recalls a minute", "needs 100"),
            TraceStep("Failing", "Over", "17.8 ms", "at most 15 ms"),
            TraceStep("Failing", "Too long", "22 minutes above the limit", "holds for 10"),
        ),
        NOW,
    ),
    "histogram_quantile(0.99,\n  sum by (le) (rate(engram_recall_duration_seconds_bucket[5m]))\n)",
    FeedCard(
        region("history"),
        "History",
        (
            FeedRow(ago(12), "Failing", "12 min so far", "Failing"),
            FeedRow(ago(1600), "Passing", "for 1 day 3 h", "Passing"),
        ),
        "/a/",
        "In the record",
    ),
    NO_BAR,
    query_note="plan line 82, source metrics",
    at_url="/g/at/",
    source_url="http://localhost:9090/graph",
    uses=(
        GateUse(
            "Phase 0, to finish",
            "at most 15 ms for 10 min",
            "Failing",
            Quantity(0.0178, "s"),
            waiver=WaiverNote(
                "Recall latency, p99",
                False,
                "Tomás Oliveira",
                NOW + timedelta(days=2),
                "The cache is cold until Friday.",
                "Watched by hand.",
                "/waivers/4/",
                "Grant or decline",
            ),
        ),
        GateUse("Phase 2, abort", "over 50 ms for 2 h", "Armed", url="/p/"),
    ),
    before=FeedCard(
        region("before"),
        "What changed just before",
        (FeedRow(ago(26), "Tomás turned fan_effect on", "4 minutes before"),),
    ),
)
MEASUREMENT = MeasurementPage(
    head("gates"),
    "Recall latency, p99",
    "Failing",
    '17.8 ms (recall{pod="recall-7"}). It must be at most 15 ms, for 10 min.',
    "Phase 0, to finish",
    ago(20),
    (Fact("Evaluated", "", at=ago(20)), Fact("Value", "17.8 ms", 'recall{pod="recall-7"}'), Fact("Source", "metrics")),
    "histogram_quantile(0.99, sum by (le) (rate(engram_recall_duration_seconds_bucket[5m])))",
    (
        RawAnswerCard("The query", "status 200, 312 bytes, 41 ms", SHA, 'query?query=up\n\n{"status":"success"}'),
        RawAnswerCard("How long it has held", "not kept any more", SHA),
    ),
    NO_BAR,
    GATE.trace,
    ("the store s3 was not reached",),
    "The plan asks something else now.",
    "/g/",
    "/g/1/",
    "/g/3/",
)
NO_DATA = replace(
    GATE,
    gate=replace(GATE.gate, chart=None, state="No data", sentence="No target exports this metric", sampled_at=None),
)
GATES_PAGE = GatesPage(
    head("gates"),
    LIVE,
    replace(GATES, url=""),
    GatesCard(region("others"), GATES.rows[4:], title="Not asked for yet"),
    NO_BAR,
    ArmedCard(
        region("armed"),
        (
            ArmedRow(
                "a", "Recall latency", "Canary, stops it", "Armed", "/g/", timedelta(minutes=2), ago(0.2), ago(700)
            ),
            ArmedRow(
                "b",
                "Crash rate",
                "Canary, stops it",
                "Not armed",
                "/g/",
                timedelta(minutes=2),
                None,
                None,
                "Never evaluated",
            ),
            ArmedRow(
                "c",
                "Errors",
                "Canary, to finish",
                "Passing",
                "/g/",
                timedelta(minutes=2),
                ago(0.2),
                None,
                "Never in 3 days",
            ),
        ),
        "1 never had data, 1 never past the limit",
    ),
)
TASKS = (
    TaskRow("soak", "Write run_soak_test.sh", "Open", "1–2 days", HANA, "", close_url="/t/"),
    TaskRow(
        "compare",
        "Write compare_canary_control.sh",
        "Closed",
        "1 day",
        HANA,
        "after run_soak_test.sh",
        "Hana Kovář",
        ago(3000),
    ),
)


def _in_days(days: float) -> datetime:
    return NOW + timedelta(days=days)


BURN_UP = BurnUp(
    "Criteria of the gaps that block phase 0",
    "Criteria of the gaps that block phase 0: 15 of 25 proven, 5 only claimed. "
    "In 8 of 10 runs all are proven between Tue 9 Dec and Fri 12 Dec.",
    tuple(
        BurnPoint(_in_days(at), claimed, proven, 25)
        for at, claimed, proven in [(-12, 5, 0), (-10, 6, 2), (-8, 11, 7), (-5, 17, 12), (-1, 18, 14), (-0.1, 20, 15)]
    ),
    NOW,
    _in_days(14),
    _in_days(7),
    _in_days(8),
    _in_days(10),
)
ODDS = tuple(
    OddsRow(day, share, f"{share * 100:.0f} %", strong)
    for day, share, strong in [
        ("Mon 8 Dec", 0.09, False),
        ("Tue 9 Dec", 0.33, False),
        ("Wed 10 Dec", 0.61, True),
        ("Thu 11 Dec", 0.82, True),
        ("Fri 12 Dec", 0.96, True),
    ]
)
GAPS_PAGE = GapsPage(
    head("gaps"),
    LIVE,
    ForecastCard(
        region("forecast"),
        "Ready by Wed 10 Dec, more likely than not",
        "61 % by Wed 10 Dec, 82 % by Thu 11 Dec, 96 % by Fri 12 Dec. The first estimate was Thu 4 Dec.",
        "5 gaps are open: 9 to 13 days of effort. Three of them block phase 0. The longest is “Load testing”.",
        ago(2),
        (Line("“Load testing” has no owner", "It begins when the plan names who does it", "No data", "Not known"),),
        BURN_UP,
        "Odds of being ready by",
        ODDS,
        "5,000 simulated runs.",
    ),
    OrderCard(
        region("order"),
        (
            OrderRow("Configuration", "Backend lead", "Closed", "26 Nov", closed_at=_in_days(-6)),
            OrderRow(
                "Kubernetes manifests",
                "DevOps lead, after “Configuration”, critical",
                "Open",
                "Thu 4 Dec",
                "95 % by Fri 5 Dec",
                "/gaps/",
                True,
                NOW,
                _in_days(2),
                _in_days(3),
            ),
            OrderRow("Load testing", "Performance engineer", "Open", "not known", "not estimated"),
        ),
        "“Kubernetes manifests” decides the date in 98 % of the runs",
        "Critical path: configuration, then Kubernetes manifests.",
        NOW,
        _in_days(-7),
        _in_days(5),
    ),
    DatesCard(
        region("dates"),
        (
            DateRow("Phase 0, pre-deployment", "", "Wed 10 Dec", "Thu 11 Dec", "Fri 12 Dec"),
            DateRow("Phase 5, full and review", "100 % of traffic", "", "", ""),
        ),
        "100 % of traffic by Tue 27 Jan 2026, more likely than not",
    ),
    FeedCard(
        region("turns"),
        "Since yesterday",
        (
            FeedRow(ago(2), "2 days later than a day ago: Mon 8 Dec"),
            FeedRow(ago(300), "Closed: Write compare_canary_control.sh", "Load testing, Hana Kovář", "Closed"),
        ),
    ),
    replace(GAPS, url=""),
    (
        GapCard(
            region("gap-load"),
            "load",
            "3",
            "Load testing",
            "Blocking",
            "Open",
            "run_soak_test.sh and compare_canary_control.sh don’t exist.",
            "3 of 6 proven, 1 only claimed",
            (
                Line("scripts/run_soak_test.sh exists", "No such file at b41e7d0", "Missing"),
                Line("scripts/compare_canary_control.sh exists", "At b41e7d0", "Proven"),
            ),
            TASKS,
            "3–4 days",
            "blocks phase 0",
            owner=HANA,
        ),
        GapCard(
            region("gap-dash"),
            "dash",
            "4",
            "Monitoring dashboards",
            "High",
            "Contradicted",
            "",
            "2 of 5 proven, 3 only claimed",
            (Line("All 4 dashboards exist", "2 of 4", "Contradicted"),),
            (),
            "1–2 days",
            "blocks phase 0",
            "Complete. All five tasks closed.",
            "Priya Raman, 20 Nov",
            "2 of 5 proven.",
            "Grafana check, 14:31",
            PRIYA,
            "/close/",
        ),
    ),
    NO_BAR,
    (
        UntrackedRow(
            "Data rollback can’t run",
            "The plan calls scripts/restore_backup.sh and scripts/verify_data_integrity.sh. Neither exists.",
            2,
        ),
    ),
)
STEPS = ("Done", "Done", "Running", "Not due", "Not due")
ROWS = (
    PortfolioRow(
        "warm",
        "Warm-tier compaction",
        "/b/",
        "GO",
        "Ramp to 50 %",
        "Waits for your signature",
        "Waits",
        STEPS,
        41,
        41,
        "Hana Kovář",
        "NO-GO until Fri",
        ago(300),
    ),
    PortfolioRow(
        "dual",
        "Dual-memory recall",
        "/b/",
        "NO-GO",
        "Start phase 0",
        "Kubernetes manifests: 5 of 9 missing",
        "Open",
        ("NO-GO", "Not due", "Not due", "Not due"),
        28,
        48,
        "Platform engineering",
        "one more reason today",
        ago(9000),
        "Wed 10 Dec",
        (30.0, 42.0, 60.0),
    ),
    PortfolioRow(
        "gpu",
        "GPU spreading fallback",
        "/b/",
        "NO-GO",
        "Start canary",
        "2 gates stale for 3 h",
        "Stale",
        ("Done", "NO-GO", "Not due"),
        30,
        33,
        "Wei Zhang",
        "",
        ago(170),
        "No date",
    ),
    PortfolioRow(
        "quotas",
        "Tenant quotas",
        "/b/",
        "Done",
        "Finished 18 Nov",
        "Closed",
        "Done",
        ("Done",) * 5,
        44,
        44,
        "Marcus Bell",
        quiet=True,
    ),
)
ASK = AskCard(
    "Warm-tier compaction: ramp to 50 %?",
    "All 41 conditions are met and the other five stations say GO. This evidence stays valid until 15:10.",
    "GO",
    "Review and answer",
    "/s/",
)
PORTFOLIO = PortfolioPage(
    PortfolioCard(region("rollouts"), ROWS, "to 21 Dec"), date(2025, 12, 2), LIVE, ASK, "/plans/import/"
)
EMPTY = PortfolioPage(PortfolioCard(region("rollouts"), ()), date(2025, 12, 2), import_url="/plans/import/")
PEOPLE = PeoplePage(
    "/people/",
    (
        PersonRow(
            "1",
            "Ingrid Solheim",
            "ingrid",
            "ingrid@example.org",
            True,
            last_seen_at=ago(3),
            roles=(RoleRow("Dual-memory recall", "Release manager"),),
        ),
        PersonRow(
            "2",
            "Marcus Bell",
            "marcus",
            last_seen_at=ago(900),
            roles=(
                RoleRow("Dual-memory recall", "DevOps lead", NOW + timedelta(days=5), "g7"),
                RoleRow("Quickstart", "SRE lead", None, "g8"),
            ),
        ),
        PersonRow("3", "Amara Okafor", "amara", is_active=False),
    ),
    (Choice("dual-memory/sre-lead", "Dual-memory recall: SRE lead"),),
    True,
    True,
    "http://localhost:8000/setup/abc/",
    "Marcus Bell",
)
PROBLEMS = (
    PlanProblem(
        82,
        "phases[2].succeed[0].gate",
        "This names the gate “recal-p99”, which the plan doesn’t define.",
        "A gate of the plan’s gates.",
        "recall-p99",
    ),
    PlanProblem(
        120,
        "phases[0].sign_off.roles[1]",
        "The role “devop-lead” owns nothing here.",
        "Any role of the plan.",
        warning=True,
    ),
)
IMPORT = ImportPage("/plans/import/", "/")
WRONG = ImportPage("/plans/import/", "/", PROBLEMS, text="readiness: 1\nrollout:\n  key: dual-memory\n")
PREVIEW = ImportPage(
    "/plans/import/",
    "/",
    PROBLEMS[1:],
    PlanPreview(
        "dual-memory",
        "Dual-memory recall",
        4,
        SHA,
        (Fact("Phases", "7"), Fact("Conditions", "131"), Fact("Gates", "34"), Fact("Gaps", "5")),
        (
            Change("Phase 2, recall-p99", "at most 15 ms", "at most 18 ms", "phases[2].succeed[0].expect"),
            Change("Phase 3, drill binding-corruption", "", "within 10 min"),
        ),
        (Line("Wei Zhang, Verification lead", "GO of 2 Dec", "Void"),),
    ),
    text="readiness: 1\n",
)
NEW = replace(
    PREVIEW,
    problems=(),
    preview=PlanPreview("quickstart", "Quickstart", 1, SHA, (Fact("Phases", "3"), Fact("Conditions", "12"))),
)
