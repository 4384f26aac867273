"""The hour that a baseline is taken from, against a real Prometheus."""

from datetime import UTC, datetime

import pytest

from readiness.collectors.baselines import LinesTold, collect_lines
from readiness.collectors.prometheus import PrometheusBatch
from readiness.collectors.sources import SourceTrouble
from readiness.core.types import Trouble
from tests.collectors.http_servers import answering, as_json
from tests.collectors.prometheus_process import MINUTE, resolved

NOW = datetime(2026, 1, 5, 12, 0, 0, 700_000, tzinfo=UTC)


@pytest.mark.services
def test_the_lines_of_a_query_are_its_last_hour_a_value_a_minute(batch: PrometheusBatch, now: datetime) -> None:
    told = collect_lines(batch, "steady_seconds", now, 60 * MINUTE)
    assert told.trouble == ""
    assert b"steady_seconds" in told.raw
    (points,) = told.lines.values()
    assert (len(points), points[0].at, points[-1].at) == (61, now - 60 * MINUTE, now)


def test_a_partial_answer_gives_no_lines() -> None:
    rows = [{"metric": {}, "values": [[NOW.timestamp(), "1"]]}]
    document = {"status": "success", "warnings": ["s3"], "data": {"resultType": "matrix", "result": rows}}
    with answering(as_json(document)) as (url, asked):
        batch = PrometheusBatch(resolved(url), NOW)
        assert collect_lines(batch, "up", NOW, MINUTE) == LinesTold(trouble="metrics gave a partial answer: s3")
        assert "start=1767614340&end=1767614400&step=60" in asked[0].path


def test_a_source_in_trouble_gives_its_sentence() -> None:
    batch = PrometheusBatch(SourceTrouble("metrics", Trouble.NOT_CONFIGURED, "PROMETHEUS_URL is not set"), NOW)
    assert collect_lines(batch, "up", NOW, MINUTE) == LinesTold(trouble="PROMETHEUS_URL is not set")
