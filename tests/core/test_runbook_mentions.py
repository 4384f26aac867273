"""What a document refers to: told by its look, and never taken from what is no artefact."""

import pytest

from readiness.core.runbook.mentions import (
    RefKind,
    dashboards_in,
    named_in_code,
    paths_in_command,
    paths_in_text,
    targets_in,
    web_in,
)


def found(mentions):
    return [(m.kind, m.name, m.inside) for m in mentions]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("./scripts/soak.sh --hours 24", [(RefKind.SCRIPT, "scripts/soak.sh", "run")]),
        ("kubectl apply -f deploy/canary-5pct.yaml", [(RefKind.MANIFEST, "deploy/canary-5pct.yaml", "")]),
        ("-v $(pwd)/config/shadow.toml:/config/app.toml:ro", [(RefKind.FILE, "config/shadow.toml", "")]),
        ("cp a/b.txt metrics/history/", [(RefKind.DOCUMENT, "a/b.txt", "")]),
        ("jq .p99 tmp/out.json > tmp/y.txt", []),
        ("cat >> LOG.md <<EOF", []),
        ("kubectl apply -f deploy/split-${N}pct.yaml", []),
        ("cat ../../etc/passwd.txt", []),
        ("/usr/local/bin/compare.sh", []),
    ],
)
def test_commands_name_what_they_read_and_run(command, expected):
    assert found(paths_in_command(command, 1)) == expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("see docs/backup-restore.md.", ["docs/backup-restore.md"]),
        ("the deployments/kubernetes/variants/ folder", ["deployments/kubernetes/variants/"]),
        ("a 5/95 split of CPU/memory and/or w/o", []),
        ("https://example.org/a/b.md", []),
        ("../../secrets/key.pem", []),
    ],
)
def test_prose_names_paths_with_an_ending_or_a_folder(text, names):
    assert [m.name for m in paths_in_text(text, 1)] == names


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("/scripts/check.sh", [(RefKind.SCRIPT, "scripts/check.sh", "")]),
        ("production.toml", [(RefKind.FILE, "production.toml", "")]),
        ("POST /api/v1/flags", [(RefKind.ENDPOINT, "/api/v1/flags", "POST")]),
        ("make quality", [(RefKind.TEST, "quality", "make")]),
        ("/etc/hosts.conf", []),
        ("word", []),
    ],
)
def test_code_spans_name_files_endpoints_and_targets(code, expected):
    assert found(named_in_code(code, 1)) == expected


def test_addresses_name_endpoints_and_dashboards_of_ones_own():
    assert found(web_in("curl -s http://localhost:7000/api/v1/flags | jq", 1)) == [
        (RefKind.ENDPOINT, "/api/v1/flags", "GET")
    ]
    assert found(web_in("http://localhost:3000/d/shop-overview", 1)) == [(RefKind.DASHBOARD, "shop-overview", "uid")]
    assert found(web_in("https://github.com/a/b and http://localhost:9090/api/v1/rules", 1)) == []
    assert found(dashboards_in('Check the "Shop Overview" dashboard', 1)) == [
        (RefKind.DASHBOARD, "Shop Overview", "title")
    ]


def test_test_targets_are_those_that_are_run():
    run = "cargo test --features x --test shop_migration --test shop_load && make lint"
    assert [(m.name, m.inside) for m in targets_in(run, 1)] == [
        ("shop_migration", "cargo"),
        ("shop_load", "cargo"),
        ("lint", "make"),
    ]
