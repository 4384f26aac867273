"""`./run` and `./test` start here: prepare the environment and the services, then hand over. Standard library only."""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.environment import CannotPrepare, ensure_environment, one_at_a_time, settle_environment
from tools.services import PROMETHEUS, Variables, find_or_fetch

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"


def main(arguments: Sequence[str]) -> None:
    """Prepare what the command needs and become it; what cannot be prepared is one clear sentence."""
    command, *rest = arguments
    settle_environment(ROOT)
    try:
        become_run(rest) if command == "run" else become_test(rest)
    except CannotPrepare as fact:
        sys.exit(str(fact))
    except KeyboardInterrupt:
        sys.exit("Stopped before anything was started.")


def become_run(arguments: Sequence[str]) -> None:
    """`./run`: packages and Prometheus are fetched at the same time, then the supervisor takes over."""
    options = run_options(arguments)
    if options.data:
        os.environ["READINESS_DATA"] = str(options.data.absolute())
    with one_at_a_time(ROOT), ThreadPoolExecutor(1) as pool:
        prometheus = pool.submit(prometheus_or_advice)
        python = ensure_environment(ROOT, ["requirements.txt"])
        os.environ.update(prometheus.result())
    words = ["--port", str(options.port)] if options.port else []
    hand_over(python, "manage.py", "run", *words, *(["--no-demo"] if options.no_demo else []))


def run_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the options before anything is installed, so that a misspelt one costs nothing."""
    parser = argparse.ArgumentParser(prog="./run", description="Set everything up and start Readiness.")
    parser.add_argument("--port", type=int, help="where the pages are served (8000, or the next free one)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept (var in this checkout)")
    parser.add_argument("--no-demo", action="store_true", help="start empty; a link makes the first administrator")
    return parser.parse_args(arguments)


def prometheus_or_advice() -> Variables:
    """Name Prometheus; without one the board starts all the same, and its gates stay unknown."""
    if os.environ.get("PROMETHEUS_URL"):
        return {}
    try:
        return find_or_fetch(PROMETHEUS, LOCAL)
    except CannotPrepare as fact:
        return {"READINESS_PROMETHEUS_ADVICE": str(fact)}


def become_test(arguments: Sequence[str]) -> None:
    """`./test`: the development packages too; the services are found by tools/check.py, which runs the steps."""
    with one_at_a_time(ROOT):
        python = ensure_environment(ROOT, ["requirements.txt", "requirements-dev.txt"])
    os.chdir(ROOT)
    hand_over(python, "-m", "tools.check", *arguments)


def hand_over(python: Path, *words: str) -> None:
    """Replace this process, so that signals and the exit code are the command's own."""
    sys.stdout.flush()
    first = str(ROOT / words[0]) if words[0].endswith(".py") else words[0]
    os.execv(python, [str(python), first, *words[1:]])  # noqa: S606 # nosec B606 - no shell is meant


if __name__ == "__main__":
    main(sys.argv[1:])
