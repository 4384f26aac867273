"""`python -m readiness.verify BUNDLE [--keys FILE] [--since FILE] [--json]`: check a bundle, without network or us.

Exit 0: verified; 1: a contradiction; 2: nobody known vouches for it; 3: no bundle, or one that is not safe to read.
The standard library is enough. What comes from a bundle is never trusted: names, sizes, lines and text are bounded.
"""

import argparse
import hashlib
import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from readiness.core.bundle import BadBundle, Measured, is_plain_name
from readiness.core.bundle_check import check_bundle
from readiness.core.bundle_heads import MAX_ANCHOR_BYTES
from readiness.core.ed25519 import is_signature
from readiness.core.findings import BundleReport, Finding, Result, Word, sentences

CHUNK = 1 << 16
MAX_FILES = 5_000_000
MAX_GROWTH, FREE_GROWTH = 200, 100_000_000
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class OpenFiles:
    """The files of a bundle, read through `_open`; how each is kept is for those below."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def names(self) -> frozenset[str]:
        """Name every file."""
        return self._names

    def read(self, name: str, limit: int) -> bytes:
        """Give a file; raise BadBundle when it has more bytes than the limit."""
        data = bytearray()
        with self._open(name) as stream:
            while piece := stream.read(CHUNK):
                data += piece
                if len(data) > limit:
                    raise BadBundle(f"{name} has more than {limit:,} bytes.")
        return bytes(data)

    def lines(self, name: str, limit: int) -> Iterator[bytes]:
        """Give each line without its end; after the last end stands no line. Raises BadBundle."""
        with self._open(name) as stream, io.BufferedReader(stream, CHUNK) as buffered:  # type: ignore[type-var]
            while data := buffered.readline(limit + 2):
                if data.endswith(b"\n"):
                    yield data[:-1]
                elif len(data) > limit:
                    raise BadBundle(f"{name} has a line of more than {limit:,} bytes.")

    def measure(self, name: str) -> Measured:
        """Give the digest and the length of a file."""
        digest, length = hashlib.sha256(), 0
        with self._open(name) as stream:
            while data := stream.read(CHUNK):
                digest.update(data)
                length += len(data)
        return Measured(digest.hexdigest(), length)

    def _open(self, name: str) -> BinaryIO:
        raise NotImplementedError


class FolderFiles(OpenFiles):
    """A bundle that is a directory."""

    def __init__(self, root: Path) -> None:
        self._root = root
        super().__init__(frozenset(_checked(_walk(root, ""))))

    def _open(self, name: str) -> BinaryIO:
        return (self._root / name).open("rb", buffering=0)


def _walk(folder: Path, lead: str) -> Iterator[str]:
    """Name every file below; raise BadBundle for what is neither file nor directory, such as a link."""
    with os.scandir(folder) as found:
        for each in found:
            name = lead + each.name
            if each.is_dir(follow_symlinks=False):
                yield from _walk(Path(each.path), f"{name}/")
            elif each.is_file(follow_symlinks=False):
                yield name
            else:
                raise BadBundle(f"{name!r} is neither a file nor a directory: it may lead out of the bundle.")


def _checked(names: Iterator[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        if not is_plain_name(name):
            raise BadBundle(f"A file is called {name[:120]!r}; no file of a bundle is.")
        if number >= MAX_FILES:
            raise BadBundle(f"There are more than {MAX_FILES:,} files.")
        yield name


class ZipFiles(OpenFiles):
    """A bundle in one .zip file, which is never unpacked."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        members = [each for each in archive.infolist() if not each.is_dir()]
        names = list(_checked(_member_name(each) for each in members))
        if len(set(names)) != len(names):
            raise BadBundle("Two files of the archive have the same name.")
        if sum(each.file_size for each in members) > FREE_GROWTH + MAX_GROWTH * path.stat().st_size:
            raise BadBundle(f"The archive unpacks to more than {MAX_GROWTH} times its size.")
        super().__init__(frozenset(names))

    def _open(self, name: str) -> BinaryIO:
        return self._archive.open(name)  # type: ignore[return-value]


def _member_name(member: zipfile.ZipInfo) -> str:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise BadBundle(f"{member.filename[:120]!r} is a link.")
    if member.flag_bits & 1 or member.compress_type not in _KINDS:
        raise BadBundle(f"{member.filename[:120]!r} is encrypted, or packed in a way that is not read here.")
    return member.filename


@contextmanager
def open_bundle(path: Path) -> Iterator[OpenFiles]:
    """Open a directory or a .zip file as a bundle. Raises BadBundle."""
    if path.is_dir():
        yield FolderFiles(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError) as problem:
        raise BadBundle(f"{path} is neither a directory nor a .zip file that can be read: {problem}.") from None
    with archive:
        yield ZipFiles(path, archive)


def verify_bundle(path: Path, keys: bytes | None = None, anchor: bytes | None = None) -> BundleReport:
    """Check the bundle at a path. Whatever goes wrong while it is read makes it malformed, never an exception."""
    try:
        with open_bundle(path) as files:
            return check_bundle(files, is_signature, keys, anchor)
    except BadBundle as problem:
        said = str(problem)
    except Exception as problem:  # noqa: BLE001 (a hostile file must not end in a traceback)
        said = f"It cannot be read to its end: {type(problem).__name__}: {problem}"
    return BundleReport(findings=[Finding(Word.MALFORMED, said)])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Leave with the exit code of what cannot be read: 2 would say that nobody vouches for it."""
        self.exit(int(Result.MALFORMED), f"{self.format_usage()}{message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a bundle, say what was found, and return the exit code."""
    parser = _Parser(prog="verify", description="Check a bundle of the record, without network.")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a directory or a .zip file")
    parser.add_argument("--keys", type=_kept, metavar="FILE", help="the keys that you trust, instead of the bundle's")
    parser.add_argument("--since", type=_kept, metavar="FILE", help="a checkpoint, proof or receipt that you kept")
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    options = parser.parse_args(arguments)
    report = verify_bundle(options.bundle, options.keys, options.since)
    text = json.dumps(_plain(report), indent=1) if options.json else "\n".join(map(_printable, sentences(report)))
    sys.stdout.buffer.write(f"{text}\n".encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
    sys.stdout.flush()
    return int(report.result)


def _kept(name: str) -> bytes:
    try:
        with Path(name).open("rb") as stream:
            data = stream.read(MAX_ANCHOR_BYTES + 1)
    except OSError as problem:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {problem}") from None
    if len(data) > MAX_ANCHOR_BYTES:
        raise argparse.ArgumentTypeError(f"{name} has more than {MAX_ANCHOR_BYTES:,} bytes")
    return data


def _printable(line: str) -> str:
    """Show what a terminal would obey as what it is."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def _plain(report: BundleReport) -> dict[str, object]:
    worst = report.worst
    return {
        "result": report.result.name.lower(),
        "exit": int(report.result),
        "word": worst.word if worst else "",
        "seq": worst.seq if worst else None,
        "log": report.log,
        "size": report.size,
        "entries": report.entries,
        "root": report.root,
        "content": report.content,
        "signature": report.signature,
        "outside": report.outside,
        "findings": [{"word": each.word, "seq": each.seq, "sentence": each.sentence} for each in report.findings],
        "notes": report.notes,
    }


if __name__ == "__main__":
    sys.exit(main())
