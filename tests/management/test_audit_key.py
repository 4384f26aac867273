"""`audit_key` and `audit_epoch`: what the operator is told, and what is refused in a sentence."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

import readiness
from readiness.checks import check_log
from readiness.models import SignerKey
from readiness.services.signer import sign_record
from tests.record_fixtures import entries
from tests.services.helpers import NOW
from tests.services.signer_files import files_in

pytestmark = pytest.mark.django_db
NEXT = "localhost/audit/2"


@pytest.fixture(autouse=True)
def files(tmp_path):
    files = files_in(tmp_path)
    with override_settings(SIGNER_KEY=files.keys, SIGNER_HEAD=files.head):
        yield files


def said(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_first_key_is_told_with_its_fingerprint_once_and_recorded(files):
    first = said("audit_key", "create")
    key = SignerKey.objects.get()
    assert f"Fingerprint of its key: {key.fingerprint}" in first
    assert (key.text in first, str(files.keys) in first) == (True, True)
    assert said("audit_key", "create") == ""
    (entry,) = entries()
    assert (entry["action"], entry["channel"]["kind"]) == ("key.added", "shell")


def test_keys_rotate_with_an_overlap_and_are_listed():
    said("audit_key", "create")
    assert "End the overlap when everybody has it" in said("audit_key", "rotate")
    old, new = SignerKey.objects.order_by("pk")
    assert said("audit_key", "retire") == f"{old.fingerprint} signs no more.\n"
    lines = said("audit_key", "list").splitlines()
    assert (lines[0], lines[2]) == (old.text, new.text)
    assert ", until " in lines[1]
    assert lines[3].endswith(", signs")


@pytest.mark.parametrize(
    ("verb", "words"), [("retire", "audit_key create"), ("rotate", "Make a key: manage.py audit_key create")]
)
def test_without_a_key_it_says_how_to_make_one(verb, words):
    with pytest.raises(CommandError, match=words):
        said("audit_key", verb)


def test_a_key_file_that_others_may_read_is_refused_in_a_sentence(files):
    said("audit_key", "create")
    files.keys.chmod(0o640)
    with pytest.raises(CommandError, match=f"has the permissions 640.* run: chmod 600 {files.keys}"):
        said("audit_key", "create")


def test_an_epoch_is_begun_with_a_reason_and_the_checks_know_its_name(files):
    said("audit_key", "create")
    sign_record(files, NOW)
    with pytest.raises(CommandError, match=f"Set READINESS_LOG_ORIGIN={NEXT}"):
        said("audit_epoch", "--reason", "Restored the backup of 3 May")
    with override_settings(LOG_ORIGIN=NEXT):
        assert [error.id for error in check_log(["default"])] == ["readiness.E002"]
        assert "after checkpoint 1 of localhost/audit/1" in said("audit_epoch", "--reason", "Restored the backup")
        assert check_log(["default"]) == []
        sign_record(files, NOW)
    assert entries()[1]["reason"] == "Restored the backup"
    assert [error.id for error in check_log(["default"])] == ["readiness.E002"]


def test_an_epoch_without_a_reason_is_refused():
    with pytest.raises(CommandError, match="Say why"):
        said("audit_epoch", "--reason", " ")


def test_nothing_that_serves_pages_can_open_the_key():
    """Only tasks and commands import what opens the signer's files, and no page or query names them."""
    home, found = Path(readiness.__file__).parent, set()
    for path in home.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names_it = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("readiness.services.signer")
            reads_it = isinstance(node, ast.Attribute) and node.attr.startswith("SIGNER_")
            if names_it or reads_it:
                found.add(path.relative_to(home).parts[0])
    assert found == {"services", "tasks.py", "management"}
