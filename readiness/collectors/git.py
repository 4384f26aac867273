"""Checks of files in a git checkout: files, configuration keys and manifests, at the HEAD commit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from readiness.collectors.checkouts import Checkout, Entry, open_checkout
from readiness.collectors.documents import (
    MOST_BYTES,
    NoSuchKey,
    UnreadableDocument,
    document_format,
    find_key,
    has_pattern,
    is_of_type,
    read_document,
    read_manifests,
    same_value,
)
from readiness.collectors.findings import listing, mapping_setting, names_setting, text_setting, unanswered
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.canonical import digest_bytes
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble

Judge = Callable[[Entry, Mapping[str, object]], str]
"""What is wrong with an entry, completing "PATH …"; empty when it fits."""


def collect_file(source: ResolvedSource, spec: CheckSpec, now: datetime) -> CheckObservation:
    """Whether a file exists (a folder, with `/` at the end) and is executable, filled, parses, contains and lacks."""
    return _judged_entry(source, spec, now, _file_words)


def collect_config(source: ResolvedSource, spec: CheckSpec, now: datetime) -> CheckObservation:
    """Whether a TOML, YAML or JSON file has the stated keys, with the types and values where they are stated."""
    return _judged_entry(source, spec, now, _config_words)


def collect_manifest(source: ResolvedSource, spec: CheckSpec, now: datetime) -> CheckObservation:
    """Whether a Kubernetes manifest parses and holds the stated objects, by kind and name."""
    return _judged_entry(source, spec, now, _manifest_words)


def collect_paths(source: ResolvedSource, paths: Iterable[str]) -> Mapping[str, bool] | SourceTrouble:
    """For each path, as commands name them, whether it exists at the HEAD commit."""
    checkout = open_checkout(source)
    if isinstance(checkout, SourceTrouble):
        return checkout
    with _closing(checkout):
        return {path: checkout.find(path.removeprefix("./")) is not None for path in paths}


@dataclass(frozen=True, slots=True)
class GitContent:
    """A file as it is at the HEAD commit, whose short name is `version`."""

    data: bytes
    version: str


def collect_content(source: ResolvedSource, path: str) -> GitContent | SourceTrouble:
    """The content of a file at the HEAD commit, or why there is none."""
    checkout = open_checkout(source)
    if isinstance(checkout, SourceTrouble):
        return checkout
    with _closing(checkout):
        entry = checkout.find(path)
        if entry is not None and not entry.is_folder:
            return GitContent(entry.data, checkout.version)
        other = checkout.elsewhere(path) if entry is None else ""
        words = "is a folder" if entry is not None else "does not exist"
        more = f"; {other} exists instead" if other else ""
        message = f"{path or 'a file without a path'} {words} at commit {checkout.version}{more}"
        return SourceTrouble(source.key, Trouble.SOURCE_ERROR, message)


@contextmanager
def _closing(checkout: Checkout) -> Iterator[None]:
    try:
        yield
    finally:
        checkout.close()


def _judged_entry(source: ResolvedSource, spec: CheckSpec, now: datetime, judge: Judge) -> CheckObservation:
    path = text_setting(spec.settings, "path")
    if not path.strip("/"):
        return unanswered(SourceTrouble(source.key, Trouble.NOT_CONFIGURED, "the check names no path"), path, now)
    checkout = open_checkout(source)
    if isinstance(checkout, SourceTrouble):
        return unanswered(checkout, path, now)
    with _closing(checkout):
        return _observed(checkout, path, spec.settings, now, judge)


def _observed(
    checkout: Checkout, path: str, settings: Mapping[str, object], now: datetime, judge: Judge
) -> CheckObservation:
    entry, at = checkout.find(path), f"at commit {checkout.version}"
    if entry is None:
        other = checkout.elsewhere(path)
        detail = f"{path} does not exist {at}" + (f"; {other} exists instead" if other else "")
        return CheckObservation(now, Finding.MISSING, path, detail, checkout.version)
    content = digest_bytes(entry.data)
    try:
        words = judge(entry, settings)
    except UnreadableDocument as problem:
        return CheckObservation(now, Finding.UNREADABLE, path, f"{path} {problem} {at}", checkout.version, content)
    if words:
        return CheckObservation(now, Finding.MISFIT, path, f"{path} {words} {at}", checkout.version, content)
    return CheckObservation(now, Finding.FITS, path, f"{path} exists and fits {at}", checkout.version, content)


def _file_words(entry: Entry, settings: Mapping[str, object]) -> str:
    folder = text_setting(settings, "path").endswith("/")
    if folder != entry.is_folder:
        return "is a file, not a folder" if folder else "is a folder, not a file"
    if settings.get("executable") is True and not entry.is_executable:
        return "is not executable"
    if settings.get("non_empty") is True and not entry.data.strip():
        return "is empty"
    if kind := text_setting(settings, "parses"):
        read_document(entry.data, kind)
    return _pattern_words(entry, settings)


def _pattern_words(entry: Entry, settings: Mapping[str, object]) -> str:
    wanted, unwanted = text_setting(settings, "contains"), text_setting(settings, "lacks")
    if not wanted and not unwanted:
        return ""
    if len(entry.data) > MOST_BYTES:
        raise UnreadableDocument(f"has {len(entry.data):,} bytes; at most {MOST_BYTES:,} are searched")
    text = entry.data.decode(errors="replace")
    if wanted and not has_pattern(text, wanted):
        return f"does not contain {wanted}"
    return f"still contains {unwanted}" if unwanted and has_pattern(text, unwanted) else ""


def _config_words(entry: Entry, settings: Mapping[str, object]) -> str:
    if entry.is_folder:
        return "is a folder, not a file"
    document = read_document(entry.data, document_format(text_setting(settings, "path")))
    stated = mapping_setting(settings, "keys") or dict.fromkeys(names_setting(settings, "keys"))
    found = {key: _key_words(document, key, demand) for key, demand in stated.items()}
    missing = [key for key, words in found.items() if words == "is missing"]
    if missing:
        return f"lacks {listing(missing)}"
    return next((f"has a {key} that {words}" for key, words in found.items() if words), "")


def _key_words(document: object, key: str, demand: object) -> str:
    try:
        value = find_key(document, key)
    except NoSuchKey:
        return "is missing"
    demands = demand if isinstance(demand, Mapping) else {}
    kind = demands.get("type")
    if kind is not None and not is_of_type(value, str(kind)):
        return f"is not of type {kind}"
    if demands.get("value") is not None and not same_value(value, demands["value"]):
        return f"is {value!r}; {demands['value']!r} is required"[:200]
    return ""


def _manifest_words(entry: Entry, settings: Mapping[str, object]) -> str:
    if entry.is_folder:
        return "is a folder, not a file"
    objects = list(_objects(read_manifests(entry.data)))
    if not objects:
        return "holds no Kubernetes object"
    wanted = settings.get("objects")
    stated = [part for part in wanted if isinstance(part, Mapping)] if isinstance(wanted, list | tuple) else []
    pairs = [(str(part.get("kind", "")), str(part.get("name") or "")) for part in stated]
    lacking = [f"{kind} {name}".strip() for kind, name in pairs if not _has_object(objects, kind, name)]
    return f"lacks {listing(lacking)}" if lacking else ""


def _objects(documents: Iterable[object]) -> Iterator[tuple[str, str]]:
    """Kind and name of each object; the members of a List count as well."""
    for document in documents:
        if not isinstance(document, Mapping) or not document.get("kind") or not document.get("apiVersion"):
            raise UnreadableDocument("holds a document without apiVersion and kind")
        members = document.get("items")
        if str(document["kind"]).endswith("List") and isinstance(members, list):
            yield from _objects(members)
            continue
        metadata = document.get("metadata")
        yield str(document["kind"]), str(metadata.get("name", "")) if isinstance(metadata, Mapping) else ""


def _has_object(objects: Iterable[tuple[str, str]], kind: str, name: str) -> bool:
    return any(kind == found and name in ("", called) for found, called in objects)
