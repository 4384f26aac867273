"""Keep bytes under their digest."""

from readiness.core.canonical import digest_bytes
from readiness.models import Blob


def keep_blob(data: bytes, media_type: str = "application/json") -> str:
    """Keep the bytes and return `sha256:<hex>`; keeping the same bytes again changes nothing."""
    digest = digest_bytes(data)
    blob = Blob(digest=digest, data=data, size_bytes=len(data), media_type=media_type)
    Blob.objects.bulk_create([blob], ignore_conflicts=True)
    return digest
