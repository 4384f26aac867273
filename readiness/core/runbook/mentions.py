"""Everything that a document refers to and that somebody else must have made: files, alerts, dashboards, endpoints …

A name counts by its look and by what stands around it; what cannot be told apart from a word is no reference.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from readiness.core.plan_paths import command_paths
from readiness.core.runbook.queries import METRIC


class RefKind(StrEnum):
    """What kind of thing is referred to."""

    FILE = "file"
    SCRIPT = "script"
    MANIFEST = "manifest"
    DOCUMENT = "document"
    DASHBOARD_FILE = "dashboard_file"
    DASHBOARD = "dashboard"
    ALERT = "alert_rule"
    METRIC = "metric"
    ENDPOINT = "endpoint"
    CONFIG = "config_key"
    TEST = "test"
    JOB = "target"


PATHS = frozenset({RefKind.FILE, RefKind.SCRIPT, RefKind.MANIFEST, RefKind.DOCUMENT, RefKind.DASHBOARD_FILE})


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing as one line refers to it.

    `name` is a path for what is a file, else what it is called. `inside` is the file of a configuration key, or the way
    in which something is used: "run" for a script that is executed, the method of an endpoint.
    """

    kind: RefKind
    name: str
    line: int
    inside: str = ""


_FILE = re.compile(
    r"(?<![\w/.$:@<~%+-])(?:\./)?[A-Za-z0-9_.][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_.+-]+){1,20}/?(?![\w/<{$*\[])"
)
_BARE = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.(?:sh|py|rb|toml|ya?ml|json|md|conf|ini|tf|sql|rs|go|ts|js|env|promql|lua)"
)
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}")
_MADE = (
    "target/",
    "build/",
    "dist/",
    "out/",
    "tmp/",
    "node_modules/",
    ".venv/",
    "venv/",
    "usr/",
    "etc/",
    "var/",
    "opt/",
    "bin/",
)
_SCRIPTS = (".sh", ".bash", ".ps1", ".rb", ".pl")
_URL = re.compile(r"https?://([^\s/'\"`<>\\)|]{1,200})(/[^\s'\"`<>\\)|,;]{0,300})?")
_LOCAL = re.compile(
    r"(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|\$\{?\w+\}?|[a-z0-9-]+|.+\.(?:local|internal|svc|lan|test|"
    r"example)|.+\.svc\.cluster\.local)(?::(?P<port>\d+|\$\{?\w+\}?))?"
)
_ENDPOINT = re.compile(
    r"(?:(GET|POST|PUT|PATCH|DELETE|HEAD)\s+)?(/(?:api|v\d|admin|health|healthz|readyz?|livez?|metrics|status|"
    r"internal|debug|ready|ping|version|info)[\w./{}:-]{0,150})"
)
_ENDPOINT_OF_VAR = re.compile(r"\$\{?[A-Z_]+\}?(/[a-z][\w./-]{1,150})")
_UID = re.compile(r"/(?:d|d-solo|api/dashboards/uid)/([A-Za-z0-9_-]{1,60})")
_UID_FIELD = re.compile(r"\b(?:dashboard )?uid\b\W{0,4}([A-Za-z0-9][A-Za-z0-9_-]{2,60})", re.IGNORECASE)
_BOARD = re.compile(
    r"[\"“„«]([^\"“”„«»]{3,80})[\"”“»]\s+(?:\w+\s+)?dashboards?\b|\bdashboards?:?\s+[\"“„«]([^\"“”„«»]{3,80})[\"”“»]",
    re.IGNORECASE,
)
_ALERT_LINE = re.compile(r"^\s*-?\s*alert:\s*[\"']?([A-Za-z_]\w{2,100})")
_JOB = re.compile(r"\bjob\s*==?\s*\\?[\"']([\w.-]{1,60})\\?[\"']")
CAMEL = re.compile(r"(?<![\w/.])(?:[A-Z][a-z0-9]+){2,10}[A-Z0-9]{0,8}[a-z0-9]{0,8}(?![\w/.(])")
NO_ALERTS = frozenset({"DevOps", "GitHub", "GitLab", "PagerDuty", "OpsGenie", "JavaScript", "TypeScript", "PostgreSQL"})
_CARGO = re.compile(r"\s--test[= ]([A-Za-z0-9_-]{2,80})")
_TOOLS = (
    ("make", re.compile(r"(?:^|[;&|]\s*|`)make\s+(?:-\w+\s+)*([a-z][\w-]{1,60})")),
    ("npm", re.compile(r"\b(?:npm run|yarn run|pnpm run|yarn|pnpm)\s+(?:-\S+\s+)*([a-z][\w:-]{1,60})")),
)
_MANIFEST = re.compile(r"\b(?:kubectl|oc|kustomize|argocd|k)\b.{0,200}?(?:\s-f|\s--filename|\s-k)[ =]")
_HERE = re.compile(
    r"\$\(pwd\)/|\$\{?PWD\}?/|`pwd`/|\$\(git rev-parse --show-toplevel\)/|\$\{?(?:REPO|REPO_ROOT|ROOT)\}?/"
)
_VOLUME = re.compile(r"((?:^|\s)-v\s+|--volume[= ]|--mount[= ]\S*source=)(\S+?):\S*")
_SYSTEM_NAMES = "usr etc var tmp opt bin home Users dev proc sys root mnt data srv run lib sbin"
_SYSTEM = tuple(f"/{name}/" for name in _SYSTEM_NAMES.split())
_APIS = {"9090": "prometheus", "3000": "grafana", "9093": "alertmanager"}
LONGEST = 2_000


