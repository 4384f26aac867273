"""Bytes kept under their digest."""

from readiness.core.canonical import digest_bytes
from readiness.models import Blob


class BlobAltered(Exception):
    """Kept bytes no longer have the digest they are kept under."""


def load_blob(digest: str) -> bytes | None:
    """Return the bytes kept under a digest, None when there are none; raise `BlobAltered` when they do not fit it."""
    data = Blob.objects.filter(pk=digest).values_list("data", flat=True).first()
    if data is None:
        return None
    if digest_bytes(bytes(data)) != digest:
        raise BlobAltered(f"The bytes kept under {digest} do not have that digest")
    return bytes(data)
