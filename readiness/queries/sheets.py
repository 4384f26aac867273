"""What all sheets share: where they stand, why a reader may not act, and conditions as lines."""

from datetime import datetime
from typing import NamedTuple

from readiness.core.conditions import Condition
from readiness.core.permissions import Right, refusal, roles_for
from readiness.core.plan import Phase
from readiness.core.reasons import REASONS
from readiness.core.types import Assessment, Outcome
from readiness.queries.pages.parts import Line
from readiness.queries.pages.phases import CommandRow, Segment
from readiness.queries.scenes import Scene
from readiness.queries.words import phase_name


class Place(NamedTuple):
    """Where a sheet posts to, and where one goes from it."""

    action: str
    cancel_url: str


def refusal_of(scene: Scene, right: Right, owner: str | None = None, phase: Phase | None = None) -> str:
    """Say why the reader may not do something, and who may; nothing when they may."""
    if scene.may(right, owner, phase):
        return ""
    if scene.rows.closed_at is not None:
        return f"This rollout was closed on {scene.rows.closed_at:%Y-%m-%d %H:%M} UTC. Nothing in it changes any more."
    return refusal(right, roles_for(right, scene.plan, owner, phase), dict(scene.titles))


def state_word(assessment: Assessment) -> str:
    """Give the state word of a condition."""
    if assessment.outcome is Outcome.WAIVED:
        return "Waived"
    if assessment.outcome is Outcome.MET:
        return "Attested" if assessment.attested else "Met"
    return REASONS[assessment.code].word if assessment.code in REASONS else "No data"


def condition_line(scene: Scene, condition: Condition, at: datetime | None = None) -> Line:
    """Show a condition as it stands, as a line."""
    assessment = scene.judge(condition)
    return Line(condition.title, assessment.found, state_word(assessment), at=at)


def phase_words(phase: Phase) -> str:
    """Name a phase in full: phase 0, Pre-deployment; the close by its title."""
    return f"{phase_name(phase).lower()}, {phase.title}" if phase.number else phase.title


def enter_words(phase: Phase) -> str:
    """Say what entering a phase is: enter phase 2, Canary; close the rollout."""
    return f"Enter {phase_words(phase)}" if phase.number else phase.title


def phase_commands(phase: Phase) -> tuple[CommandRow, ...]:
    """Show the commands of a phase, numbered within it: 2.1, 2.2."""
    return tuple(
        CommandRow(f"{phase.number}.{n}".lstrip("."), command.title, command.run, (Segment(command.run),), True)
        for n, command in enumerate(phase.commands, start=1)
    )
