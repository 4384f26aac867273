"""Bundles for tests: a small log with sign-offs, signed or not, exported into a directory."""

from django.core.management import call_command

from readiness.services.holds import call_hold
from readiness.services.signer import sign_record
from readiness.verify import main
from tests.services.helpers import EMPTY_PHASE, LEAD, MATE, NAMES, NOW, OWNER, act_of, document, make_rollout
from tests.services.signer_files import grow, signer_with_key
from tests.services.test_signoffs import sign


def small_log(directory, signed=True):
    """Make a log of a dozen entries with two sign-offs, and checkpoints along the way."""
    files = signer_with_key(directory) if signed else None
    rollout = make_rollout(document(**EMPTY_PHASE))
    rollout.claims.create(path="prepare/enter/item:word", claimed_at=NOW, by_id=MATE, by_name=NAMES[MATE])
    sign()
    checkpoint(files)
    for person in (MATE, OWNER, LEAD):
        call_hold("demo", act_of(person), NOW, reason=f"=wait {person}")
    checkpoint(files)
    sign("lead", LEAD, go=False, meaning="approve-no-go", reason="=1+1")
    grow(5)
    checkpoint(files)
    return files


def checkpoint(files):
    if files is not None:
        sign_record(files, NOW)


def export(target, *options):
    call_command("audit_export", str(target), *options, verbosity=0)
    return target


def verify(capsysbinary, *arguments):
    """Run the verifier; give its exit code and what it said."""
    code = main([*map(str, arguments)])
    return code, capsysbinary.readouterr().out.decode()
