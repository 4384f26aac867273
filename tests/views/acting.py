"""The people of the small rollout with accounts, and browsers that are signed in as them."""

import re

from django.contrib.auth.models import User
from django.test import Client

from readiness.core.codec import to_plain
from readiness.views.acts import SIGNED_IN_AT
from tests.record_fixtures import entries
from tests.services.helpers import NAMES, NOW, make_rollout

PASSWORD = "a long pass phrase"


def make_demo(said=None):
    """Make the rollout and an account for each of its people, and for the stranger."""
    for person, name in NAMES.items():
        user = User(pk=int(person[2:]), username=name.split()[0].lower(), first_name=name)
        user.set_password(PASSWORD)
        user.save()
    return make_rollout(said)


def browser(person, *, htmx=False):
    """Give a browser that somebody signed in with just now."""
    client = Client(headers={"HX-Request": "true"} if htmx else {})
    client.force_login(User.objects.get(pk=int(person[2:])))
    session = client.session
    session[SIGNED_IN_AT] = to_plain(NOW)
    session.save()
    return client


def text_of(answer):
    """Give the words of an answer, without tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("&#x27;", "'").replace("&amp;", "&")


def action_of(answer):
    """Give where the sheet of an answer posts to."""
    return re.findall(r'<form[^>]*action="([^"]+)"', _sheet(answer))[0].replace("&amp;", "&")


def hidden_of(answer, name):
    """Give a hidden value of the sheet of an answer."""
    return re.findall(rf'name="{name}" value="([^"]*)"', _sheet(answer))[0]


def _sheet(answer):
    html = answer.content.decode()
    return html[html.index('id="sheet"') :]


def actions():
    """Give the actions that the record holds, without the verdicts that followed."""
    return [entry["action"] for entry in entries() if entry["action"] != "verdict.changed"]
