"""Write a bundle: into a new directory or a new .zip file, each file measured as it is written, the manifest last."""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from readiness.core.bundle import MANIFEST, Manifest, Measured, manifest_lines

FIXED = (1980, 1, 1, 0, 0, 0)


class NoRoom(Exception):
    """The bundle cannot be written there; the message says what is there."""


class BundleWriter:
    """Takes the files of a bundle one after another. Nothing has its final name before `finish`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._is_zip = target.suffix == ".zip"
        if target.exists() and (self._is_zip or not target.is_dir() or any(target.iterdir())):
            raise NoRoom(f"{target} is there already. Give a name that is not, or an empty directory.")
        if not target.parent.is_dir():
            raise NoRoom(f"There is no directory {target.parent}.")
        self._draft = target.with_name(f".{target.name}.{os.getpid()}.part")
        self._lines: TextIO = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (closed by __exit__)
        self.count = 0

    def __enter__(self) -> Self:
        """Begin the draft beside its target."""
        if self._is_zip:
            self._zip = zipfile.ZipFile(self._draft, "x", zipfile.ZIP_DEFLATED)
        else:
            self._draft.mkdir()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open, and remove a draft that was not finished."""
        self._lines.close()
        if self._is_zip:
            self._zip.close()
            self._draft.unlink(missing_ok=True)
        else:
            shutil.rmtree(self._draft, ignore_errors=True)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one file and remember what it measures."""
        digest, length = hashlib.sha256(), 0
        with self._open(name) as stream:
            for piece in pieces:
                stream.write(piece)
                digest.update(piece)
                length += len(piece)
        self._lines.write(json.dumps([name, digest.hexdigest(), length]) + "\n")
        self.count += 1

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest and give the bundle its name."""
        with self._open(MANIFEST) as stream:
            for line in manifest_lines(manifest, self._measured()):
                stream.write(line.encode())
        if self._is_zip:
            self._zip.close()
        elif self._target.is_dir():
            self._target.rmdir()
        self._draft.rename(self._target)

    def _measured(self) -> Iterator[tuple[str, Measured]]:
        self._lines.seek(0)
        for line in self._lines:
            name, digest, length = json.loads(line)
            yield name, Measured(digest, length)

    @contextmanager
    def _open(self, name: str) -> Iterator[BinaryIO]:
        if self._is_zip:
            info = zipfile.ZipInfo(name, FIXED)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with self._zip.open(info, "w", force_zip64=True) as stream:
                yield stream  # type: ignore[misc]
            return
        path = self._draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            yield file
