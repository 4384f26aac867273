"""The pages for what went wrong: said in plain words, and where the board itself is broken, as NO-GO."""

import logging
from http import HTTPStatus
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import ERROR_PAGE_TEMPLATE

log = logging.getLogger("readiness.mistakes")
API = "/api/"


def _for_programs(status: HTTPStatus, sentence: str) -> HttpResponse:
    """Say it as RFC 9457 does."""
    said = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": sentence}
    return JsonResponse(said, status=status, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that can't be read."""
    if request.path.startswith(API):
        return _for_programs(HTTPStatus.BAD_REQUEST, "This request can’t be read.")
    return HttpResponse(render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer somebody who may not; the reason says who may."""
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer for a page that is not there."""
    if request.path.startswith(API):
        return _for_programs(HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}.")
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when the page failed: without the database, with a reference that stands beside the trace in the log."""
    reference = uuid4().hex[:12]
    log.error("reference %s: %s %s failed", reference, request.method, request.path)
    if request.path.startswith(API):
        sentence = f"Readiness isn’t working, so treat every decision as NO-GO. Reference {reference}."
        return _for_programs(HTTPStatus.INTERNAL_SERVER_ERROR, sentence)
    try:
        return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)
    except Exception:  # noqa: BLE001 - whatever else is broken, this page still says NO-GO
        said = {"title": "NO-GO", "details": f"Readiness isn’t working. Reference {reference}."}
        return HttpResponse(ERROR_PAGE_TEMPLATE % said, status=500)
