"""Uploads to pages: read under the limit, behind the check that the page was ours."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from readiness.forms.uploads import capped_handlers

View = Callable[..., HttpResponse]


def capped_uploads(view: View) -> View:
    """Read the files of a request under the limit; must be outermost, before anything reads what was posted."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def with_limit(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST":
            request.upload_handlers = capped_handlers()
        return checked(request, *args, **kwargs)

    return with_limit
