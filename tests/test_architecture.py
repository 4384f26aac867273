"""The rules of the house, as tests. A failure names the file and line to move."""

import ast
import gc
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

from readiness.core.reasons import REASONS

REPOSITORY = Path(__file__).resolve().parent.parent
ROOT = REPOSITORY / "readiness"
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "delete", "update"}
WRITERS = ("services", "migrations")
NOT_THE_DATABASE = re.compile(r"(cache|environ|session|headers|digest|hash\w*|context|found|seen|kwargs|data)$")
VERBS = {
    "load_": {"queries"},
    "evaluate_": {"core", "management"},
    "record_": {"core", "services"},
    "refresh_": {"services", "tasks.py"},
    "collect_": {"collectors", "services"},
}


@cache
def parsed(path):
    """Parse a module once, without the collector: Python 3.11 miscounts when a collection parses in between."""
    gc.disable()
    try:
        return ast.parse(path.read_text())
    finally:
        gc.enable()


def modules(*skip):
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).parts[0] not in ("migrations", *skip):
            yield path, parsed(path)


def functions(*skip):
    for path, tree in modules(*skip):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node, node.end_lineno - node.lineno + 1


def where(path, node):
    return f"{path.relative_to(REPOSITORY)}:{node.lineno}"


def test_only_services_write():
    found = [
        f"{where(path, node)} .{node.func.attr}()"
        for path, tree in modules(*WRITERS, "core", "collectors")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and not NOT_THE_DATABASE.search(ast.unparse(node.func.value))
    ]
    assert found == []


def test_functions_stay_short():
    lengths = [(length, where(path, node), node.name) for path, node, length in functions()]
    assert [row for row in lengths if row[0] > 40] == []
    numbers = sorted(length for length, _, _ in lengths)
    assert statistics.median(numbers) <= 8
    assert numbers[int(len(numbers) * 0.95)] <= 25


def test_views_and_tasks_only_translate():
    limits = {"views": 20, "api": 20, "tasks.py": 10}
    found = [
        f"{where(path, node)} {node.name} {length} lines"
        for path, node, length in functions()
        if length - len(ast.get_docstring(node) or "") // 100 > limits.get(path.relative_to(ROOT).parts[0], 40) + 2
    ]
    assert found == []


def test_files_stay_short():
    tracked = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    found = [
        f"{name} {count}"
        for name in tracked
        if "/migrations/" not in name and not name.startswith("tests/")
        if (REPOSITORY / name).exists() and (count := (REPOSITORY / name).read_text().count("\n")) > 300
    ]
    assert found == []


def test_templates_stay_short():
    found = [
        f"{path.relative_to(REPOSITORY)} {count}"
        for path in (REPOSITORY / "templates").rglob("*.html")
        if (count := path.read_text().count("\n")) > (50 if path.name.startswith("_") else 120)
    ]
    assert found == []


def test_model_classes_stay_small():
    found = [
        f"{where(path, node)} {node.name}"
        for path, tree in modules()
        if path.relative_to(ROOT).parts[0] == "models"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.end_lineno - node.lineno + 1 > 80
    ]
    assert found == []


def test_public_function_names_are_unique():
    names = defaultdict(list)
    for path, tree in modules():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names[node.name].append(where(path, node))
    assert {name: places for name, places in names.items() if len(places) > 1} == {}


def test_reserved_verbs_keep_their_layer():
    found = [
        f"{where(path, node)} {node.name}"
        for path, tree in modules()
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for verb, layers in VERBS.items()
        if node.name.startswith(verb) and path.relative_to(ROOT).parts[0] not in layers
    ]
    assert found == []


def test_nothing_is_imported_inside_a_function():
    found = [
        where(path, inner)
        for path, node, _ in functions()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert found == []


def test_the_core_runs_without_django():
    code = "import sys, pkgutil, importlib, readiness.core as c\n"
    code += "[importlib.import_module('readiness.core.' + m.name) for m in pkgutil.iter_modules(c.__path__)]\n"
    code += "print([m for m in sys.modules if m.split('.')[0] in ('django', 'celery', 'yaml', 'pydantic')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert out.stdout.strip() == "[]"


def test_no_page_loads_numbers_or_statistics():
    code = "import os, sys, pkgutil, importlib, django\n"
    code += "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'readiness.settings'); django.setup()\n"
    code += "import readiness.urls, readiness.views as v, readiness.api as a\n"
    code += "parts = [(p.__name__, m.name) for p in (v, a) for m in pkgutil.iter_modules(p.__path__)]\n"
    code += "[importlib.import_module('.'.join(part)) for part in parts]\n"
    code += "heavy = ('numpy', 'scipy', 'pandas', 'statsmodels')\n"
    code += "print([m for m in sys.modules if m.split('.')[0] in heavy or m.startswith('readiness.stats')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True)
    assert out.stdout.strip() == "[]"


def test_every_reason_code_is_documented_and_every_documented_one_exists():
    documented = re.findall(r"^### `([A-Z_]+)`", (REPOSITORY / "docs" / "reasons.md").read_text(), re.M)
    assert sorted(documented) == sorted(set(documented))
    assert set(documented) == set(REASONS)


def test_the_core_speaks_only_codes_that_have_words():
    prefixes = (
        "ABORT|CHECK|CLAIM|DRILL|EVIDENCE|EXPERIMENT|EXPOSURE|FLAG|GAP|GATE|HOLD|ITEM|PHASE|RECORD|REVIEW|SIGN_OFF|SOURCE"
        "|STATE|VERDICT|WAIVER"
    )
    spoken = set()
    for path in (ROOT / "core").glob("*.py"):
        if path.name != "reasons.py":
            spoken |= set(re.findall(rf'"((?:{prefixes})_[A-Z_]+)"', path.read_text()))
    assert spoken == set(REASONS)


def test_no_file_names_a_registry_or_a_machine():
    names = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    pattern = re.compile(r"files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|deb\.debian\.org")
    found = []
    for name in names.stdout.split():
        path = REPOSITORY / name
        if path.suffix in {".woff2", ".png"} or not path.is_file() or path == Path(__file__):
            continue
        if pattern.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(name)
    assert found == []
