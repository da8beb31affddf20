"""Examples of the documentation: docstrings, docs/python.md, the stub's names."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import vedette
from vedette import _vedette

ROOT = Path(__file__).resolve().parents[3]
MODULES = ["vedette", *(f"vedette.{m.name}" for m in pkgutil.iter_modules(vedette.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_the_package_has_docstring_examples() -> None:
    finder = doctest.DocTestFinder()
    tried = [t for name in MODULES for t in finder.find(importlib.import_module(name)) if t.examples]
    assert len(tried) >= 7


@pytest.mark.parametrize(
    ("page", "least"), [("python.md", 8), ("tutorials/python.md", 6), ("tutorials/benchmarking.md", 1)]
)
def test_pages(page: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All Python blocks of a page, in order and in one namespace, at the top of the tree."""
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / page).read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) >= least
    space: dict[str, object] = {"__name__": "manual"}
    for block in blocks:
        exec(compile(block, page, "exec"), space)


MEANINGS = {
    "Sigma `f: null`": "f: null",
    "Sigma `f: ''`": "f: ''",
    "Sigma `f|exists: true`": "f|exists: true",
    "Sigma `f: x`, `f|contains: x`, `f|gt: 1`, ..": "f|contains: x",
    "Sigma `not s`, where `s` is one of these tests": "not f|contains: x",
    "Sigma `f|neq: x`": "f|neq: x",
    "`f == null`": None,
    "`exists(f)`": None,
    '`f == "x"`': None,
    '`f != "x"`, `not f == "x"`': None,
    "`length(f) > 3`": None,
}


def test_the_table_of_missing_fields() -> None:
    """Of docs/semantics.md: what it says of three events is what they give."""
    text = (ROOT / "docs" / "semantics.md").read_text().replace("\\|", "\0")
    section = text[text.index("## Missing fields") : text.index("## Case")]
    rows = [[c.strip().replace("\0", "|") for c in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    assert {row[0] for row in rows[2:]} == set(MEANINGS)
    for name, *said in rows[2:]:
        sigma = MEANINGS[name]
        if sigma is None:
            conditions = re.findall(r"`([^`]+)`", name)
            sources = [f"rule r {{ match any where {c} }}" for c in conditions]
        else:
            negated = sigma.startswith("not ")
            item, condition = sigma.removeprefix("not "), "not s" if negated else "s"
            sources = [f"title: t\nlogsource: {{product: p}}\ndetection:\n  s:\n    {item}\n  condition: {condition}\n"]
        for source in sources:
            engine = vedette.Engine(vedette.compile(source, strict=True), log_source="product=p")
            held = [len(engine.run([event])) == 1 for event in ({"a": 1}, {"f": None}, {"f": ""})]
            assert [s == "holds" for s in said] == held, source


def test_the_readme(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    assert "Process Memory Dumped" in capsys.readouterr().out


def test_quickstart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    path = ROOT / "examples" / "python" / "quickstart.py"
    exec(compile(path.read_text(), str(path), "exec"), {"__name__": "__main__"})
    assert "detections" in capsys.readouterr().out


def names_of(body: list[ast.stmt]) -> set[str]:
    out = set()
    for node in body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            out.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            out.add(node.target.id)
    return out


def public(thing: object) -> set[str]:
    special = {"__init__", "__len__", "__arrow_c_stream__", "__version__"}
    members = vars(thing)
    return {n for n in members if not n.startswith("_") or n in special}


def test_the_stub_names_what_is_there() -> None:
    stub = ast.parse((Path(inspect.getfile(vedette)).parent / "_vedette.pyi").read_text())
    assert names_of(stub.body) == public(_vedette)
    for node in stub.body:
        if isinstance(node, ast.ClassDef) and node.name != "VedetteError":
            there = public(getattr(_vedette, node.name))
            if node.name == "Program":
                there -= {"__init__"}  # it is made by compile and load
            assert names_of(node.body) == there, node.name


def test_the_stub_has_the_parameters() -> None:
    stub = ast.parse((Path(inspect.getfile(vedette)).parent / "_vedette.pyi").read_text())
    for node in stub.body:
        if not isinstance(node, ast.ClassDef):
            continue
        for method in node.body:
            if not isinstance(method, ast.FunctionDef) or method.name.startswith("__"):
                continue
            if any(isinstance(d, ast.Name) and d.id == "property" for d in method.decorator_list):
                continue
            text = getattr(getattr(_vedette, node.name), method.name).__doc__
            for argument in method.args.args[1:]:
                assert f"{argument.arg}:" in text, (node.name, method.name, argument.arg)
