"""HTTP: endpoints that answer as stated, and links that are fetched once and kept, without reaching where none should.

A check asks a host that the operator named. A link may come from anybody, so only public addresses are asked; the
address that was looked at is the one that is connected to, whatever the name resolves to a moment later.
"""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as StreamTimeout

from readiness.collectors.documents import missing_in
from readiness.collectors.findings import listing, mapping_setting, number_setting, text_setting, unanswered
from readiness.collectors.sources import ResolvedSource, SourceTrouble
from readiness.core.canonical import digest_bytes
from readiness.core.conditions import CheckSpec
from readiness.core.types import CheckObservation, Finding, Trouble

MOST_BYTES = 1_000_000
CHUNK_BYTES = 65_536
METHODS = ("GET", "HEAD", "POST")


class NoAnswer(Exception):
    """An endpoint gave no answer that can be judged; the message completes "HOST …"."""


def collect_http(source: ResolvedSource, spec: CheckSpec, now: datetime) -> CheckObservation:
    """Whether an endpoint answers with the stated status and, where stated, with JSON of at least the stated shape."""
    path = text_setting(spec.settings, "path")
    subject = f"{source.host}{path}"
    if not path.startswith("/"):
        sentence = f"the path {path!r} must begin with /"
        return unanswered(SourceTrouble(source.key, Trouble.NOT_CONFIGURED, sentence), subject, now)
    try:
        status, body = fetch_endpoint(source, path, text_setting(spec.settings, "method") or "GET")
    except NoAnswer as problem:
        return unanswered(SourceTrouble(source.key, Trouble.SOURCE_ERROR, f"{source.host} {problem}"), subject, now)
    return _judged_answer(subject, status, body, spec.settings, now)


def _judged_answer(
    subject: str, status: int, body: bytes, settings: Mapping[str, object], now: datetime
) -> CheckObservation:
    expect = mapping_setting(settings, "expect")
    required, content = number_setting(expect, "status", HTTPStatus.OK), digest_bytes(body)
    if status != required:
        gone = status == HTTPStatus.NOT_FOUND
        detail = f"{subject} does not exist (it answers 404)" if gone else f"{subject} answers {status}, not {required}"
        return CheckObservation(now, Finding.MISSING if gone else Finding.MISFIT, subject, detail, content=content)
    if expect.get("json") is not None:
        try:
            lacking = missing_in(json.loads(body), expect["json"])
        except (ValueError, RecursionError):
            detail = f"{subject} answers something that is not JSON"
            return CheckObservation(now, Finding.UNREADABLE, subject, detail, content=content)
        if lacking:
            detail = f"{subject} answers without {listing(lacking)} as stated"
            return CheckObservation(now, Finding.MISFIT, subject, detail, content=content)
    return CheckObservation(now, Finding.FITS, subject, f"{subject} answers {status} as stated", content=content)


def fetch_endpoint(
    source: ResolvedSource, path: str, method: str = "GET", most_bytes: int = MOST_BYTES
) -> tuple[int, bytes]:
    """Status and body of one request to a source. A redirect is an answer. Raises NoAnswer, also above `most_bytes`."""
    if method not in METHODS:
        raise NoAnswer(f"may be asked by {', '.join(METHODS)}, not by {method}")
    deadline = time.monotonic() + source.timeout_s
    with requests.Session() as session:
        session.trust_env = False
        session.verify, session.cert = source.verify, source.cert
        try:
            with session.request(
                method,
                source.url + path,
                headers={**source.headers, "Accept-Encoding": "identity"},
                auth=source.auth,
                timeout=source.timeout_s,
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, _bounded(response, deadline, most_bytes)
        except (requests.RequestException, HTTPError, OSError, ValueError) as problem:
            raise NoAnswer(_words(problem, source.timeout_s)) from None


def _bounded(response: requests.Response, deadline: float, most_bytes: int) -> bytes:
    body = bytearray()
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > most_bytes:
            raise NoAnswer(f"answered more than {most_bytes // 1_000_000} MB")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout
    return bytes(body)


def _words(problem: Exception, timeout_s: float) -> str:
    if isinstance(problem, (requests.Timeout, StreamTimeout)):
        return f"did not answer within {timeout_s:g} s"
    if isinstance(problem, requests.exceptions.SSLError):
        return "has a certificate that is not trusted"
    text = str(problem)
    if "refused" in text:
        return "refused the connection"
    return "has a name that does not resolve" if "resolve" in text else "broke off the connection"
