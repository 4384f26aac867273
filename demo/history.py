"""Eight days that the simulated services have behind them, as OpenMetrics text for promtool.

Only what needs a past gets one: days for what plans ask about days, 26 hours at a minute for Engram, six minutes at the
scrape interval for everything, so that short windows are full at once. The state that the text ends with is the state
the live service starts from: the counters go on without a reset.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from prometheus_client.metrics_core import Metric

from demo.metrics import checkout_metrics, engram_metrics, operations_metrics
from demo.simulation import Simulation, save_state
from demo.traffic import DAY

LONG = 8 * DAY
MIDDLE = 26 * 3600.0
SHORT = 360.0
MINUTE = 60.0
SCRAPE = 2.0
# One minute of downtime lies 20 hours back: 99.93 % of the last day, where 99.9 % are asked for.
DOWN_BEFORE_END = 20 * 3600.0

Families = Callable[[Simulation], Iterable[Metric]]
Points = dict[str, dict[str, list[str]]]


def write_history(text: Path, state: Path, end: float) -> None:
    """Write the past up to `end` (Unix seconds, a whole one) as OpenMetrics, and the state it ends with."""
    simulation = Simulation(began_at=end - LONG, at=end - LONG)
    points: Points = defaultdict(lambda: defaultdict(list))
    record(points, "engram", operations_metrics, walk(simulation, end - MIDDLE, MINUTE))
    record(points, "engram", with_up(engram_metrics, end), walk(simulation, end - SHORT, MINUTE))
    for _ in walk(simulation, end, SCRAPE):
        record(points, "checkout", with_up(checkout_metrics, end), [simulation])
        record(points, "engram", with_up(engram_metrics, end), [simulation])
    text.write_text("".join(lines_of(points)))
    save_state(simulation, state)


def walk(simulation: Simulation, until: float, step: float) -> Iterator[Simulation]:
    """Move the simulation forward step by step, stopping at each."""
    while simulation.at + step <= until:
        simulation.advance_to(simulation.at + step, longest=step)
        yield simulation


def with_up(families: Families, end: float) -> Families:
    """Add the `up` that Prometheus itself would have written."""

    def families_and_up(simulation: Simulation) -> Iterable[Metric]:
        up = Metric("up", "Whether the scrape worked.", "gauge")
        up.add_sample("up", {}, float(simulation.at != end - DOWN_BEFORE_END))
        return [up, *families(simulation)]

    return families_and_up


def record(points: Points, job: str, families: Families, moments: Iterable[Simulation]) -> None:
    """Note every sample of every moment under its family and series."""
    for moment in moments:
        for family in families(moment):
            for sample in family.samples:
                labels = {**sample.labels, "job": job, "instance": instance_of(job)}
                inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
                header = f"# TYPE {family.name} {family.type}\n"
                points[header][f"{sample.name}{{{inside}}}"].append(f" {sample.value!r} {moment.at:.0f}\n")


def lines_of(points: Points) -> Iterator[str]:
    """The text: each family together, each series in the order of time."""
    for header, series in points.items():
        yield header
        for name, samples in series.items():
            yield from (name + sample for sample in samples)
    yield "# EOF\n"


def instance_of(job: str) -> str:
    """The fixed `instance` label that makes backfilled and live series one."""
    return f"{job}-demo"
