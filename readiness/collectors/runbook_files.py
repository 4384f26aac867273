"""What a repository has of what a runbook names: files that fit, rules, dashboards, tests, or the nearest name."""

import json
import posixpath
import re
from collections.abc import Iterable
from difflib import get_close_matches

from readiness.collectors.checkouts import Entry
from readiness.collectors.documents import (
    NoSuchKey,
    UnreadableDocument,
    document_format,
    find_key,
    read_document,
    read_manifests,
)
from readiness.collectors.trees import Tree, read_texts
from readiness.core.runbook.mentions import RefKind
from readiness.core.runbook.resolved import Resolved
from readiness.core.runbook.to_checks import Reference
from readiness.core.types import Outcome

YAML, JSON = (".yaml", ".yml", ".rules"), (".json",)
_ALERT = re.compile(r"^\s*-?\s*alert:\s*[\"']?([A-Za-z_]\w{0,120})", re.MULTILINE)
_SAID_DONE = re.compile(r"(?:^|[_\-.])(?:complete[d]?|done|finished|erledigt|fertig)(?:[_\-.]|$)", re.IGNORECASE)
_SAYS_OPEN = re.compile(
    r"\bstatus\W{1,8}(pending|in[ _-]progress|todo|to do|not started|draft|open|blocked|offen|wip)\b", re.IGNORECASE
)
_CLOSE, _MOST_NEAR = 0.6, 3_000
_TEST_HOMES = {"make": ("Makefile", "makefile", "GNUmakefile"), "npm": ("package.json",)}


