"""`manage.py import_runbook`: the draft on one stream, what deserves a look on the other, refusals as sentences."""

import json
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


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    for name in ("docs/runbook.md", "deploy/shadow/ranked-shadow.yaml"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(RUNBOOK if name.endswith(".md") else "kind: Deployment\n")
    return folder


def test_lint_json_has_every_reference_with_its_line_outcome_and_detail(repository):
    out, err = run(repository / "docs/runbook.md", "--repo", repository, "--lint", "json")
    report = json.loads(out)
    assert err == ""
    assert set(report) == {"references", "unplaced", "findings"}
    assert all(
        set(each) in ({"kind", "path", "line", "outcome", "detail"}, {"kind", "name", "line", "outcome", "detail"})
        for each in report["references"]
    )
    assert {"MET", "NOT_MET", "UNKNOWN"} >= {each["outcome"] for each in report["references"]}
    soak, shadow, *_ = report["references"]
    assert soak == {
        "kind": "script",
        "path": "scripts/run_soak.sh",
        "line": 15,
        "outcome": "NOT_MET",
        "detail": "scripts/run_soak.sh does not exist in the folder",
    }
    assert shadow["detail"].endswith("deploy/shadow/ranked-shadow.yaml exists instead")
    assert report["unplaced"] == [{"line": 50, "text": "## Weather"}, {"line": 52, "text": "It may rain."}]
    assert report["findings"][0] == {
        "code": "assumed-query",
        "line": 21,
        "lines": [21, 56],
        "sentence": report["findings"][0]["sentence"],
    }


def test_the_lint_as_a_table_comes_with_the_draft(repository):
    out, err = run(repository / "docs/runbook.md", "--repo", repository)
    assert read_plan(out).plan.phases[0].origin == "docs/runbook.md#9"
    assert "NOT_MET script         scripts/run_soak.sh" in err
    assert "0 of 5 references exist" in err


def test_a_repository_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.md").write_text("- [ ] x y\n")
    with pytest.raises(CommandError, match="neither a folder nor an address"):
        run(tmp_path / "a.md", "--repo", tmp_path / "nowhere")


def test_a_repository_elsewhere_is_a_source_of_the_draft_and_unknown_while_it_is_silent(tmp_path):
    (tmp_path / "a.md").write_text("- [ ] Look at docs/a/b.md\n")
    out, err = run(tmp_path / "a.md", "--repo", "http://127.0.0.1:9/none.git")
    assert read_plan(out).plan.sources[0].settings["url"] == "http://127.0.0.1:9/none.git"
    assert "UNKNOWN document       docs/a/b.md" in err
