"""Board against a bare control page on the same server: `python -m tests.benchmarks.board`.

A rollout with 200 conditions, 60 of them gates, is imported, observed and judged by the product's own services; then
one client asks both pages in turn. Printed: median latency, CPU of the server per request, bytes, and their ratios.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
GATES, CHECKS, ITEMS, REQUESTS = 60, 70, 70, 200


def plan_text() -> str:
    """Write a plan with 200 conditions for its first phase."""
    gates = "\n".join(
        f"  gate-{n}: {{title: Gate {n}, owner: lead, source: metrics, query: 'sum(rate(m{n}_total[1m]))', "
        f"unit: s, expect: '<= 15ms', for: 10m}}"
        for n in range(GATES)
    )
    checks = "\n".join(
        f"  check-{n}: {{title: File {n}, owner: lead, kind: file, source: repository, path: docs/file-{n}.md}}"
        for n in range(CHECKS)
    )
    enter = [f"{{gate: gate-{n}}}" for n in range(GATES)] + [f"{{check: check-{n}}}" for n in range(CHECKS)]
    enter += [f"{{item: item-{n}, title: Item {n}, owner: lead}}" for n in range(ITEMS)]
    lines = "\n".join(f"      - {line}" for line in enter)
    return f"""readiness: 1
rollout: {{key: bench, title: Bench, service: bench}}
roles: {{lead: Lead, boss: Boss}}
sources:
  metrics: {{kind: prometheus, url: "${{PROMETHEUS_URL}}"}}
  repository: {{kind: git, path: "${{SERVICE_CHECKOUT}}"}}
flags: {{on_switch: {{title: Switch, default: off}}}}
gates:
{gates}
checks:
{checks}
rollbacks:
  - {{key: off, title: "Off", within: 5m, to: first, sets: {{on_switch: off}}, verify: {{gate: gate-0}}}}
phases:
  - key: first
    number: "0"
    title: First
    duration: 1d
    flags: {{on_switch: on}}
    enter:
{lines}
    succeed: [{{gate: gate-0}}]
    abort: [{{gate: gate-1, decided_by: lead, roll_back: "off"}}]
    sign_off: {{roles: [lead, boss], last: boss}}
"""


def seed() -> str:
    """Fill the database through the services; return a session cookie."""
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from readiness.collectors.gates import GateCollected
    from readiness.core.types import CheckObservation, Finding, GateObservation, Reading, SeriesValue, Window
    from readiness.core.windows import Point
    from readiness.management.acts import shell_act
    from readiness.services.gates import refresh_rollout
    from readiness.services.leases import lease_due
    from readiness.services.plan_file import read_plan
    from readiness.services.record_checks import beat, check_record
    from readiness.services.rollouts import import_plan

    call_command("migrate", verbosity=0)
    text, now = plan_text(), timezone.now()
    import_plan(read_plan(text), text, shell_act(), now)

    def see(leased):
        condition = leased.watched.condition
        if condition.check is not None:
            exists = len(condition.key) % 2
            return CheckObservation(now, Finding.FITS if exists else Finding.MISSING, condition.key, "seen", "5d54816")
        asked = condition.gate.query, condition.gate.source
        reading = Reading(*asked, now, values=(SeriesValue("", 0.012),), sampled_at=now)
        trail = tuple(Point(now - timedelta(minutes=6 * (59 - n)), 0.010 + n / 10000) for n in range(60))
        return GateCollected(GateObservation(reading, window=Window(now, now)), trail)

    for _ in range(3):
        seen = {leased.row: (leased, see(leased)) for leased in lease_due("bench", now)}
        refresh_rollout("bench", seen, shell_act(), now)
    check_record(now)
    beat("worker", now)
    user = User.objects.create_user("bench", password=None)
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def cpu_s(pid: int) -> float:
    """Give the CPU seconds of a process and all below it."""
    children: dict[int, list[int]] = {}
    times: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        times[int(stat.parent.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    todo, total = [pid], 0.0
    while todo:
        each = todo.pop()
        total += times.get(each, 0.0)
        todo += children.get(each, [])
    return total


def ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, int]:
    """Ask for a page once; give seconds and bytes."""
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}", "Host": "localhost"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(f"{path} answered {response.status}")
    return time.perf_counter() - began, len(body)


def measure(port: int, pid: int, path: str, cookie: str) -> tuple[float, float, int]:
    """Give median latency and CPU per request in milliseconds, and the bytes of the page."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(20):
        ask(connection, path, cookie)
    before = cpu_s(pid)
    answers = [ask(connection, path, cookie) for _ in range(REQUESTS)]
    spent = cpu_s(pid) - before
    return statistics.median(s for s, _ in answers) * 1000, spent / REQUESTS * 1000, answers[-1][1]


def serve(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Start the product's web server with the control page added."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "2"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "warning"]
    command += ["readiness.wsgi:application"]
    return subprocess.Popen(command, cwd=REPOSITORY, env=environment)


def free_port() -> int:
    """Find a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Seed, serve, measure both pages in turn, print."""
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"READINESS_DATA": data, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
        cookie, port = seed(), free_port()
        server = serve(os.environ.copy(), port)
        try:
            wait_for(port)
            rounds = [
                {page: measure(port, server.pid, page, cookie) for page in ("/control/", "/rollouts/bench/")}
                for _ in range(3)
            ]
        finally:
            server.terminate()
            server.wait()
    report(rounds)


def wait_for(port: int) -> None:
    """Wait until the server takes connections."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start")


def report(rounds: list[dict[str, tuple[float, float, int]]]) -> None:
    """Print each round and the median ratios."""
    for number, each in enumerate(rounds, 1):
        for page, (latency, cpu, size) in each.items():
            print(f"round {number}  {page:<18} median {latency:6.2f} ms  CPU {cpu:6.2f} ms  {size:,} bytes")
    for index, name in enumerate(("latency", "CPU")):
        ratios = [each["/rollouts/bench/"][index] / each["/control/"][index] for each in rounds]
        print(f"{name} ratio board/control: {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
