"""A program with a token, and what it is told."""

import json

from django.test import Client

from readiness.services.tokens import NewToken, make_token
from tests.factories import shell_act
from tests.services.helpers import NOW

YAML = "application/yaml"


class Program:
    """A client that shows a token with every call."""

    def __init__(self, username="", scopes=("plan",), secret=""):
        if username:
            self.row, secret = make_token(NewToken(username, "CI", scopes), shell_act(), NOW)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = Client(headers=headers, enforce_csrf_checks=True)

    def post(self, path, body, **more):
        return told(self.client.post(path, body, content_type=YAML, **more))

    def get(self, path, **more):
        return told(self.client.get(path, **more))


def told(answer):
    """The answer with what its body says."""
    assert answer.status_code < 300 or answer.status_code >= 400, "an address for programs never redirects"
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
    answer.said = json.loads(answer.content)
    return answer