def kind_of_path(path: str, command: str = "") -> RefKind:
    """What kind of file a path is, by its name and by the command that names it."""
    lower = path.lower()
    if lower.endswith((".md", ".rst", ".adoc", ".txt")):
        return RefKind.DOCUMENT
    if lower.endswith(_SCRIPTS) or (
        "scripts/" in lower and not lower.endswith("/") and "." in posixpath.basename(lower)
    ):
        return RefKind.SCRIPT
    if lower.endswith(".json") and ("grafana" in lower or "dashboard" in lower):
        return RefKind.DASHBOARD_FILE
    yaml = lower.endswith((".yaml", ".yml"))
    if yaml and (_MANIFEST.search(command) or re.search(r"k8s|kubernetes|manifests?/|helm/|kustom", lower)):
        return RefKind.MANIFEST
    return RefKind.FILE


def paths_in_command(run: str, line: int) -> Iterator[Mention]:
    """The files that a line of a shell names: what it reads or runs, not what it writes."""
    text = _VOLUME.sub(r" \2", _HERE.sub("./", run[:LONGEST]))
    words = text.split()
    tool = next((word for word in words if not word.endswith("=") and word not in ("sudo", "time", "env")), "")
    written = words[-1] if tool in ("cp", "mv") else ""
    if tool in ("mkdir", "touch", "cat") and (tool != "cat" or ">" in text or "<<" in text):
        return
    for path in command_paths(text):
        if path == posixpath.normpath(written.removeprefix("./")) + ("/" if written.endswith("/") else ""):
            continue
        started = tool.removeprefix("./") == path and tool in run
        yield Mention(
            kind_of_path(path, text), path, line, "run" if started and not run.lstrip().startswith("-") else ""
        )


def paths_in_text(text: str, line: int) -> Iterator[Mention]:
    """The files that prose names: words with a slash and a file's ending, or a folder in a code span."""
    for match in _FILE.finditer(_URL.sub(" ", text[:LONGEST])):
        path = _clean(match[0])
        if path:
            yield Mention(kind_of_path(path), path, line)


def _clean(word: str) -> str:
    path = word.removeprefix("./").rstrip(".,:;")
    parts = path.split("/")
    folder = path.endswith("/")
    if ".." in parts or path.startswith(_MADE) or (not folder and not _ENDING.fullmatch(posixpath.splitext(path)[1])):
        return ""
    if "." in parts[0].strip(".") and not parts[0].startswith("."):
        return ""
    return (
        ""
        if folder and len(parts) < 3 and not re.search(r"[_-]|^(?:src|docs|scripts|config|tests?|deploy\w*)/", path)
        else path
    )


