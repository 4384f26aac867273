import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import requests

from readiness.collectors.prometheus import PrometheusBatch
from tests.collectors.http_servers import serving
from tests.collectors.prometheus_process import Exposed, History, openmetrics, resolved, running_prometheus

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="session")
def now() -> datetime:
    """The moment at which the backfilled history ends."""
    return datetime.now(UTC).replace(microsecond=0)


def histories() -> list[History]:
    return [
        History('steady_seconds{instance="a"}', lambda age: 0.01),
        History('breach_began_10m_ago{instance="a"}', lambda age: 0.02 if age < 10 * MINUTE else 0.01),
        History('breach_ended_5m_ago{instance="a"}', lambda age: 0.01 if age <= 5 * MINUTE else 0.02),
        History('hole_3m_ago{instance="a"}', lambda age: None if 3 * MINUTE < age < 6 * MINUTE else 0.01),
        History('breach_hole_breach{instance="a"}', lambda age: None if 3 * MINUTE < age < 12 * MINUTE else 0.02),
        History('stopped_4m_ago{instance="a"}', lambda age: 0.01, ends=4 * MINUTE),
        History('stopped_20m_ago{instance="a"}', lambda age: 0.01, ends=20 * MINUTE),
        History('pair{instance="a"}', lambda age: 0.01),
        History('pair{instance="b"}', lambda age: 0.02, ends=20 * MINUTE),
        History('two{cohort="canary"}', lambda age: 0.011),
        History('two{cohort="control"}', lambda age: 0.010),
        History('not_a_number{instance="a"}', lambda age: float("nan")),
        History('young_total{instance="a"}', lambda age: 1.0, length=30 * MINUTE),
        History('requests_total{instance="a"}', lambda age: 100_000 - age.total_seconds()),
        History('finished_seconds{instance="a"}', lambda age: 1_700_000_000.0),
        *services(),
    ]


def services() -> list[History]:
    """Several services with several pods, alike but for their label; one has a hole, one stopped, one is no number."""
    hour = 60 * MINUTE
    found = []
    for number, (svc, pod) in enumerate(product(("a", "b", "c.d", "e|f"), ("1", "2"))):
        labels = f'svc="{svc}",pod="{pod}",dc="x"'
        found += [
            History(f"load{{{labels}}}", lambda age, n=number: 1.7 * n + math.sin(age / MINUTE + n), length=hour),
            History(f"hits{{{labels}}}", lambda age, n=number: 1e6 - (n + 0.3) * age / MINUTE, length=hour),
        ]
        for le, share in (("0.1", 0.2), ("1", 0.7 + number / 50), ("+Inf", 1.0)):
            series = f'lat_bucket{{{labels},le="{le}"}}'
            found.append(History(series, lambda age, s=share: s * (1e5 - age / MINUTE * 7), length=hour))
    found.append(History('load{svc="g",pod="1",dc="x"}', lambda age: float("nan"), length=hour))
    found.append(History('load{svc="h",pod="1",dc="x"}', lambda age: 1.0, ends=20 * MINUTE))
    found.append(History('load{svc="i",pod="1",dc="x"}', lambda age: None if age < 9 * MINUTE else 1.0, length=hour))
    return found


@pytest.fixture(scope="session")
def exporter() -> Iterator[str]:
    with serving(Exposed) as url:
        yield url


@pytest.fixture(scope="session")
def prometheus_url(tmp_path_factory: pytest.TempPathFactory, now: datetime, exporter: str) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("prometheus")
    with running_prometheus(folder, openmetrics(now, histories()), exporter) as url:
        yield url


@pytest.fixture(scope="session")
def scraped(prometheus_url: str) -> str:
    """The same Prometheus, once it has scraped the service and evaluated its rules."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        groups = requests.get(f"{prometheus_url}/api/v1/rules", timeout=5).json()["data"]["groups"]
        health = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
        query = requests.get(f"{prometheus_url}/api/v1/query", params={"query": "job:live:sum"}, timeout=5)
        if query.json()["data"]["result"] and health["Unhealthy"] == "err":
            return prometheus_url
        time.sleep(0.2)
    raise TimeoutError("Prometheus did not scrape the service")


@pytest.fixture
def batch(prometheus_url: str, now: datetime) -> PrometheusBatch:
    return PrometheusBatch(resolved(prometheus_url), now)
