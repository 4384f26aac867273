"""Runbooks: from documents to the draft of a plan as a file, which the importer takes as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from readiness.core.runbook.page import RunbookRefused
from readiness.core.runbook.read import read_runbook
from readiness.core.runbook.reading import Reading
from readiness.core.runbook.to_plan import Settled, settle_plan
from readiness.services.plan_file import PlanDraft, PlanRefused, read_plan

WIDTH = 120
_HEAD = (
    "# Drafted from {names}. Read it through: what the documents leave open was chosen (added: true),\n"
    "# what could not be placed is listed at the end. Import it with: manage.py import_plan FILE\n"
)


class DraftUnfit(RunbookRefused):
    """The draft is no plan that the importer takes, which is our mistake; the message says where."""


@dataclass(frozen=True, slots=True)
class RunbookDraft:
    """A draft: the plan as a file, as the importer reads it, and everything that is to be said about the documents."""

    text: str
    plan: PlanDraft
    reading: Reading
    settled: Settled


class _Dumper(yaml.SafeDumper):
    """Writes a plan as people write one: texts of several lines as blocks, nothing aliased."""

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and not any(line != line.rstrip() for line in text.split("\n")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def draft_runbook(
    documents: Sequence[tuple[str, str]],
    sources: Mapping[str, dict[str, object]] | None = None,
    found: Mapping[str, str] | None = None,
) -> RunbookDraft:
    """Draft a plan from documents, each a name and its text. Raises RunbookRefused.

    `sources` says where to ask instead of what the environment names; `found` are the paths at which a repository has
    what the documents name by less than its path.
    """
    reading = read_runbook(documents)
    settled = settle_plan(reading, sources or {}, found or {})
    text = write_draft(settled, reading)
    try:
        plan = read_plan(text)
    except PlanRefused as refused:
        problem = refused.problems[0]
        raise DraftUnfit(
            f"The draft is no plan yet, at {problem.path}: {problem.sentence} Please tell us; the document is fine."
        ) from None
    return RunbookDraft(text, plan, reading, settled)


def write_draft(settled: Settled, reading: Reading) -> str:
    """The draft as a file, with what could not be placed as comments at its end."""
    names = ", ".join(page.name for page in reading.book.pages)
    body = yaml.dump(
        dict(settled.plan), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )
    rest = reading.unplaced()
    lines = [f"#   {reading.book.place(line)}: {text[:200]}" for line, text in rest]
    told = [f"\n# {len(rest)} lines could not be placed:", *lines] if rest else []
    return _HEAD.format(names=names) + body + "\n".join(told) + "\n" * bool(told)
