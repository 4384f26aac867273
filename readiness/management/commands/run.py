"""`manage.py run`: the whole stack under one supervisor. `./run` prepares the environment and ends here."""

import os
import sys
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from tools.environment import CannotPrepare
from tools.first_start import prepare_demo, prepare_metrics
from tools.instance import AlreadyRunning, PortTaken, address_of, held_data_directory
from tools.services import PROMETHEUS, find_prometheus
from tools.stack import Stack, Wishes, compose_stack
from tools.supervisor import Supervisor


class Command(BaseCommand):
    """Start everything, say where it is, and keep it running until Ctrl-C."""

    help = "Start web, worker, beat, broker, Prometheus and the demo, and keep them running until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The three options of `./run`."""
        parser.add_argument("--port", type=int, help="where the pages are served (8000, or the next free one)")
        parser.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept (READINESS_DATA)")
        parser.add_argument("--no-demo", action="store_true", help="start empty; a link makes the first administrator")

    def handle(self, *, port: int | None, data: Path | None, no_demo: bool, **_: object) -> None:
        """Run; what keeps it from running is one sentence."""
        os.umask(0o077)
        if data and data.resolve() != settings.DATA_DIR:
            begin_again(data.resolve())
        try:
            with held_data_directory(settings.DATA_DIR, port) as web_port:
                self.run(Wishes(settings.DATA_DIR, web_port, not no_demo, environment_with_prometheus()))
        except (AlreadyRunning, PortTaken, CannotPrepare) as fact:
            sys.exit(str(fact))
        except KeyboardInterrupt:
            self.say("Stopped before everything was started.")

    def run(self, wishes: Wishes) -> None:
        """Bring the database up to date, set up what a first start needs, then supervise."""
        call_command("migrate", interactive=False, verbosity=0)
        stack = compose_stack(wishes)
        os.environ.update(stack.environment)
        lines = output_of("audit_key", "create") + self.set_up(wishes, stack)
        connections.close_all()
        supervisor = Supervisor(stack.parts, stack.environment, settings.BASE_DIR, wishes.data / "logs", self.say)
        supervisor.run(lambda: self.greet(wishes, lines))
        self.say("Stopped.")

    def set_up(self, wishes: Wishes, stack: Stack) -> str:
        """Make what the first start needs; the set-up commands find out for themselves what is there already."""
        (wishes.data / "static").mkdir(exist_ok=True)
        demo_port = stack.ports["demo"] if wishes.demo else None
        promtool = wishes.environ.get("PROMTOOL_BIN") if wishes.prometheus_program else None
        if wishes.prometheus_program:
            prepare_metrics(wishes.data, demo_port)
        if not wishes.demo:
            return output_of("setup_link", address=address_of(wishes.port))
        prepare_demo(wishes.data, promtool, self.say)
        return output_of(
            "setup_demo",
            service_url=stack.environment["SERVICE_URL"],
            prometheus_url=stack.environment.get("PROMETHEUS_URL", ""),
            checkout=stack.environment["SERVICE_CHECKOUT"],
        )

    def greet(self, wishes: Wishes, lines: str) -> None:
        """Say where it is, and what is missing."""
        where = f"Everything is kept in {wishes.data}; its logs are in {wishes.data / 'logs'}. Ctrl-C stops it all."
        paragraphs = (f"Readiness is at {address_of(wishes.port)}", lines, missing_prometheus(wishes), where)
        self.say("\n" + "\n\n".join(paragraph.rstrip() for paragraph in paragraphs if paragraph))

    def say(self, line: str) -> None:
        """Print at once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()


def begin_again(data: Path) -> NoReturn:
    """Start over with another data directory: the settings read it before any option is known."""
    os.environ["READINESS_DATA"] = str(data)
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606 # nosec B606 - no shell is meant


def output_of(command: str, *words: str, **options: str) -> str:
    """What a management command prints."""
    printed = StringIO()
    call_command(command, *words, stdout=printed, **options)
    return printed.getvalue()


def environment_with_prometheus() -> dict[str, str]:
    """This process's environment, completed by the Prometheus that is found here."""
    if os.environ.get("PROMETHEUS_URL"):
        return os.environ.copy()
    return os.environ | (find_prometheus(settings.BASE_DIR / ".local") or {})


def missing_prometheus(wishes: Wishes) -> str | None:
    """What to say when nothing can be measured."""
    if wishes.brings("PROMETHEUS_URL") or wishes.prometheus_program:
        return None
    advice = wishes.environ.get("READINESS_PROMETHEUS_ADVICE") or f"Prometheus is missing. {PROMETHEUS.hint}"
    return f"Live gates stay unknown, and what is unknown is NO-GO. {advice}"
