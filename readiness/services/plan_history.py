"""What is told and what was decided before, as the plan file writes it: shown with its source, never counted."""

from typing import Literal

from readiness.services.plan_types import OMITTED, Duration, Moment, Part, Switch, Words


class EscalationPart(Part):
    """Who is told when nobody has answered for so long."""

    after: Duration
    to: Words


class CommunicationPart(Part):
    """What people are told, and where."""

    channel: Words = OMITTED
    rollback_internal: Words = OMITTED
    rollback_public: Words = OMITTED
    escalation: list[EscalationPart] = OMITTED
    states: list[Words] = OMITTED


class DecisionPart(Part):
    """A decision of before; shown with its source, never a sign-off."""

    at: Moment
    by: Words
    verdict: Literal["GO", "NO_GO"]
    title: Words = OMITTED
    source: Words = OMITTED


class AlternativePart(Part):
    """What was considered and rejected."""

    title: Words
    gist: Words = OMITTED
    rejected: Words = OMITTED
    source: Words = OMITTED


class CriterionPart(Part):
    """What was asked for before, and what was found; shown with its source, never counted."""

    title: Words
    required: Words = OMITTED
    found: Words = OMITTED
    met: Switch = OMITTED
    at: Moment = OMITTED
    source: Words = OMITTED