class Files:
    """A repository that is asked for what a runbook names. What it is searched for is read once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._by_name: dict[str, list[str]] = {}
        for path in tree.names():
            self._by_name.setdefault(posixpath.basename(path).lower(), []).append(path)
        self._rules: dict[str, str] | None = None
        self._boards: list[tuple[str, str, str]] | None = None

    # --------------------------------------------------------------------------------------------- files

    def path(self, reference: Reference) -> Resolved:
        """A file that is named by its path, or by its name alone: then it may be anywhere."""
        path = reference.name
        entry = self.tree.find(path)
        if entry is None and "/" not in path and (others := self._by_name.get(path.lower())):
            path = others[0]
            entry = self.tree.find(path)
        if entry is None:
            return self._missing(reference, path)
        words = _misfit(reference, entry)
        if words:
            return Resolved(reference, Outcome.NOT_MET, f"{path} {words} {self.tree.at}", path)
        return Resolved(reference, Outcome.MET, f"{path} exists {self.tree.at}", path)

    def _missing(self, reference: Reference, path: str) -> Resolved:
        other = self.nearest(path)
        more = f"; {other} exists instead" if other else ""
        return Resolved(reference, Outcome.NOT_MET, f"{path} does not exist {self.tree.at}{more}")

    def nearest(self, path: str) -> str:
        """The file that was probably meant: of the same name elsewhere, else of the most similar name."""
        name = posixpath.basename(path.rstrip("/")).lower()
        if same := self._by_name.get(name):
            return same[0]
        stem, ending = posixpath.splitext(name)
        words = set(re.findall(r"[a-z]{3,}", stem))
        near = [
            other for other in self._by_name if other.endswith(ending) and words & set(re.findall(r"[a-z]{3,}", other))
        ]
        close = get_close_matches(name, near[:_MOST_NEAR], n=1, cutoff=_CLOSE)
        return self._by_name[close[0]][0] if close else ""

    def config(self, reference: Reference) -> Resolved:
        """A key of a configuration file."""
        path, key = reference.inside, reference.name
        entry = self.tree.find(path)
        if entry is None:
            return self._missing(reference, path)
        try:
            find_key(read_document(entry.data, document_format(path)), key)
        except UnreadableDocument as problem:
            return Resolved(reference, Outcome.NOT_MET, f"{path} {problem} {self.tree.at}")
        except NoSuchKey:
            return Resolved(reference, Outcome.NOT_MET, f"{path} has no {key} {self.tree.at}")
        return Resolved(reference, Outcome.MET, f"{path} has {key} {self.tree.at}")

    # --------------------------------------------------------------------------------------------- what files hold

    def rule(self, name: str) -> str:
        """The file that defines an alert rule; empty when none does."""
        if self._rules is None:
            texts = read_texts(self.tree, YAML)
            self._rules = {found: path for path, text in texts for found in _ALERT.findall(text)}
        return self._rules.get(name, "")

    def near_rule(self, name: str) -> str:
        """The alert rule that was probably meant."""
        close = get_close_matches(name, self._rules or (), n=1, cutoff=_CLOSE)
        return close[0] if close else ""

    def boards(self) -> list[tuple[str, str, str]]:
        """Every dashboard of the repository: its path, uid and title."""
        if self._boards is None:
            texts = read_texts(self.tree, JSON)
            self._boards = [(path, *board) for path, text in texts if (board := _board(text)) is not None]
        return self._boards

    def test(self, reference: Reference) -> Resolved:
        """A test target: its own file, or its name in the file that says how it is run."""
        name, tool = reference.name, reference.inside
        homes = [path for home in _TEST_HOMES.get(tool, ()) for path in self._by_name.get(home.lower(), ())]
        patterns = {"make": rf"(?m)^{re.escape(name)}\s*:", "npm": rf'"{re.escape(name)}"\s*:'}
        if tool == "cargo":
            homes = self._by_name.get("cargo.toml", [])
            own = [path for path in self._by_name.get(f"{name.lower()}.rs", ()) if "tests" in path.split("/")]
            if own:
                return Resolved(reference, Outcome.MET, f"{own[0]} exists {self.tree.at}", own[0])
        pattern = patterns.get(tool, rf'(?m)^name\s*=\s*"{re.escape(name)}"')
        for path in homes:
            entry = self.tree.find(path)
            if entry is not None and re.search(pattern, entry.data.decode(errors="replace")):
                return Resolved(reference, Outcome.MET, f"{path} has {name} {self.tree.at}", path)
        near = self.nearest(f"{name}.rs") if tool == "cargo" else ""
        more = f"; {near} exists instead" if near else ""
        return Resolved(reference, Outcome.NOT_MET, f"nothing runs as {name} {self.tree.at}{more}")

    def mention(self, words: Iterable[str]) -> dict[str, str]:
        """For each word the first file that holds it, beside documents."""
        wanted = sorted(set(words))
        if not wanted:
            return {}
        pattern = re.compile("|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True)))
        found: dict[str, str] = {}
        endings = (
            ".rs",
            ".go",
            ".py",
            ".js",
            ".ts",
            ".java",
            ".kt",
            ".rb",
            ".cs",
            ".c",
            ".cpp",
            ".yaml",
            ".yml",
            ".toml",
        )
        for path, text in read_texts(self.tree, endings):
            for word in set(pattern.findall(text)):
                found.setdefault(word, path)
        return found


def _misfit(reference: Reference, entry: Entry) -> str:
    """Why a file is not what the document takes it for; empty when it is."""
    path, kind = reference.name, reference.kind
    if path.endswith("/") != entry.is_folder:
        return "is a file, not a folder" if path.endswith("/") else "is a folder, not a file"
    if kind is RefKind.SCRIPT and "run" in reference.ways and not entry.is_executable:
        return "exists and is not executable"
    open_word = _SAYS_OPEN.search(entry.data[:20_000].decode(errors="replace")) if kind is RefKind.DOCUMENT else None
    if open_word and _SAID_DONE.search(posixpath.splitext(posixpath.basename(path))[0]):
        return f"is called complete and says “{' '.join(open_word[0].split())}”"
    try:
        if kind is RefKind.DASHBOARD_FILE:
            read_document(entry.data, "json")
        elif kind is RefKind.MANIFEST and not read_manifests(entry.data):
            return "exists and holds nothing"
    except UnreadableDocument as problem:
        return f"exists and {problem}"
    return ""


def _board(text: str) -> tuple[str, str] | None:
    """Uid and title of a dashboard; None for what is none."""
    if '"panels"' not in text and '"dashboard"' not in text:
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    board = document.get("dashboard", document) if isinstance(document, dict) else None
    if not isinstance(board, dict) or not isinstance(board.get("title"), str):
        return None
    return str(board.get("uid") or ""), board["title"]
