"""Compiling, saving and describing rules."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from conftest import BRUTE_FORCE, OFFICE_SHELL, shell

import vedette


def test_texts_of_three_languages_and_what_they_say() -> None:
    elastic = '[rule]\nname = "E"\nrule_id = "e-1"\ntype = "eql"\nrisk_score = 1\nseverity = "low"\n'
    elastic += "description = 'd'\nquery = 'process where process.name == \"x\"'\n"
    rules = vedette.compile(OFFICE_SHELL, BRUTE_FORCE, elastic)
    assert rules.errors == []
    assert [(r.title, r.kind, r.level) for r in rules] == [
        ("Office starts a shell", "event", "high"),
        ("E", "event", "low"),
        ("Guessing", "correlation", "medium"),
    ]
    assert rules["Office starts a shell"].techniques == ("T1059.003",)
    assert rules[0].log_source == "windows/process_creation/-"
    assert "Image" in rules.required_fields
    with pytest.raises(KeyError):
        rules["nobody"]
    with pytest.raises(IndexError):
        rules[3]


def test_errors_have_place_code_and_caret() -> None:
    text = "title: B\nlogsource: {product: p}\ndetection:\n  s: {a: 1}\n  condition: s and q\n"
    rules = vedette.compile({"bad.yml": text})
    (error,) = rules.errors
    assert (error.severity, error.file, error.line) == ("error", "bad.yml", 5)
    assert error.code.startswith("SIG")
    assert "^" in error.text and "condition: s and q" in str(error)
    assert error.code in repr(error)
    assert "bad.yml" in error._repr_html_()
    assert len(rules) == 0
    with pytest.raises(vedette.VedetteError, match="bad.yml:5"):
        vedette.compile({"bad.yml": text}, strict=True)


def test_one_bad_rule_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(OFFICE_SHELL)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "bad.yml").write_text("title: [")
    (tmp_path / ".hidden.yml").write_text(OFFICE_SHELL)
    (tmp_path / "notes.txt").write_text("no rule")
    rules = vedette.compile(tmp_path)
    assert len(rules) == 1 and len(rules.errors) == 1
    assert rules.errors[0].file.endswith("bad.yml")
    assert len(vedette.compile(str(tmp_path / "good.yml"))) == 1
    assert len(vedette.compile([tmp_path / "good.yml", {"b.vdt": BRUTE_FORCE}])) == 2


def test_what_cannot_be_rules() -> None:
    with pytest.raises(FileNotFoundError):
        vedette.compile("nowhere.yml")
    with pytest.raises(TypeError):
        vedette.compile(5)  # type: ignore[arg-type]
    with pytest.raises(vedette.VedetteError, match="vedette.load"):
        vedette.compile("rules.vpk")
    assert len(vedette.compile({"a.yml": "\ud800\x00"}).errors) == 1


def test_saved_programs(tmp_path: Path, office: vedette.Rules) -> None:
    path = tmp_path / "rules.vpk"
    vedette.save(office, path)
    loaded = vedette.load(path)
    assert loaded.fingerprint == office.fingerprint
    assert loaded.to_bytes() == office.to_bytes() == path.read_bytes()
    assert len(vedette.Engine(loaded).run([shell()])) == 1
    again = pickle.loads(pickle.dumps(office))
    assert again.fingerprint == office.fingerprint
    for broken in (b"", b"no program", path.read_bytes()[:-9], path.read_bytes()[:40] + b"\x00" * 99):
        with pytest.raises(vedette.VedetteError):
            vedette.load(broken)


def test_explanations(office: vedette.Rules) -> None:
    held = office.explain(shell())
    assert held and "✓" in held._repr_html_()
    other = office.explain(shell(parent=r"C:\<b>explorer.exe"), "Office starts a shell")
    assert not other
    assert "ParentImage" in str(other)
    assert "<b>explorer" not in other._repr_html_() and "&lt;b&gt;explorer" in other._repr_html_()
    assert any(child.children for child in other.children)
    with pytest.raises(ValueError):
        office.explain([1])  # type: ignore[arg-type]
    with pytest.raises(vedette.VedetteError):
        office.explain(shell(), log_source="nonsense")


def test_notebook_form(office: vedette.Rules) -> None:
    assert "Office starts a shell" in office._repr_html_()
    assert "T1059.003" in office._repr_html_()
    assert "1 rules, 0 errors" in repr(office)
    hostile = vedette.compile("title: <script>alert(1)</script>\nlogsource: {product: p}\ndetection: {s: {a: 1}, condition: s}")
    assert "<script>" not in hostile._repr_html_()


def test_indicators_and_placeholders(tmp_path: Path) -> None:
    file = tmp_path / "c2.txt"
    file.write_text("203.0.113.0/24\n")
    text = 'rule r { match any where source.ip in set("c2") }'
    for indicators in ({"c2": ["203.0.113.0/24"]}, {"c2": file}):
        rules = vedette.compile(text, indicators=indicators, strict=True)
        engine = vedette.Engine(rules)
        (found,) = engine.run([{"source.ip": "203.0.113.7"}, {"source.ip": "198.51.100.1"}])
        assert found.matched[0].indicator is not None
        assert engine.indicators.sizes() == {"c2": 1}
        engine.indicators.set("c2", ["198.51.100.1"])
        assert [d.event_index for d in engine.run([{"source.ip": "203.0.113.7"}])] == []
    rules = vedette.compile(
        "title: P\nlogsource: {product: p}\ndetection: {s: {user|expand: '%admins%'}, condition: s}",
        placeholders={"admins": ["root"]},
        strict=True,
    )
    assert len(vedette.Engine(rules, log_source="product=p").run([{"user": "root"}, {"user": "eve"}])) == 1
