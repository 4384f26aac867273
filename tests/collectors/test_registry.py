"""The registry: every kind of check is collected, and no trouble is raised."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich import porcelain

from readiness.collectors.gates import GateAsked, collect_gate
from readiness.collectors.registry import CHECKS, CollectContext, collect_check, make_context
from readiness.core.conditions import CheckSpec, GateSpec
from readiness.core.plan import Source
from readiness.core.types import Finding, Trouble
from tests.collectors.http_servers import answering, as_json
from tests.collectors.prometheus_process import MINUTE
from tests.collectors.test_git import commit_files

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SOURCES = [
    Source("metrics", "prometheus", {"url": "${PROMETHEUS_URL}"}),
    Source("repository", "git", {"path": "${SERVICE_CHECKOUT}"}),
    Source("dashboards", "grafana", {"url": "${GRAFANA_URL}"}),
    Source("service", "http", {"url": "${SERVICE_URL}"}),
]
SETTINGS: dict[str, dict[str, object]] = {
    "file": {"path": "a"}, "config": {"path": "a.toml", "keys": ["a"]}, "kubernetes": {"path": "a.yaml"},
    "http": {"path": "/a", "expect": {}}, "dashboard": {"uid": "a"}, "alert_rule": {"name": "a"},
    "series": {"names": ["a"]}, "target": {"job": "a"},
}  # fmt: skip
NEEDS = {"file": "repository", "config": "repository", "kubernetes": "repository", "http": "service"} | {
    "dashboard": "dashboards", "alert_rule": "metrics", "series": "metrics", "target": "metrics",
}  # fmt: skip


def context(**environ: str) -> CollectContext:
    return make_context(SOURCES, environ, (), NOW)


def test_every_kind_is_tried_here() -> None:
    assert set(SETTINGS) == set(CHECKS) == set(NEEDS)


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_a_check_of_any_kind_says_which_variable_is_not_set(kind: str) -> None:
    seen = collect_check(CheckSpec(NEEDS[kind], kind, SETTINGS[kind]), context())
    assert seen.trouble is Trouble.NOT_CONFIGURED
    assert seen.detail.endswith(f"is not set, so {NEEDS[kind]} cannot be asked")
    assert seen.checked_at == NOW


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_a_check_on_a_source_of_another_kind_says_so(kind: str) -> None:
    other = "service" if NEEDS[kind] != "service" else "metrics"
    with context(SERVICE_URL="http://127.0.0.1:1", PROMETHEUS_URL="http://127.0.0.1:1") as collecting:
        seen = collect_check(CheckSpec(other, kind, SETTINGS[kind]), collecting)
    assert seen.trouble is Trouble.NOT_CONFIGURED
    assert "is needed" in seen.detail


@pytest.mark.parametrize("kind", sorted(SETTINGS))
def test_a_check_on_a_source_that_the_plan_does_not_name_says_so(kind: str) -> None:
    seen = collect_check(CheckSpec("nowhere", kind, SETTINGS[kind]), context())
    assert (seen.trouble, seen.detail) == (Trouble.NOT_CONFIGURED, "the plan names no source nowhere")


def test_a_kind_that_is_not_known_is_trouble_with_a_sentence() -> None:
    seen = collect_check(CheckSpec("metrics", "telepathy", {}), context())
    assert seen.trouble is Trouble.NOT_CONFIGURED
    assert seen.detail.startswith("checks of kind telepathy cannot be made yet; file, config")


def test_a_gate_on_a_source_that_is_not_configured_has_that_trouble() -> None:
    spec = GateSpec("metrics", "up", "", (("== 1",),), hold_for=MINUTE)
    batch = context().prometheus("metrics")
    collected = collect_gate(batch, GateAsked(spec, with_trail=True))
    reading = collected.observation.reading
    assert (reading.trouble, reading.sampled_at, collected.trail) == (Trouble.NOT_CONFIGURED, None, ())
    assert reading.message == "PROMETHEUS_URL is not set, so metrics cannot be asked"
    assert collected.observation.window is None


def test_one_batch_serves_a_source_for_the_whole_refresh() -> None:
    with answering(as_json({"status": "success", "data": {"resultType": "vector", "result": []}})) as (url, asked):
        with context(PROMETHEUS_URL=url) as collecting:
            assert collecting.prometheus("metrics") is collecting.prometheus("metrics")
            for _ in range(2):
                assert collect_check(CheckSpec("metrics", "series", SETTINGS["series"]), collecting).finding is (
                    Finding.MISSING
                )
        assert len(asked) == 1


def test_a_file_is_collected_through_the_registry(tmp_path: Path) -> None:
    porcelain.init(str(tmp_path)).close()
    commit_files(tmp_path, {"a": b"1"})
    with context(SERVICE_CHECKOUT=str(tmp_path)) as collecting:
        assert collect_check(CheckSpec("repository", "file", {"path": "a"}), collecting).finding is Finding.FITS
