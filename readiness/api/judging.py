"""Judge what a call has just changed."""

import logging
from datetime import datetime

from django.conf import settings

from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.services.verdicts import judge_if_dirty

logger = logging.getLogger("readiness")


def judge_after(rollout: str, now: datetime) -> None:
    """Judge a rollout; what fails here is judged by the tick, and fails no call."""
    channel = Channel(ChannelKind.API, code=settings.CODE_VERSION)
    try:
        judge_if_dirty(rollout, Act(Actor(ActorType.SYSTEM, "readiness", "Readiness"), channel), now)
    except Exception:
        logger.exception("%s could not be judged; the tick does it", rollout)
