"""How people write: durations, shares, limits, owners, labels, phases by their headings, and queries."""

import pytest

from readiness.core.runbook.amounts import find_day, find_estimate, find_range, find_shares, number_text
from readiness.core.runbook.inline import field_in, owner_in, plain, read_words
from readiness.core.runbook.limits import find_limits
from readiness.core.runbook.numbering import leads_to, numbered_phase
from readiness.core.runbook.queries import find_measure, is_query, make_query, unit_of_query
from readiness.core.runbook.vocabulary import Role, field_name, role_of

LATENCY = make_query(
    "histogram_quantile(0.99, sum by (le) (rate(shop_seconds_bucket[5m])))", "Shop latency, p99", line=1
)
ERRORS = make_query("sum(rate(shop_errors_total[5m])) / sum(rate(shop_requests_total[5m]))", "Error rate", line=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("3-5 days", "3-5d"),
        ("3 bis 5 Tage", "3-5d"),
        ("1,5 heures", "1.5h"),
        ("half an hour", "0.5h"),
        ("two weeks", "2w"),
        ("dos semanas", "2w"),
        ("1h30m", "1h30m"),
        ("3 months", "90d"),
        ("5 to 3 days", ""),
        ("0 days", ""),
        ("soon", ""),
        ("15ms", ""),
    ],
)
def test_a_duration_is_read_as_people_write_it(text, found):
    assert find_range(text) == found


def test_estimates_are_hours_days_or_weeks():
    assert [find_estimate(text) for text in ("2-3 days", "4 h", "30 minutes", "1 week")] == ["2-3d", "4h", "", "1w"]


@pytest.mark.parametrize(
    ("written", "number"),
    [("0,5", "0.5"), ("1,000", "1000"), ("10 000", "10000"), ("1’000", "1000"), ("0,500", "0.5"), ("007", "7")],
)
def test_decimal_commas_and_groups_of_thousands_are_told_apart(written, number):
    assert number_text(written) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-12-08", "2025-12-08"),
        ("am 08.12.2025", "2025-12-08"),
        ("8. Dezember 2025", "2025-12-08"),
        ("le 8 décembre 2025", "2025-12-08"),
        ("8 de diciembre de 2025", "2025-12-08"),
        ("December 8th, 2025", "2025-12-08"),
        ("25/12/2025", "2025-12-25"),
        ("12/25/2025", "2025-12-25"),
        ("08/12/2025", ""),
        ("2025-13-40", ""),
    ],
)
def test_a_day_is_read_only_where_its_order_is_certain(text, day):
    assert find_day(text) == day


def test_shares_of_more_than_everything_are_none():
    assert find_shares("from 5 % to 12,5 Prozent, not 150 %") == ["5%", "12.5%"]


@pytest.mark.parametrize(
    ("text", "expect", "hold"),
    [
        ("Error rate <0.1%", "< 0.1%", ""),
        ("Fehlerrate höchstens 0,5 % für 10 Minuten", "<= 0.5%", "10m"),
        ("Le taux d'erreur est inférieur à 0,1 %", "< 0.1%", ""),
        ("latency must not exceed 250 ms for 5 min", "<= 250ms", "5m"),
        ("P99 latency increase <5% vs control", "< +5%", ""),
        ("Throughput decrease <5% vs control", "> -5%", ""),
        (">95% of control group throughput", "> -5%", ""),
        ("at least 99,9 %", ">= 99.9%", ""),
        ("Error rate increase <0.5 percentage points vs control", "< +0.5pp", ""),
    ],
)
def test_a_criterion_says_what_must_hold(text, expect, hold):
    (limit,) = find_limits(text)
    assert (limit.expect(fires=False), limit.hold) == (expect, hold)


@pytest.mark.parametrize(
    ("text", "expect", "hold"),
    [
        ("Error rate >1% sustained for 1 hour", "<= 1%", "1h"),
        ("RSS growth >500MB/hour sustained for 3 hours", "<= 500MB/h", "3h"),
        ("Success rate <95% for 2 hours", ">= 95%", "2h"),
        ("Canary P99 latency >10% higher than control for 3 consecutive hours", "<= +10%", "3h"),
        ("Canary crash rate >2x control crash rate", "<= +100%", ""),
        ("Top-K overlap <75% (20% precision loss unacceptable)", ">= 75%", ""),
    ],
)
def test_a_trigger_asks_for_the_opposite_of_what_it_says(text, expect, hold):
    (limit,) = find_limits(text)
    assert (limit.expect(fires=True), limit.hold) == (expect, hold)


