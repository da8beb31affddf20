"""Pictures."""

from __future__ import annotations

import os
import subprocess
import sys

import matplotlib
from conftest import BRUTE_FORCE, OFFICE_SHELL, shell, sign_in

import vedette

matplotlib.use("Agg")


def found() -> vedette.Detections:
    rules = vedette.compile(OFFICE_SHELL, BRUTE_FORCE)
    return vedette.Engine(rules).run([shell(), *(sign_in(s) for s in range(3)), shell()])


def test_timeline() -> None:
    axes = found().timeline()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Office starts a shell", "Guessing"]
    assert sum(len(c.get_offsets()) for c in axes.collections if hasattr(c, "get_offsets")) >= 3
    assert "3 detections" in axes.get_title()
    axes.figure.canvas.draw()
    vedette.Engine(vedette.compile(OFFICE_SHELL)).run([]).timeline().figure.canvas.draw()


def test_attack_matrix() -> None:
    from vedette.plots import matrix

    assert {t: dict(c) for t, c in matrix(found()).items()} == {
        "execution": {"T1059.003": 2},
        "other": {"T1110": 1},
    }
    axes = found().attack_matrix()
    texts = [text.get_text() for text in axes.texts]
    assert "execution" in texts and "T1059.003\n2" in texts
    axes.figure.canvas.draw()


def test_the_package_needs_no_other() -> None:
    code = (
        "import sys\n"
        "for name in ('matplotlib', 'numpy', 'pandas', 'polars', 'pyarrow'): sys.modules[name] = None\n"
        "import vedette\n"
        "rules = vedette.compile('rule r { match any where a == 1 }', strict=True)\n"
        "assert len(vedette.Engine(rules).run([{'a': 1}])) == 1\n"
        "assert vedette.Engine(rules).run([{'a': 1}]).to_pylist()[0]['event_index'] == 0\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ})
