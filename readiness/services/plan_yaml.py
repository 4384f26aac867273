"""A YAML loader that knows where everything stands, and refuses what makes two readings of one file possible.

It reads YAML 1.1 syntax (PyYAML's safe events) with the scalars of YAML 1.2: only `true` and `false` are booleans and
only plain decimal integers are numbers, so that `017`, `1:30`, `no`, `2025-12-08` and `0.05` stay the text that was
written. Keys are always text. Refused: duplicate keys, tags, a second document, more than 1 MB, more than 10,000 nodes
after aliases, aliases of themselves.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, MappingStartEvent, NodeEvent, ScalarEvent

from readiness.core.plan_document import Path

MAX_BYTES = 1_000_000
MAX_NODES = 10_000
MAX_DEPTH = 50
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


class _YamlMark(Protocol):
    """A place as the parser counts it, from 0."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file; both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something the loader refuses, where it stands, and the sentence that says so."""

    mark: Mark
    path: Path
    sentence: str


class YamlRefused(Exception):
    """The text cannot be read as one plain document; `flaws` say where and why."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(*(flaw.sentence for flaw in flaws))
        self.flaws = flaws


@dataclass(slots=True)
class LoadedYaml:
    """Plain values, and the mark of each value and of each key by path."""

    document: object
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def mark_of(self, path: Path, *, key: bool = False) -> Mark:
        """The mark of the key or value at `path`, else of the closest thing around it that was written."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Mark(1, 1))


@dataclass(slots=True)
class _Node:
    """A scalar (`text`), a sequence (`items`), or a mapping (`items` are its keys and values in turn)."""

    mark: Mark
    text: str | None = None
    plain: bool = False
    mapping: bool = False
    items: "list[_Node]" = field(default_factory=list)
    finished: bool = False

    @property
    def merges(self) -> bool:
        return self.plain and self.text == "<<"

    def pairs(self) -> "Iterator[tuple[_Node, _Node]]":
        return zip(self.items[::2], self.items[1::2], strict=True)


def parse_yaml_text(source: str | bytes) -> LoadedYaml:
    """Read one document. Raises YamlRefused when it has none; flaws that leave it readable are in the answer."""
    root = _Composer(_decoded(source)).compose()
    loaded = LoadedYaml(None)
    loaded.document = _Resolver(loaded).resolve(root, ())
    return loaded


