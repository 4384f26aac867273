"""The forecast of the example rollout: `python -m tests.benchmarks.forecast`.

Printed for several numbers of runs: median CPU time of a simulation, its ratio to drawing the same lengths and nothing
else, and how far its odds are from those of 200,000 runs; the same for a plan with 120 tasks; and what it costs to look
whether a forecast is due, and to make one.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).resolve().parents[2]
MONDAY = datetime(2025, 11, 24, 9, 0, tzinfo=UTC)
RUNS, REPEATS, MANY = (1_000, 2_000, 5_000, 10_000, 20_000), 9, 200_000


def example():
    """The inputs of the example rollout's forecast, with every gap open."""
    from readiness.core.forecast_work import WorkState, forecast_inputs
    from readiness.services.plan_file import read_plan

    plan = read_plan((REPOSITORY / "plans" / "dual-memory.yaml").read_text(encoding="utf-8")).plan
    return forecast_inputs(WorkState(MONDAY, plan))


def larger(inputs, gaps=40, tasks=3):
    """A plan with 120 tasks of 12 owners, each gap after the one five before it."""
    from readiness.core.forecast_types import GapWork, TaskWork

    work = tuple(
        GapWork(
            f"g{n:02}",
            tuple(TaskWork(f"t{k}", f"owner-{(n * tasks + k) % 12}", (1.0, 3.0)) for k in range(tasks)),
            (f"g{n - 5:02}",) if n >= 5 else (),
        )
        for n in range(gaps)
    )
    keys = tuple(gap.key for gap in work)
    return replace(inputs, gaps=work, legs=tuple(replace(leg, gaps=keys) for leg in inputs.legs))


def median_ms(act: Callable[[], object]) -> float:
    """Give the median CPU time of an act."""
    took = []
    for _ in range(REPEATS):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return statistics.median(took) * 1000


def draw(tasks: int, runs: int) -> list[list[float]]:
    """What everything is compared with: a random length for each task and run."""
    triangular = Random("control").triangular  # noqa: S311
    return [[triangular(2.0, 3.0) for _ in range(runs)] for _ in range(tasks)]


def report(name: str, inputs) -> None:
    """Print the times of one plan and how far its odds are from those of many runs."""
    from readiness.core.forecast import simulate_forecast

    many = simulate_forecast(inputs, MANY)
    tasks = sum(len(gap.tasks) for gap in inputs.gaps)
    for runs in RUNS:
        found = simulate_forecast(inputs, runs)
        took = median_ms(lambda runs=runs: simulate_forecast(inputs, runs))
        control = median_ms(lambda runs=runs: draw(tasks, runs))
        off = max(
            abs(each.share_by(day) - other.share_by(day))
            for each, other in zip(found.milestones, many.milestones, strict=True)
            for day, _ in other.odds
        )
        print(
            f"{name:<8} {runs:>6} runs  {took:7.1f} ms  ratio to drawing {took / control:5.2f}  odds off by {off:.2%}"
        )


def look() -> None:
    """Print what looking whether a forecast is due costs, and what making it costs with all its queries."""
    import django

    django.setup()
    from django.core.management import call_command

    from readiness.models import StoredForecast
    from readiness.services.forecasts import _simulated, refresh_forecast
    from tests.factories import NOW, PLANS, judge, make_rollout

    call_command("migrate", verbosity=0)
    rollout = make_rollout((PLANS / "dual-memory.yaml").read_text(encoding="utf-8"))
    judged = median_ms(lambda: judge(rollout))
    refresh_forecast(rollout.key, NOW)
    due = median_ms(lambda: refresh_forecast(rollout.key, NOW))

    def make() -> None:
        _simulated.cache_clear()
        StoredForecast.objects.all().delete()
        refresh_forecast(rollout.key, NOW)

    print(f"looking {due:.1f} ms, making {median_ms(make):.1f} ms, judging {judged:.1f} ms")
    print(f"ratio looking/judging: {due / judged:.2f}")


def main() -> None:
    """Measure and print."""
    inputs = example()
    report("example", inputs)
    report("larger", larger(inputs))
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"READINESS_DATA": data, "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}
        look()


if __name__ == "__main__":
    main()
