"""Evidence: read and judge what somebody brought, before any transaction is open."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from readiness.collectors.contents import PROGRAM, name_content
from readiness.collectors.figures import NotLoadTest
from readiness.collectors.junit import NotJUnit, read_junit
from readiness.collectors.loadtest import read_loadtest
from readiness.collectors.written import NotWritten, read_written
from readiness.core.canonical import canonical_bytes, digest_bytes
from readiness.core.codec import Plain
from readiness.core.conditions import EvidenceDemand, EvidenceRule
from readiness.core.evidence import judge_report
from readiness.core.reports import Report
from readiness.core.types import EvidenceState
from readiness.queries.blobs import load_blob
from readiness.services.blobs import keep_blob

BYTES = "application/octet-stream"
LONGEST_TITLE = 300
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,40}/[a-z0-9][a-z0-9.+-]{0,50}", re.ASCII)


class EvidenceTooLarge(ValueError):
    """The file has more bytes than are kept."""


class EvidenceEmpty(ValueError):
    """The file has no bytes."""


class EvidenceRefused(ValueError):
    """A file of this kind is not kept."""


class EvidenceNotThere(ValueError):
    """The source has no such file, or can't be asked."""


class How(StrEnum):
    """The ways in which evidence is brought."""

    FILE = "file"
    LINK = "link"
    GIT = "git"
    NOTE = "note"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Brought:
    """What somebody brings. `title` is the name of a file, the address of a link, or `source:path` in git."""

    title: str
    data: bytes = b""
    media_type: str = BYTES
    how: How = How.FILE


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found at an address: its bytes and type, and how the piece is to be called."""

    data: bytes
    media_type: str
    title: str


Fetch = Callable[[Brought], Fetched | str]
"""Given a link or a file in git: what it held, or a sentence why nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The most bytes that are kept of one piece, and the endings that a file's name may have."""

    max_bytes: int
    endings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A piece that was judged and whose bytes are kept, so that nobody has to choose the file again to claim."""

    kind: str
    title: str
    digest: str
    media_type: str
    url: str
    state: EvidenceState
    finding: str
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A piece of evidence, read and judged, with its bytes, ready to be kept."""

    held: Held
    data: bytes


def hold_evidence(prepared: Iterable[Prepared]) -> tuple[Held, ...]:
    """Keep the bytes of what was judged. Nothing refers to them until they are claimed, and no entry is made."""
    pieces = tuple(prepared)
    for piece in pieces:
        keep_blob(piece.data, piece.held.media_type)
    return tuple(piece.held for piece in pieces)


def take_held(held: Iterable[Held]) -> tuple[Prepared, ...]:
    """Give back what was held, with its bytes."""
    found = ((piece, load_blob(piece.digest)) for piece in held)
    return tuple(Prepared(piece, data) for piece, data in found if data is not None)


def prepare_evidence(brought: Brought, rule: EvidenceRule, limits: UploadLimits, fetch: Fetch) -> Prepared:
    """Read and judge one piece of evidence by what the item demands; raise when it can't be taken at all."""
    if brought.how is How.LINK:
        return _prepare_link(brought, rule, fetch)
    if brought.how is How.GIT:
        return _prepare_git(brought, rule, limits, fetch)
    if brought.how is How.NOTE:
        return _prepared("note", brought, (None, EvidenceState.ATTESTS, brought.data.decode()))
    if not brought.data:
        raise EvidenceEmpty(f"{brought.title} is empty. Choose the file again.")
    _refuse_beyond(brought, limits)
    kind, judged = judge_file(brought.data, rule)
    return _prepared(kind, brought, judged)


def prepare_report(fields: Mapping[str, str], rule: EvidenceRule) -> Prepared:
    """Keep the fields of a report as canonical JSON, and judge them."""
    written: Plain = dict(fields)
    data = canonical_bytes({"fields": written})
    report = Report(fields=tuple(sorted(fields.items())))
    brought = Brought("Report", data, "application/json", How.REPORT)
    return _prepared("report", brought, (report, *judge_report(report, rule)))


