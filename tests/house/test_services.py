"""Services are found where they may be, and a missing one is one sentence that says what to do."""

from pathlib import Path

import pytest

from tools.environment import CannotPrepare
from tools.services import CHROMIUM, POSTGRES, PROMETHEUS, REDIS, Service, find_or_fetch


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No program on PATH, no variable that names one; returns an empty .local."""
    for name in ("PROMETHEUS_BIN", "PROMTOOL_BIN", "REDIS_BIN", "CHROMIUM_BIN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return tmp_path / ".local"


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("service", [PROMETHEUS, REDIS, CHROMIUM], ids=lambda service: service.name)
def test_a_missing_service_is_named_with_what_to_do(service: Service, bare_machine: Path) -> None:
    with pytest.raises(CannotPrepare) as fact:
        find_or_fetch(service, bare_machine)
    assert str(fact.value).startswith(f"{service.name} is missing. ")
    assert service.hint in str(fact.value)


def test_prometheus_is_found_where_an_earlier_start_unpacked_it(bare_machine: Path) -> None:
    server = program(bare_machine / "debian" / "prometheus" / "usr" / "bin" / "prometheus")
    promtool = program(bare_machine / "debian" / "prometheus" / "usr" / "bin" / "promtool")
    assert PROMETHEUS.find(bare_machine) == {"PROMETHEUS_BIN": server, "PROMTOOL_BIN": promtool}


def test_prometheus_without_promtool_is_still_prometheus(bare_machine: Path) -> None:
    server = program(bare_machine / "bin" / "prometheus")
    assert PROMETHEUS.find(bare_machine) == {"PROMETHEUS_BIN": server}


def test_a_variable_wins_over_what_is_found(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare_machine / "bin" / "redis-server")
    named = program(bare_machine / "elsewhere" / "redis-server")
    monkeypatch.setenv("REDIS_BIN", named)
    assert REDIS.find(bare_machine) == {"REDIS_BIN": named}


def test_a_variable_that_names_nothing_is_refused(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMETHEUS_BIN", "/nowhere/prometheus")
    with pytest.raises(CannotPrepare, match="PROMETHEUS_BIN is '/nowhere/prometheus', which is not a program"):
        PROMETHEUS.find(bare_machine)


def test_postgres_is_found_by_its_directory(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("initdb", "postgres"):
        program(bare_machine / "pg" / name)
    monkeypatch.setenv("POSTGRES_BIN_DIR", str(bare_machine / "pg"))
    assert POSTGRES.find(bare_machine) == {"POSTGRES_BIN_DIR": str(bare_machine / "pg")}
