"""What a runbook refers to is looked for: it is there, missing, elsewhere, or there and not what it should be."""

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from dulwich import porcelain

from readiness.collectors.registry import CollectContext
from readiness.collectors.runbook_files import Files
from readiness.collectors.runbook_references import NO_REPOSITORY, Search
from readiness.collectors.sources import ResolvedSource
from readiness.collectors.trees import FolderTree, NoTree, open_tree
from readiness.core.runbook.mentions import RefKind
from readiness.core.runbook.to_checks import Reference
from tests.collectors.http_servers import answering, as_json, sent
from tests.collectors.test_git import commit_files

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
BOARD = {"uid": "shop-main", "title": "Shop Overview", "panels": []}
FILES = {
    "scripts/run.sh": b"#!/bin/sh\n",
    "scripts/plain.sh": b"#!/bin/sh\n",
    "deploy/variants/canary-5pct.yaml": b"kind: Deployment\n",
    "deploy/variants/broken.yaml": b"a: [1\nb: 2\n",
    "roadmap/013_monitoring_complete.md": b"# Monitoring\n\n**Status:** Pending\n",
    "roadmap/012_flags_complete.md": b"# Flags\n\n**Status:** Complete\n",
    "config/production.toml": b"[features]\nblended = true\n",
    "grafana/dashboards/shop.json": json.dumps(BOARD).encode(),
    "prometheus/alerts.yml": b"groups:\n- name: shop\n  rules:\n  - alert: ShopLatencyHigh\n    expr: up\n",
    "crates/shop/tests/shop_migration.rs": b"",
    "Makefile": b"quality: lint\n\tcargo clippy\n",
    "src/metrics.rs": b'counter!("shop_orders_total");\n',
}


def reference(kind, name, inside="", *ways):
    return Reference(RefKind(kind), name, 1, (1,), inside, frozenset(ways or ("",)))


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    porcelain.init(str(folder)).close()
    commit_files(folder, FILES)
    return folder


@contextmanager
def searching(folder=None, folders=False, now=NOW, **sources):
    context = CollectContext(now, {key: ResolvedSource(key, kind, url=url) for key, (kind, url) in sources.items()})
    tree = open_tree(ResolvedSource("repository", "git", path=str(folder)), folders=folders) if folder else None
    with context:
        yield Search(context, Files(tree) if tree else None)
    if tree:
        tree.close()


@pytest.mark.parametrize(
    ("wanted", "outcome", "words"),
    [
        (reference("script", "scripts/run.sh", "", "run"), "MET", "exists at commit"),
        (reference("script", "scripts/plain.sh", "", "run"), "NOT_MET", "is not executable"),
        (reference("script", "scripts/plain.sh"), "MET", "exists at commit"),
        (
            reference("manifest", "deploy/canary-5pct.yaml"),
            "NOT_MET",
            "; deploy/variants/canary-5pct.yaml exists instead",
        ),
        (
            reference("manifest", "deploy/shop-canary.yaml"),
            "NOT_MET",
            "; deploy/variants/canary-5pct.yaml exists instead",
        ),
        (reference("manifest", "deploy/variants/broken.yaml"), "NOT_MET", "does not parse as YAML"),
        (reference("file", "nothing/like-this.zig"), "NOT_MET", "nothing/like-this.zig does not exist at commit"),
        (reference("file", "production.toml"), "MET", "config/production.toml exists"),
        (reference("file", "deploy/variants/"), "MET", "exists"),
        (reference("file", "deploy/variants"), "NOT_MET", "is a folder, not a file"),
        (
            reference("document", "roadmap/013_monitoring_complete.md"),
            "NOT_MET",
            "is called complete and says “Status:** Pending",
        ),
        (reference("document", "roadmap/012_flags_complete.md"), "MET", "exists"),
        (reference("config_key", "features.blended", "config/production.toml"), "MET", "has features.blended"),
        (reference("config_key", "features.other", "config/production.toml"), "NOT_MET", "has no features.other"),
        (reference("config_key", "a", "config/staging.toml"), "NOT_MET", "config/staging.toml does not exist"),
        (reference("test", "shop_migration", "cargo"), "MET", "crates/shop/tests/shop_migration.rs exists"),
        (reference("test", "shop_chaos", "cargo"), "NOT_MET", "nothing runs as shop_chaos"),
        (reference("test", "quality", "make"), "MET", "Makefile has quality"),
        (reference("test", "perfection", "make"), "NOT_MET", "nothing runs as perfection"),
        (reference("alert_rule", "ShopLatencyHigh"), "MET", "written in prometheus/alerts.yml; whether it is loaded"),
        (reference("alert_rule", "ShopLatencyLow"), "NOT_MET", "; ShopLatencyHigh exists instead"),
        (reference("dashboard", "shop-main", "uid", "uid"), "MET", "grafana/dashboards/shop.json has this uid"),
        (
            reference("dashboard", "shop-overview", "uid", "uid"),
            "NOT_MET",
            "grafana/dashboards/shop.json has the uid shop-main",
        ),
        (reference("dashboard", "Shop Overview", "title", "title"), "MET", "has this title"),
        (reference("dashboard", "Shop View", "title", "title"), "NOT_MET", "is called “Shop Overview”"),
        (reference("metric", "shop_orders_total"), "UNKNOWN", "src/metrics.rs names it"),
        (reference("metric", "shop_returns_total"), "UNKNOWN", "no code of the repository names it"),
        (reference("endpoint", "/api/v1/orders", "", "GET"), "UNKNOWN", "no code of the repository names it"),
    ],
)
def test_a_repository_has_it_lacks_it_has_it_elsewhere_or_has_something_else(repository, wanted, outcome, words):
    with searching(repository) as search:
        (resolved,) = search.resolve([wanted])
    assert resolved.outcome == outcome
    assert words in resolved.detail


