"""What the simulated services export. Some metrics that a plan asks for are missing on purpose, as in the real story:
`engram_concepts_formed_total`, `engram_bindings_*`, `engram_blended_recall_*` and everything derived from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from demo.simulation import CONSOLIDATION_PERIOD, MEMORY_LIMIT_BYTES, Simulation
from demo.traffic import Traffic

CONSOLIDATION_BOUNDS = (0.5, 1.0, 2.5, 3.5, 5.0, 10.0)
CONSOLIDATION_SECONDS = 2.9


def engram_metrics(simulation: Simulation) -> Iterable[Metric]:
    """Everything Engram exports."""
    yield from traffic_metrics(
        "engram_recall", "engram_recall_errors", "engram_recall_duration_seconds", simulation.engram
    )
    yield from process_metrics(simulation)
    yield from consolidation_metrics(simulation)
    yield from operations_metrics(simulation)
    share = GaugeMetricFamily("engram_cohort_share", "Share of traffic by cohort.", labels=["cohort"])
    for cohort, value in simulation.engram.profile.shares.items():
        share.add_metric([cohort], value)
    yield share
    yield gauge("engram_spreading_breaker_state", "Circuit breaker of spreading: 0 closed, 1 open.", 0)
    yield counter("engram_episodes", "Episodes stored.", int(simulation.age * 3))


def checkout_metrics(simulation: Simulation) -> Iterable[Metric]:
    """Everything the shop's checkout exports."""
    yield from traffic_metrics(
        "checkout_requests", "checkout_errors", "checkout_request_duration_seconds", simulation.checkout
    )


def operations_metrics(simulation: Simulation) -> Iterable[Metric]:
    """What happened around Engram: incidents, pages, backups. Kept for days, because plans ask about days."""
    incidents = CounterMetricFamily("engram_incidents", "Incidents by severity.", labels=["severity"])
    incidents.add_metric(["critical"], 0)
    incidents.add_metric(["minor"], simulation.happened(2.4, 5.1))
    yield incidents
    yield counter("engram_oncall_pages", "Pages sent to people on call.", simulation.happened(2.4))
    yield gauge("engram_backup_last_success_timestamp_seconds", "Last good backup.", simulation.last_backup_at)


def process_metrics(simulation: Simulation) -> Iterable[Metric]:
    """The simulated process; not the program that simulates it."""
    yield gauge("process_start_time_seconds", "Start of the process.", simulation.began_at)
    yield gauge("process_resident_memory_bytes", "Resident memory.", simulation.resident_bytes)
    yield gauge("engram_memory_limit_bytes", "Memory the process may use.", MEMORY_LIMIT_BYTES)
    yield counter("process_cpu_seconds", "Processor time used.", round(simulation.cpu_seconds, 2))


def consolidation_metrics(simulation: Simulation) -> Iterable[Metric]:
    """Background consolidation: a run every five minutes, each the same length."""
    runs = simulation.consolidations
    yield counter("engram_consolidation_runs", "Consolidation runs.", runs)
    yield counter("engram_consolidation_failures", "Consolidation runs that failed.", 0)
    yield gauge("engram_consolidation_freshness_seconds", "Age of the last run.", simulation.consolidation_age)
    yield gauge("engram_consolidation_period_seconds", "Time between runs.", CONSOLIDATION_PERIOD)
    duration = HistogramMetricFamily("engram_consolidation_duration_seconds", "Length of a consolidation run.")
    counts = [(edge, runs if edge >= CONSOLIDATION_SECONDS else 0) for edge in (*CONSOLIDATION_BOUNDS, inf)]
    duration.add_metric([], as_buckets(counts), runs * CONSOLIDATION_SECONDS)
    yield duration


def traffic_metrics(requests: str, errors: str, latency: str, traffic: Traffic) -> Iterable[Metric]:
    """Requests, errors and latency of one service by cohort, under the names given (without their endings)."""
    total = CounterMetricFamily(requests, "Requests answered.", labels=["cohort"])
    failed = CounterMetricFamily(errors, "Requests that failed.", labels=["cohort"])
    seconds = HistogramMetricFamily(latency, "Time to answer, in seconds.", labels=["cohort"])
    for cohort, tally in traffic.tallies.items():
        counts = tally.cumulative(traffic.profile.bounds)
        total.add_metric([cohort], counts[-1][1])
        failed.add_metric([cohort], int(tally.errors))
        seconds.add_metric([cohort], as_buckets(counts), tally.seconds)
    return total, failed, seconds


def as_buckets(counts: Iterable[tuple[float, int]]) -> list[tuple[str, float]]:
    """Edges in the notation of the exposition format."""
    return [("+Inf" if edge == inf else repr(edge), count) for edge, count in counts]


def counter(name: str, title: str, value: float) -> Metric:
    """A counter without labels."""
    return CounterMetricFamily(name, title, value=value)


def gauge(name: str, title: str, value: float) -> Metric:
    """A gauge without labels."""
    return GaugeMetricFamily(name, title, value=value)


@dataclass(frozen=True, eq=False)
class LiveMetrics:
    """The collector that prometheus-client asks at every scrape."""

    families: Callable[[Simulation], Iterable[Metric]]
    simulation: Simulation

    def collect(self) -> Iterable[Metric]:
        """The state of this moment."""
        return self.families(self.simulation)
