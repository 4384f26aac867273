"""Who acts when a command runs: the operator at the shell, by the name of their account on this machine."""

import getpass
import os

from django.conf import settings

from readiness.core.audit import Act, Actor, ActorType, Channel, ChannelKind
from readiness.services.signer_files import SignerFiles


def shell_act() -> Act:
    """Describe an act from the shell. The shell never signs, enters or answers."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid {os.getuid()}"
    channel = Channel(ChannelKind.SHELL, code=settings.CODE_VERSION)
    return Act(Actor(ActorType.SERVICE, f"shell:{name}", f"{name} (shell)"), channel)


def signer_files() -> SignerFiles:
    """Say where the signer's files are."""
    return SignerFiles(settings.SIGNER_KEY, settings.SIGNER_HEAD)
