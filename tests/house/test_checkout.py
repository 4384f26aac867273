"""The demo's checkout: some artefacts of the example plans exist in it and some do not, as in the real story."""

import json
import os
import tomllib
from pathlib import Path

import pytest
import yaml
from dulwich.repo import Repo

from demo.checkout import build_checkout

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo") / "checkout"
    build_checkout(target)
    return target


def missing_paths(rollout: str, checkout: Path) -> set[str]:
    checks = yaml.safe_load((ROOT / "plans" / f"{rollout}.yaml").read_text())["checks"]
    paths = {check["path"] for check in checks.values() if check["kind"] in ("file", "config")}
    return {path for path in paths if not (checkout / path).exists()}


def test_it_is_one_commit_with_a_clean_tree(checkout: Path) -> None:
    with Repo(str(checkout)) as repository:
        assert len(list(repository.get_walker())) == 1


def test_two_checkouts_are_the_same_commit(checkout: Path, tmp_path: Path) -> None:
    build_checkout(tmp_path / "again")
    with Repo(str(checkout)) as one, Repo(str(tmp_path / "again")) as other:
        assert one.head() == other.head()


def test_everything_the_quickstart_needs_is_there(checkout: Path) -> None:
    assert missing_paths("quickstart", checkout) == set()
    assert os.access(checkout / "ops" / "rollback.sh", os.X_OK)
    assert "new_checkout" in tomllib.loads((checkout / "config" / "checkout.toml").read_text())["features"]


def test_one_dashboard_of_four_exists(checkout: Path) -> None:
    dashboards = checkout / "deployments" / "grafana" / "dashboards"
    assert [path.name for path in dashboards.iterdir()] == ["dual-memory.json"]
    assert json.loads((dashboards / "dual-memory.json").read_text())["uid"] == "dual-memory"


def test_the_artefacts_of_the_open_gaps_are_missing(checkout: Path) -> None:
    missing = missing_paths("dual-memory", checkout)
    assert "deployments/kubernetes/variants/shadow-mode.yaml" in missing
    assert "scripts/run_soak_test.sh" in missing
    assert "docs/operations/dual_memory_rollout.md" not in missing
    assert len(missing) == 24


def test_the_document_called_complete_says_pending(checkout: Path) -> None:
    text = (checkout / "roadmap" / "milestone-17" / "013_monitoring_metrics_complete.md").read_text()
    assert "Status: Pending" in text


def test_production_has_no_flag_section(checkout: Path) -> None:
    configuration = tomllib.loads((checkout / "config" / "production.toml").read_text())
    assert not {"features", "blended_recall"} & set(configuration)
