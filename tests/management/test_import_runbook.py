"""`manage.py import_runbook`: the draft on one stream, what deserves a look on the other, refusals as sentences."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from readiness.services.plan_file import read_plan
from tests.services.test_runbooks import RUNBOOK

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, err = StringIO(), StringIO()
    call_command("import_runbook", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_draft_is_a_plan_that_the_importer_takes(tmp_path):
    file = tmp_path / "runbook.md"
    file.write_text(RUNBOOK)
    out, err = run(file)
    assert [phase.key for phase in read_plan(out).plan.phases] == ["preparation", "canary"]
    assert "2 phases, 10 conditions" in err
    (tmp_path / "draft.yaml").write_text(out)
    call_command("import_plan", str(tmp_path / "draft.yaml"), "--check", stdout=StringIO(), stderr=StringIO())


def test_several_documents_are_one_runbook(tmp_path):
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_text("## Phase 1: Canary\n\n- [ ] Told support\n")
    second.write_text("## Phase 1 success criteria\n\n- [ ] No complaints\n")
    out, _ = run(first, second)
    (phase,) = read_plan(out).plan.phases
    assert (phase.enter, [c.origin for c in phase.succeed]) == ((), ["a.md#3", "b.md#3"])


def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path):
    large, binary, empty = (tmp_path / name for name in ("large.md", "binary.md", "empty.md"))
    large.write_text("- [ ] x\n" * 1_250_000)
    binary.write_bytes(b"\xff\xfe\x00")
    empty.write_text("\n\n")
    said = {
        large: "more than 1,000,000 bytes",
        binary: "no text in UTF-8",
        empty: "no text",
        tmp_path / "no.md": "read",
    }
    for file, words in said.items():
        with pytest.raises(CommandError, match=words):
            run(file)
