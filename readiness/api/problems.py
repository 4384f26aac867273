"""Problems: what went wrong, as RFC 9457 says it, in a sentence that says what to do."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


class Refused(Exception):
    """A request that is not served: a status, a name for programs, a sentence for people, and what belongs to it."""

    def __init__(
        self,
        status: HTTPStatus,
        name: str,
        sentence: str,
        more: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status, self.name, self.more, self.headers = status, name, more or {}, headers or {}


def problem_response(refused: Refused) -> JsonResponse:
    """Say a problem."""
    said = {
        "type": f"urn:readiness:problem:{refused.name}",
        "title": refused.status.phrase,
        "status": refused.status.value,
        "detail": str(refused),
        **refused.more,
    }
    return JsonResponse(said, status=refused.status, content_type=MEDIA_TYPE, headers=dict(refused.headers))