def test_without_a_repository_files_are_unknown():
    with searching() as search:
        found = search.resolve(
            [reference("file", "a/b.txt"), reference("alert_rule", "X"), reference("dashboard", "T", "title")]
        )
    assert found[0].detail == NO_REPOSITORY
    assert {each.outcome.value for each in found} == {"UNKNOWN"}


def test_prometheus_decides_what_is_loaded_and_exported(repository, scraped):
    names = ["live_latency_seconds", "shop_orders_total"]
    with searching(repository, now=datetime.now(UTC), metrics=("prometheus", scraped)) as search:
        found = search.resolve(
            [*(reference("metric", name) for name in names), reference("alert_rule", "ShopLatencyHigh")]
        )
    assert [each.outcome.value for each in found] == ["MET", "NOT_MET", "NOT_MET"]
    assert "is not loaded in Prometheus; it is written in prometheus/alerts.yml" in found[2].detail


def test_a_source_that_does_not_answer_is_asked_once(repository):
    wanted = [reference("metric", f"a_{n}_total") for n in range(30)]
    with answering(sent(503)) as (url, asked), searching(repository, metrics=("prometheus", url)) as search:
        found = search.resolve(wanted)
    assert len(asked) == 1
    assert {each.outcome.value for each in found} == {"UNKNOWN"}


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "MET"), (401, "MET"), (405, "MET"), (404, "NOT_MET"), (503, "UNKNOWN")]
)
def test_an_endpoint_is_there_when_the_service_does_not_say_otherwise(status, outcome):
    with answering(sent(status)) as (url, _), searching(service=("http", url)) as search:
        (resolved,) = search.resolve([reference("endpoint", "/api/v1/orders", "", "POST")])
    assert resolved.outcome == outcome
    assert str(status) in resolved.detail


def test_grafana_decides_which_dashboards_are_loaded(repository):
    with answering(as_json([{"title": "Shop Costs"}])) as (url, _), searching(dashboards=("grafana", url)) as search:
        found = search.resolve(
            [reference("dashboard", "Shop Costs", "title"), reference("dashboard", "Shop Gains", "title")]
        )
    assert [each.outcome.value for each in found] == ["MET", "NOT_MET"]
    with answering(sent(404)) as (url, _), searching(repository, dashboards=("grafana", url)) as search:
        (resolved,) = search.resolve([reference("dashboard", "shop-overview", "uid", "uid")])
    assert resolved.outcome == "NOT_MET"
    assert "grafana/dashboards/shop.json has the uid shop-main" in resolved.detail


def test_a_folder_that_is_no_checkout_is_looked_through_where_that_was_asked_for(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x")
    with pytest.raises(NoTree), searching(tmp_path):
        pass
    with searching(tmp_path, folders=True) as search:
        found = search.resolve([reference("file", "a/b.txt"), reference("file", "a/c.txt")])
    assert [each.outcome.value for each in found] == ["MET", "NOT_MET"]


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text("alert: Secret")
    os.symlink(outside / "secret.txt", inside / "link.txt")
    os.symlink(outside, inside / "folder")
    os.symlink(inside, inside / "itself")
    os.symlink("/dev/zero", inside / "endless.yml")
    os.mkfifo(inside / "pipe.yml")
    tree = FolderTree(str(inside))
    assert [tree.find(path) for path in ("link.txt", "folder/secret.txt", "../outside/secret.txt", "endless.yml")] == [
        None
    ] * 4
    assert tree.find("pipe.yml").data == b""
    assert Files(tree).rule("Secret") == ""
    assert not any(name.startswith(("folder/", "itself/")) for name in tree.names())


def test_links_out_of_a_checkout_lead_nowhere(tmp_path):
    porcelain.init(str(tmp_path)).close()
    os.symlink("/etc/passwd", tmp_path / "link.sh")
    porcelain.add(str(tmp_path), paths=[str(tmp_path / "link.sh")])
    commit_files(tmp_path, {"a.txt": b"x"})
    with searching(tmp_path) as search:
        (resolved,) = search.resolve([reference("script", "link.sh")])
    assert resolved.outcome == "NOT_MET"