def test_two_limits_are_two():
    assert len(find_limits("P99 latency increase <5% vs control (p>0.05 in t-test)")) == 2
    assert find_limits("nothing is compared here") == []


def test_owners_are_named_in_brackets_after_a_dash_or_with_an_at():
    assert owner_in("Do it (owner: SRE lead)") == ("SRE lead", "Do it")
    assert owner_in("Do it - Owner: Ana") == ("Ana", "Do it")
    assert owner_in("Do it @ana") == ("ana", "Do it")
    assert owner_in("mail to team@example.org") == ("", "mail to team@example.org")


def test_labels_are_told_from_text_that_only_begins_boldly():
    assert field_in("**Duration:** 1 week") == field_in("**Duration**: 1 week") == ("Duration", "1 week")
    assert field_in("**Careful** with this") == ("", "**Careful** with this")
    assert field_in("http://host:1/x y")[0] == ""
    assert [field_name(label) for label in ("Estimated Effort", "Dauer", "SLO", "Weather")] == [
        "effort",
        "duration",
        "target",
        "",
    ]


def test_text_keeps_code_and_the_words_of_links():
    words = read_words("See [the guide](docs/a.md) and `x_y_z` in *bold* snake_case_name")
    assert words.plain == "See the guide and x_y_z in bold snake_case_name"
    assert (words.code, words.links) == (("x_y_z",), (("the guide", "docs/a.md"),))
    assert plain("``a`b``") == "a`b"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("1.3 Success Criteria (Shadow Mode)", Role.SUCCEED),
        ("Rollback Decision Criteria", Role.ABORT),
        ("Immediately rollback to Phase 1 if:", Role.ABORT),
        ("Rollback Procedures", Role.WAYS),
        ("Rollback Communication Plan", Role.TALK),
        ("Rollback Testing in Staging", Role.DRILLS),
        ("Pre-Deployment Checklist", Role.ENTER),
        ("Per-Phase Go/No-Go Decision Checklist", Role.EVERY),
        ("Erfolgskriterien", Role.SUCCEED),
        ("Abbruchkriterien", Role.ABORT),
        ("Critères de succès", Role.SUCCEED),
        ("Requisitos previos", Role.ENTER),
        ("Weather", Role.NONE),
    ],
)
def test_a_heading_says_what_stands_under_it(heading, role):
    assert role_of(heading) is role


def test_phases_are_numbered_and_lead_to_each_other():
    assert numbered_phase("Phase 2: Canary (5% Traffic)") == ("phase", "2", "Canary (5% Traffic)")
    assert numbered_phase("3. Étape 1 : pilote") == ("étape", "1", "pilote")
    assert numbered_phase("Phase-out of the old path") is None
    assert (leads_to("Phase 4a -> Phase 4b (75% Ramp)"), leads_to("Phase 4a: Ramp")) == ("4b", "")


def test_only_promql_is_a_query():
    assert [
        t for t in ("up", "shop_errors_total", "rate(x[5m])", "word", "kubectl get pods", "x offset 1d") if is_query(t)
    ] == [
        "up",
        "shop_errors_total",
        "rate(x[5m])",
    ]


def test_the_unit_of_a_query_is_read_from_its_names():
    assert (LATENCY.unit, ERRORS.unit) == ("s", "ratio")
    assert unit_of_query("process_resident_memory_bytes") == "bytes"
    assert unit_of_query("rate(process_cpu_seconds_total[1m]) * 100") == "%"


def test_a_criterion_is_measured_by_a_query_only_when_that_is_sure():
    known = [LATENCY, ERRORS]
    assert find_measure("Shop P99 latency", "ms", "", known) is LATENCY
    assert find_measure("Error rate", "%", "", known) is ERRORS
    assert find_measure("Shop P95 latency", "ms", "", known) is None
    assert find_measure("Shop P99 latency", "%", "", known) is None
    assert find_measure("latency", "ms", "", known) is None
    twin = make_query(
        "histogram_quantile(0.99, sum by (le) (rate(other_seconds_bucket[5m])))", "Shop latency, p99", line=9
    )
    assert find_measure("Shop P99 latency", "ms", "", [*known, twin]) is None
