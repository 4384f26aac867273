"""Places: where in a plan a condition stands, in words."""

from readiness.core.conditions import Condition, ConditionList
from readiness.core.phases import find_phase
from readiness.queries.scenes import Scene

PLACES = {ConditionList.ENTER: "to enter", ConditionList.SUCCEED: "to finish", ConditionList.ABORT: "stops it"}


def place_words(scene: Scene, condition: Condition) -> str:
    """Canary, to finish."""
    if condition.place.startswith("gap:"):
        key = condition.place.removeprefix("gap:")
        return next((f"closes “{gap.title}”" for gap in scene.plan.gaps if gap.key == key), key)
    phase = find_phase(scene.plan, condition.place)
    return f"{phase.title}, {PLACES.get(condition.list, '')}" if phase else "defined in the plan"
