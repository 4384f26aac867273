"""Paths that commands name: found where there are some, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.conditions import ConditionList
from readiness.core.plan_build import build_plan
from readiness.core.plan_paths import command_paths, implied_checks, named_paths
from readiness.core.watchlist import watchlist
from tests.core.documents import make_document, put


@pytest.mark.parametrize(
    ("run", "paths"),
    [
        ("./ops/rollback.sh", ["ops/rollback.sh"]),
        ("./rollback", ["rollback"]),
        (
            "kubectl apply -f deployments/kubernetes/variants/canary-5pct.yaml",
            ["deployments/kubernetes/variants/canary-5pct.yaml"],
        ),
        ('./scripts/restore.sh --timestamp "$POINT" --data-dir /data/engram', ["scripts/restore.sh"]),
        ("loadtest run --scenario scenarios/a.toml --output reports/a.json", ["scenarios/a.toml"]),
        ("loadtest run --scenario=scenarios/a.toml --output=reports/a.json", ["scenarios/a.toml"]),
        ("python scripts/a.py > reports/a.txt && ./scripts/b.sh;./c.sh", ["scripts/a.py", "scripts/b.sh", "c.sh"]),
        ("pytest tests/", ["tests/"]),
        ("(cd x && 'scripts/a b.sh')", []),
        ('cat "scripts/a.sh", `docs/b.md`.', ["scripts/a.sh", "docs/b.md"]),
        ("./scripts/a.sh ./scripts/a.sh", ["scripts/a.sh", "scripts/a.sh"]),
        ("cat config/./a.toml", ["config/a.toml"]),
    ],
)
def test_what_is_a_path_of_the_repository_is_found(run, paths):
    assert list(command_paths(run)) == paths


@pytest.mark.parametrize(
    "run",
    [
        "",
        "make ready",
        "kubectl set env deployment/engram DUAL_MEMORY_TYPES=false",
        "kubectl set image deployment/engram engram=engram:milestone-16-stable",
        "curl -s http://localhost:7432/api/v1/admin/features.json | jq '.a, .b'",
        "docker pull quay.io/org/image.tar",
        "./target/release/loadtest run",
        "cat /etc/passwd.txt",
        "cat ../other/a.sh",
        "cat $HOME/a.sh ${DIR}/b.sh ~/c.sh scripts/*.sh",
        "cargo test --test dual_memory",
        "echo 5/95 and/or v1.28/2",
        "tee logs/a.txt",
        f"./{'a' * 201}.sh",
    ],
)
def test_what_is_none_is_not(run):
    assert list(command_paths(run)) == []


@given(st.text(max_size=200))
def test_any_text_is_read(run):
    for path in command_paths(run):
        assert not path.startswith("/")
        assert ".." not in path.split("/")


def edited(*edits):
    document = make_document()
    for path, value in edits:
        document = put(document, path, value)
    return build_plan(document, "sha256:x")


COMMANDS = (
    (("phases", 0, "commands"), ["./a.sh", {"title": "Again", "run": "./a.sh && ./run.sh"}]),
    (("rollbacks", 0, "commands"), ["./a.sh", "./back.sh"]),
    (("drills",), {"practised": {"title": "Practised", "target": "2m", "commands": ["./drill.sh"]}}),
)


def test_every_path_of_phases_ways_back_and_drills_is_named_once():
    assert named_paths(edited(*COMMANDS)) == {
        "a.sh": ["Prepare", "Off"],
        "run.sh": ["Prepare"],
        "back.sh": ["Off"],
        "drill.sh": ["Practised"],
    }


def test_each_is_checked_unless_a_check_of_the_plan_does():
    plan = edited(*COMMANDS)
    assert [check.key for check in plan.implied] == ["a.sh", "back.sh", "drill.sh"]
    first = plan.implied[0]
    assert (first.check.source, first.check.check_kind, first.check.settings) == (
        "repository",
        "file",
        {"path": "a.sh"},
    )
    assert first.list is ConditionList.PROOF


def test_they_are_watched_in_every_phase_and_never_asked_for():
    plan = edited(*COMMANDS)
    watched = {each.path for each in watchlist(plan, None, "prepare")}
    assert {check.path for check in plan.implied} <= watched
    asked = {c.path for phase in plan.phases for c in (*phase.enter, *phase.succeed, *phase.abort)}
    assert not asked & {check.path for check in plan.implied}


def test_without_a_repository_nothing_is_looked_for():
    plan = edited(*COMMANDS, (("checks",), None), (("phases", 0, "enter"), []), (("sources", "repository"), None))
    assert plan.implied == implied_checks(plan) == ()
