"""Git checkouts, read by dulwich: the tree of the HEAD commit, never the work tree, so that evidence has a commit."""

import posixpath
import stat
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from dulwich.errors import FileFormatException, NotCommitError, NotGitRepository, NotTreeError, ObjectFormatException
from dulwich.object_store import iter_tree_contents, tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, SubmoduleEncountered, Tree
from dulwich.repo import Repo

from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.types import Trouble

SHORT = 7
MOST_LINKS = 5
MOST_NAMES = 50_000
UNREADABLE = (KeyError, OSError, ValueError, FileFormatException, ObjectFormatException, NotCommitError, NotTreeError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of a commit. `mode` is git's; `data` is a file's content, or a folder's own listing."""

    path: str
    mode: int
    data: bytes

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)

    @property
    def is_executable(self) -> bool:
        """Whether git marks the file as executable."""
        return bool(self.mode & stat.S_IXUSR)


class Checkout:
    """The HEAD commit of a checkout. Open it with `open_checkout` and close it after use."""

    def __init__(self, repo: Repo, commit: Commit) -> None:
        self._repo = repo
        self._tree: ObjectID = commit.tree
        self.version = commit.id.decode("ascii")[:SHORT]

    def close(self) -> None:
        """Let go of the files of the repository."""
        self._repo.close()

    def find(self, path: str) -> Entry | None:
        """The entry at `path`, links followed within the commit; None when there is none."""
        for _ in range(MOST_LINKS):
            entry = self._lookup(path)
            if entry is None or not stat.S_ISLNK(entry.mode):
                return entry
            path = posixpath.normpath(
                posixpath.join(posixpath.dirname(entry.path), entry.data.decode(errors="replace"))
            )
        return None

    def _lookup(self, path: str) -> Entry | None:
        wanted = path.strip("/")
        if not wanted or ".." in wanted.split("/"):
            return None
        try:
            mode, sha = tree_lookup_path(self._repo.__getitem__, self._tree, posixpath.normpath(wanted).encode())
            found = self._repo[sha]
        except (*UNREADABLE, SubmoduleEncountered):
            return None
        if isinstance(found, Blob):
            return Entry(wanted, mode, found.data)
        return Entry(wanted, mode, found.as_raw_string()) if isinstance(found, Tree) else None

    def names(self) -> tuple[str, ...]:
        """The paths of the files of the commit, at most 50,000."""
        return _file_names(self._repo.path, self._tree)

    def elsewhere(self, path: str) -> str:
        """A file of the same name in another place, or with another ending in the same; empty when there is none."""
        name, folder = posixpath.basename(path.rstrip("/")).lower(), posixpath.dirname(path.rstrip("/"))
        paths = self.names()
        for other in paths:
            if posixpath.basename(other).lower() == name:
                return other
        stem = posixpath.splitext(name)[0]
        beside = (p for p in paths if posixpath.dirname(p) == folder)
        return next((p for p in beside if posixpath.splitext(posixpath.basename(p))[0].lower() == stem), "")


@lru_cache(maxsize=8)
def _file_names(root: str, tree: ObjectID) -> tuple[str, ...]:
    """The paths of a tree's files, at most 50,000 of them. A tree never changes, so neither does the answer."""
    repo = Repo(root)
    try:
        entries = islice(iter_tree_contents(repo.object_store, tree), MOST_NAMES)
        return tuple((entry.path or b"").decode(errors="replace") for entry in entries)
    finally:
        repo.close()


def open_checkout(source: ResolvedSource) -> Checkout | SourceTrouble:
    """Open the checkout at the source's path at its HEAD commit, or say why it cannot be read."""
    try:
        repo = Repo(source.path)
    except NotGitRepository:
        return SourceTrouble(source.key, Trouble.SOURCE_ERROR, f"{source.path} is not a git checkout")
    except UNREADABLE:
        return SourceTrouble(source.key, Trouble.SOURCE_ERROR, f"{source.path} cannot be read")
    try:
        head = repo[repo.head()]
    except UNREADABLE:
        head = None
    if not isinstance(head, Commit):
        repo.close()
        return SourceTrouble(source.key, Trouble.SOURCE_ERROR, f"{source.path} has no commit yet")
    return Checkout(repo, head)
