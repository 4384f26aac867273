"""Uploads: what is beyond the limit is counted and thrown away while it arrives, so that it can be refused by name."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Write a file to disk up to the limit. Its `size` is what was sent, so a file that was cut is seen to be."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece while there is room for it."""
        if start + len(raw_data) <= settings.MAX_UPLOAD_BYTES:
            super().receive_data_chunk(raw_data, start)


def capped_uploads(view: View) -> View:
    """Read the files of a request under the limit; must be outermost, before anything reads what was posted."""
    checked = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def with_limit(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method == "POST":
            request.upload_handlers = [MemoryFileUploadHandler(request), CappedUploadHandler(request)]
        return checked(request, *args, **kwargs)

    return with_limit
