"""Receipts of signatures, as files that their signers keep."""

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from readiness.core.receipts import write_receipt
from readiness.queries.blobs import BlobAltered
from readiness.queries.receipts import load_receipt
from readiness.queries.scenes import Address
from readiness.queries.stations import find_sign_off
from readiness.views.flow import open_visit, private


@require_safe
def receipt(request: HttpRequest, rollout: str, pk: int) -> HttpResponse:
    """Give the receipt of a signature to whoever may read it, as a download."""
    visit = open_visit(request, rollout, Address("sign-offs"))
    row = find_sign_off(visit.scene, pk)
    try:
        found = load_receipt(row) if row is not None else None
    except BlobAltered:
        context = {"digest": row.statement if row is not None else ""}
        return private(render(request, "signoffs/altered.html", context, status=HTTPStatus.CONFLICT))
    if found is None:
        raise Http404("There is no such signature, or its statement is not kept.")
    response = HttpResponse(write_receipt(found), content_type="application/json")
    name = f"receipt-{rollout}-entry-{found.seq}.json"
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
