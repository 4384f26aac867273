"""Fenced blocks: commands of a shell, queries, configuration, and what else its language or look tells."""

import re
from collections.abc import Iterator

from readiness.core.runbook.blocks import Kind
from readiness.core.runbook.naming import heading_name
from readiness.core.runbook.queries import is_query, make_query
from readiness.core.runbook.reading import Reading, Stage
from readiness.core.runbook.vocabulary import Role
from readiness.core.runbook.walk import Here

SHELLS = frozenset({"bash", "sh", "shell", "zsh", "console", "shell-session", "powershell", "ps1", "cmd", "terminal"})
QUERIES = frozenset({"promql", "prometheus"})
CONFIGS = frozenset({"toml", "yaml", "yml", "ini", "json", "hcl", "properties", "env", "conf", "config"})
_TOOL = re.compile(
    r"\s*(?:\$ |# |> )?(?:sudo\s+)?(?:kubectl|helm|curl|docker|git|make|cargo|npm|yarn|pnpm|python3?|terraform|"
    r"ansible\S*|aws|gcloud|az|psql|"
    r"systemctl|ssh|argocd|istioctl|kustomize|go|mvn|jq|watch|\./|bash |sh )"
)
_ALERT = re.compile(r"^\s*-?\s*alert:\s*[\"']?([A-Za-z_]\w{2,100})", re.MULTILINE)
_COMPARED = re.compile(r"\s*expr:\s*(.+?)\s*(?:[<>]=?|==)\s*[\d.eE+-]+[\"']?\s*$")
_PROMPT = re.compile(r"^\s*(?:\$|>|PS>|#(?=\s*(?:kubectl|helm|curl|docker|systemctl)\b))\s+")


def is_shell(here: Here) -> bool:
    """Whether a fence holds commands for a shell."""
    info, text = here.said.block.info, here.said.text
    if info in SHELLS:
        return True
    return not info and any(_TOOL.match(line) for line in text.split("\n")[:20])


def take_fence(reading: Reading, here: Here) -> bool:
    """Take a fence: commands and configuration of the phase it stands in, queries of the whole document."""
    block = here.said.block
    if block.kind is not Kind.FENCE:
        return False
    if block.info in QUERIES or (not block.info and is_query(" ".join(code_lines(block.text)))):
        return take_queries(reading, here)
    if _ALERT.search(block.text):
        return _take_rules(reading, here)
    stage = stage_numbered(reading, here.phase) if here.thing is None else None
    return stage is not None and _take_for_phase(reading, stage, here)


def _take_for_phase(reading: Reading, stage: Stage, here: Here) -> bool:
    block = here.said.block
    text = block.text.rstrip("\n")
    if is_shell(here):
        title = heading_name(here.said.trail[-1].text) if here.said.trail else ""
        stage.commands.append((title, text, here.said.first))
    elif block.info in CONFIGS and here.role not in (Role.ALERTS, Role.GAPS, Role.TALK):
        stage.config.append(text)
    else:
        return False
    reading.ledger.put(here.said.lines)
    return bool(text)


def stage_numbered(reading: Reading, number: str) -> Stage | None:
    """The phase of that number."""
    return next((stage for stage in reading.stages if stage.number == number), None)


def code_lines(text: str) -> list[str]:
    """The lines of a fence without those that are comments or empty."""
    return [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith(("#", "//"))]


def _take_rules(reading: Reading, here: Here) -> bool:
    """Take what alert rules compare as queries, each called by its rule. The rules themselves are references."""
    called = ""
    for number, line in enumerate(here.said.block.text.split("\n"), start=here.said.first + 1):
        if match := _ALERT.search(line):
            called = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", match[1])
        match = _COMPARED.match(line)
        query = make_query(match[1].strip().strip("\"'"), called, number) if match else None
        reading.queries += [query] if query is not None else []
    return True


def take_queries(reading: Reading, here: Here) -> bool:
    """Take every query of a fence; the comment above says what it is called. It is placed when a gate asks it."""
    for title, text, lines in _paragraphs(here.said.text, here.said.first + 1):
        called = title or (heading_name(here.said.trail[-1].text) if here.said.trail else "")
        if query := make_query(text, called, lines[-1] if title else lines[0], lines):
            reading.queries.append(query)
    return True


def _paragraphs(text: str, first: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Each query of a fence: its comment, its text, and the lines that both stand on."""
    title, lines, places = "", list[str](), list[int]()
    for number, line in enumerate([*text.rstrip("\n").split("\n"), ""], start=first):
        comment = line.lstrip().startswith(("#", "//"))
        if (comment or not line.strip()) and lines:
            yield title, "\n".join(lines), tuple(places)
            title, lines, places = "", [], []
        if line.strip():
            places.append(number)
        if comment:
            title = line.strip().lstrip("#/ ").strip()
        elif line.strip():
            lines.append(line)


def shell_lines(text: str) -> Iterator[tuple[int, str]]:
    """The commands of a fence with the place of each in it; lines that end with a backslash are one."""
    started, pending = 0, ""
    for number, line in enumerate(text.split("\n")):
        started = started if pending else number
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1] + " "
            continue
        yield started, _PROMPT.sub("", pending + line)
        pending = ""
    if pending:
        yield started, pending
