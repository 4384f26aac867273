"""The real services, for the tests of this directory."""

from tests.services_fixtures import (
    postgres_server,
    prometheus_server,
    redis_server,
    start_prometheus,
    valkey_server,
)

__all__ = ["postgres_server", "prometheus_server", "redis_server", "start_prometheus", "valkey_server"]
