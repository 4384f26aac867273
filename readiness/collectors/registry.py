"""The registry of checks, one line a kind, and the context that a refresh collects in."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from readiness.collectors.findings import text_setting, unanswered
from readiness.collectors.git import collect_config, collect_file, collect_manifest
from readiness.collectors.grafana import collect_dashboard
from readiness.collectors.http import collect_http
from readiness.collectors.lanes import Lanes
from readiness.collectors.mirrors import Mirror, collect_mirror
from readiness.collectors.prometheus import MOST_SILENCES, PrometheusBatch
from readiness.collectors.prometheus_checks import collect_alert_rule, collect_series, collect_target
from readiness.collectors.sources import ResolvedSource, SourceTrouble, resolve_source
from readiness.core.conditions import CheckSpec
from readiness.core.plan import Source
from readiness.core.types import CheckObservation, Trouble

OnSource = Callable[[ResolvedSource, CheckSpec, datetime], CheckObservation]
OnPrometheus = Callable[[PrometheusBatch, CheckSpec], CheckObservation]


@dataclass(slots=True)
class CollectContext:
    """The sources of one refresh at one moment. One thread at a time; close it after use, or use it with `with`.

    `mirrors` is the folder that repositories elsewhere are mirrored in; sources that are `probing` did not answer last
    time, and are given up after one question.
    """

    now: datetime
    sources: Mapping[str, ResolvedSource | SourceTrouble]
    mirrors: str = ""
    lanes: Lanes = field(default_factory=Lanes)
    probing: Collection[str] = ()
    _batches: dict[str, PrometheusBatch] = field(default_factory=dict)
    _mirrored: dict[str, Mirror | SourceTrouble] = field(default_factory=dict)

    def source(self, key: str, kind: str) -> ResolvedSource | SourceTrouble:
        """The source of that key when it is of the `kind` that is needed, or why it cannot be asked."""
        source = self.sources.get(key)
        if source is None:
            return SourceTrouble(key, Trouble.NOT_CONFIGURED, f"the plan names no source {key}")
        if isinstance(source, ResolvedSource) and source.kind != kind:
            return SourceTrouble(key, Trouble.NOT_CONFIGURED, f"{key} is a {source.kind} source; {kind} is needed")
        return source

    def repository(self, key: str) -> tuple[ResolvedSource | SourceTrouble, Mirror | None]:
        """The git source of that key, and its mirror where it has one; it is looked at once in a refresh."""
        source = self.source(key, "git")
        if isinstance(source, SourceTrouble) or not source.url:
            return source, None
        if key not in self._mirrored:
            self._mirrored[key] = collect_mirror(source, self.mirrors, self.now)
        mirror = self._mirrored[key]
        return (mirror, None) if isinstance(mirror, SourceTrouble) else (replace(source, path=mirror.path), mirror)

    def prometheus(self, key: str) -> PrometheusBatch:
        """The batch of a Prometheus source; one over a source in trouble answers every question with that trouble."""
        if key not in self._batches:
            self._batches[key] = PrometheusBatch(self.source(key, "prometheus"), self.now, self.lanes)
            self._batches[key].most_silences = 1 if key in self.probing else MOST_SILENCES
        return self._batches[key]

    def silence(self, key: str) -> str:
        """Why a Prometheus source was given up; empty when it was not, or cannot be asked at all."""
        given_up = self.prometheus(key).given_up
        return given_up.message if given_up is not None and given_up.trouble is Trouble.SOURCE_ERROR else ""

    def close(self) -> None:
        """Let the threads go that asked."""
        self.lanes.close()

    def __enter__(self) -> "CollectContext":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


Collector = Callable[[CheckSpec, CollectContext], CheckObservation]


def make_context(
    sources: Iterable[Source],
    environ: Mapping[str, str],
    allowed_hosts: Collection[str],
    now: datetime,
    mirrors: str = "",
    lanes: Lanes | None = None,
) -> CollectContext:
    """Resolve the sources of a plan for one refresh at `now`; see `resolve_source` for what is allowed."""
    resolved = {source.key: resolve_source(source, environ, allowed_hosts) for source in sources}
    return CollectContext(now, resolved, mirrors, lanes or Lanes())


def _on_source(kind: str, ask: OnSource) -> Collector:
    def collect(spec: CheckSpec, context: CollectContext) -> CheckObservation:
        source = context.source(spec.source, kind)
        if isinstance(source, SourceTrouble):
            return unanswered(source, _subject(spec), context.now)
        return ask(source, spec, context.now)

    return collect


def _on_git(ask: OnSource) -> Collector:
    """A check of a repository: of a checkout, or of a mirror, which says when it was fetched."""

    def collect(spec: CheckSpec, context: CollectContext) -> CheckObservation:
        source, mirror = context.repository(spec.source)
        if isinstance(source, SourceTrouble):
            return unanswered(source, _subject(spec), context.now)
        seen = ask(source, spec, context.now)
        if mirror is None:
            return seen
        detail = (
            f"{seen.detail}, fetched at {mirror.fetched_at:%H:%M} UTC on {mirror.fetched_at.day} {mirror.fetched_at:%b}"
        )
        return replace(seen, detail=detail, fetched_at=mirror.fetched_at, unfetched=mirror.trouble)

    return collect


def _on_prometheus(ask: OnPrometheus) -> Collector:
    return lambda spec, context: ask(context.prometheus(spec.source), spec)


def _subject(spec: CheckSpec) -> str:
    named = (text_setting(spec.settings, key) for key in ("path", "uid", "name", "group", "job"))
    return next((name for name in named if name), spec.check_kind)


CHECKS: Mapping[str, Collector] = {
    "file": _on_git(collect_file),
    "config": _on_git(collect_config),
    "kubernetes": _on_git(collect_manifest),
    "http": _on_source("http", collect_http),
    "dashboard": _on_source("grafana", collect_dashboard),
    "alert_rule": _on_prometheus(collect_alert_rule),
    "series": _on_prometheus(collect_series),
    "target": _on_prometheus(collect_target),
}


def collect_check(condition_spec: CheckSpec, context: CollectContext) -> CheckObservation:
    """What a check of any kind finds. Trouble with its source is in the observation, never raised."""
    collect = CHECKS.get(condition_spec.check_kind)
    if collect is None:
        sentence = f"checks of kind {condition_spec.check_kind} cannot be made yet; {', '.join(CHECKS)} can"
        trouble = SourceTrouble(condition_spec.source, Trouble.NOT_CONFIGURED, sentence)
        return unanswered(trouble, _subject(condition_spec), context.now)
    return collect(condition_spec, context)
