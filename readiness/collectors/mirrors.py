"""Mirrors: the newest commit of a repository elsewhere, fetched now and then into a folder of ours and read from there.

Only the files of the newest commit are fetched, over http or https, from the host that the operator named and from no
other: redirects are not followed, and what the server sends has limits in size and time. Two processes never fetch the
same mirror at once; one that finds it busy reads what is there.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import certifi
import urllib3
from dulwich.client import HttpGitClient
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository
from dulwich.objects import ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo
from urllib3.exceptions import HTTPError

from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.canonical import digest_bytes
from readiness.core.plan import MIRROR_EVERY
from readiness.core.types import Trouble

AGAIN_AFTER = timedelta(seconds=30)
WHOLE_TIMEOUT_S = 120.0
MOST_BYTES = 500_000_000
MOST_PACKS = 30
HEAD, BRANCH = Ref(b"HEAD"), Ref(b"refs/heads/mirror")
FAILURES = (GitProtocolError, HangupException, NotGitRepository, HTTPError, OSError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class Mirror:
    """What is mirrored: the folder, when it was fetched, and why it could not be fetched since (empty: it could)."""

    path: str
    fetched_at: datetime
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """What is known of a mirror between two fetches."""

    folder: str = ""
    fetched_at: datetime | None = None
    tried_at: datetime | None = None
    trouble: str = ""


class _Unfit(GitProtocolError):
    """The server sent what is not taken from it; the message completes "HOST …"."""


def collect_mirror(source: ResolvedSource, root: str, now: datetime) -> Mirror | SourceTrouble:
    """The mirror of a source's address below `root`, fetched again when that is due, or why there is none."""
    if not root:
        return SourceTrouble(source.key, Trouble.NOT_CONFIGURED, f"{source.key} has no folder to be mirrored in")
    home = Path(root) / digest_bytes(source.url.encode()).removeprefix("sha256:")[:32]
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = _read_state(home)
    if _is_due(state, source, now):
        with _only_one(home) as mine:
            if mine:
                state = _fetched(source, home, state, now)
                _write_state(home, state)
    if state.fetched_at is None:
        words = state.trouble or f"{source.host} is being fetched for the first time"
        return SourceTrouble(source.key, Trouble.SOURCE_ERROR, words)
    return Mirror(str(home / state.folder), state.fetched_at, state.trouble)


def _is_due(state: _State, source: ResolvedSource, now: datetime) -> bool:
    every = AGAIN_AFTER if state.trouble else source.every or MIRROR_EVERY
    return state.tried_at is None or not state.tried_at <= now < state.tried_at + every


def _fetched(source: ResolvedSource, home: Path, state: _State, now: datetime) -> _State:
    """The state after a fetch; one that failed leaves what was fetched before as it is."""
    folder = state.folder if state.folder and _packs(home / state.folder) <= MOST_PACKS else f"{now:%Y%m%dT%H%M%S%f}"
    try:
        _fetch(source, home / folder)
    except FAILURES as problem:
        if folder != state.folder:
            shutil.rmtree(home / folder, ignore_errors=True)
        return replace(state, tried_at=now, trouble=f"{source.host} {_words(problem, source.timeout_s)}")
    if state.folder and folder != state.folder:
        shutil.rmtree(home / state.folder, ignore_errors=True)
    return _State(folder, now, now)


def _packs(folder: Path) -> int:
    return len(list((folder / "objects" / "pack").glob("*.pack")))


def _fetch(source: ResolvedSource, folder: Path) -> None:
    """Bring the newest commit of the address's HEAD into a bare repository, which then points at it."""
    repo = Repo(str(folder)) if folder.exists() else Repo.init_bare(str(folder), mkdir=True)
    try:
        client = _GuardedClient(source)
        try:
            found = client.fetch("", repo, _wants(repo), depth=1)
        finally:
            client.pool_manager.clear()
        head = found.refs.get(HEAD)
        if head is None:
            raise _Unfit("has no commit yet")
        repo.refs[BRANCH] = head
        repo.refs.set_symbolic_ref(HEAD, BRANCH)
    finally:
        repo.close()


