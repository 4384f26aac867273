"""The Python environment is made once, fits its lock file, and says clearly what is missing."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.environment import CannotPrepare, ensure_environment, settle_environment

ROOT = Path(__file__).resolve().parents[2]
# A real package, small and without dependencies, as the lock file of the product has it.
LOCKED = "rfc8785"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with one locked requirement, prepared with the real installers."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "uv.txt", root / "tools" / "uv.txt")
    (root / "requirements.txt").write_text(locked_lines(LOCKED))
    ensure_environment(root, ["requirements.txt"])
    return root


def locked_lines(name: str) -> str:
    """The package's lines of the product's lock file, hashes included."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next(index for index in range(start, len(lines)) if not lines[index].endswith("\\"))
    return "\n".join(lines[start : end + 1]) + "\n"


def test_the_locked_package_is_installed_and_compiled(prepared: Path) -> None:
    script = f"import {LOCKED}; print({LOCKED}.__cached__)"
    done = subprocess.run([prepared / ".venv/bin/python", "-c", script], capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_file()


def test_a_second_start_installs_nothing(prepared: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stamp = prepared / ".venv" / "readiness-stamp"
    before = stamp.stat().st_mtime_ns
    assert ensure_environment(prepared, ["requirements.txt"]) == prepared / ".venv" / "bin" / "python"
    assert stamp.stat().st_mtime_ns == before
    assert capfd.readouterr() == ("", "")


def test_a_changed_lock_file_is_installed_again(prepared: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with (prepared / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    ensure_environment(prepared, ["requirements.txt"])
    assert "Installing requirements.txt" in capfd.readouterr().out


def test_a_package_that_does_not_match_its_digest_is_refused(prepared: Path, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    shutil.copytree(prepared / "tools", root / "tools")
    shutil.copytree(prepared / ".venv", root / ".venv", symlinks=True, ignore=lambda *_: ["readiness-stamp"])
    name_and_version = locked_lines("sqlparse").split("--hash")[0]
    (root / "requirements.txt").write_text(f"{name_and_version}--hash=sha256:{'0' * 64}\n")
    with pytest.raises(CannotPrepare, match="could not be installed"):
        ensure_environment(root, ["requirements.txt"])
    assert not (root / ".venv" / "readiness-stamp").exists()


def test_an_environment_that_was_moved_is_made_anew(prepared: Path, tmp_path: Path) -> None:
    root = shutil.copytree(prepared, tmp_path / "moved", symlinks=True)
    (root / ".venv" / "left-over").touch()
    ensure_environment(root, ["requirements.txt"])
    assert not (root / ".venv" / "left-over").exists()


def test_without_ensurepip_and_pip_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    (tmp_path / "requirements.txt").touch()
    with pytest.raises(CannotPrepare, match="apt-get install python3-venv"):
        ensure_environment(tmp_path, ["requirements.txt"])


def test_a_missing_or_unwritable_home_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in ("", "/nonexistent"):
        monkeypatch.setenv("HOME", home)
        settle_environment(tmp_path)
        assert os.environ["HOME"] == str(tmp_path / ".local" / "home")


def test_a_home_that_can_be_written_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    settle_environment(tmp_path / "checkout")
    assert os.environ["HOME"] == str(tmp_path)
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_a_misspelt_option_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    for name in ("run", "tools"):
        source = ROOT / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path / name)
    done = subprocess.run(
        ["sh", tmp_path / "run", "--prot", "8000"], capture_output=True, text=True, env={"PYTHON": sys.executable}
    )
    assert done.returncode == 2
    assert "--port PORT" in done.stderr
    assert not (tmp_path / ".venv").exists()
