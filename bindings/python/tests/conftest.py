"""Rules and events that many tests use."""

from __future__ import annotations

import os

os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", "build/python/hypothesis")

import hypothesis
import pytest

import vedette

# The same cases in every run; VEDETTE_HYPOTHESIS=random looks for others.
hypothesis.settings.register_profile("same", derandomize=True, database=None)
hypothesis.settings.register_profile("random", database=None)
hypothesis.settings.load_profile(os.environ.get("VEDETTE_HYPOTHESIS", "same"))

OFFICE_SHELL = r"""
title: Office starts a shell
id: 7c1f0a52-3c0e-4a53-9a52-0a6bd1f5e001
level: high
tags: [attack.execution, attack.t1059.003]
logsource: {product: windows, category: process_creation}
detection:
  s:
    Image|endswith: '\cmd.exe'
    ParentImage|endswith: '\winword.exe'
  condition: s
"""
BRUTE_FORCE = """
rule brute_force {
  meta { title = "Guessing" id = "a3f6a0d5-7f04-4f0f-9d0b-000000000001" severity = medium
         attack = ["T1110"] }
  match window 5m by source.ip
    fails: [any where event.action == "sign-in" and event.outcome == "failure"]
  having count(fails) >= 3
}
"""


def shell(parent: str = r"C:\Office\WINWORD.EXE") -> dict[str, object]:
    return {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "UtcTime": "2026-11-25 10:00:00.000",
        "Image": r"C:\Windows\cmd.exe",
        "ParentImage": parent,
    }


def sign_in(second: int, ip: str = "203.0.113.9", outcome: str = "failure") -> dict[str, object]:
    return {
        "@timestamp": f"2026-11-25T10:{second // 60:02}:{second % 60:02}Z",
        "event": {"action": "sign-in", "outcome": outcome},
        "source": {"ip": ip},
    }


@pytest.fixture(scope="session")
def office() -> vedette.Rules:
    return vedette.compile(OFFICE_SHELL, strict=True)


@pytest.fixture(scope="session")
def guessing() -> vedette.Rules:
    return vedette.compile(BRUTE_FORCE, strict=True)
