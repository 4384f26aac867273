"""Gates against a real Prometheus with a known history."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from readiness.collectors.gates import GateAsked, GateCollected, collect_gate
from readiness.collectors.prometheus import PrometheusBatch
from readiness.core.conditions import Against, Enough, GateSpec
from readiness.core.types import Reading, Trouble
from tests.collectors.http_servers import serving
from tests.collectors.prometheus_process import Exposed, History, openmetrics, resolved, running_prometheus
from tests.services_fixtures import wait_until

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.services


def collected(batch: PrometheusBatch, query: str, **more: object) -> GateCollected:
    asked = {name: more.pop(name) for name in ("success_from", "compared", "abort", "with_trail") if name in more}
    spec = GateSpec(source="metrics", query=query, unit="s", **{"expect": (("<= 15ms",),), **more})
    return collect_gate(batch, GateAsked(spec, **asked))


def test_a_value_comes_with_its_labels_and_the_age_of_its_sample(batch: PrometheusBatch, now: datetime) -> None:
    reading = collected(batch, "steady_seconds").observation.reading
    assert [(s.labels, s.value) for s in reading.values] == [('steady_seconds{instance="a"}', 0.01)]
    assert (reading.sampled_at, reading.trouble, reading.message, reading.warnings) == (now, Trouble.NONE, "", ())


def test_a_series_that_stopped_is_as_old_as_its_last_sample_though_prometheus_still_answers_it(
    batch: PrometheusBatch, now: datetime
) -> None:
    reading = collected(batch, "stopped_4m_ago").observation.reading
    assert reading.values
    assert reading.sampled_at == now - 4 * MINUTE


def test_a_gate_is_as_old_as_its_oldest_selector(batch: PrometheusBatch, now: datetime) -> None:
    reading = collected(batch, "sum(steady_seconds) / sum(stopped_4m_ago)").observation.reading
    assert reading.sampled_at == now - 4 * MINUTE


def test_a_range_over_a_series_that_stopped_long_ago_is_old_to_the_minute(
    batch: PrometheusBatch, now: datetime
) -> None:
    reading = collected(batch, "max(max_over_time(stopped_20m_ago[1h]))").observation.reading
    assert reading.values
    assert reading.sampled_at is not None
    assert now - 21 * MINUTE <= reading.sampled_at <= now - 20 * MINUTE


def test_a_query_about_a_past_moment_is_as_old_as_the_metric(batch: PrometheusBatch, now: datetime) -> None:
    reading = collected(batch, "time() - max(finished_seconds)").observation.reading
    assert reading.sampled_at == now


def test_a_metric_that_does_not_exist_has_no_value_and_no_age(batch: PrometheusBatch) -> None:
    reading = collected(batch, "never_exported_total").observation.reading
    assert (reading.values, reading.sampled_at, reading.trouble) == ((), None, Trouble.NONE)


def test_a_default_value_does_not_stand_in_for_a_sample(batch: PrometheusBatch) -> None:
    reading = collected(batch, "sum(never_exported_total) or vector(0)").observation.reading
    assert [s.value for s in reading.values] == [0.0]
    assert reading.sampled_at is None


def test_not_a_number_is_kept_as_it_is(batch: PrometheusBatch) -> None:
    (series,) = collected(batch, "not_a_number").observation.reading.values
    assert series.value != series.value


def test_a_number_alone_is_a_value_without_labels(batch: PrometheusBatch) -> None:
    (series,) = collected(batch, "scalar(steady_seconds)").observation.reading.values
    assert (series.labels, series.value) == ("", 0.01)


def test_text_and_ranges_cannot_be_compared(batch: PrometheusBatch) -> None:
    text = collected(batch, '"ready"').observation.reading
    span = collected(batch, "steady_seconds[5m]").observation.reading
    assert text.message.endswith("answered text, not a number")
    assert span.message.endswith("answered a range; the query needs a function over it")
    assert {text.trouble, span.trouble} == {Trouble.SOURCE_ERROR}


def test_a_series_seen_within_the_hour_and_gone_is_named(batch: PrometheusBatch) -> None:
    reading = collected(batch, "pair").observation.reading
    assert [s.labels for s in reading.values] == ['pair{instance="a"}']
    assert reading.lost_series == ('pair{instance="b"}',)


def test_history_shorter_than_the_range_is_told(batch: PrometheusBatch, now: datetime) -> None:
    reading = collected(batch, "sum(increase(young_total[1h]))").observation.reading
    assert reading.looks_back == timedelta(hours=1)
    assert reading.covers_from is not None
    assert now - 30 * MINUTE <= reading.covers_from <= now - 29 * MINUTE


def test_history_as_long_as_the_range_reaches_back(batch: PrometheusBatch, now: datetime) -> None:
    reading = collected(batch, "sum(increase(requests_total[1h]))").observation.reading
    assert (reading.looks_back, reading.covers_from) == (timedelta(hours=1), now - timedelta(hours=1))


def test_the_selector_with_the_shortest_history_counts(batch: PrometheusBatch) -> None:
    query = "sum(rate(young_total[1h])) / sum(rate(requests_total[2h]))"
    reading = collected(batch, query).observation.reading
    assert reading.looks_back == timedelta(hours=1)
    assert reading.covers_from is not None
    assert reading.covers_from > reading.asked_at - reading.looks_back


def test_a_query_without_range_looks_back_over_nothing(batch: PrometheusBatch) -> None:
    reading = collected(batch, "steady_seconds").observation.reading
    assert (reading.looks_back, reading.covers_from) == (timedelta(0), None)


def test_traffic_is_asked_where_the_plan_says_enough(batch: PrometheusBatch) -> None:
    enough = Enough("sum(rate(requests_total[5m]))", 10)
    traffic = collected(batch, "steady_seconds", enough=enough).observation.traffic
    assert traffic is not None
    assert traffic.values[0].value == pytest.approx(1.0)


def test_a_criterion_held_for_the_window_holds_since_before_it(batch: PrometheusBatch, now: datetime) -> None:
    window = collected(batch, "steady_seconds", hold_for=10 * MINUTE).observation.window
    assert window is not None
    assert window.end_at == now
    assert window.held_since == now - 10 * MINUTE - timedelta(seconds=10)
    assert (window.breached_since, window.held_share) == (None, 1.0)


def test_a_success_window_begins_no_earlier_than_its_run(batch: PrometheusBatch, now: datetime) -> None:
    began_at = now - 4 * MINUTE - timedelta(seconds=7)
    window = collected(batch, "steady_seconds", hold_for=10 * MINUTE, success_from=began_at).observation.window
    assert window is not None
    assert window.held_since == now - 4 * MINUTE


def test_a_breach_that_ended_starts_the_clock_after_it(batch: PrometheusBatch, now: datetime) -> None:
    window = collected(batch, "breach_ended_5m_ago", hold_for=10 * MINUTE).observation.window
    assert window is not None
    assert window.held_since == now - 5 * MINUTE


def test_a_hole_shorter_than_the_lookback_of_prometheus_still_restarts_the_clock(
    batch: PrometheusBatch, now: datetime
) -> None:
    window = collected(batch, "hole_3m_ago", hold_for=10 * MINUTE, max_age=MINUTE).observation.window
    assert window is not None
    assert window.held_since == now - 3 * MINUTE


def test_a_window_ends_at_the_newest_sample(batch: PrometheusBatch, now: datetime) -> None:
    window = collected(batch, "stopped_4m_ago", hold_for=10 * MINUTE).observation.window
    assert window is not None
    assert window.end_at == now - 4 * MINUTE


def test_an_abort_trigger_says_since_when_it_is_breached(batch: PrometheusBatch, now: datetime) -> None:
    window = collected(batch, "breach_began_10m_ago", hold_for=5 * MINUTE, abort=True).observation.window
    assert window is not None
    assert window.breached_since is not None
    assert now - 10 * MINUTE <= window.breached_since <= now - 9 * MINUTE


def test_a_hole_between_two_breaches_counts_as_breach_for_an_abort_trigger(
    batch: PrometheusBatch, now: datetime
) -> None:
    aborting = collected(batch, "breach_hole_breach", hold_for=5 * MINUTE, abort=True).observation.window
    proving = collected(batch, "breach_hole_breach", hold_for=5 * MINUTE).observation.window
    assert aborting is not None
    assert proving is not None
    assert aborting.breached_since is not None
    assert aborting.breached_since <= now - 12 * MINUTE
    assert proving.breached_since == now - 3 * MINUTE


def test_an_abort_trigger_without_duration_is_breached_at_its_newest_sample(
    batch: PrometheusBatch, now: datetime
) -> None:
    firing = collected(batch, "breach_began_10m_ago", abort=True).observation.window
    quiet = collected(batch, "steady_seconds", abort=True).observation.window
    assert firing is not None
    assert quiet is not None
    assert (firing.breached_since, quiet.breached_since, quiet.held_since) == (now, None, now)


def test_the_share_of_a_phase_counts_time_without_samples_as_not_held(batch: PrometheusBatch, now: datetime) -> None:
    began_at = now - timedelta(hours=1)
    window = collected(batch, "young_total", expect=(("<= 2s",),), for_phase=True, success_from=began_at)
    assert window.observation.window is not None
    assert window.observation.window.held_share == pytest.approx(0.5, abs=0.02)


def test_a_phase_that_has_not_begun_has_no_window(batch: PrometheusBatch) -> None:
    assert collected(batch, "steady_seconds", for_phase=True).observation.window is None


def test_a_relative_criterion_is_folded_against_the_other_query(batch: PrometheusBatch, now: datetime) -> None:
    against = Against(query='two{cohort="control"}')
    more = {"against": against, "hold_for": 10 * MINUTE}
    held = collected(batch, 'two{cohort="canary"}', expect=(("<= +20%",),), **more).observation
    broken = collected(batch, 'two{cohort="canary"}', expect=(("<= +5%",),), **more).observation
    assert held.comparand is not None
    assert held.comparand.values[0].value == 0.010
    assert held.window is not None
    assert broken.window is not None
    assert held.window.held_since is not None
    assert (broken.window.held_since, broken.window.breached_since) == (None, broken.window.start_at)


def test_a_relative_criterion_is_folded_against_a_baseline(batch: PrometheusBatch) -> None:
    more = {"against": Against(baseline="phase-0"), "expect": (("<= +5%",),), "hold_for": 10 * MINUTE}
    near = collected(batch, "steady_seconds", compared=0.0099, **more).observation.window
    far = collected(batch, "steady_seconds", compared=0.005, **more).observation.window
    missing = collected(batch, "steady_seconds", **more).observation.window
    assert near is not None
    assert far is not None
    assert missing is not None
    assert near.held_since is not None
    assert far.breached_since is not None
    assert (missing.held_since, missing.breached_since, missing.held_share) == (None, None, 0.0)


def test_the_trail_is_sixty_points_of_the_worst_series(batch: PrometheusBatch) -> None:
    trail = collected(batch, "two", with_trail=True).trail
    assert {point.value for point in trail} == {0.011}
    assert 29 <= len(trail) <= 60
    assert collected(batch, "two").trail == ()


def test_an_absence_is_as_old_as_the_newest_scrape(scraped: str, now: datetime) -> None:
    later = now + timedelta(seconds=20)
    batch = PrometheusBatch(resolved(scraped), later)
    reading = collected(batch, "absent(never_exported_total)").observation.reading
    assert [s.value for s in reading.values] == [1.0]
    assert reading.sampled_at is not None
    assert later - reading.sampled_at < timedelta(minutes=2)


def test_a_target_that_goes_away_ages_from_its_last_scrape(tmp_path: Path, now: datetime) -> None:
    """A failed scrape ends a series at once, while a rate over it still answers; its age must come from the samples."""
    with ExitStack() as stack:
        with serving(Exposed) as target:
            past = openmetrics(now, [History("past", lambda age: 1.0)])
            url = stack.enter_context(running_prometheus(tmp_path, past, target))
            assert wait_until(lambda: answers(url, "count_over_time(live_errors_total[1m]) > 5"), 40)
        assert wait_until(lambda: not answers(url, "live_errors_total"), 20)
        reading = rate_of(url)
        assert reading.values
        assert reading.sampled_at is not None
        assert timedelta(0) < reading.asked_at - reading.sampled_at < timedelta(seconds=20)


def answers(url: str, query: str) -> bool:
    return bool(PrometheusBatch(resolved(url), datetime.now(UTC)).ask(query).values)


def rate_of(url: str) -> Reading:
    batch = PrometheusBatch(resolved(url), datetime.now(UTC))
    return collected(batch, "sum(rate(live_errors_total[2m]))").observation.reading