Judged = tuple[Report | None, EvidenceState, str]


def judge_file(data: bytes, rule: EvidenceRule) -> tuple[str, Judged]:
    """Give (kind, what was read and how it is judged) of a file under a rule; what has no kind is kept as it is."""
    readers: Mapping[EvidenceDemand, Callable[[bytes], Report]] = {
        EvidenceDemand.JUNIT: lambda data: Report(junit=read_junit(data)),
        EvidenceDemand.LOADTEST: lambda data: Report(loadtest=read_loadtest(data)),
        EvidenceDemand.REPORT: lambda data: Report(fields=read_written(data, rule.fields)),
    }
    if rule.demand not in readers:
        return "file", _kept(data)
    try:
        report = readers[rule.demand](data)
    except NotWritten:
        return "file", _kept(data)
    except (NotJUnit, NotLoadTest) as refusal:
        return rule.demand.value, (None, EvidenceState.UNREADABLE, str(refusal))
    return rule.demand.value, (report, *judge_report(report, rule))


def _kept(data: bytes) -> Judged:
    return None, EvidenceState.PROVES, f"Kept, {len(data):,} bytes"


def _refuse_beyond(brought: Brought, limits: UploadLimits) -> None:
    """Refuse what is too large or of a kind that is not kept, with the limit."""
    size, most = len(brought.data), limits.max_bytes
    if size > most:
        raise EvidenceTooLarge(
            f"{brought.title} has {size:,} bytes; at most {most:,} are kept. Bring a smaller file, or a link to it."
        )
    ending = brought.title.rpartition(".")[2].lower() if "." in brought.title else ""
    if brought.how is How.FILE and (ending not in ("", *limits.endings) or name_content(brought.data) == PROGRAM):
        kept = ", ".join(limits.endings)
        raise EvidenceRefused(f"{brought.title} is of a kind that isn’t kept. Bring one of {kept}, or a link to it.")


def _prepare_link(brought: Brought, rule: EvidenceRule, fetch: Fetch) -> Prepared:
    """What the address held is kept and read like a file; when it did not answer, only the address is kept."""
    found = fetch(brought)
    if isinstance(found, str):
        address = Brought(brought.title, brought.title.encode(), "text/uri-list", How.LINK)
        return _prepared("link", address, (None, EvidenceState.ATTESTS, f"Only the address was kept: {found}"))
    kind, judged = judge_file(found.data, rule)
    if kind == "file":
        kind, judged = "link", (*judged[:2], f"Kept {len(found.data):,} bytes as they were when this was claimed")
    return _prepared(kind, Brought(found.title, found.data, found.media_type, How.LINK), judged, url=brought.title)


def _prepare_git(brought: Brought, rule: EvidenceRule, limits: UploadLimits, fetch: Fetch) -> Prepared:
    """The file is kept as it is at the commit, and its title names the commit."""
    found = fetch(brought)
    if isinstance(found, str):
        raise EvidenceNotThere(found)
    piece = Brought(found.title, found.data, found.media_type, How.GIT)
    if not piece.data:
        raise EvidenceEmpty(f"{found.title} is empty, so it shows nothing. Name another file.")
    _refuse_beyond(piece, limits)
    kind, judged = judge_file(piece.data, rule)
    return _prepared("git" if kind == "file" else kind, piece, judged)


def _prepared(kind: str, brought: Brought, judged: Judged, url: str = "") -> Prepared:
    report, state, finding = judged
    url = url or (brought.title if kind == "link" else "")
    media_type = brought.media_type.strip().lower()
    media_type = media_type if _MEDIA_TYPE.fullmatch(media_type) else BYTES
    title = brought.title[:LONGEST_TITLE]
    digest = digest_bytes(brought.data)
    return Prepared(Held(kind, title, digest, media_type, url, state, finding, report), brought.data)
