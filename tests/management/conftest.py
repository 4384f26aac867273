"""The real services, for the tests of this directory."""

from tests.services_fixtures import start_prometheus

__all__ = ["start_prometheus"]
