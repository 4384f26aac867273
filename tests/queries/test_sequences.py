"""The launch sequence: each phase as the newest of its runs left it."""

import pytest

from readiness.core.plan import Phase, Plan
from readiness.queries.sequences import run_states

PHASES = tuple(Phase(key, str(n), key.capitalize()) for n, key in enumerate(("prepare", "canary", "full")))
PLAN = Plan("demo", "Demo", "sha256:0", phases=PHASES)


@pytest.mark.parametrize(
    ("runs", "following", "states"),
    [
        ([], "prepare", ["NO-GO", "Not due", "Not due"]),
        ([("prepare", "running")], "canary", ["Running", "Not due", "Not due"]),
        ([("prepare", "succeeded"), ("canary", "running")], "full", ["Done", "Running", "Not due"]),
        (
            [("prepare", "succeeded"), ("canary", "rolled_back"), ("prepare", "running")],
            "canary",
            ["Running", "Rolled back", "Not due"],
        ),
        (
            [("prepare", "succeeded"), ("canary", "succeeded"), ("full", "rolled_back"), ("prepare", "running")],
            "canary",
            ["Running", "Not due", "Rolled back"],
        ),
        ([("prepare", "succeeded"), ("canary", "succeeded"), ("full", "succeeded")], None, ["Done"] * 3),
    ],
)
def test_each_phase_is_as_its_newest_run_left_it(runs, following, states):
    target = next((phase for phase in PHASES if phase.key == following), None)
    found = run_states(PLAN, runs, target, {})
    assert [found[phase.key] for phase in PHASES] == states
