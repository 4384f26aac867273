"""Uploads: what is beyond the limit is counted and thrown away while it arrives, so that it can be refused by name."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, TemporaryFileUploadHandler

from readiness.services.evidence import BYTES, Brought, How


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Write a file to disk up to the limit. Its `size` is what was sent, so a file that was cut is seen to be."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece while there is room for it."""
        if start + len(raw_data) <= settings.MAX_UPLOAD_BYTES:
            super().receive_data_chunk(raw_data, start)


def capped_handlers() -> list[FileUploadHandler]:
    """Give what reads the files of a request under the limit, once set before anything reads what was posted."""
    return [MemoryFileUploadHandler(), CappedUploadHandler()]


def brought_file(file: "UploadedFile[bytes]") -> Brought:
    """Give an uploaded file as a piece of evidence."""
    return Brought(file.name or "file", file.read(), file.content_type or BYTES)


def brought_note(note: str) -> Brought:
    """Give a note as a piece of evidence."""
    return Brought("Note", note.encode(), "text/plain", How.NOTE)
