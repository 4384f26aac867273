"""`manage.py experiments`: how the experiments of the running phase stand, read from a real Prometheus."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command

from readiness.models import AuditEntry
from tests.services.helpers import DOCUMENT, make_rollout, start_phase

pytestmark = pytest.mark.django_db
RUN = timedelta(minutes=50)
SPEED = {
    "title": "Not slower",
    "question": "non_inferiority",
    "metric": {"source": "metrics", "mean_of": "calls_seconds", "split_by": "cohort", "treatment": "canary",
               "control": "control"},
    "direction": "lower_is_better",
    "margin": "5%",
    "block": "1m",
    "min_duration": "24m",
    "max_duration": "2h",
    "looks": {"every": "10m"},
}  # fmt: skip


def plan():
    phases = [{**phase} for phase in DOCUMENT["phases"]]
    phases[0]["succeed"] = [{"experiment": "speed"}]
    sources = {"metrics": {"kind": "prometheus", "url": "${PROMETHEUS_URL}"}}
    return {**DOCUMENT, "sources": sources, "experiments": {"speed": SPEED}, "phases": phases}


def past(now, slower):
    """An hour of both cohorts, scraped every 15 seconds, whose latency varies a little from minute to minute."""
    random, lines = Random(1), {}  # noqa: S311
    for arm, factor in (("canary", slower), ("control", 1.0)):
        count = total = 0.0
        for step in range(240):
            count, total = count + 150, total + 150 * 0.1 * factor * random.uniform(0.97, 1.03)
            at = f"{now.timestamp() - 15 * (239 - step):.3f}"
            for end, value in (("count", count), ("sum", total)):
                series = f'calls_seconds_{end}{{cohort="{arm}",instance="a",job="shop"}}'
                lines.setdefault(end, []).append(f"{series} {value} {at}")
    text = "".join(
        f"# TYPE calls_seconds_{end} gauge\n" + "\n".join(sorted_by_series(lines[end])) + "\n" for end in lines
    )
    return text + "# EOF\n"


def sorted_by_series(lines):
    return sorted(lines, key=lambda line: line.partition("}")[0])


def said_of(start_prometheus, monkeypatch, capsys, slower):
    now = datetime.now(UTC)
    server = start_prometheus(openmetrics=past(now, slower))
    monkeypatch.setenv("PROMETHEUS_URL", server.url)
    rollout = make_rollout(plan())
    start_phase(rollout, "prepare", at=now - RUN)
    entries = AuditEntry.objects.count()
    call_command("experiments", "demo")
    assert AuditEntry.objects.count() == entries
    return capsys.readouterr().out


@pytest.mark.services
def test_an_equal_canary_is_on_track_and_never_go(start_prometheus, monkeypatch, capsys):
    said = said_of(start_prometheus, monkeypatch, capsys, 1.0)
    assert said.startswith("speed: undecided, on track; 4")
    assert "of 120 blocks" in said
    assert "5 % is allowed." in said


@pytest.mark.services
def test_a_slower_canary_does_harm(start_prometheus, monkeypatch, capsys):
    said = said_of(start_prometheus, monkeypatch, capsys, 1.1)
    assert said.startswith("speed: no_go, worse beyond margin;")
    assert "higher than control" in said


def test_a_source_that_cannot_be_asked_is_invalid_and_says_why(monkeypatch, capsys):
    monkeypatch.delenv("PROMETHEUS_URL", raising=False)
    start_phase(make_rollout(plan()), "prepare")
    call_command("experiments", "demo")
    assert capsys.readouterr().out.startswith("speed: invalid; PROMETHEUS_URL is not set")


def test_nothing_is_said_where_nothing_runs_or_nothing_is_asked():
    with pytest.raises(CommandError, match="No phase of demo runs"):
        call_command("experiments", "demo")
    start_phase(make_rollout(), "prepare")
    with pytest.raises(CommandError, match="prepare asks for no experiment"):
        call_command("experiments", "demo")