def _decoded(source: str | bytes) -> str:
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise YamlRefused(Flaw(Mark(1, 1), (), f"The file has {len(data)} bytes; at most {MAX_BYTES} are read."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = data[: trouble.start].count(b"\n") + 1
        raise YamlRefused(Flaw(Mark(line, 1), (), "The file is not UTF-8 text; save it as UTF-8.")) from None


class _Composer:
    """Builds the tree from the parser's events without recursion, so that no nesting can exhaust the stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.anchors: dict[str, _Node] = {}
        self.count = 0

    def compose(self) -> _Node:
        roots: list[_Node] = []
        parents: list[_Node] = []
        for event in self._events():
            if isinstance(event, NodeEvent):
                node = self._node(event)
                (parents[-1].items if parents else roots).append(node)
                if isinstance(event, CollectionStartEvent):
                    parents.append(node)
                self._check_size(node, len(parents))
            elif isinstance(event, CollectionEndEvent):
                parents.pop().finished = True
        if len(roots) != 1:
            mark = roots[1].mark if roots else Mark(1, 1)
            raise YamlRefused(Flaw(mark, (), f"A plan is one document; found {len(roots)}."))
        return roots[0]

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, yaml.SafeLoader)
        except yaml.MarkedYAMLError as trouble:
            mark = trouble.problem_mark or trouble.context_mark
            raise YamlRefused(Flaw(_mark(mark), (), _syntax_sentence(trouble))) from None
        except yaml.reader.ReaderError as trouble:
            line = self.text[: trouble.position].count("\n") + 1
            sentence = f"The file holds the control character #x{trouble.character:04x}; remove it."
            raise YamlRefused(Flaw(Mark(line, 1), (), sentence)) from None

    def _node(self, event: NodeEvent) -> _Node:
        mark = _mark(event.start_mark)
        if isinstance(event, AliasEvent):
            return self._anchored(event.anchor or "", mark)
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            raise YamlRefused(Flaw(mark, (), f"Found the YAML tag {event.tag}; write the value without a tag."))
        node = _Node(mark, mapping=isinstance(event, MappingStartEvent), finished=isinstance(event, ScalarEvent))
        if isinstance(event, ScalarEvent):
            node.text, node.plain = unicodedata.normalize("NFC", event.value), event.implicit[0]
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _anchored(self, name: str, mark: Mark) -> _Node:
        node = self.anchors.get(name)
        if node is None:
            raise YamlRefused(Flaw(mark, (), f"*{name} refers to an anchor that is not defined above it."))
        if not node.finished:
            raise YamlRefused(Flaw(mark, (), f"*{name} refers to what it stands in, which would never end."))
        return node

    def _check_size(self, node: _Node, depth: int) -> None:
        self.count += 1
        if self.count > MAX_NODES:
            raise YamlRefused(_too_many(node.mark))
        if depth > MAX_DEPTH:
            raise YamlRefused(Flaw(node.mark, (), f"The file nests deeper than {MAX_DEPTH} levels."))


class _Resolver:
    """Turns nodes into plain values, aliases included, and notes where each value and key stands."""

    def __init__(self, loaded: LoadedYaml) -> None:
        self.loaded = loaded
        self.count = 0

    def resolve(self, node: _Node, path: Path) -> object:
        self.count += 1
        if self.count > MAX_NODES or len(path) > MAX_DEPTH:
            raise YamlRefused(_too_many(node.mark))
        self.loaded.values[path] = node.mark
        if node.text is not None:
            return _scalar_value(node.text) if node.plain else node.text
        if not node.mapping:
            return [self.resolve(item, (*path, index)) for index, item in enumerate(node.items)]
        return self._mapping(node, path)

    def _mapping(self, node: _Node, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        written: dict[str, Mark] = {}
        for _, merged in (pair for pair in node.pairs() if pair[0].merges):
            found |= self._merged(merged, path)
        for key, value in (pair for pair in node.pairs() if not pair[0].merges):
            name = self._key(key, path)
            if name in written:
                twice = f"{name!r} stands here and on line {written[name].line}; a key may be written once."
                self.loaded.flaws.append(Flaw(key.mark, (*path, name), twice))
            written[name] = self.loaded.keys[(*path, name)] = key.mark
            found[name] = self.resolve(value, (*path, name))
        return found

    def _merged(self, node: _Node, path: Path) -> dict[str, object]:
        """What `<<` takes from another mapping, or from several, of which the first wins."""
        found: dict[str, object] = {}
        for part in [node] if node.mapping or node.text is not None else reversed(node.items):
            if not part.mapping:
                raise YamlRefused(Flaw(node.mark, path, "<< takes a mapping, such as *defaults; found something else."))
            found |= self._mapping(part, path)
        return found

    def _key(self, key: _Node, path: Path) -> str:
        if key.text is None:
            raise YamlRefused(Flaw(key.mark, path, "A key is a word; found a list or a mapping."))
        return key.text


def _scalar_value(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _mark(mark: _YamlMark | None) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _too_many(mark: Mark) -> Flaw:
    return Flaw(
        mark, (), f"The file has more than {MAX_NODES} nodes once its aliases are written out; make it smaller."
    )


def _syntax_sentence(trouble: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (trouble.context, trouble.problem) if part]
    if "'\\t'" in str(trouble.problem):
        return "Found a tab; indent with spaces."
    hint = " Inside { } and [ ], write a text that holds any of [ ] { } , in quotes." if "flow" in str(parts) else ""
    return f"This is not YAML: {', '.join(parts)}.{hint}"
