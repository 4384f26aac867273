"""Paths that commands name: what must be in the repository before anybody can run them.

A plan's commands are text for people, so a path is recognised by its look: it has a slash, and either begins with `./`,
ends with `/`, or ends in a file's ending. What a command writes, what a build makes, addresses, images, variables and
paths of the machine itself are not looked for.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from readiness.core.conditions import CheckSpec, Condition, ConditionKind, ConditionList
from readiness.core.plan import Plan

PLACE = "commands"
EVERY, MAX_AGE = timedelta(minutes=5), timedelta(minutes=15)
_LONGEST = 200
_WORDS = re.compile(r"""[^\s"'`|&;()<>]+|>+""")
_PATH = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+/-]*")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,7}")
_WRITES = {"-o", "--output", "--out", "--output-file", ">", ">>", "tee"}
_MADE = {"target", "build", "dist", "out", "tmp", "node_modules", ".venv", "venv"}


def command_paths(run: str) -> Iterator[str]:
    """The paths in the repository that a command names, each as the repository has it."""
    before = ""
    for word in _WORDS.findall(run):
        option, equals, value = word.rpartition("=")
        written = before in _WRITES or (equals and option in _WRITES)
        before = word
        path = _clean_path(value)
        if path and not written:
            yield path


def _clean_path(word: str) -> str:
    """The word as a path of the repository; empty when it is none."""
    here = word.startswith("./")
    path = word.removeprefix("./").rstrip(",.")
    if not _PATH.fullmatch(path) or len(path) > _LONGEST or not (here or "/" in path):
        return ""
    first, *rest = path.split("/")
    if first in _MADE or ".." in (first, *rest) or (rest and not here and _is_host(first)):
        return ""
    is_file = here or path.endswith("/") or _ENDING.fullmatch(posixpath.splitext(path)[1])
    return posixpath.normpath(path) + ("/" if path.endswith("/") else "") if is_file else ""


def _is_host(first: str) -> bool:
    """Whether the first part of a path looks like a host or an image registry rather than a folder."""
    return "." in first.strip(".") and not first.startswith(".")


def named_paths(plan: Plan) -> dict[str, list[str]]:
    """Every path that the commands of phases, ways back and drills name, with the titles of what names it."""
    found: dict[str, list[str]] = {}
    for title, commands in _commands(plan):
        for path in (path for run in commands for path in command_paths(run)):
            titles = found.setdefault(path, [])
            titles += [title] if title not in titles else []
    return found


def _commands(plan: Plan) -> Iterator[tuple[str, Iterable[str]]]:
    yield from ((phase.title, [command.run for command in phase.commands]) for phase in plan.phases)
    yield from ((level.title, level.commands) for level in plan.rollbacks)
    yield from ((drill.title, drill.drill.commands) for drill in plan.drills if drill.drill is not None)


def implied_checks(plan: Plan) -> tuple[Condition, ...]:
    """A check for each path that a command names and no check of the plan looks for, in the first git source.

    They are shown and never judged: a missing path that no gap tracks is Untracked.
    """
    source = next((source for source in plan.sources if source.kind == "git"), None)
    if source is None:
        return ()
    looked_for = {checked_path(check) for check in plan.checks}
    return tuple(
        Condition(
            path=f"{PLACE}/check:{path}",
            kind=ConditionKind.CHECK,
            key=path,
            title=path,
            owner=None,
            place=PLACE,
            list=ConditionList.PROOF,
            check=CheckSpec(source.key, "file", {"path": path}, EVERY, MAX_AGE),
        )
        for path in named_paths(plan)
        if path not in looked_for
    )


def checked_path(condition: Condition) -> str:
    """The path that a check looks for; empty when it looks for none."""
    path = str(condition.check.settings.get("path", "")) if condition.check is not None else ""
    return path.removeprefix("./")
