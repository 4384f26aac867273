"""Additions to a plan: write a gap into the text of a plan file, where people wrote it, and change nothing else.

The text is taken up to the place and after it as it stands, comments included. What comes out is read again, and it
counts only when it says what was there before and the addition.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readiness.core.plan_document import entries_of, mapping_of
from readiness.services.plan_file import PlanDraft, PlanRefused, read_plan

Line = tuple[str, object]


class NotAdded(ValueError):
    """The addition cannot be written into this file; the message says what to write by hand."""


@dataclass(frozen=True, slots=True)
class NewGap:
    """A gap to add: what is missing, how bad that is, who closes it, what it blocks, and the files that close it.

    `paths` maps each missing file to the key of the check that looks for it; empty where the plan has none yet.
    """

    key: str
    title: str
    severity: str
    owner: str
    blocks: tuple[str, ...]
    paths: Mapping[str, str]
    source: str = ""


def plan_text_with_gap(text: str, gap: NewGap) -> tuple[str, PlanDraft]:
    """Give a plan file with a gap more, and what it says. Raises NotAdded, also for a file in an unusual shape."""
    before, checks = read_plan(text), _checks(gap)
    entry = _entry(gap, {path: key or _check_key(gap, path) for path, key in gap.paths.items()})
    wanted = {**before.document, "gaps": [*entries_of(before.document.get("gaps")), entry]}
    if checks:
        wanted["checks"] = {**mapping_of(before.document.get("checks")), **checks}
    with_checks = _insert(text, "checks", [f"{key}: {_flow(said)}" for key, said in checks.items()])
    new = _insert(with_checks, "gaps", [f"- {_flow(entry)}"])
    try:
        draft = read_plan(new)
    except PlanRefused as refused:
        raise NotAdded(f"With the gap the plan would not hold: {refused.problems[0].sentence}") from None
    if draft.document != wanted:
        said = "The plan file is written in a way that nothing can be added to."
        raise NotAdded(f"{said} Add this to it by hand: - {_flow(entry)}")
    return new, draft


def _checks(gap: NewGap) -> dict[str, dict[str, object]]:
    """The checks to add: one for each path that no check looks for."""
    said = {"kind": "file", "source": gap.source}
    return {
        _check_key(gap, path): {**said, "title": path, "path": path, "owner": gap.owner}
        for path, key in gap.paths.items()
        if not key
    }


def _check_key(gap: NewGap, path: str) -> str:
    return f"{gap.key}-{list(gap.paths).index(path) + 1}"


def _entry(gap: NewGap, keys: Mapping[str, str]) -> dict[str, object]:
    return {
        "key": gap.key,
        "title": gap.title,
        "severity": gap.severity,
        "owner": gap.owner,
        "blocks": "all" if not gap.blocks else list(gap.blocks),
        "closed_when": [{"check": key} for key in dict.fromkeys(keys.values())],
    }


def _flow(value: object) -> str:
    """Write a value on one line: JSON is YAML, and its texts are quoted."""
    return json.dumps(value, ensure_ascii=False)


def _insert(text: str, section: str, entries: Sequence[str]) -> str:
    """Put entries at the end of a section of the file; make the section when there is none."""
    if not entries:
        return text
    lines = text.split("\n")
    begin = next((n for n, line in enumerate(lines) if re.match(rf"{section}:\s*(#.*)?\r?$", line)), None)
    if begin is None and any(re.match(rf"{section}\s*:", line) for line in lines):
        raise NotAdded(f"In the plan file {section} stand on one line. Add this to them by hand: {'; '.join(entries)}")
    if begin is None:
        return "\n".join([text.rstrip("\n"), "", f"{section}:", *(f"  {entry}" for entry in entries), ""])
    end = next((n for n in range(begin + 1, len(lines)) if re.match(r"[^\s#-]", lines[n])), len(lines))
    while end > begin + 1 and re.match(r"\s*(#.*)?\r?$", lines[end - 1]):
        end -= 1
    first = next((line for line in lines[begin + 1 : end] if re.match(r"\s*[^\s#]", line)), "  x")
    indent = first[: len(first) - len(first.lstrip())]
    return "\n".join([*lines[:end], *(f"{indent}{entry}" for entry in entries), *lines[end:]])
