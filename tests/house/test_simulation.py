"""The simulated services: counters never fall, time never runs back, a restart goes on where the last one ended."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.metrics import checkout_metrics, engram_metrics
from demo.profiles import ENGRAM
from demo.simulation import LONGEST_STEP, Simulation, restore_state, save_state
from demo.traffic import COHORTS, DAY, Weather

NOW = 1_795_000_000.0
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(-5, 30)),
        st.tuples(st.just("latency"), st.floats(0, 3000)),
        st.tuples(st.just("errors"), st.floats(0, 1)),
        st.tuples(st.just("heal"), st.just(0.0)),
        st.tuples(st.just("restart"), st.just(0.0)),
    ),
    max_size=15,
)


def counters(simulation: Simulation) -> dict[str, float]:
    """Every sample of every counter and histogram."""
    families = [*engram_metrics(simulation), *checkout_metrics(simulation)]
    return {
        f"{sample.name}{json.dumps(sample.labels, sort_keys=True)}": sample.value
        for family in families
        if family.type in ("counter", "histogram")
        for sample in family.samples
    }


def take(simulation: Simulation, step: tuple[str, float], state: Path) -> Simulation:
    kind, value = step
    if kind == "wait":
        simulation.advance_to(simulation.at + value)
    elif kind == "latency":
        simulation.set_latency(value)
    elif kind == "errors":
        simulation.set_errors(value, ("canary",))
    elif kind == "heal":
        simulation.heal()
    else:
        save_state(simulation, state)
        return restore_state(state, simulation.at + 1)
    return simulation


@given(steps=STEPS)
def test_no_counter_ever_falls(steps: list[tuple[str, float]], tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("simulation") / "state.json"
    simulation = Simulation(began_at=NOW, at=NOW)
    for step in steps:
        before, at = counters(simulation), simulation.at
        simulation = take(simulation, step, state)
        after = counters(simulation)
        assert simulation.at >= at
        assert all(after[name] >= value for name, value in before.items())


@given(seconds=st.floats(0, 10), added_ms=st.floats(0, 60_000))
def test_every_request_is_in_exactly_one_bucket(seconds: float, added_ms: float) -> None:
    simulation = Simulation(began_at=NOW, at=NOW)
    simulation.set_latency(added_ms)
    simulation.advance_to(NOW + seconds)
    for cohort in COHORTS:
        requests = requests_of(simulation, cohort, simulation.at - NOW)
        assert sum(simulation.checkout.tallies[cohort].buckets) == pytest.approx(requests)


def requests_of(simulation: Simulation, cohort: str, seconds: float) -> float:
    """What the checkout's cohort serves in one step of this length that ended now."""
    profile = simulation.checkout.profile
    return profile.requests_per_second * profile.shares[cohort] * seconds * Weather.at(simulation.at).load


def test_a_machine_that_slept_served_nothing_meanwhile() -> None:
    simulation = Simulation(began_at=NOW, at=NOW)
    simulation.advance_to(NOW + 8 * 3600)
    served = counters(simulation)['checkout_requests_total{"cohort": "control"}']
    assert served == int(requests_of(simulation, "control", LONGEST_STEP))


@given(at=st.floats(NOW, NOW + 8 * DAY))
def test_every_weather_is_a_good_day(at: float) -> None:
    weather = Weather.at(at)
    shape = ENGRAM.shape("control", 0.0, weather.tail)
    assert min(shape) >= 0
    assert sum(shape) == pytest.approx(1)
    assert sum(shape[: ENGRAM.bounds.index(0.015) + 1]) > 0.955
    assert 0.985 < sum(shape[: ENGRAM.bounds.index(0.0175) + 1]) < 0.99 < sum(shape[: ENGRAM.bounds.index(0.02) + 1])
    assert 0.7 < weather.load < 1.3


def test_a_restart_heals_the_faults(tmp_path: Path) -> None:
    simulation = Simulation(began_at=NOW, at=NOW)
    simulation.set_latency(200)
    save_state(simulation, tmp_path / "state.json")
    assert restore_state(tmp_path / "state.json", NOW + 1).faults.latency_ms == {"control": 0.0, "canary": 0.0}


def test_a_fault_of_one_cohort_leaves_the_other_alone() -> None:
    simulation = Simulation(began_at=NOW, at=NOW)
    simulation.set_errors(0.5, ("canary",))
    simulation.advance_to(NOW + 10)
    tallies = simulation.checkout.tallies
    assert tallies["canary"].errors == pytest.approx(requests_of(simulation, "canary", 10) * 0.5)
    assert tallies["control"].errors == pytest.approx(requests_of(simulation, "control", 10) * 0.0008)
