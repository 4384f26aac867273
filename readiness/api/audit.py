"""The record for programs: its newest checkpoint, and proofs between any two of its sizes."""

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from readiness.api.access import read_endpoint
from readiness.api.problems import Refused
from readiness.core.merkle import NotInTree
from readiness.queries.checkpoints import (
    load_checkpoint_at,
    load_newest_checkpoint,
    load_verifier_keys,
    unsigned_entries,
)
from readiness.queries.proof_answers import ConsistencyAnswer, InclusionAnswer, answer_consistency, answer_inclusion

MOST_DIGITS = 15
USAGE = "Ask for an entry (?entry=7, also with &size=9) or for two sizes (?old=5, also with &new=9)."


@read_endpoint
def newest_checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest checkpoint, or with `?size=` that of a size: the signed note and the keys that verify it."""
    size = _number(request, "size")
    found = load_newest_checkpoint() if size is None else load_checkpoint_at(size)
    if found is None:
        what = "Nothing is signed yet" if size is None else f"No checkpoint has {size:,} entries"
        raise Refused(HTTPStatus.NOT_FOUND, "no-checkpoint", f"{what}. The page of the record says why.")
    if found.problem:
        raise Refused(HTTPStatus.CONFLICT, "bad-checkpoint", f"Checkpoint {found.size:,}: {found.problem}")
    said = {
        "log": settings.LOG_ORIGIN,
        "size": found.size,
        "root": found.root,
        "note": found.note.decode(),
        "signed_at": found.signed_at,
        "keys": [key.text for key in load_verifier_keys(settings.LOG_ORIGIN)],
        "unsigned_entries": unsigned_entries(),
    }
    return JsonResponse(said)


@read_endpoint
def proof(request: HttpRequest) -> HttpResponse:
    """Prove that an entry is in the record, or that one of its sizes begins another."""
    entry, old = _number(request, "entry"), _number(request, "old")
    try:
        if entry is not None and old is None:
            return JsonResponse(_inclusion(answer_inclusion(entry, _number(request, "size"))))
        if old is not None and entry is None:
            return JsonResponse(_consistency(answer_consistency(old, _number(request, "new"))))
    except NotInTree as refusal:
        raise Refused(HTTPStatus.NOT_FOUND, "not-in-tree", f"{refusal}.") from None
    raise Refused(HTTPStatus.BAD_REQUEST, "question", USAGE)


def _number(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS):
        raise Refused(
            HTTPStatus.BAD_REQUEST, "number", f"{name} is a whole number, and this is {given[:40]!r}. {USAGE}"
        )
    return int(given)


def _inclusion(found: InclusionAnswer) -> dict[str, object]:
    roots = {"leaf": found.leaf.hex(), "root": found.root.hex(), "proof": [each.hex() for each in found.proof]}
    return {"log": settings.LOG_ORIGIN, "entry": found.entry, "size": found.size, **roots}


def _consistency(found: ConsistencyAnswer) -> dict[str, object]:
    roots = {"old_root": found.old_root.hex(), "new_root": found.new_root.hex()}
    sizes = {"old": found.old, "new": found.new}
    return {"log": settings.LOG_ORIGIN, **sizes, **roots, "proof": [each.hex() for each in found.proof]}