def _wants(repo: Repo) -> Callable[..., list[ObjectID]]:
    def wants(refs: Mapping[Ref, ObjectID], depth: int | None = None) -> list[ObjectID]:
        head = refs.get(HEAD)
        return [] if head is None or head in repo.object_store else [head]

    return wants


class _SamePool(urllib3.PoolManager):
    """Connections that follow no redirect and repeat nothing."""

    def request(self, method: str, url: str, *args: Any, **kw: Any) -> urllib3.BaseHTTPResponse:
        """Ask once."""
        return super().request(method, url, *args, **kw, redirect=False, retries=False)


class _GuardedClient(HttpGitClient):
    """A git client that stays with its host, within the limits of size and time."""

    def __init__(self, source: ResolvedSource) -> None:
        user, password = source.auth or (None, None)
        pool = _SamePool(ca_certs=certifi.where(), maxsize=1)
        super().__init__(source.url, pool_manager=pool, username=user, password=password, timeout=source.timeout_s)
        self._deadline = time.monotonic() + WHOLE_TIMEOUT_S
        self._left = MOST_BYTES

    def _http_request(self, url, headers=None, data=None, raise_for_status=True):  # type: ignore[no-untyped-def]
        if self._origin(url) != self._origin(self._base_url):
            raise _Unfit("leads to another host, which is not asked")
        answer, _ = super()._http_request(url, headers, data, raise_for_status=False)
        response = cast(urllib3.BaseHTTPResponse, answer)
        if words := self._refusal(url, response):
            raise _Unfit(words)
        return answer, lambda size=-1: self._read(response, size)

    def _refusal(self, url: str, response: urllib3.BaseHTTPResponse) -> str:
        """Why an answer is not taken, in words that complete "HOST …"; empty when it is."""
        status, kind = response.status, response.headers.get("Content-Type", "")
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return "refuses the token" if self._auth_header else "asks for a token"
        if status == HTTPStatus.NOT_FOUND:
            return "has no repository at this address"
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return "redirects, which is not followed"
        if status != HTTPStatus.OK:
            return f"answered {status}"
        return "" if "info/refs" not in url or kind.startswith("application/x-git-") else "is no git server"

    def _read(self, response: urllib3.BaseHTTPResponse, size: int) -> bytes:
        """Up to `size` bytes (all there are, when negative), whatever pace they come at."""
        parts: list[bytes] = []
        while size != 0 and (part := response.read1(size if size > 0 else 65_536, decode_content=True)):
            self._left -= len(part)
            size -= len(part) if size > 0 else 0
            parts.append(part)
            if self._left < 0:
                raise _Unfit(f"sent more than {MOST_BYTES // 1_000_000} MB")
            if time.monotonic() > self._deadline:
                raise _Unfit(f"took more than {WHOLE_TIMEOUT_S:g} s")
        return b"".join(parts)


def _words(problem: Exception, timeout_s: float) -> str:
    """Why a fetch failed, in words that complete "HOST …" and repeat nothing that was sent."""
    if isinstance(problem, _Unfit):
        return str(problem)
    text = str(problem).lower()
    known = {
        "timed out": f"did not answer within {timeout_s:g} s",
        "refused": "refused the connection",
        "certificate": "has a certificate that is not trusted",
        "resolve": "has a name that does not resolve",
    }
    return next((words for part, words in known.items() if part in text), "gave no repository")


# ------------------------------------------------------------------------------------- what is kept between fetches


@contextmanager
def _only_one(home: Path) -> Iterator[bool]:
    """Whether nobody else fetches this mirror now."""
    with (home / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _read_state(home: Path) -> _State:
    try:
        said = json.loads((home / "state.json").read_text())
        state = _State(said["folder"], _moment(said["fetched_at"]), _moment(said["tried_at"]), said["trouble"])
    except (OSError, ValueError, KeyError, TypeError):
        return _State()
    return state if state.fetched_at is None or (home / state.folder).is_dir() else _State()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _write_state(home: Path, state: _State) -> None:
    moments = {
        name: at.isoformat() if at else None
        for name, at in (("fetched_at", state.fetched_at), ("tried_at", state.tried_at))
    }
    new = home / f"state.{os.getpid()}"
    new.write_text(json.dumps({"folder": state.folder, **moments, "trouble": state.trouble}))
    new.replace(home / "state.json")
