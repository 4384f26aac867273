"""The addresses that the frame of every page links to."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def nothing(request: HttpRequest, **parts: str) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path(f"{name}/", nothing, name=name)
    for name in ("portfolio", "login", "logout", "theme", "keys", "people", "integrations", "audit-all", "import-plan")
]
