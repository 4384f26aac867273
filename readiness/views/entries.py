"""One entry of the record as files: its exact bytes, and the proof that leads from them to a signed root."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from readiness.queries.audit import load_entry
from readiness.queries.proofs import load_log_proof
from readiness.views.flow import private


@require_safe
def take_entry(request: HttpRequest, seq: int) -> HttpResponse:
    """Give the bytes that the tree holds the hash of, and not one more."""
    entry = load_entry(seq)
    if entry is None:
        raise Http404(f"There is no entry {seq} yet.")
    return _download(entry.data, "application/json", f"entry-{seq}.json")


@require_safe
def take_proof(request: HttpRequest, seq: int) -> HttpResponse:
    """Give the proof of an entry with the newest checkpoint, as other tools read it (C2SP tlog-proof)."""
    proof = load_log_proof(seq)
    if proof is None:
        raise Http404(f"No checkpoint covers entry {seq} yet, so there is no signed root to lead to.")
    return _download(proof.encode(), "text/plain; charset=utf-8", f"entry-{seq}.tlog-proof")


def _download(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
