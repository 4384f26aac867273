"""Mirrors of a repository on a real git server: fetched when due, old when it cannot be, and never led elsewhere."""

import fcntl
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from dulwich import porcelain
from dulwich.errors import GitProtocolError
from dulwich.repo import Repo

from readiness.collectors import mirrors
from readiness.collectors.mirrors import AGAIN_AFTER, Mirror, collect_mirror
from readiness.collectors.registry import CollectContext, collect_check, make_context
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.conditions import CheckSpec
from readiness.core.plan import MIRROR_EVERY, Source
from readiness.core.types import CheckObservation, Finding, Trouble
from tests.collectors.git_servers import GitServer, git_server
from tests.collectors.http_servers import answering, sent
from tests.collectors.test_git import commit_files

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
LATER = NOW + MIRROR_EVERY
GIT = ("Content-Type", "application/x-git-upload-pack-advertisement")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with one commit."""
    folder = tmp_path / "origin"
    porcelain.init(str(_made(folder))).close()
    commit_files(folder, {"a": b"1", "folder/b": b"2"})
    return folder


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture
def server(origin: Path) -> Iterator[GitServer]:
    with git_server(origin) as serving:
        yield serving


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "mirrors")


def source(url: str, **more: object) -> ResolvedSource:
    return ResolvedSource("mirror", "git", url=url, timeout_s=2.0, **more)  # type: ignore[arg-type]


def mirrored(url: str, root: str, now: datetime = NOW, **more: object) -> Mirror:
    found = collect_mirror(source(url, **more), root, now)
    assert isinstance(found, Mirror), found
    return found


def trouble(url: str, root: str, now: datetime = NOW, **more: object) -> str:
    found = collect_mirror(source(url, **more), root, now)
    assert isinstance(found, SourceTrouble), found
    assert found.trouble is Trouble.SOURCE_ERROR
    return found.message


def files(mirror: Mirror) -> set[str]:
    repo = Repo(mirror.path)
    try:
        tree = repo[repo[repo.head()].tree]  # type: ignore[attr-defined]
        return {entry.path.decode() for entry in tree.items()}  # type: ignore[attr-defined]
    finally:
        repo.close()


def test_the_newest_commit_is_fetched_and_read(server: GitServer, root: str) -> None:
    mirror = mirrored(server.url, root)
    assert (mirror.fetched_at, mirror.trouble) == (NOW, "")
    assert files(mirror) == {"a", "folder"}
    assert stat.S_IMODE(Path(mirror.path).parent.stat().st_mode) == 0o700


def test_it_is_asked_again_when_that_is_due_and_sent_only_what_is_new(
    server: GitServer, origin: Path, root: str
) -> None:
    mirrored(server.url, root)
    assert mirrored(server.url, root, LATER - timedelta(seconds=1)).fetched_at == NOW
    assert server.fetches == 1
    assert mirrored(server.url, root, LATER).fetched_at == LATER
    assert server.fetches == 1, "the commit is the same, so nothing is sent"
    commit_files(origin, {"c": b"3"})
    assert files(mirrored(server.url, root, LATER)) == {"a", "folder"}
    assert files(mirrored(server.url, root, LATER + MIRROR_EVERY)) == {"a", "folder", "c"}


def test_how_often_is_what_the_plan_says(server: GitServer, root: str) -> None:
    hourly = timedelta(hours=1)
    mirrored(server.url, root, every=hourly)
    assert mirrored(server.url, root, NOW + hourly - timedelta(seconds=1), every=hourly).fetched_at == NOW
    assert mirrored(server.url, root, NOW + hourly, every=hourly).fetched_at == NOW + hourly


def test_a_history_that_was_rewritten_is_followed(server: GitServer, origin: Path, root: str) -> None:
    first = Repo(str(origin))
    head = first.head()
    commit_files(origin, {"c": b"3"})
    mirrored(server.url, root)
    first.refs[b"refs/heads/master"] = head  # type: ignore[index]
    first.close()
    assert files(mirrored(server.url, root, LATER)) == {"a", "folder"}


def test_many_packs_are_replaced_by_one(server: GitServer, origin: Path, root: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(mirrors, "MOST_PACKS", 1)
    now = NOW
    for n in range(4):
        commit_files(origin, {f"file-{n}": b"x"})
        mirror = mirrored(server.url, root, now)
        now += MIRROR_EVERY
    assert files(mirror) == {"a", "folder", "file-0", "file-1", "file-2", "file-3"}
    assert len([path for path in Path(mirror.path).parent.iterdir() if path.is_dir()]) == 1


def test_a_token_is_shown_to_its_host_and_kept_nowhere(server: GitServer, root: str) -> None:
    server.token = "t0ken"
    mirror = mirrored(server.url, root, auth=("x-access-token", "t0ken"))
    assert set(server.users) == {"x-access-token:t0ken"}
    kept = [path for path in Path(root).rglob("*") if path.is_file()]
    assert kept
    assert not any(b"t0ken" in path.read_bytes() for path in kept)
    assert files(mirror) == {"a", "folder"}


def test_a_token_that_is_refused_or_missing_is_said(server: GitServer, root: str) -> None:
    server.token = "t0ken"
    assert trouble(server.url, root).endswith("asks for a token")
    assert trouble(server.url, f"{root}-2", auth=("x", "wrong")).endswith("refuses the token")


def test_while_it_cannot_be_fetched_the_old_one_is_read_and_says_so(server: GitServer, origin: Path, root: str) -> None:
    mirrored(server.url, root)
    server.token = "new"
    mirror = mirrored(server.url, root, LATER)
    assert (mirror.fetched_at, files(mirror)) == (NOW, {"a", "folder"})
    assert mirror.trouble.endswith("asks for a token")
    asked = len(server.asked)
    mirrored(server.url, root, LATER + AGAIN_AFTER - timedelta(seconds=1))
    assert len(server.asked) == asked, "a host in trouble is not asked all the time"
    server.token = ""
    assert mirrored(server.url, root, LATER + AGAIN_AFTER).trouble == ""


def test_one_that_is_being_fetched_is_not_fetched_twice(server: GitServer, root: str) -> None:
    home = Path(mirrored(server.url, root).path).parent
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert mirrored(server.url, root, LATER).fetched_at == NOW
    assert mirrored(server.url, root, LATER).fetched_at == LATER


def test_a_first_fetch_by_somebody_else_is_waited_for(server: GitServer, root: str) -> None:
    home = Path(mirrored(server.url, root).path).parent
    (home / "state.json").unlink()
    with (home / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "being fetched for the first time" in trouble(server.url, root)


def test_what_was_kept_and_cannot_be_read_is_fetched_anew(server: GitServer, root: str) -> None:
    home = Path(mirrored(server.url, root).path).parent
    (home / "state.json").write_text("{")
    assert mirrored(server.url, root, NOW + timedelta(minutes=1)).fetched_at == NOW + timedelta(minutes=1)


def test_a_repository_without_a_commit_is_said(tmp_path: Path, root: str) -> None:
    porcelain.init(str(_made(tmp_path / "empty"))).close()
    with git_server(tmp_path / "empty") as server:
        assert trouble(server.url, root).endswith("has no commit yet")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "has no repository at this address"),
        (403, "asks for a token"),
        (500, "answered 500"),
        (302, "redirects, which is not followed"),
    ],
)
def test_an_answer_that_is_none_is_said(status: int, words: str, root: str) -> None:
    elsewhere = ("Location", "http://127.0.0.1:1/shop.git/info/refs?service=git-upload-pack")
    with answering(sent(status, b"", elsewhere)) as (url, asked):
        assert trouble(f"{url}/shop.git", root).endswith(words)
        assert len(asked) == 1


@pytest.mark.parametrize(
    "elsewhere", ["http://127.0.0.1:2/pack", "http://localhost:1/pack", "https://127.0.0.1:1/pack"]
)
def test_a_server_that_leads_to_another_host_is_not_followed(elsewhere: str) -> None:
    client = mirrors._GuardedClient(source("http://127.0.0.1:1/shop.git"))
    with pytest.raises(GitProtocolError, match="leads to another host, which is not asked"):
        client._http_request(elsewhere)


def test_a_server_of_something_else_is_said(root: str) -> None:
    with answering(sent(200, b"<html>", ("Content-Type", "text/html"))) as (url, asked):
        assert trouble(f"{url}/shop.git", root).endswith("is no git server")
        assert len(asked) == 1, "files are not asked for one by one"


def test_nobody_there_is_said(root: str) -> None:
    assert trouble("http://127.0.0.1:1/shop.git", root) == "127.0.0.1:1 refused the connection"


def test_more_than_may_be_read_is_not_read(server: GitServer, root: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(mirrors, "MOST_BYTES", 50)
    assert "sent more than" in trouble(server.url, root)
    assert not list(Path(root).rglob("*.pack"))


def test_what_drips_is_given_up(root: str, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(mirrors, "WHOLE_TIMEOUT_S", 0.3)

    def dripping(handler):  # type: ignore[no-untyped-def]
        handler.send_response(200)
        handler.send_header(*GIT)
        handler.end_headers()
        handler.wfile.write(b"fff0")
        for _ in range(30):
            with suppress(OSError):
                handler.wfile.write(b" ")
            time.sleep(0.05)

    with answering(dripping) as (url, _):
        assert trouble(f"{url}/shop.git", root).endswith("took more than 0.3 s")


@pytest.mark.parametrize("line", [b"0000", b"001e# service=git-upload-pack\n0000", b"zzzz", b""])
def test_nonsense_is_no_repository(line: bytes, root: str) -> None:
    with answering(sent(200, line, GIT)) as (url, _):
        assert trouble(f"{url}/shop.git", root).split(" ", 1)[1] in ("gave no repository", "has no commit yet")


# ------------------------------------------------------------------------------------- through the registry


def context(url: str, root: str, now: datetime = NOW, **settings: object) -> CollectContext:
    plan_source = Source("mirror", "git", {"url": "${MIRROR_URL}", **settings})
    return make_context([plan_source], {"MIRROR_URL": url, "MIRROR_TOKEN": "t0ken"}, (), now, root)


def check(path: str, collecting: CollectContext) -> CheckObservation:
    return collect_check(CheckSpec("mirror", "file", {"path": path}), collecting)


def test_evidence_of_a_mirror_names_commit_and_time(server: GitServer, origin: Path, root: str) -> None:
    repo = Repo(str(origin))
    commit = repo.head().decode()[:7]
    repo.close()
    with context(server.url, root) as collecting:
        seen = check("a", collecting)
        assert (seen.finding, seen.version, seen.fetched_at) == (Finding.FITS, commit, NOW)
        assert seen.detail == f"a exists and fits at commit {commit}, fetched at 12:00 UTC on 5 Jan"
        assert check("none", collecting).finding is Finding.MISSING
    assert len(server.asked) == 2, "one batch looks at the mirror once"


def test_the_token_comes_from_the_environment(server: GitServer, root: str) -> None:
    server.token = "t0ken"
    assert check("a", context(server.url, root, token="${MIRROR_TOKEN}")).finding is Finding.FITS
    assert set(server.users) == {"x-access-token:t0ken"}


def test_a_variable_that_is_not_set_makes_it_unknown_with_a_sentence(root: str) -> None:
    collecting = make_context([Source("mirror", "git", {"url": "${MIRROR_URL}"})], {}, (), NOW, root)
    seen = check("a", collecting)
    assert (seen.trouble, seen.detail) == (
        Trouble.NOT_CONFIGURED,
        "MIRROR_URL is not set, so mirror cannot be asked",
    )


def test_a_host_that_only_the_plan_names_is_not_asked(server: GitServer, root: str) -> None:
    collecting = make_context([Source("mirror", "git", {"url": server.url})], {}, (), NOW, root)
    assert "only hosts that the operator names may be asked" in check("a", collecting).detail
    assert server.asked == []


def test_without_a_folder_for_mirrors_nothing_is_fetched(server: GitServer) -> None:
    assert check("a", context(server.url, "")).trouble is Trouble.NOT_CONFIGURED
    assert server.asked == []
