"""Blocks of an experiment, against a real Prometheus whose past has new pods, late counters and broken lines."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from readiness.collectors.blocks import collect_blocks
from readiness.collectors.prometheus import PrometheusBatch
from readiness.core.blocks import Arm, BlockRow, BlocksSeen, BlockTable
from readiness.core.experiments import Experiment, block_ends, read_experiment
from readiness.core.types import Trouble
from tests.collectors.http_servers import answering, as_json
from tests.collectors.prometheus_process import MINUTE, History, openmetrics, resolved, running_prometheus

BLOCK = 10 * MINUTE
ARMS = {"split_by": "cohort", "treatment": "canary", "control": "control", "source": "metrics"}
BEGIN = timedelta(hours=3)
SHARES = {"0.1": 0.5, "0.2": 0.9, "+Inf": 1.0}
COMES, LATE, BROKE = 65 * MINUTE, 45 * MINUTE, (100 * MINUTE, 92 * MINUTE)


def growing(rate: float, before: float = 0.0) -> Callable[[timedelta], float]:
    """A counter that grows by so many a second."""
    return lambda age: before + rate * (BEGIN - age).total_seconds()


def labelled(name: str, arm: str, pod: str, **more: str) -> str:
    labels = {"cohort": arm, "instance": pod, "job": "shop", **more}
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inside}}}"


def histograms(arm: str, pod: str, rate: float, length: timedelta = BEGIN, before: float = 0.0) -> Iterator[History]:
    for bound, share in SHARES.items():
        series = labelled("calls_seconds_bucket", arm, pod, le=bound)
        yield History(series, growing(rate * share, before), length)
    yield History(labelled("calls_seconds_count", arm, pod), growing(rate, before), length)
    yield History(labelled("calls_seconds_sum", arm, pod), growing(rate * 0.12, before), length)


def broken(age: timedelta) -> float | None:
    return None if BROKE[1] < age < BROKE[0] else growing(20.0)(age)


def histories() -> list[History]:
    return [
        *histograms("canary", "a", 2.0),
        *histograms("control", "b", 20.0),
        *histograms("control", "c", 20.0, COMES, before=500_000.0),
        History(labelled("asked_total", "canary", "a"), growing(2.0)),
        History(labelled("asked_total", "control", "b"), growing(20.0)),
        History(labelled("failed_total", "canary", "a", code="500"), growing(0.01)),
        History(labelled("failed_total", "canary", "a", code="503"), lambda age: 7.0, LATE),
        History(labelled("failed_total", "control", "b", code="500"), growing(0.1)),
        History(labelled("half_failed_total", "canary", "a"), growing(0.01)),
        History(labelled("broken_total", "canary", "a"), growing(2.0)),
        History(labelled("broken_total", "control", "b"), broken),
        History(labelled("depth", "canary", "a"), lambda age: 12.0),
        History(labelled("depth", "control", "a"), lambda age: 10.0),
        History(labelled("members", "canary", "a"), lambda age: 500.0),
        History(labelled("members", "control", "b"), lambda age: 9500.0),
    ]


@pytest.fixture(scope="module")
def blocks_url(tmp_path_factory: pytest.TempPathFactory, now: datetime, exporter: str) -> Iterator[str]:
    with running_prometheus(tmp_path_factory.mktemp("blocks"), openmetrics(now, histories()), exporter) as url:
        yield url


def experiment(margin: str = "5%", **metric: str) -> Experiment:
    said = {"question": "non_inferiority", "metric": {**ARMS, **metric}, "direction": "lower_is_better"}
    return read_experiment({**said, "margin": margin, "block": "10m", "max_duration": "3h"})


def seen(url: str, now: datetime, **metric: str) -> BlocksSeen:
    asked = experiment(**metric)
    return collect_blocks(PrometheusBatch(resolved(url), now), asked, block_ends(asked, now - BEGIN, now))


def rows(url: str, now: datetime, **metric: str) -> tuple[BlockRow, ...]:
    found = seen(url, now, **metric)
    assert (found.trouble, found.message) == (Trouble.NONE, "")
    return found.table.rows


def ages(now: datetime, found: tuple[BlockRow, ...]) -> list[timedelta]:
    return [now - row.end_at for row in found]


@pytest.mark.services
def test_blocks_lie_on_a_grid_and_count_whole_requests_by_bucket(blocks_url: str, now: datetime) -> None:
    found = seen(blocks_url, now, histogram="calls_seconds", quantile="0.9")
    table = found.table
    assert table.bounds == (0.1, 0.2, inf)
    assert all(row.end_at.timestamp() % 600 == 0 for row in table.rows)
    assert [later.end_at - row.end_at for row, later in zip(table.rows, table.rows[1:], strict=False)] == [BLOCK] * 16
    canary = [row.canary for row in table.rows if row.canary is not None]
    assert len(canary) >= 16
    assert all(arm.buckets == pytest.approx((600, 1080, 1200), abs=2) for arm in canary)
    assert all(count.is_integer() for arm in canary for count in (*arm.buckets, arm.bottom))
    assert all(arm.bottom == arm.buckets[-1] for arm in canary)
    assert found.canary.sampled_at == found.control.sampled_at == now
    assert (found.canary.pods, found.control.pods, found.shared_pods) == (1, 2, False)


@pytest.mark.services
def test_the_first_block_of_a_series_that_is_new_counts_nothing_of_it(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, histogram="calls_seconds", quantile="0.9")
    alone = [row.control.bottom for row in found if row.control and now - row.end_at > COMES - BLOCK]
    joined = [row.control.bottom for row in found if row.control and now - row.end_at < COMES - 2 * BLOCK]
    assert alone == pytest.approx([12_000.0] * len(alone), rel=0.01)
    assert joined == pytest.approx([24_000.0] * len(joined), rel=0.01)
    assert max(alone + joined) < 25_000


@pytest.mark.services
def test_a_mean_is_a_sum_of_a_count(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, mean_of="calls_seconds")
    (arm,) = {(round(row.canary.top, 3), row.canary.bottom) for row in found[2:-1] if row.canary}
    assert arm == pytest.approx((144.0, 1200.0), abs=1)


@pytest.mark.services
def test_errors_of_a_new_kind_are_counted_from_their_first_sample(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, errors="failed_total", total="asked_total")
    late = [row.canary.top for row in found if row.canary and LATE - BLOCK < now - row.end_at <= LATE]
    others = [row.canary.top for row in found[1:] if row.canary and not LATE - BLOCK < now - row.end_at <= LATE]
    assert late == [pytest.approx(13, abs=1)]
    assert others == pytest.approx([6.0] * len(others), abs=1)


@pytest.mark.services
def test_errors_may_be_chosen_by_their_labels(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, errors='failed_total{code="500"}', total="asked_total")
    assert max(row.canary.top for row in found if row.canary) <= 7


@pytest.mark.services
def test_a_counter_that_an_arm_does_not_have_is_not_zero(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, errors="half_failed_total", total="asked_total")
    assert any(row.canary is not None for row in found)
    assert all(row.control is None for row in found)


@pytest.mark.services
def test_a_block_in_which_an_arm_was_not_scraped_is_none_of_it(blocks_url: str, now: datetime) -> None:
    found = rows(blocks_url, now, errors="broken_total", total="broken_total")
    hole = [row for row in found if BROKE[1] - BLOCK < now - row.end_at < BROKE[0]]
    assert any(row.control is None and row.canary is not None for row in hole)
    assert [row.control.samples for row in found if row.control and row.control.samples < 32] == []
    assert found[-1].control is not None


@pytest.mark.services
def test_a_gauge_is_its_mean_in_the_block(blocks_url: str, now: datetime) -> None:
    found = seen(blocks_url, now, gauge="depth", units="members")
    assert {(row.canary.top, row.canary.bottom) for row in found.table.rows[2:] if row.canary} == {(12.0, 1.0)}
    assert {row.control.top for row in found.table.rows[2:] if row.control} == {10.0}
    assert found.shared_pods
    assert (found.canary.units, found.control.units) == (500.0, 9500.0)


@pytest.mark.services
def test_without_a_whole_block_only_the_arms_are_asked(blocks_url: str, now: datetime) -> None:
    asked = experiment(gauge="depth")
    found = collect_blocks(PrometheusBatch(resolved(blocks_url), now), asked, None)
    assert (found.table.rows, found.canary.sampled_at) == ((), now)


@pytest.mark.services
def test_an_arm_that_is_not_there_has_no_sample(blocks_url: str, now: datetime) -> None:
    found = seen(blocks_url, now, gauge="depth", treatment="nobody")
    assert (found.trouble, found.canary.sampled_at, found.canary.pods) == (Trouble.NONE, None, 0)
    assert all(row.canary is None for row in found.table.rows)


@pytest.mark.parametrize("metric", ["sum(depth)", "depth offset 5m", "not a metric", '{job="shop"}'])
def test_what_is_no_name_of_a_metric_is_refused_in_a_sentence(metric: str) -> None:
    with answering(as_json({})) as (url, asked):
        found = seen(url, datetime(2026, 1, 5, 12, tzinfo=UTC), gauge=metric)
    assert (found.trouble, asked) == (Trouble.SOURCE_ERROR, [])
    assert "is not" in found.message


def test_a_partial_answer_is_trouble_and_not_fewer_requests() -> None:
    document = {"status": "success", "warnings": ["s3"], "data": {"resultType": "matrix", "result": []}}
    with answering(as_json(document)) as (url, _):
        found = seen(url, datetime(2026, 1, 5, 12, tzinfo=UTC), gauge="depth")
    assert (found.trouble, found.message) == (Trouble.SOURCE_ERROR, "metrics gave a partial answer: s3")


def test_later_blocks_are_put_behind_and_known_ones_stay(now: datetime) -> None:
    def table(*ends: int, bounds: tuple[float, ...] = ()) -> BlockTable:
        found = tuple(BlockRow(now + end * BLOCK, None, None) for end in ends)
        return BlockTable("metrics", (), BLOCK, bounds, found)

    known = table(1, 2)
    assert known.with_more(table(2, 3)).rows == table(1, 2, 3).rows
    assert table().with_more(table(2, bounds=(1.0, inf))).bounds == (1.0, inf)


def test_blocks_with_other_bounds_lose_their_buckets(now: datetime) -> None:
    asked = experiment(histogram="calls_seconds", quantile="0.9")
    arm = Arm(0.0, 2.0, (1.0, 2.0))
    first = BlockTable("metrics", (), asked.block, (0.1, inf), (BlockRow(now, arm, arm),))
    moved = BlockTable("metrics", (), asked.block, (0.2, inf), (BlockRow(now + BLOCK, arm, arm),))
    after = first.with_more(moved)
    assert after.bounds == (0.1, inf)
    assert [row.canary.buckets if row.canary else None for row in after.rows] == [(1.0, 2.0), ()]
