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


def test_the_manual(monkeypatch: pytest.MonkeyPatch) -> None:
    """All its Python blocks, in order and in one namespace, at the top of the tree."""
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "python.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) >= 8
    space: dict[str, object] = {"__name__": "manual"}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), space)


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
