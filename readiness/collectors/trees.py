"""The files of a repository, be it a git checkout or only a folder: by name, within bounds, and none outside."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from readiness.collectors.checkouts import MOST_NAMES, Entry, open_checkout
from readiness.collectors.sources import ResolvedSource, SourceTrouble

MOST_BYTES = 2_000_000
MOST_BYTES_IN_ALL = 100_000_000
LEFT_OUT = {".git", "node_modules", ".venv", "venv", "__pycache__", "target", ".terraform"}


class Tree(Protocol):
    """What can be asked of a repository. `at` says of which state, as a sentence goes on: "at commit 5d54816"."""

    @property
    def at(self) -> str:
        """Of which state it is."""

    def names(self) -> tuple[str, ...]:
        """The paths of its files."""

    def find(self, path: str) -> Entry | None:
        """The file or folder at a path; None when there is none, or when it leads out of the repository."""

    def close(self) -> None:
        """Let go of it."""


class GitTree:
    """The newest commit of a checkout."""

    def __init__(self, source: ResolvedSource) -> None:
        opened = open_checkout(source)
        if isinstance(opened, SourceTrouble):
            raise NoTree(opened.message)
        self._checkout = opened
        self.at = f"at commit {opened.version}"
        self.names, self.find, self.close = opened.names, opened.find, opened.close


class FolderTree:
    """A folder that is no checkout. A link counts when what it leads to is inside of the folder."""

    def __init__(self, path: str) -> None:
        self._root = Path(path).resolve()
        self._names: tuple[str, ...] | None = None
        self.at = "in the folder"
        if not self._root.is_dir():
            raise NoTree(f"{path} is no folder")

    def names(self) -> tuple[str, ...]:
        """The paths of its files, at most 50,000, without what a build makes."""
        if self._names is None:
            self._names = tuple(islice(self._walked(), MOST_NAMES))
        return self._names

    def _walked(self) -> Iterator[str]:
        for folder, inner, files in os.walk(self._root, followlinks=False):
            inner[:] = sorted(name for name in inner if name not in LEFT_OUT)
            for name in sorted(files):
                yield os.path.relpath(os.path.join(folder, name), self._root)

    def find(self, path: str) -> Entry | None:
        """The file or folder at a path. What is no plain file, or beyond the bound, is there with nothing in it."""
        wanted = path.strip("/")
        if not wanted or ".." in wanted.split("/") or "\0" in wanted:
            return None
        try:
            found = (self._root / wanted).resolve()
            if not found.is_relative_to(self._root) or not found.exists():
                return None
            mode = found.stat().st_mode
            small = stat.S_ISREG(mode) and found.stat().st_size <= MOST_BYTES
            return Entry(wanted, mode, found.read_bytes() if small else b"")
        except (OSError, RuntimeError, ValueError):
            return None

    def close(self) -> None:
        """Nothing is kept open."""


class NoTree(Exception):
    """There is no repository there; the message completes "the repository: …"."""


def open_tree(source: ResolvedSource, *, folders: bool = False) -> Tree:
    """Open a checkout; with `folders` also a folder that is none. Raises NoTree."""
    try:
        return GitTree(source)
    except NoTree:
        if not folders:
            raise
        return FolderTree(source.path)


def read_texts(tree: Tree, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The path and text of each file with one of the endings, until the bound in all is reached."""
    left = MOST_BYTES_IN_ALL
    for name in tree.names():
        if name.endswith(endings):
            entry = tree.find(name)
            if entry is None or entry.is_folder or len(entry.data) > MOST_BYTES or b"\0" in entry.data[:1024]:
                continue
            left -= len(entry.data)
            if left < 0:
                return
            yield name, entry.data.decode(errors="replace")
