"""Baselines as they were recorded one after the other: by whom, when, and how far they have drifted."""

from collections import defaultdict
from collections.abc import Sequence

from readiness.core.baselines import ACCEPTED, baseline_key, cumulative_drift, drift_of
from readiness.core.conditions import Condition
from readiness.core.criteria_words import format_value
from readiness.models import Baseline, Rollout
from readiness.queries.pages.parts import Line
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of

Chain = Sequence[Baseline]
"""What was recorded of one gate under one name, oldest first; the last one is in force."""
MOST_SHOWN = 5


def load_chains(rollout: Rollout, baseline: str) -> dict[str, Chain]:
    """Read everything that was ever recorded under a name, by gate, with one query."""
    found: dict[str, list[Baseline]] = defaultdict(list)
    for row in Baseline.objects.filter(rollout=rollout, baseline=baseline).order_by("recorded_at", "pk"):
        found[row.gate].append(row)
    return dict(found)


def drift_words(drift: float | None) -> str:
    """5.0 % more, 5.0 % less, the same; empty where nothing can be said."""
    if drift is None:
        return ""
    return f"{abs(drift) * 100:.1f} % {'more' if drift > 0 else 'less'}" if drift else "the same"


def baseline_lines(scene: Scene, condition: Condition) -> tuple[Line, ...]:
    """Show what a gate is compared with, where that is recorded: each value, newest first, and its drift."""
    spec = condition.gate
    name = baseline_key(spec.against) if spec is not None else ""
    if spec is None or not name:
        return ()
    chain = load_chains(scene.rollout, name).get(condition.key, ())
    return tuple(_line(chain, place, spec.unit, spec.query) for place in range(len(chain) - 1, -1, -1))[:MOST_SHOWN]


def _line(chain: Chain, place: int, unit: str, query: str) -> Line:
    row = chain[place]
    in_force = place == len(chain) - 1
    state = "" if not in_force else "Valid" if row.query == query else "Void"
    note = _provenance(row)
    if in_force and row.query != query:
        note = f"{note}. It was recorded of another query, so it counts for nothing"
    word = "In force" if state == "Valid" else ""
    return Line(format_value(row.value, unit), note, state, word, _drift(chain, place))


def _provenance(row: Baseline) -> str:
    at = f"{row.recorded_at:%Y-%m-%d %H:%M} UTC"
    if row.baseline == ACCEPTED and not row.window:
        return f"What it was when a phase was entered with GO, {at}"
    return f"Median of the last hour, recorded by {row.by_name}, {at}"


def _drift(chain: Chain, place: int) -> str:
    """How far a value is from the one before, and from the first of all."""
    if not place:
        return "the first"
    step = drift_words(drift_of(chain[place - 1].value, chain[place].value))
    whole = drift_words(cumulative_drift([row.value for row in chain[: place + 1]])) if place > 1 else ""
    told = [f"{step} than before" if step not in ("", "the same") else step, f"{whole} than the first" if whole else ""]
    return ", ".join(part for part in told if part).replace("the same than", "the same as")


def drift_sentence(chain: Chain, value: float) -> str:
    """Say how far a value that would be recorded now is from the first of those before; empty without two of them."""
    if len(chain) < 2:
        return ""
    drift = drift_words(drift_of(chain[0].value, value))
    return f"{drift} than the first of {count_of(len(chain), 'baseline')}" if drift else ""
