"""Checks of the plan: one for every thing that the document refers to and that a source can look for."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from readiness.core.runbook.mentions import PATHS, Mention, RefKind
from readiness.core.runbook.naming import Namer, slug_of

_NOUNS = {
    RefKind.FILE: "File",
    RefKind.SCRIPT: "Script",
    RefKind.MANIFEST: "Manifest",
    RefKind.DOCUMENT: "Document",
    RefKind.DASHBOARD_FILE: "Dashboard file",
    RefKind.DASHBOARD: "Dashboard",
    RefKind.ALERT: "Alert rule",
    RefKind.METRIC: "Metric",
    RefKind.ENDPOINT: "Endpoint",
    RefKind.CONFIG: "Configuration",
    RefKind.TEST: "Test target",
    RefKind.JOB: "Scraped job",
}
SOURCES = {
    RefKind.DASHBOARD: "dashboards",
    RefKind.ALERT: "metrics",
    RefKind.METRIC: "metrics",
    RefKind.JOB: "metrics",
    RefKind.ENDPOINT: "service",
}
_PREFIXES = {
    RefKind.SCRIPT: "script", RefKind.MANIFEST: "manifest", RefKind.DOCUMENT: "document", RefKind.ALERT: "alert",
    RefKind.METRIC: "metric", RefKind.ENDPOINT: "endpoint", RefKind.CONFIG: "config", RefKind.TEST: "test",
    RefKind.JOB: "target", RefKind.DASHBOARD: "dashboard", RefKind.DASHBOARD_FILE: "dashboard",
}  # fmt: skip
MOST_CHECKS = 400


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing that the document refers to, with everything that it says of it. `line` is the first that names it."""

    kind: RefKind
    name: str
    line: int
    lines: tuple[int, ...]
    inside: str = ""
    ways: frozenset[str] = frozenset()


def references_of(mentions: Iterable[Mention]) -> list[Reference]:
    """Each thing once, in the order in which the document first names it."""
    grouped: dict[tuple[RefKind, str, str], list[Mention]] = {}
    for mention in mentions:
        inside = mention.inside if mention.kind in (RefKind.CONFIG, RefKind.DASHBOARD, RefKind.TEST) else ""
        grouped.setdefault((mention.kind, mention.name, inside), []).append(mention)
    found = [
        Reference(
            kind,
            name,
            min(m.line for m in group),
            tuple(dict.fromkeys(m.line for m in group)),
            inside,
            frozenset(m.inside for m in group),
        )
        for (kind, name, inside), group in grouped.items()
    ]
    return sorted(_one_kind_of_file(found), key=lambda each: each.line)


def _one_kind_of_file(found: Iterable[Reference]) -> Iterable[Reference]:
    """A path that is named in several ways is one thing, of the most particular kind."""
    order = list(RefKind)
    by_path: dict[str, Reference] = {}
    for each in found:
        if each.kind not in PATHS:
            yield each
            continue
        known = by_path.get(each.name)
        if known is None:
            by_path[each.name] = each
            continue
        kind = max(known.kind, each.kind, key=order.index)
        lines = tuple(sorted({*known.lines, *each.lines}))
        by_path[each.name] = Reference(kind, each.name, lines[0], lines, "", known.ways | each.ways)
    yield from by_path.values()


def check_of(
    reference: Reference, found: Mapping[str, str], told: Mapping[tuple[str, str], str]
) -> dict[str, object] | None:
    """The check that looks for a reference; None for what no source can be asked for by its name.

    `found` are the paths at which a repository has what the document names by less than its path;
    `told` is what the document says of a thing beside its name.
    """
    kind, name = reference.kind, reference.name
    more = told.get((kind.value, name), "")
    title = f"{_NOUNS[kind]}: {name}" + (f" ({more})" if more else "")
    if kind in PATHS:
        return _path_check(reference, found.get(name, name), title)
    if kind is RefKind.TEST:
        return _test_check(reference, found.get(name, ""), title)
    if kind is RefKind.CONFIG:
        check: dict[str, object] = {"kind": "config", "title": f"{title} in {reference.inside}", "source": "repository"}
        return check | {"path": reference.inside, "keys": [name]}
    if kind is RefKind.DASHBOARD and "uid" not in reference.ways:
        return None
    if kind is RefKind.ENDPOINT and not ({"GET", "HEAD", ""} & reference.ways):
        return None
    asked: dict[RefKind, dict[str, object]] = {
        RefKind.DASHBOARD: {"uid": name},
        RefKind.ALERT: {"name": name},
        RefKind.METRIC: {"names": [name]},
        RefKind.JOB: {"job": name, "min_up": 1},
        RefKind.ENDPOINT: {"path": name, "expect": {"status": 200}},
    }
    by_kind = {RefKind.METRIC: "series", RefKind.ENDPOINT: "http"}
    return {"kind": by_kind.get(kind, kind.value), "title": title, "source": SOURCES[kind], **asked[kind]}


def _test_check(reference: Reference, found: str, title: str) -> dict[str, object]:
    """The file in which a test target is: its own, or the one that says how to run it."""
    name, tool = reference.name, reference.inside
    path = {"cargo": f"tests/{name}.rs", "make": "Makefile", "npm": "package.json"}[tool]
    pattern = {"make": f"(?m)^{name}\\s*:", "npm": f'"{name}"\\s*:'}.get(tool, "")
    check: dict[str, object] = {"kind": "file", "title": title, "source": "repository", "path": found or path}
    return check | ({"contains": pattern} if pattern else {})


def _path_check(reference: Reference, path: str, title: str) -> dict[str, object]:
    check: dict[str, object] = {"kind": "file", "title": title, "source": "repository", "path": path}
    if reference.kind is RefKind.MANIFEST and path.endswith((".yaml", ".yml")):
        return check | {"kind": "kubernetes"}
    if reference.kind is RefKind.SCRIPT and "run" in reference.ways:
        return check | {"executable": True}
    if reference.kind is RefKind.DASHBOARD_FILE:
        return check | {"parses": "json"}
    return check


def check_key(reference: Reference, namer: Namer) -> str:
    """The key of a reference's check."""
    name = (
        posixpath.splitext(posixpath.basename(reference.name.rstrip("/")))[0]
        if reference.kind in PATHS
        else reference.name
    )
    prefix = _PREFIXES.get(reference.kind, "file")
    slug = slug_of(name.replace(".", "-"), 48)
    return namer.name(slug if slug.startswith(prefix) else f"{prefix}-{slug}")
