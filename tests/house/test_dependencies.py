"""docs/dependencies.md says why each requirement is there, and names nothing that is not."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text()
SECTIONS = {"requirements.in": "## At run time", "requirements-dev.in": "## To develop and test"}


def required(file: str) -> set[str]:
    lines = (ROOT / file).read_text().splitlines()
    return {re.split(r"[\[=~<>]", line)[0] for line in lines if line and not line.startswith(("#", "-"))}


def explained(heading: str) -> set[str]:
    section = PAGE.split(heading)[1].split("\n## ")[0]
    return set(re.findall(r"^\| ([\w.-]+) \| \S.* \| \S.* \|$", section, re.MULTILINE)) - {"package"}


@pytest.mark.parametrize("file", SECTIONS)
def test_every_requirement_is_explained_with_its_licence(file: str) -> None:
    assert explained(SECTIONS[file]) == required(file)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "tools/uv.txt"])
def test_every_locked_package_has_a_digest_and_no_address(file: str) -> None:
    text = (ROOT / file).read_text()
    entries = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)
