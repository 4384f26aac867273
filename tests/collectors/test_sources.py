"""Sources: what the plan writes becomes askable only where the operator says so."""

from collections.abc import Mapping

import pytest

from readiness.collectors.sources import ResolvedSource, SourceTrouble, resolve_source
from readiness.core.plan import Source
from readiness.core.types import Trouble

ENVIRON = {
    "PROMETHEUS_URL": "http://10.0.0.7:9090/prom/",
    "HOST": "metrics.internal",
    "TOKEN": "t0ken",
    "EMPTY": " ",
    "CHECKOUT": "/srv/engram",
    "WITH_USER": "https://reader:s3cret@metrics.internal/x",
}


def resolve(
    settings: Mapping[str, object], kind: str = "prometheus", allowed: tuple[str, ...] = ()
) -> ResolvedSource | SourceTrouble:
    return resolve_source(Source("metrics", kind, settings), ENVIRON, allowed)


def usable(settings: Mapping[str, object], kind: str = "prometheus", allowed: tuple[str, ...] = ()) -> ResolvedSource:
    source = resolve(settings, kind, allowed)
    assert isinstance(source, ResolvedSource), source
    return source


def refusal(settings: Mapping[str, object], kind: str = "prometheus", allowed: tuple[str, ...] = ()) -> str:
    source = resolve(settings, kind, allowed)
    assert isinstance(source, SourceTrouble), source
    assert source.trouble is Trouble.NOT_CONFIGURED
    return source.message


def test_an_address_from_the_environment_may_be_private() -> None:
    source = usable({"url": "${PROMETHEUS_URL}"})
    assert (source.url, source.host) == ("http://10.0.0.7:9090/prom", "10.0.0.7:9090")


@pytest.mark.parametrize("url", ["https://${HOST}", "https://${HOST}/a/b", "${PROMETHEUS_URL}api"])
def test_a_host_that_came_whole_from_the_environment_is_allowed(url: str) -> None:
    assert usable({"url": url}).url.startswith("http")


@pytest.mark.parametrize(
    "url",
    [
        "http://metrics.example", "https://${HOST}.evil.example/", "https://${HOST}:9091/", "https://evil-${HOST}/",
        "https://${HOST}@evil.example/", "https://evil.example/${HOST}", "http://127.0.0.1:9090", "http://[::1]/",
    ],
)  # fmt: skip
def test_a_host_that_the_plan_writes_is_refused(url: str) -> None:
    assert "only hosts that the operator names may be asked" in refusal({"url": url})


@pytest.mark.parametrize("allowed", ["metrics.example", "metrics.example:9090"])
def test_a_host_that_the_operator_allows_is_allowed(allowed: str) -> None:
    assert usable({"url": "http://metrics.example:9090"}, allowed=(allowed,)).host == "metrics.example:9090"


@pytest.mark.parametrize(
    "url",
    [
        "", "metrics.example", "ftp://metrics.example", "http://", "http://metrics.example:port", "file:///etc/passwd",
        "http://metrics.example\\@evil.example/", "http://metrics.example /", "http://metrics.example?x=1",
        "http://mëtrics.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    message = refusal({"url": url}, allowed=("metrics.example", "evil.example"))
    assert "needs an address such as" in message or "cannot be read" in message


@pytest.mark.parametrize("name", ["GRAFANA_URL", "EMPTY"])
def test_a_variable_that_is_not_set_is_named(name: str) -> None:
    assert refusal({"url": f"${{{name}}}"}) == f"{name} is not set, so metrics cannot be asked"


def test_credentials_are_sent_and_never_shown() -> None:
    bearer = usable({"url": "${PROMETHEUS_URL}", "bearer": "${TOKEN}", "headers": {"X-Scope-OrgID": "${HOST}"}})
    basic = usable({"url": "${PROMETHEUS_URL}", "basic": {"user": "reader", "password": "${TOKEN}"}})
    in_address = usable({"url": "${WITH_USER}"})
    assert bearer.headers == {"X-Scope-OrgID": "metrics.internal", "Authorization": "Bearer t0ken"}
    assert basic.auth == ("reader", "t0ken")
    assert (in_address.auth, in_address.url) == (("reader", "s3cret"), "https://metrics.internal/x")
    shown = repr([bearer, basic, in_address])
    assert not any(secret in shown for secret in ("t0ken", "s3cret", "Bearer"))


@pytest.mark.parametrize("settings", [{"bearer": "abc"}, {"basic": {"user": "a", "password": "b"}}, {"basic": "a:b"}])
def test_a_secret_that_the_plan_writes_is_refused(settings: dict[str, object]) -> None:
    assert "written in the plan; name a variable instead" in refusal({"url": "${PROMETHEUS_URL}", **settings})


def test_a_host_header_of_the_plan_is_not_sent() -> None:
    assert usable({"url": "${PROMETHEUS_URL}", "headers": {"Host": "other"}}).headers == {}


def test_certificates_are_handed_on() -> None:
    source = usable({"url": "${PROMETHEUS_URL}", "ca": "/a.pem", "cert": "/c.pem", "key": "/k.pem"})
    assert (source.verify, source.cert) == ("/a.pem", ("/c.pem", "/k.pem"))


def test_a_checkout_from_the_environment_or_an_allowed_folder_may_be_read() -> None:
    assert usable({"path": "${CHECKOUT}"}, "git").path == "/srv/engram"
    assert usable({"path": "/srv/other/x"}, "git", allowed=("/srv/other",)).path == "/srv/other/x"


@pytest.mark.parametrize("path", ["/etc", "/srv/otherwise", "${CHECKOUT}/../secret", "../x", "${HOST}/x"])
def test_a_checkout_that_the_plan_writes_is_refused(path: str) -> None:
    assert "only checkouts that the operator names may be read" in refusal({"path": path}, "git", ("/srv/other",))


def test_a_mirror_is_asked_like_any_other_host() -> None:
    source = usable({"url": "https://${HOST}/x.git", "token": "${TOKEN}"}, "git")
    assert (source.url, source.path, source.auth) == ("https://metrics.internal/x.git", "", ("x-access-token", "t0ken"))
    assert usable({"url": "${WITH_USER}", "token": "${TOKEN}"}, "git").auth == ("reader", "t0ken")
    assert "t0ken" not in repr(source)
    assert "only hosts that the operator names" in refusal({"url": "https://evil.example/x.git"}, "git")
    assert "needs an address such as" in refusal({"url": "ssh://${HOST}/x.git"}, "git")
    assert "written in the plan; name a variable" in refusal({"url": "https://${HOST}/x.git", "token": "abc"}, "git")


def test_a_repository_that_is_nowhere_is_refused() -> None:
    assert "names neither the path of a checkout nor the url of a repository" in refusal({}, "git")