def named_in_code(span: str, line: int) -> Iterator[Mention]:
    """What a code span names as a whole: a file, an endpoint, a metric, or a command."""
    word = span.strip()
    if word.startswith(("/", "./")) and not word.startswith(_SYSTEM) and _ENDING.fullmatch(posixpath.splitext(word)[1]):
        path = _clean(word.lstrip("/"))
        if path and not re.match(r"/(?:api|v\d|admin)/", word):
            yield Mention(kind_of_path(path), path, line)
            return
    if _BARE.fullmatch(word):
        yield Mention(kind_of_path(word), word, line)
        return
    if " " in word:
        yield from (m for m in paths_in_command(word, line))
        yield from targets_in(word, line)
    elif "/" in word:
        yield from paths_in_text(word, line)
    for method, path in endpoints_in(word):
        yield Mention(RefKind.ENDPOINT, path, line, method)


def endpoints_in(text: str) -> Iterator[tuple[str, str]]:
    """Paths of the service's own API that a text names, each with its method where that is said."""
    bare = _URL.sub(" ", text)
    for match in _ENDPOINT.finditer(bare):
        before = bare[: match.start()]
        if not before or before[-1] in " \t('\"`|=:,":
            yield match[1] or "", match[2].rstrip(".,:;/") or "/"
    for match in _ENDPOINT_OF_VAR.finditer(bare):
        yield "", match[1].rstrip(".,:;/")


def web_in(text: str, line: int) -> Iterator[Mention]:
    """Endpoints and dashboards that addresses name; those of the wide web are nobody's artefacts."""
    method = re.search(r"\s-X\s*(GET|POST|PUT|PATCH|DELETE)|--request[= ](\w+)", text)
    for match in _URL.finditer(text[:LONGEST]):
        host, path = match[1].rpartition("@")[2], (match[2] or "").rstrip(".,:;")
        local = _LOCAL.fullmatch(host)
        if uid := _UID.search(path):
            yield Mention(RefKind.DASHBOARD, uid[1], line, "uid")
        elif local is not None and path.strip("/") and _APIS.get(local["port"] or "") is None:
            yield Mention(RefKind.ENDPOINT, path.partition("?")[0].rstrip("/"), line, _method(method, text))


def _method(stated: re.Match[str] | None, text: str) -> str:
    if stated is not None:
        return (stated[1] or stated[2]).upper()
    return "POST" if re.search(r"\s(?:-d|--data\S*)[ =]", text) else "GET" if "curl" in text or "wget" in text else ""


def dashboards_in(text: str, line: int) -> Iterator[Mention]:
    """Dashboards that prose calls by their title or their uid."""
    for match in _BOARD.finditer(text[:LONGEST]):
        yield Mention(RefKind.DASHBOARD, (match[1] or match[2]).strip(), line, "title")
    for match in _UID.finditer(text[:LONGEST]) if "http" not in text else ():
        yield Mention(RefKind.DASHBOARD, match[1], line, "uid")
    for match in _UID_FIELD.finditer(text[:LONGEST]) if "dashboard" in text.lower() else ():
        yield Mention(RefKind.DASHBOARD, match[1], line, "uid")


def metrics_in(text: str, line: int) -> Iterator[Mention]:
    """Metrics that a text names, by their usual endings."""
    for match in METRIC.finditer(text[:LONGEST]):
        yield Mention(RefKind.METRIC, match[0], line)


def targets_in(run: str, line: int) -> Iterator[Mention]:
    """Test targets that a line of a shell runs."""
    text = run[:LONGEST]
    if "cargo" in text:
        for match in _CARGO.finditer(text):
            yield Mention(RefKind.TEST, match[1], line, "cargo")
    for tool, pattern in _TOOLS:
        for match in pattern.finditer(text):
            if match[1] not in {"install", "add", "build", "sure", "run", "dlx", "exec"}:
                yield Mention(RefKind.TEST, match[1], line, tool)


def alert_in(text: str, line: int) -> Mention | None:
    """The alert rule that a line of YAML defines."""
    match = _ALERT_LINE.match(text)
    return Mention(RefKind.ALERT, match[1], line) if match else None


def jobs_in(text: str, line: int) -> Iterator[Mention]:
    """Jobs that a text expects Prometheus to scrape."""
    for match in _JOB.finditer(text[:LONGEST]):
        yield Mention(RefKind.JOB, match[1], line)
