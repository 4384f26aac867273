import pytest
from django.db import IntegrityError, transaction

from readiness.core.canonical import digest_bytes
from readiness.models import Blob
from readiness.queries.blobs import BlobAltered, load_blob
from readiness.services.blobs import keep_blob

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def test_bytes_are_kept_under_their_digest():
    digest = keep_blob(b"evidence", "text/plain")
    assert digest == digest_bytes(b"evidence")
    assert load_blob(digest) == b"evidence"
    blob = Blob.objects.get()
    assert (blob.size_bytes, blob.media_type, blob.created_at is not None) == (8, "text/plain", True)


def test_keeping_the_same_bytes_again_changes_nothing():
    first = keep_blob(b"evidence", "text/plain")
    before = Blob.objects.values().get()
    assert keep_blob(b"evidence", "image/png") == first
    assert Blob.objects.values().get() == before


def test_there_may_be_nothing_kept_under_a_digest():
    assert load_blob(digest_bytes(b"nothing")) is None


def test_bytes_that_were_changed_are_not_handed_out():
    digest = keep_blob(b"evidence")
    Blob.objects.update(data=b"evidenze")
    with pytest.raises(BlobAltered, match=digest):
        load_blob(digest)


def test_a_name_that_is_no_digest_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        Blob.objects.create(digest="md5:1", data=b"", size_bytes=0, media_type="")
