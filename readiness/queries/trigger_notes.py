"""How the abort triggers stand, in a sentence and as what a GO rests on: what is not seen is never called quiet."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from readiness.core.aborts import (
    BLIND_AFTER,
    TriggerState,
    blind_from,
    tolerated_by,
    trigger_doubt,
    trigger_state,
    unarmed_because,
)
from readiness.core.facts import TriggerFacts
from readiness.core.types import Question
from readiness.queries.pages.parts import Line
from readiness.queries.scenes import Scene
from readiness.queries.words import count_of, join_words, without_stop

SPEAKING = frozenset({"ABORT_FIRING", "ABORT_UNANSWERED", "ABORT_BLIND"})
FIRES = (TriggerState.FIRING, TriggerState.UNANSWERED)
NO_TRIGGER = "The plan names no abort trigger for it"


def count_quiet(scene: Scene) -> tuple[int, int]:
    """Count the triggers of the running phase that are armed and within their limit, and all of them."""
    running = _running(scene)
    quiet = [t for t in running if trigger_state(t, scene.now) in (TriggerState.QUIET, TriggerState.BREACHED)]
    return sum(not unarmed_because(t, scene.now) for t in quiet), len(running)


def triggers_sentence(scene: Scene) -> str:
    """7 of 7 abort triggers armed, none fires; what fires, continues over its limit or can’t be measured is said."""
    running = _running(scene)
    if not running:
        return NO_TRIGGER
    said = [_armed(running, scene.now), *_spoken(running, scene.now)]
    return ", ".join(said if said[1:] else [*said, "none fires"])


def trigger_lines(scene: Scene, question: Question) -> Iterator[Line]:
    """Show what a GO rests on: how the triggers stand, and each one that the phase goes on over."""
    asked = scene.facts.triggers if question is Question.ENTER else _running(scene)
    if not asked:
        yield Line("Abort triggers", NO_TRIGGER, "Not due", "None planned")
        return
    sentence = triggers_sentence(scene) if asked == _running(scene) else _entering(scene)
    yield Line("Abort triggers", sentence, _line_state(asked, scene.now))
    for trigger in asked:
        if trigger_state(trigger, scene.now) is TriggerState.CONTINUED:
            title, note = trigger.facts.condition.title, continued_words(trigger, scene.now)
            yield Line(title, f"Continues over its limit {note}", "Failing", url=scene.url("now"))


def continued_words(trigger: TriggerFacts, now: datetime) -> str:
    """Say until when the phase goes on over a trigger, why, and who answers for it; empty when nobody said so."""
    firing = tolerated_by(trigger, now)
    if firing is None or firing.continue_until is None:
        return ""
    why = f", because “{without_stop(firing.reason)}”" if firing.reason else ""
    return f"until {firing.continue_until:%H:%M}{why}{f', by {firing.by}' if firing.by else ''}"


def _running(scene: Scene) -> tuple[TriggerFacts, ...]:
    return tuple(trigger for trigger in scene.facts.triggers if trigger.running)


def _entering(scene: Scene) -> str:
    """Those of the next phase have nothing to stop yet, so only those of the running one can speak."""
    said = [_armed(scene.facts.triggers, scene.now), *_spoken(_running(scene), scene.now)]
    return ", ".join(said)


def _armed(triggers: Sequence[TriggerFacts], now: datetime) -> str:
    armed = sum(not unarmed_because(trigger, now) for trigger in triggers)
    return f"{armed} of {count_of(len(triggers), 'abort trigger')} armed"


def _spoken(triggers: Sequence[TriggerFacts], now: datetime) -> Iterator[str]:
    """Say what is not quiet, worst first; nothing when all is."""
    states = [(trigger, trigger_state(trigger, now)) for trigger in triggers]
    firing = sum(state in FIRES for _, state in states)
    if firing:
        yield f"{firing} {'fires' if firing == 1 else 'fire'}"
    unseen = [t for t, state in states if state not in FIRES and trigger_doubt(t, now)]
    if unseen:
        yield _unseen(unseen, now)
    continued = [t for t, state in states if state is TriggerState.CONTINUED]
    if continued:
        its = "continues over its limit" if len(continued) == 1 else "continue over their limits"
        yield f"{len(continued)} {its} {join_words([continued_words(t, now) for t in continued])}"
    past = sum(state is TriggerState.BREACHED for _, state in states)
    if past:
        yield f"{past} {'is past its limit' if past == 1 else 'are past their limits'}, not for long enough to fire"


def _unseen(triggers: Sequence[TriggerFacts], now: datetime) -> str:
    """2 can’t be measured since 08:43; at 08:53 that is NO-GO."""
    known = [at for trigger in triggers if (at := blind_from(trigger, now)) is not None]
    said = f"{len(triggers)} can’t be measured"
    if not known:
        return said
    since = min(known)
    borne = f"; at {since + BLIND_AFTER:%H:%M} that is NO-GO" if now - since < BLIND_AFTER else ""
    return f"{said} since {since:%H:%M}{borne}"


def _line_state(triggers: Sequence[TriggerFacts], now: datetime) -> str:
    if any(trigger_state(trigger, now) is TriggerState.CONTINUED for trigger in triggers):
        return "Failing"
    if any(trigger_doubt(trigger, now) for trigger in triggers if trigger.running):
        return "Can’t be measured"
    return "Not armed" if any(unarmed_because(trigger, now) for trigger in triggers) else "Armed"
