"""The one Django application."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db import connections
from django.db.models.signals import post_migrate  # noqa: TID251 (table remakes drop triggers)

from readiness.checks import check_log
from readiness.services.audit_guards import install_guards


def guard_record(using: str, **_: object) -> None:
    """Install the log's triggers again after every migration."""
    install_guards(connections[using])


class ReadinessConfig(AppConfig):
    """Readiness: a GO / NO-GO board for production rollouts."""

    name = "readiness"

    def ready(self) -> None:
        """Connect what runs after `migrate`, and the system checks."""
        post_migrate.connect(guard_record, sender=self, dispatch_uid="guard_record")
        register(check_log, Tags.database)
