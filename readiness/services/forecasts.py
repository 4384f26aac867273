"""Forecasts: make one when what it rests on has changed, and keep it for everyone who reads."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from django.db import transaction
from django.db.models import F

from readiness.core.canonical import digest_of
from readiness.core.codec import to_plain
from readiness.core.forecast import RUNS, simulate_forecast
from readiness.core.forecast_types import Forecast, ForecastInputs, ForecastReport
from readiness.models import Rollout, StoredForecast
from readiness.queries.plans import load_rollout
from readiness.queries.work import Asked, load_asked

METHOD = 1
"""Counts the ways in which forecasts have been made; another one makes every forecast again."""


@lru_cache(maxsize=256)
def _simulated(inputs: ForecastInputs) -> Forecast:
    """Simulate once for each process: yesterday's facts and the first ones are asked about again and again."""
    return simulate_forecast(inputs)


def refresh_forecast(rollout_key: str, now: datetime) -> bool:
    """Make the forecast of a rollout again if it rests on something else than the one that is kept; say whether.

    It rests on the plan, on what is closed and what runs, and on the hour. It is no governed fact, so nothing of it
    goes into the record; the simulation runs outside any transaction.
    """
    rollout = load_rollout(rollout_key)
    if rollout.plan is None:
        return False
    asked = load_asked(rollout, now)
    digest = digest_of([METHOD, RUNS, to_plain(asked)])
    if StoredForecast.objects.filter(rollout=rollout, inputs=digest).exists():
        return False
    payload = to_plain(_report(asked, now))
    with transaction.atomic():
        StoredForecast.objects.update_or_create(
            rollout=rollout, defaults={"inputs": digest, "payload": payload, "made_at": now}
        )
        Rollout.objects.filter(pk=rollout.pk).update(changed=F("changed") + 1)
    return True


def _report(asked: Asked, now: datetime) -> ForecastReport:
    return ForecastReport(
        made_at=now,
        forecast=_simulated(asked.now),
        yesterday=_dates_alone(asked.yesterday),
        first=_dates_alone(asked.first),
        turns=asked.turns,
    )


def _dates_alone(inputs: ForecastInputs | None) -> Forecast | None:
    return replace(_simulated(inputs), spans=(), path=()) if inputs is not None else None
