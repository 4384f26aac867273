"""Look for everything that a runbook refers to: in the repository, and in the sources that can be asked."""

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from http import HTTPStatus

from readiness.collectors.http import NoAnswer, fetch_endpoint
from readiness.collectors.registry import CollectContext, collect_check
from readiness.collectors.runbook_files import Files
from readiness.collectors.sources import SourceTrouble
from readiness.core.conditions import CheckSpec
from readiness.core.runbook.mentions import PATHS, RefKind
from readiness.core.runbook.resolved import Resolved, unasked
from readiness.core.runbook.to_checks import Reference
from readiness.core.types import Finding, Outcome, Trouble

_SETTINGS: Mapping[RefKind, Callable[[str], Mapping[str, object]]] = {
    RefKind.ALERT: lambda name: {"name": name},
    RefKind.METRIC: lambda name: {"names": [name]},
    RefKind.JOB: lambda name: {"job": name},
    RefKind.DASHBOARD: lambda name: {"uid": name},
}
_CHECK_KINDS = {
    RefKind.ALERT: "alert_rule",
    RefKind.METRIC: "series",
    RefKind.JOB: "target",
    RefKind.DASHBOARD: "dashboard",
}
_SOURCES = {
    RefKind.ALERT: "metrics",
    RefKind.METRIC: "metrics",
    RefKind.JOB: "metrics",
    RefKind.DASHBOARD: "dashboards",
}
NO_REPOSITORY = "no repository was given to look in"
_CLOSE = 0.6


