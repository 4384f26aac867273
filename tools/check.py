"""`./test`: every check of the product, one step after another; what failed is shown together at the end."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from tools.environment import CannotPrepare
from tools.postgres import DidNotStart, running_postgres
from tools.services import CHROMIUM, POSTGRES, PROMETHEUS, REDIS, Variables, find_or_fetch

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (sys.executable, "-m")
PYTEST = (*PYTHON, "pytest", "-q")
# One process a core, a file's tests in one of them; the browser tests have the machine to themselves.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")
NO_TEST_RAN = 5


@dataclass(frozen=True)
class Step:
    """One command with a name. A step whose output is long is shown while it runs, the others only when they fail."""

    name: str
    command: tuple[str, ...]
    live: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A step that failed, and what it said."""

    name: str
    output: str


STATIC = (
    Step("lint: ruff check", (*PYTHON, "ruff", "check", ".")),
    Step("format: ruff format", (*PYTHON, "ruff", "format", "--check", ".")),
    Step("types: mypy --strict", (*PYTHON, "mypy")),
    Step("layers: import-linter", (str(Path(sys.executable).with_name("lint-imports")),)),
    Step("security: bandit", (*PYTHON, "bandit", "-q", "-c", "pyproject.toml", "-r", "readiness", "demo", "tools")),
    Step("templates: djlint", (*PYTHON, "djlint", "--lint", "--quiet", "templates")),
    Step("migrations: nothing missing", (sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")),
)
TESTS = Step("tests", (*PYTEST, *SIDE_BY_SIDE, "tests", "--ignore=tests/e2e", "--ignore=tests/long"), live=True)
BROWSER = Step("tests in a browser", (*PYTEST, "tests/e2e"), live=True)
ON_POSTGRES = Step("marked tests on PostgreSQL", (*PYTEST, *SIDE_BY_SIDE, "tests", "-m", "postgres"), live=True)
FAST = Step("tests of the core", (*PYTEST, "tests/core"), live=True)


def main(arguments: Sequence[str]) -> int:
    """Run what was asked for; 0 only when every step passed."""
    options = read_options(arguments)
    with tempfile.TemporaryDirectory(prefix="readiness-test-") as data:
        os.environ["READINESS_DATA"] = data
        if options.part == "FAST":
            return report(run_steps([FAST]))
        if options.part == "LONG":
            return run_long(options)
        return run_everything(options)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """`FAST`, `LONG [NAME]` or nothing; `--allow-missing`."""
    parser = argparse.ArgumentParser(prog="./test", description="Run every check; a missing service is a failure.")
    parser.add_argument("part", nargs="?", choices=["FAST", "LONG"], help="the core alone, or the long runs")
    parser.add_argument("name", nargs="?", help="with LONG: only the tests whose name contains this")
    parser.add_argument("--allow-missing", action="store_true", help="skip tests whose service is not to be had")
    return parser.parse_args(arguments)


def run_everything(options: argparse.Namespace) -> int:
    """Look for the services while the static checks run, then run the tests."""
    with ThreadPoolExecutor(1) as pool:
        services = pool.submit(find_services)
        failures = run_steps(STATIC)
        missing = services.result()
    if missing and not options.allow_missing:
        return report([*failures, *missing])
    note_missing(missing)
    failures += [*run_steps([TESTS]), *run_on_postgres(), *run_steps([BROWSER])]
    return report(failures)


def run_on_postgres() -> list[Failure]:
    """Run the tests that concern the database once more, on a PostgreSQL of their own."""
    if "POSTGRES_BIN_DIR" not in os.environ:
        return []
    with tempfile.TemporaryDirectory(prefix="readiness-test-") as home:
        try:
            with running_postgres(Path(os.environ["POSTGRES_BIN_DIR"]), Path(home)) as address:
                return run_steps([replace(ON_POSTGRES, environment={"DATABASE_URL": address})])
        except DidNotStart as fact:
            return [Failure(ON_POSTGRES.name, f"PostgreSQL did not start:\n{fact}")]


def run_long(options: argparse.Namespace) -> int:
    """Run the long simulations, load, fault and fuzz runs; a name that matches none is said, not passed over."""
    if not list((ROOT / "tests" / "long").glob("test_*.py")):
        print("There are no long tests: tests/long holds none.")
        return 1
    missing = find_services()
    if missing and not options.allow_missing:
        return report(missing)
    note_missing(missing)
    chosen = ("-k", options.name) if options.name else ()
    return report(run_steps([Step("long tests", (*PYTEST, "tests/long", "--timeout=3600", *chosen), live=True)]))


def find_services() -> list[Failure]:
    """Name every service for the tests by environment variables; return those that are not to be had."""
    missing = []
    for service in (PROMETHEUS, REDIS, POSTGRES, CHROMIUM):
        try:
            found: Variables = find_or_fetch(service, ROOT / ".local")
        except CannotPrepare as fact:
            missing.append(Failure(service.name, f"{fact}\nTo go on without it: ./test --allow-missing"))
            continue
        os.environ.update(found)
    return missing


def note_missing(missing: Sequence[Failure]) -> None:
    """Tell people and tests which services may be skipped."""
    for failure in missing:
        print(f"Skipped: {failure.output.splitlines()[0]}", flush=True)
    os.environ["READINESS_ALLOW_MISSING"] = " ".join(failure.name for failure in missing)


def run_steps(steps: Sequence[Step]) -> list[Failure]:
    """Run the steps, whatever the ones before said."""
    return [failure for step in steps if (failure := run_step(step))]


def run_step(step: Step) -> Failure | None:
    """Run one step; print its name, how it went and how long it took."""
    began_at = time.monotonic()
    if step.live:
        print(f"── {step.name}", flush=True)
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env={**os.environ, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=None if step.live else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    word = "ok" if done.returncode == 0 else "FAILED"
    print(f"{word:>6}  {time.monotonic() - began_at:6.1f} s  {step.name}", flush=True)
    if done.returncode == 0:
        return None
    said = "No test ran." if step.live and done.returncode == NO_TEST_RAN else "Its output is above."
    return Failure(step.name, said if step.live else done.stdout)


def report(failures: Sequence[Failure]) -> int:
    """Show every failure together; the exit code says whether there was one."""
    for failure in failures:
        print(f"\n── FAILED: {failure.name}\n{failure.output.rstrip()}")
    if failures:
        print(f"\nFailed: {', '.join(failure.name for failure in failures)}", flush=True)
        return 1
    print("Everything passed.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
