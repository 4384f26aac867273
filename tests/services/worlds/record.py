"""The record and the tables: verified, compared, edited behind the application, accepted, signed, searched."""

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from django.apps import apps

from readiness.core.canonical import digest_of
from readiness.models import Acceptance, RecordCheck
from readiness.queries.acceptances import OPEN
from readiness.queries.replays import kept_differences
from readiness.queries.states import load_state
from readiness.services.acceptance_ends import decline_acceptance, withdraw_acceptance
from readiness.services.audit_search import rebuild_search
from readiness.services.differences import Shown, accept_difference, ask_acceptance
from readiness.services.reconciliation import reconcile_tables
from readiness.services.record_checks import check_record, tell_board
from readiness.services.signer import ask_signer, sign_record
from readiness.services.signer_files import SignerFiles
from readiness.services.signer_keys import create_key, retire_key, rotate_key
from tests.factories import shell_act
from tests.record_fixtures import entries
from tests.services.worlds.plans import KEY
from tests.services.worlds.stage import Stage

EDITED = {
    "hold": "reason",
    "rolegrant": "person_name",
    "claim": "note",
    "gapclosure": "by_name",
    "signoff": "by_name",
    "waiver": "measure",
    "phaserun": "by_name",
}
"""A column of each type that no service changes once the row is there."""


class Record(Stage):
    """Everything about the log, and what was done to the tables behind it.

    `edited` are the rows that are not as recorded, with what they held and how many entries told of them then; `named`
    are those of them that must have been found by now.
    """

    def __init__(self):
        super().__init__()
        self.edited, self.named = {}, set()

    def verify(self):
        RecordCheck.objects.update_or_create(pk=1, defaults={"verified_at": None, "tables_at": None})
        check_record(self.now)
        reconcile_tables(self.now)

    def verify_whole(self):
        tell_board(self.now)

    def compare(self):
        """Compare the tables with the record when it is due, and again five seconds later."""
        for seconds in (60, 5):
            self.now += timedelta(seconds=seconds)
            reconcile_tables(self.now)
        self.named = set(self.edited)

    def edit_row(self, which):
        """Change a row by hand, as somebody with the database's password can."""
        rows = [(name, pk) for name in EDITED for pk in self.rows_of(name).order_by("pk").values_list("pk", flat=True)]
        rows = [(name, pk) for name, pk in rows if (name, str(pk)) not in self.edited]
        if rows:
            name, pk = rows[which % len(rows)]
            row, column = self.rows_of(name).filter(pk=pk), EDITED[name]
            self.edited[name, str(pk)] = row.values_list(column, flat=True).get(), self.told_of(name, pk)
            row.update(**{column: "edited by hand"})

    def restore_row(self):
        """Put the last row that was edited back as it was; it differs for good if an act has rested on it since."""
        if self.edited:
            (name, pk), (held, told) = list(self.edited.items())[-1]
            self.rows_of(name).filter(pk=pk).update(**{EDITED[name]: held})
            if told == self.told_of(name, pk):
                self.settle(name, pk)

    def rows_of(self, name):
        """The rows of a type."""
        return apps.get_model("readiness", name).objects

    def told_of(self, name, pk):
        """How many times the record tells of a row."""
        key = name, str(pk)
        things = (entry["object"] for entry in entries())
        also = (row for entry in entries() for row in entry["change"].get("also", []))
        return sum((thing["type"], thing["id"]) == key for thing in (*things, *also))

    def settle(self, name, pk):
        """Say that a row is as recorded again."""
        del self.edited[name, pk]
        self.named.discard((name, pk))

    def shown(self):
        """What a person is shown of the last difference that was found twice."""
        found = [each for each in kept_differences(RecordCheck.objects.get()) if each.confirmed][-1:]
        for each in found:
            state = load_state(apps.get_model("readiness", each.type), each.row)
            yield Shown((each.type, each.row), digest_of(state) if state is not None else "")

    def ask_to_accept(self, person):
        for shown in self.shown():
            ask_acceptance(KEY, shown, self.act(person), self.now, reason="A migration by hand")

    def accept(self, person):
        for shown in self.shown():
            accept_difference(KEY, shown, self.act(person), self.now, reason="I saw the ticket")
            self.settle(*shown.key)

    def take_back_request(self, person):
        for row in Acceptance.objects.filter(**OPEN):
            withdraw_acceptance(KEY, row.pk, self.act(person), self.now, reason="I looked again")

    def decline_request(self, person):
        for row in Acceptance.objects.filter(**OPEN):
            decline_acceptance(KEY, row.pk, self.act(person), self.now, reason="Nobody knows how it came")

    @cached_property
    def home(self):
        """Where the signer keeps its files in this story; gone with it."""
        return TemporaryDirectory()

    def leave(self):
        """Take away what the story kept outside the database."""
        self.home.cleanup()

    @property
    def files(self):
        """The signer's files."""
        return SignerFiles(Path(self.home.name) / "keys", Path(self.home.name) / "checkpoint")

    def make_key(self):
        create_key(self.files, shell_act(), self.now)

    def sign_record(self):
        if ask_signer(self.now):
            sign_record(self.files, self.now)

    def rotate_key(self):
        rotate_key(self.files, shell_act(), self.now)

    def retire_key(self):
        retire_key(self.files, shell_act(), self.now)

    def index(self):
        rebuild_search()