class Search:
    """One search: the repository, if there is one, and the sources of the draft."""

    def __init__(self, context: CollectContext, files: Files | None, trouble: str = "") -> None:
        self._context, self._files = context, files
        self._trouble = trouble or NO_REPOSITORY
        self._silent: dict[str, str] = {}

    def resolve(self, references: Iterable[Reference]) -> list[Resolved]:
        """Look for each reference, in their order."""
        wanted = list(references)
        in_code = self._in_code(wanted)
        return [self._one(reference, in_code) for reference in wanted]

    def _one(self, reference: Reference, in_code: Mapping[str, str]) -> Resolved:
        kind = reference.kind
        if kind in PATHS or kind in (RefKind.TEST, RefKind.CONFIG):
            return self._in_files(reference)
        if kind is RefKind.ENDPOINT:
            return self._endpoint(reference, in_code)
        if kind is RefKind.DASHBOARD and "uid" not in reference.ways:
            return self._titled(reference)
        asked = self._asked(reference)
        return self._with_repository(asked) if asked is not None else self._written(reference, in_code)

    def _written(self, reference: Reference, in_code: Mapping[str, str]) -> Resolved:
        """What the repository says of something whose source could not be asked."""
        if reference.kind is RefKind.ALERT and self._files is not None:
            return self._rule(reference, self._files)
        if reference.kind is RefKind.DASHBOARD and self._files is not None:
            return self._board(reference, self._files)
        return unasked(reference, self._unasked_words(reference, in_code))

    def _in_files(self, reference: Reference) -> Resolved:
        if self._files is None:
            return unasked(reference, self._trouble)
        if reference.kind is RefKind.TEST:
            return self._files.test(reference)
        return self._files.config(reference) if reference.kind is RefKind.CONFIG else self._files.path(reference)

    # --------------------------------------------------------------------------------------------- sources

    def _asked(self, reference: Reference) -> Resolved | None:
        """What the source says; None when it cannot be asked. A source that gave no answer is not asked again."""
        source = _SOURCES[reference.kind]
        if source in self._silent:
            return None
        spec = CheckSpec(source, _CHECK_KINDS[reference.kind], _SETTINGS[reference.kind](reference.name))
        seen = collect_check(spec, self._context)
        if seen.trouble is not Trouble.NONE:
            self._silent[source] = seen.detail
            return None
        return Resolved(reference, Outcome.MET if seen.finding is Finding.FITS else Outcome.NOT_MET, seen.detail)

    def _with_repository(self, asked: Resolved) -> Resolved:
        """Where something is written that its source does not have."""
        reference, files = asked.reference, self._files
        if asked.outcome is Outcome.MET or files is None:
            return asked
        if reference.kind is RefKind.ALERT and (path := files.rule(reference.name)):
            return Resolved(reference, asked.outcome, f"{asked.detail}; it is written in {path}", path)
        near = _near_board(reference.name, files.boards()) if reference.kind is RefKind.DASHBOARD else ""
        return Resolved(reference, asked.outcome, f"{asked.detail}; {near}") if near else asked

    def _rule(self, reference: Reference, files: Files) -> Resolved:
        path = files.rule(reference.name)
        if path:
            return Resolved(reference, Outcome.MET, f"written in {path}; whether it is loaded was not asked", path)
        near = files.near_rule(reference.name)
        more = f"; {near} exists instead" if near else ""
        return Resolved(reference, Outcome.NOT_MET, f"no rule file has {reference.name} {files.tree.at}{more}")

    def _board(self, reference: Reference, files: Files) -> Resolved:
        path = next((path for path, uid, _ in files.boards() if uid == reference.name), "")
        if path:
            return Resolved(reference, Outcome.MET, f"{path} has this uid; whether it is loaded was not asked", path)
        near = _near_board(reference.name, files.boards())
        more = f"; {near}" if near else ""
        return Resolved(reference, Outcome.NOT_MET, f"no dashboard has the uid {reference.name} {files.tree.at}{more}")

    def _titled(self, reference: Reference) -> Resolved:
        """A dashboard that is called by its title."""
        titles = self._titles()
        if titles is None:
            return unasked(reference, f"no Grafana was asked, and {self._trouble}")
        if reference.name in titles:
            return Resolved(reference, Outcome.MET, f"{titles[reference.name]} has this title")
        close = get_close_matches(reference.name, titles, n=1, cutoff=_CLOSE)
        more = f"; {titles[close[0]]} is called “{close[0]}”" if close else ""
        return Resolved(reference, Outcome.NOT_MET, f"no dashboard is called “{reference.name}”{more}")

    def _titles(self) -> dict[str, str] | None:
        """The titles of dashboards that can be known, with where each is; None when nobody could be asked."""
        written = {title: path for path, _, title in self._files.boards()} if self._files is not None else {}
        source = self._context.source("dashboards", "grafana")
        if isinstance(source, SourceTrouble):
            return written if self._files is not None else None
        try:
            status, body = fetch_endpoint(source, "/api/search?type=dash-db&limit=5000", most_bytes=10_000_000)
            loaded = json.loads(body) if status == HTTPStatus.OK else []
        except (NoAnswer, ValueError, RecursionError):
            return written if self._files is not None else None
        return written | {
            str(each["title"]): "Grafana" for each in loaded if isinstance(each, dict) and "title" in each
        }

    def _endpoint(self, reference: Reference, in_code: Mapping[str, str]) -> Resolved:
        """An address of the service: anything but "not found" says that it is there."""
        source = self._context.source("service", "http")
        if isinstance(source, SourceTrouble) or "service" in self._silent:
            return unasked(reference, self._unasked_words(reference, in_code))
        try:
            status, _ = fetch_endpoint(source, reference.name)
        except NoAnswer as problem:
            self._silent["service"] = f"{source.host} {problem}"
            return unasked(reference, self._unasked_words(reference, in_code))
        detail = f"{source.host}{reference.name} answers {status}"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return unasked(reference, detail)
        return Resolved(reference, Outcome.NOT_MET if status == HTTPStatus.NOT_FOUND else Outcome.MET, detail)

    # --------------------------------------------------------------------------------------------- what code says

    def _in_code(self, references: Iterable[Reference]) -> Mapping[str, str]:
        words = {_in_source(r) for r in references if r.kind in (RefKind.METRIC, RefKind.ENDPOINT, RefKind.JOB)}
        return self._files.mention(words) if self._files is not None else {}

    def _unasked_words(self, reference: Reference, in_code: Mapping[str, str]) -> str:
        """Why it is not known, and whether at least the repository speaks of it."""
        source = _SOURCES.get(reference.kind, "service")
        resolved = self._context.sources.get(source)
        why = self._silent.get(source) or (resolved.message if isinstance(resolved, SourceTrouble) else "")
        why = why or "nobody could be asked"
        if self._files is None:
            return why
        path = in_code.get(_in_source(reference))
        return f"{why}; {path} names it" if path else f"{why}; no code of the repository names it"


def _in_source(reference: Reference) -> str:
    """The name as code writes it: without what Prometheus appends to a histogram."""
    for ending in ("_bucket", "_count", "_sum"):
        if reference.kind is RefKind.METRIC and reference.name.endswith(ending):
            return reference.name.removesuffix(ending)
    return reference.name


def _near_board(uid: str, boards: Iterable[tuple[str, str, str]]) -> str:
    """The dashboard that was probably meant, with the uid that it has."""
    by_name = {name: (path, other) for path, other, title in boards for name in _names_of(path, other, title)}
    close = get_close_matches(uid, by_name, n=1, cutoff=_CLOSE)
    if not close:
        return ""
    path, other = by_name[close[0]]
    return f"{path} has the uid {other}" if other else f"{path} has no uid"


def _names_of(path: str, uid: str, title: str) -> set[str]:
    stem = path.rpartition("/")[2].removesuffix(".json")
    return {name for name in (uid, stem, "-".join(title.lower().split())) if name}
