"""The simulated services as one state that moves with the clock it is given, and that a restart continues."""

import json
import math
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from demo.profiles import CHECKOUT, ENGRAM
from demo.traffic import COHORTS, DAY, Faults, Profile, Tally, Traffic, Weather

# A laptop that slept does not catch up: what was missed was not served.
LONGEST_STEP = 10.0
CPU_CORES = 0.41
CONSOLIDATION_PERIOD = 300.0
MEMORY_LIMIT_BYTES = 8_000_000_000


@dataclass
class Simulation:
    """Both services at one moment. `began_at` and `at` are Unix seconds."""

    began_at: float
    at: float
    engram: Traffic = field(default_factory=lambda: Traffic.fresh(ENGRAM))
    checkout: Traffic = field(default_factory=lambda: Traffic.fresh(CHECKOUT))
    faults: Faults = field(default_factory=Faults)

    def advance_to(self, at: float, longest: float = LONGEST_STEP) -> None:
        """Serve the traffic since the last moment, under the faults in force; time never runs back."""
        seconds = min(max(at - self.at, 0.0), longest)
        weather = Weather.at(at)
        self.engram.advance(seconds, self.faults, weather)
        self.checkout.advance(seconds, self.faults, weather)
        self.at = max(at, self.at)

    def set_latency(self, added_ms: float, cohorts: tuple[str, ...] = COHORTS) -> None:
        """Make the cohorts slower from now on."""
        self.faults = replace(self.faults, latency_ms=self.faults.latency_ms | dict.fromkeys(cohorts, added_ms))

    def set_errors(self, rate: float, cohorts: tuple[str, ...] = COHORTS) -> None:
        """Make a share of the cohorts' requests fail from now on."""
        self.faults = replace(self.faults, error_rate=self.faults.error_rate | dict.fromkeys(cohorts, rate))

    def heal(self) -> None:
        """Take every fault back."""
        self.faults = Faults()

    @property
    def age(self) -> float:
        """Seconds since the simulated process started."""
        return self.at - self.began_at

    @property
    def cpu_seconds(self) -> float:
        """Processor time: the base use, and a fifth of it more or less over the day."""
        swing = 0.2 * DAY / (2 * math.pi) * (1 - math.cos(2 * math.pi * self.age / DAY))
        return CPU_CORES * (self.age + swing)

    @property
    def resident_bytes(self) -> int:
        """Memory that breathes by 3 % over five days and so grows at most 4 % in one."""
        return int(5_000_000_000 * (1 + 0.03 * math.sin(2 * math.pi * self.at / (5 * DAY))))

    @property
    def consolidations(self) -> int:
        """Finished runs: one every five minutes, none failed."""
        return int(self.age // CONSOLIDATION_PERIOD)

    @property
    def consolidation_age(self) -> float:
        """Seconds since the last run finished."""
        return self.age % CONSOLIDATION_PERIOD

    @property
    def last_backup_at(self) -> float:
        """The nightly backup of 02:00 UTC."""
        return (self.at - 7200) // DAY * DAY + 7200

    def happened(self, *days: float) -> int:
        """How many events, placed in days after the start, lie behind us."""
        return sum(self.age >= day * DAY for day in days)


def save_state(simulation: Simulation, path: Path) -> None:
    """Keep the state for the next start, whole or not at all."""
    state = {
        "began_at": simulation.began_at,
        "at": simulation.at,
        "engram": simulation.engram.dump(),
        "checkout": simulation.checkout.dump(),
        "faults": [simulation.faults.latency_ms, simulation.faults.error_rate],
    }
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(state))
    os.replace(draft, path)


def restore_state(path: Path, now: float) -> Simulation:
    """Go on where the last start ended, so that no counter falls; the faults of that time are healed.

    A process that was killed lost at most the time since its last scrape: that much is served again first.
    """
    if not path.is_file():
        return Simulation(began_at=now, at=now)
    state = json.loads(path.read_text())
    simulation = Simulation(
        state["began_at"],
        state["at"],
        restore_traffic(ENGRAM, state["engram"]),
        restore_traffic(CHECKOUT, state["checkout"]),
        Faults(*state["faults"]),
    )
    simulation.advance_to(now)
    simulation.heal()
    return simulation


def restore_traffic(profile: Profile, tallies: dict[str, dict[str, object]]) -> Traffic:
    """Counters from plain values; a profile whose buckets changed since then starts anew."""
    fresh = Traffic.fresh(profile)
    for cohort, values in tallies.items():
        buckets = values["buckets"]
        if isinstance(buckets, list) and len(buckets) == len(profile.bounds) + 1:
            fresh.tallies[cohort] = Tally(buckets, float(str(values["errors"])), float(str(values["seconds"])))
    return fresh
