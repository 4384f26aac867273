"""Sources: from what the plan writes to what can be asked, with `${NAME}` read from the environment at that moment.

Nothing read from the environment is kept: a `ResolvedSource` lives as long as one batch, and its secrets are not in its
`repr`. A plan may only reach hosts that the operator named: in the environment, or in the list of allowed hosts.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from readiness.core.plan import Source
from readiness.core.types import Trouble

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SECRET_KEYS = ("bearer", "basic", "token")
SOMEBODY = "x-access-token"
WITH_URL = ("prometheus", "grafana", "http")


@dataclass(frozen=True, slots=True)
class ResolvedSource:
    """A source as one batch uses it. `timeout_s` is seconds; `verify` and `cert` are as `requests` takes them.

    A git source has the `path` of a checkout, or a `url` that is mirrored `every` so often.
    """

    key: str
    kind: str
    url: str = ""
    path: str = ""
    timeout_s: float = 10.0
    environment: str = ""
    every: timedelta | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    auth: tuple[str, str] | None = field(default=None, repr=False)
    verify: bool | str = True
    cert: str | tuple[str, str] | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port, as people know the source."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class SourceTrouble:
    """Why a source cannot be asked, in a sentence for people."""

    key: str
    trouble: Trouble
    message: str


class SourceRefused(Exception):
    """What the plan writes for a source cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Text after expansion, and for each character whether the environment gave it."""

    value: str
    given: tuple[bool, ...]


def resolve_source(
    source: Source, environ: Mapping[str, str], allowed_hosts: Collection[str]
) -> ResolvedSource | SourceTrouble:
    """Fill in the environment and decide whether the source may be asked.

    A host is allowed when all of it came from the environment or when it is in `allowed_hosts`, with or without port.
    A checkout path is allowed when it begins with a value from the environment or lies under an absolute path in
    `allowed_hosts`. A variable that is not set is NOT_CONFIGURED, not a crash.
    """
    try:
        settings = {key: _expand(source.key, value, environ) for key, value in _written(source).items()}
        return _resolve(source, settings, allowed_hosts)
    except SourceRefused as refusal:
        return SourceTrouble(source.key, Trouble.NOT_CONFIGURED, str(refusal))


def _written(source: Source) -> dict[str, str]:
    """The settings as flat texts: `headers` become `headers.NAME`, a basic pair becomes `user:password`."""
    flat: dict[str, str] = {}
    for key, value in source.settings.items():
        if key == "basic" and isinstance(value, Mapping):
            flat[key] = f"{value.get('user', value.get('username', ''))}:{value.get('password', '')}"
        elif isinstance(value, Mapping):
            flat |= {f"{key}.{name}": str(part) for name, part in value.items()}
        elif value is not None:
            flat[key] = str(value)
    for key in SECRET_KEYS:
        if key in flat and not VARIABLE.search(flat[key]):
            raise SourceRefused(
                f"{source.key} has its {key} written in the plan; name a variable instead, such as ${{TOKEN}}"
            )
    return flat


def _expand(key: str, written: str, environ: Mapping[str, str]) -> _Text:
    value, given, end = "", [], 0
    for match in VARIABLE.finditer(written):
        content = environ.get(match[1], "").strip()
        if not content:
            raise SourceRefused(f"{match[1]} is not set, so {key} cannot be asked")
        literal = written[end : match.start()]
        value += literal + content
        given += [False] * len(literal) + [True] * len(content)
        end = match.end()
    value += written[end:]
    return _Text(value, tuple(given + [False] * (len(value) - len(given))))


def _resolve(source: Source, settings: Mapping[str, _Text], allowed_hosts: Collection[str]) -> ResolvedSource:
    texts = {key: text.value for key, text in settings.items()}
    mirrored = source.kind == "git" and "url" in settings
    has_url = mirrored or source.kind in WITH_URL
    url, user = _usable_url(source, settings, allowed_hosts) if has_url else ("", None)
    path = _usable_path(source, settings, allowed_hosts) if source.kind == "git" and not mirrored else ""
    if "token" in texts:
        user = (user[0] if user else SOMEBODY, texts["token"])
    return ResolvedSource(
        key=source.key,
        kind=source.kind,
        url=url,
        path=path,
        timeout_s=source.timeout.total_seconds(),
        environment=source.environment,
        every=source.every,
        headers=_headers(texts),
        auth=_pair(texts["basic"]) if "basic" in texts else user,
        verify=texts.get("ca", True),
        cert=(texts["cert"], texts["key"]) if "cert" in texts and "key" in texts else texts.get("cert"),
    )


def _headers(texts: Mapping[str, str]) -> dict[str, str]:
    headers = {key.removeprefix("headers."): text for key, text in texts.items() if key.startswith("headers.")}
    headers = {name: text for name, text in headers.items() if name.lower() != "host"}
    return headers | ({"Authorization": f"Bearer {texts['bearer']}"} if "bearer" in texts else {})


def _pair(text: str) -> tuple[str, str]:
    user, _, password = text.partition(":")
    return user, password


def _usable_url(
    source: Source, settings: Mapping[str, _Text], allowed_hosts: Collection[str]
) -> tuple[str, tuple[str, str] | None]:
    """The URL without credentials and trailing slash, and the credentials it carried."""
    text = settings.get("url", _Text("", ()))
    parts = _split(source.key, text.value)
    host, netloc = parts.hostname or "", parts.netloc.rpartition("@")[2]
    begin = text.value.index("://") + 3 + len(parts.netloc) - len(netloc)
    from_environment = all(text.given[begin : begin + len(netloc)])
    if not from_environment and not {host, netloc} & set(allowed_hosts):
        raise SourceRefused(
            f"{source.key} names the host {netloc} in the plan; only hosts that the operator names may be asked. "
            f"Give the whole address by a variable, such as ${{PROMETHEUS_URL}}, or have the host allowed"
        )
    user = (parts.username, parts.password or "") if parts.username else None
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}", user


def _split(key: str, url: str) -> SplitResult:
    """Take a URL apart; refused when two parsers would read different hosts in it."""
    try:
        parts, other = urlsplit(url), parse_url(url)
        agreed = (parts.hostname or "") == (other.host or "").strip("[]").lower() and parts.port == other.port
    except (ValueError, LocationParseError):
        raise SourceRefused(f"{key} has an address that cannot be read") from None
    odd = not url.isascii() or any(c.isspace() or c == "\\" for c in url) or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or not agreed or odd:
        raise SourceRefused(f"{key} needs an address such as https://host:9090/prefix")
    return parts


def _usable_path(source: Source, settings: Mapping[str, _Text], allowed_hosts: Collection[str]) -> str:
    """The path of a checkout that the operator named."""
    text = settings.get("path")
    if text is None:
        raise SourceRefused(f"{source.key} names neither the path of a checkout nor the url of a repository")
    roots = [root.rstrip("/") for root in allowed_hosts if root.startswith("/")]
    allowed = text.value[:1] == "/" and (text.given[0] or any(f"{text.value}/".startswith(f"{r}/") for r in roots))
    if not allowed or ".." in text.value.split("/"):
        raise SourceRefused(
            f"{source.key} names the path {text.value} in the plan; only checkouts that the operator names may be "
            "read. Give it by a variable that holds an absolute path, such as ${SERVICE_CHECKOUT}"
        )
    return text.value
