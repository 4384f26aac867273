"""Checks of files in a real git repository, made by dulwich."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dulwich import porcelain

from readiness.collectors import documents, git
from readiness.collectors.git import (
    GitContent,
    collect_config,
    collect_content,
    collect_file,
    collect_manifest,
    collect_paths,
)
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.canonical import digest_bytes
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
TOML = b'[features]\nblended_recall = true\nname = "x"\nshare = 0.5\ncount = 3\n[[shards]]\nid = 7\n'
MANIFEST = b"""apiVersion: apps/v1
kind: Deployment
metadata: {name: engram}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: engram-canary}}
"""
FILES = {
    "README.md": b"Status: pending\n",
    "scripts/run.sh": b"#!/bin/sh\n",
    "scripts/plain.sh": b"#!/bin/sh\n",
    "empty.txt": b" \n",
    "docs/moved/canary.yaml": b"a: 1\n",
    "config/production.toml": TOML,
    "config/production.json": b'{"a": {"b.c": [1, {"d": null}]}}',
    "config/broken.toml": b"[features\n",
    "config/broken.yaml": b"a: [1\nb: 2\n",
    "config/deep.json": b"[" * 100_000,
    "config/latin.json": b'{"a": "\xe9"}',
    "k8s/shadow.yaml": MANIFEST,
    "k8s/values.yaml": b"replicas: 3\n",
    "evil.txt": b"a" * 5000 + b"!",
}


def commit_files(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write and commit files; give the short commit id."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if (folder / "scripts/run.sh").exists():
        (folder / "scripts/run.sh").chmod(0o755)
    porcelain.add(str(folder), paths=[str(folder / name) for name in files])
    author = b"Ana <ana@example.org>"
    return porcelain.commit(str(folder), message=b"Files", author=author, committer=author).decode()[:7]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> tuple[ResolvedSource, str]:
    folder = tmp_path_factory.mktemp("checkout")
    porcelain.init(str(folder)).close()
    os.symlink("scripts/run.sh", folder / "link.sh")
    os.symlink("../outside", folder / "outside")
    os.symlink("loop", folder / "loop")
    commit_files(folder, FILES)
    author = b"Ana <ana@example.org>"
    porcelain.add(str(folder), paths=[str(folder / name) for name in ("link.sh", "outside", "loop")])
    commit = porcelain.commit(str(folder), message=b"Links", author=author, committer=author).decode()[:7]
    (folder / "uncommitted.txt").write_text("not evidence")
    return ResolvedSource(key="repository", kind="git", path=str(folder)), commit


Checkout = tuple[ResolvedSource, str]


def file_check(checkout: Checkout, path: str, **settings: object) -> CheckObservation:
    return collect_file(checkout[0], CheckSpec("repository", "file", {"path": path, **settings}), NOW)


def config_check(checkout: Checkout, path: str, keys: object) -> CheckObservation:
    return collect_config(checkout[0], CheckSpec("repository", "config", {"path": path, "keys": keys}), NOW)


def manifest_check(checkout: Checkout, path: str, *objects: Mapping[str, str]) -> CheckObservation:
    settings = {"path": path, "objects": list(objects)}
    return collect_manifest(checkout[0], CheckSpec("repository", "kubernetes", settings), NOW)


def test_a_file_of_the_commit_fits_with_its_digest_and_commit(checkout: Checkout) -> None:
    seen = file_check(checkout, "README.md", non_empty=True)
    assert (seen.finding, seen.trouble, seen.checked_at) == (Finding.FITS, Trouble.NONE, NOW)
    assert (seen.version, seen.content) == (checkout[1], digest_bytes(FILES["README.md"]))


def test_a_file_that_does_not_exist_is_named_with_the_commit(checkout: Checkout) -> None:
    seen = file_check(checkout, "scripts/run_soak_test.sh", executable=True)
    assert seen.finding is Finding.MISSING
    assert seen.detail == f"scripts/run_soak_test.sh does not exist at commit {checkout[1]}"
    assert (seen.subject, seen.content) == ("scripts/run_soak_test.sh", "")


def test_a_file_that_lies_elsewhere_is_hinted_at(checkout: Checkout) -> None:
    other = file_check(checkout, "variants/canary.yaml").detail
    ending = file_check(checkout, "config/production.yaml").detail
    assert other.endswith("; docs/moved/canary.yaml exists instead")
    assert "config/production." in ending.partition(";")[2]


def test_what_is_not_committed_does_not_exist(checkout: Checkout) -> None:
    assert file_check(checkout, "uncommitted.txt").finding is Finding.MISSING


@pytest.mark.parametrize(
    ("path", "settings", "words"),
    [
        ("scripts/plain.sh", {"executable": True}, "is not executable"),
        ("empty.txt", {"non_empty": True}, "is empty"),
        ("README.md", {"lacks": r"(?i)status\W*pending"}, r"still contains (?i)status\W*pending"),
        ("README.md", {"contains": "complete"}, "does not contain complete"),
        ("scripts", {}, "is a folder, not a file"),
        ("README.md/", {}, "is a file, not a folder"),
    ],
)
def test_a_file_that_does_not_fit_says_how(
    checkout: Checkout, path: str, settings: dict[str, object], words: str
) -> None:
    seen = file_check(checkout, path, **settings)
    assert seen.finding is Finding.MISFIT
    assert seen.detail == f"{path} {words} at commit {checkout[1]}"


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("scripts/run.sh", {"executable": True}),
        ("scripts/", {}),
        ("./scripts/run.sh", {}),
        ("link.sh", {"executable": True}),
        ("README.md", {"contains": "(?i)PENDING", "lacks": "complete"}),
        ("config/production.toml", {"parses": "toml"}),
        ("config/production.json", {"parses": "json"}),
    ],
)
def test_a_file_that_fits_says_so(checkout: Checkout, path: str, settings: dict[str, object]) -> None:
    assert file_check(checkout, path, **settings).finding is Finding.FITS


@pytest.mark.parametrize(
    ("path", "parses", "words"),
    [
        ("config/broken.toml", "toml", "does not parse as TOML"),
        ("config/broken.yaml", "yaml", "does not parse as YAML at line 2"),
        ("config/production.toml", "json", "does not parse as JSON at line 1"),
        ("config/deep.json", "json", "nested too deep"),
        ("config/latin.json", "json", "is not UTF-8 text"),
    ],
)
def test_a_file_that_does_not_parse_says_where(checkout: Checkout, path: str, parses: str, words: str) -> None:
    seen = file_check(checkout, path, parses=parses)
    assert seen.finding is Finding.UNREADABLE
    assert words in seen.detail


def test_a_pattern_that_takes_for_ever_is_given_up(checkout: Checkout) -> None:
    seen = file_check(checkout, "evil.txt", contains=r"(a+a+)+[^a!]")
    assert seen.finding is Finding.UNREADABLE
    assert "cannot be searched within 1 s" in seen.detail


@pytest.mark.parametrize("path", ["../secret", "outside", "loop", "/etc/passwd", "scripts/../../x"])
def test_nothing_outside_the_commit_is_read(checkout: Checkout, path: str) -> None:
    assert file_check(checkout, path).finding is Finding.MISSING


def test_configuration_keys_are_found_by_dotted_paths(checkout: Checkout) -> None:
    toml = config_check(checkout, "config/production.toml", ["features.blended_recall", "shards.0.id"])
    json = config_check(checkout, "config/production.json", ["a.b.c.1.d"])
    assert (toml.finding, json.finding) == (Finding.FITS, Finding.FITS)


def test_every_configuration_key_that_is_missing_is_named(checkout: Checkout) -> None:
    seen = config_check(checkout, "config/production.toml", ["features.fan_effect", "features.name", "shards.1.id"])
    assert seen.finding is Finding.MISFIT
    assert f"lacks features.fan_effect, shards.1.id at commit {checkout[1]}" in seen.detail


@pytest.mark.parametrize(
    ("key", "demand", "fits"),
    [
        ("features.blended_recall", {"type": "boolean", "value": True}, True),
        ("features.blended_recall", {"type": "integer"}, False),
        ("features.count", {"value": 3.0}, True),
        ("features.count", {"value": True}, False),
        ("features.count", {"type": "number"}, True),
        ("features.name", {"type": "text", "value": "y"}, False),
        ("features.share", {"type": "number"}, True),
        ("features", {"type": "table"}, True),
        ("shards", {"type": "list"}, True),
        ("features", {"type": "no such type"}, False),
    ],
)
def test_types_and_values_are_compared(checkout: Checkout, key: str, demand: dict[str, object], fits: bool) -> None:
    seen = config_check(checkout, "config/production.toml", {key: demand})
    assert seen.finding is (Finding.FITS if fits else Finding.MISFIT), seen.detail


def test_a_configuration_that_cannot_be_read_has_no_keys(checkout: Checkout) -> None:
    assert config_check(checkout, "config/broken.toml", ["a"]).finding is Finding.UNREADABLE
    assert config_check(checkout, "README.md", ["a"]).finding is Finding.UNREADABLE
    assert config_check(checkout, "config/none.toml", ["a"]).finding is Finding.MISSING


def test_a_manifest_holds_its_objects_also_inside_a_list(checkout: Checkout) -> None:
    both = {"kind": "Deployment", "name": "engram"}, {"kind": "Service", "name": ""}
    assert manifest_check(checkout, "k8s/shadow.yaml", *both).finding is Finding.FITS


def test_a_manifest_without_a_stated_object_says_which(checkout: Checkout) -> None:
    seen = manifest_check(checkout, "k8s/shadow.yaml", {"kind": "Service", "name": "engram"})
    assert seen.finding is Finding.MISFIT
    assert "lacks Service engram" in seen.detail


def test_yaml_that_is_no_manifest_is_told(checkout: Checkout) -> None:
    assert manifest_check(checkout, "k8s/values.yaml").finding is Finding.UNREADABLE
    assert manifest_check(checkout, "empty.txt").finding is Finding.MISFIT


def test_paths_of_commands_are_looked_up_at_once(checkout: Checkout) -> None:
    found = collect_paths(checkout[0], ["./scripts/run.sh", "scripts/none.sh", "config/"])
    assert found == {"./scripts/run.sh": True, "scripts/none.sh": False, "config/": True}


def test_a_folder_that_is_no_checkout_is_trouble_and_not_a_missing_file(tmp_path: Path) -> None:
    source = ResolvedSource(key="repository", kind="git", path=str(tmp_path))
    seen = collect_file(source, CheckSpec("repository", "file", {"path": "a"}), NOW)
    assert (seen.trouble, seen.detail) == (Trouble.SOURCE_ERROR, f"{tmp_path} is not a git checkout")
    assert isinstance(collect_paths(source, ["a"]), SourceTrouble)


def test_a_checkout_without_commit_is_trouble(tmp_path: Path) -> None:
    porcelain.init(str(tmp_path)).close()
    source = ResolvedSource(key="repository", kind="git", path=str(tmp_path))
    seen = collect_file(source, CheckSpec("repository", "file", {"path": "a"}), NOW)
    assert (seen.trouble, seen.detail) == (Trouble.SOURCE_ERROR, f"{tmp_path} has no commit yet")


def test_a_new_commit_is_seen_at_once(tmp_path: Path) -> None:
    porcelain.init(str(tmp_path)).close()
    source = ResolvedSource(key="repository", kind="git", path=str(tmp_path))
    spec = CheckSpec("repository", "file", {"path": "later.txt"})
    commit_files(tmp_path, {"first.txt": b"1"})
    assert collect_file(source, spec, NOW).finding is Finding.MISSING
    commit = commit_files(tmp_path, {"later.txt": b"2"})
    seen = collect_file(source, spec, NOW)
    assert (seen.finding, seen.version) == (Finding.FITS, commit)


def test_a_bare_repository_is_read_alike(tmp_path: Path) -> None:
    commit_files_in = tmp_path / "work"
    commit_files_in.mkdir()
    porcelain.init(str(commit_files_in)).close()
    commit_files(commit_files_in, {"a.txt": b"1"})
    porcelain.clone(str(commit_files_in), str(tmp_path / "bare"), bare=True).close()
    source = ResolvedSource(key="repository", kind="git", path=str(tmp_path / "bare"))
    assert collect_file(source, CheckSpec("repository", "file", {"path": "a.txt"}), NOW).finding is Finding.FITS


def test_a_check_without_a_path_is_trouble(checkout: Checkout) -> None:
    assert file_check(checkout, "").trouble is Trouble.NOT_CONFIGURED


def test_a_file_that_is_too_large_is_not_searched(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MOST_BYTES", 10)
    monkeypatch.setattr(documents, "MOST_BYTES", 10)
    for demand in ({"contains": "a"}, {"parses": "toml"}):
        seen = file_check(checkout, "config/production.toml", **demand)
        assert seen.finding is Finding.UNREADABLE
        assert "at most 10 are" in seen.detail


@pytest.mark.parametrize("path", ["scripts/", "scripts"])
def test_a_folder_is_neither_configuration_nor_manifest(checkout: Checkout, path: str) -> None:
    assert config_check(checkout, path, ["a"]).finding is Finding.MISFIT
    assert manifest_check(checkout, path).finding is Finding.MISFIT


def test_a_pattern_that_is_none_makes_the_file_unreadable(checkout: Checkout) -> None:
    assert "is not a regular expression" in file_check(checkout, "README.md", contains="(").detail


def test_the_content_of_a_file_is_given_with_its_commit(checkout: Checkout) -> None:
    assert collect_content(checkout[0], "README.md") == GitContent(b"Status: pending\n", checkout[1])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("scripts", "scripts is a folder at commit"),
        ("docs/nothing.md", "docs/nothing.md does not exist at commit"),
        ("canary.yaml", "docs/moved/canary.yaml exists instead"),
        ("../outside", "../outside does not exist at commit"),
        ("/etc/passwd", "/etc/passwd does not exist at commit"),
        ("", "a file without a path does not exist"),
    ],
)
def test_what_has_no_content_says_why(checkout: Checkout, path: str, words: str) -> None:
    found = collect_content(checkout[0], path)
    assert isinstance(found, SourceTrouble)
    assert words in found.message


def test_a_checkout_that_is_not_there_says_so(tmp_path: Path) -> None:
    found = collect_content(ResolvedSource("code", "git", path=str(tmp_path)), "README.md")
    assert isinstance(found, SourceTrouble)
    assert "is not a git checkout" in found.message
