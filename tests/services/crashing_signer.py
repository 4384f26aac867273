"""A signer that is killed before every line of its own code in turn: `python -m tests.services.crashing_signer ACT`.

`sign` signs one entry more each time, `rotate` adds a key and retires the older one. After each kill what is kept is
looked at, and an unhurt call must bring everything to its end. Prints how many kills there were.
"""

import os
import signal
import sys

import django
from django.conf import settings

django.setup()

from django.db import connection, transaction  # noqa: E402 (after the setup)

from readiness.core.checkpoint import parse_checkpoint, parse_note, parse_verifier_key, verify_note  # noqa: E402
from readiness.core.signatures import is_signed  # noqa: E402
from readiness.models import AuditHead, Checkpoint, SignerKey, SignerState  # noqa: E402
from readiness.queries.replays import load_differences  # noqa: E402
from readiness.queries.verification import verify_record  # noqa: E402
from readiness.services import signer, signer_files, signer_keys  # noqa: E402
from tests.services.helpers import NOW  # noqa: E402
from tests.services.signer_files import OPERATOR, files_in, grow  # noqa: E402

CODE = {module.__file__ for module in (signer, signer_files, signer_keys)}
FILES = files_in(settings.DATA_DIR)


def killed_at(step, work):
    """Do the work in a process of its own, which is killed before its line number `step`; say whether it was."""
    connection.close()
    child = os.fork()
    if not child:
        sys.settrace(tracer(step))
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def tracer(step):
    left = [step]

    def trace(frame, event, argument):
        if frame.f_code.co_filename not in CODE:
            return None
        if event == "line":
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
        return trace

    return trace


def everywhere(begin, work, look, finish):
    """Kill the work before each of its lines, until one call has none left to be killed at."""
    step, was_killed = 0, True
    while was_killed:
        begin()
        was_killed = killed_at(step, work)
        look()
        finish()
        step += was_killed
    assert (verify_record().contradiction, load_differences()) == (None, ())
    print(step)


def one_more():
    with transaction.atomic():
        grow()


def sign_now():
    signer.sign_record(FILES, NOW)


def sizes():
    return [0, *Checkpoint.objects.order_by("pk").values_list("size", flat=True)]


def read_note(note):
    keys = [parse_verifier_key(text) for text in SignerKey.objects.values_list("text", flat=True)]
    verify_note(parse_note(note), keys, is_signed)
    return parse_checkpoint(parse_note(note).text)


def look_at_signatures():
    """The file is the last note or the one before, whole; the database is never ahead of it."""
    remembered = read_note(FILES.head.read_bytes()).size if FILES.head.exists() else 0
    assert remembered in (AuditHead.objects.get().size, sizes()[-1])
    assert sizes()[-1] <= remembered
    for row in Checkpoint.objects.all():
        assert read_note(bytes(row.note)).size == row.size


def all_is_signed():
    sign_now()
    state = SignerState.objects.get()
    assert (state.problem, state.trouble) == ("", "")
    size = AuditHead.objects.get().size
    assert sizes()[-1] == size == read_note(FILES.head.read_bytes()).size


def rotate_now():
    signer_keys.rotate_key(FILES, OPERATOR, NOW)


def look_at_keys():
    """Whatever is in the key file is known to the record, so that it can sign."""
    keys = signer_files.read_signing_keys(FILES.keys)
    assert {key.verifier.text for key in keys} <= set(SignerKey.objects.values_list("text", flat=True))


def one_key_again():
    keys = signer_files.read_signing_keys(FILES.keys)
    if len(keys) == 1:
        rotate_now()
    all_is_signed()
    signer_keys.retire_key(FILES, OPERATOR, NOW)
    assert not FILES.next_keys.exists()
    assert SignerKey.objects.filter(retired_at=None).count() == 1


if __name__ == "__main__":
    signer_keys.create_key(FILES, OPERATOR, NOW)
    if sys.argv[1] == "sign":
        everywhere(one_more, sign_now, look_at_signatures, all_is_signed)
    else:
        everywhere(lambda: None, rotate_now, look_at_keys, one_key_again)
