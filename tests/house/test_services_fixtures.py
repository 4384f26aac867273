"""The services that other tests rely on are real."""

import psycopg
import pytest
import redis

from tests.services_fixtures import PrometheusFactory, PrometheusServer, wait_until

pytestmark = pytest.mark.services


def test_prometheus_answers_queries(prometheus_server: PrometheusServer) -> None:
    assert prometheus_server.value("vector(7)") == 7.0


def test_prometheus_serves_the_past_it_was_given(start_prometheus: PrometheusFactory) -> None:
    server = start_prometheus(openmetrics="# TYPE a gauge\na 3 1700000000\na 5 1700000060\n# EOF\n")
    assert server.value("a", at=1700000061) == 5.0
    assert server.value("a", at=1700000001) == 3.0


def test_prometheus_reports_a_target_that_is_down(start_prometheus: PrometheusFactory) -> None:
    server = start_prometheus(targets={"nobody": "127.0.0.1:1"})
    assert wait_until(lambda: server.value('up{job="nobody"}') == 0.0, 15)


def test_valkey_keeps_what_it_is_told(valkey_server: str) -> None:
    client = redis.Redis.from_url(valkey_server)
    client.set("a", "1")
    assert client.get("a") == b"1"
    assert client.info()["server_name"] == "valkey"
    client.close()


def test_redis_is_not_valkey(redis_server: str) -> None:
    client = redis.Redis.from_url(redis_server)
    assert "server_name" not in client.info()
    client.close()


def test_postgres_answers(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        row = connection.execute("select current_user").fetchone()
    assert row == ("readiness",)
