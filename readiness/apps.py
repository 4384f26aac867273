"""The one Django application."""

from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    """Readiness: a GO / NO-GO board for production rollouts."""

    name = "readiness"
