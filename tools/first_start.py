"""What the demo needs before its first start: a checkout, a past for its metrics, a configuration for Prometheus."""

import time
from collections.abc import Callable
from pathlib import Path

from demo.checkout import build_checkout
from demo.history import write_history
from tools.prometheus import HistoryRefused, load_openmetrics, write_configuration

RULES = Path(__file__).resolve().parent.parent / "demo" / "rules.yml"
JOBS = ("engram", "checkout")


def prepare_metrics(data: Path, demo_port: int | None) -> None:
    """Write what the embedded Prometheus scrapes; without a demo that is only what the operator lists."""
    targets = dict.fromkeys(JOBS, f"127.0.0.1:{demo_port}") if demo_port else {}
    write_configuration(data / "prometheus", targets, RULES if demo_port else None)


def prepare_demo(data: Path, promtool: str | None, say: Callable[[str], None]) -> None:
    """Make the checkout and, once, eight days of history; a demo without promtool begins without a past."""
    build_checkout(data / "demo-checkout")
    home = data / "demo"
    home.mkdir(exist_ok=True)
    if promtool is None or (home / "state.json").exists():
        return
    text, state = home / "history.om", home / "state.new"
    write_history(text, state, float(int(time.time())))
    try:
        load_openmetrics(promtool, text, data / "prometheus")
        state.rename(home / "state.json")
    except HistoryRefused as fact:
        say(f"The demo starts without a past: promtool refused it. {fact}")
    text.unlink()
