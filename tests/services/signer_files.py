"""The signer's files in a directory of the test, and entries to sign over."""

import os

from readiness.core.audit import Act, Actor, ActorType, Change, Channel, ChannelKind, ObjectRef
from readiness.services.audit import append
from readiness.services.signer_files import SignerFiles
from readiness.services.signer_keys import create_key
from tests.services.helpers import NOW

OPERATOR = Act(Actor(ActorType.SERVICE, "shell:op", "op (shell)"), Channel(ChannelKind.SHELL))


def files_in(directory):
    return SignerFiles(directory / "signer" / "keys", directory / "signer" / "checkpoint")


def signer_with_key(directory):
    files = files_in(directory)
    create_key(files, OPERATOR, NOW)
    return files


def grow(count=1, action="thing.noted"):
    """Append entries about nothing; return the number of the last."""
    return [append(Change(action, ObjectRef("thing", str(n), f"Thing {n}")), OPERATOR) for n in range(count)][-1]


def mode_of(path):
    return os.stat(path).st_mode & 0o777
