"""Vedette: detection rules over event streams.

Rules (Sigma, Elastic, EQL, the Vedette language) compile once and then run over dicts, JSON, files and
tables of pandas, polars or pyarrow:

>>> import vedette
>>> rules = vedette.compile('''
... title: Shell started by an office program
... id: 3a5d3ad4-5a1c-4b27-9ad0-6f7c6f7a0c11
... level: high
... logsource: {product: windows, category: process_creation}
... detection:
...   s:
...     Image|endswith: '\\\\cmd.exe'
...     ParentImage|endswith: '\\\\winword.exe'
...   condition: s
... ''')
>>> rules.errors
[]
>>> result = vedette.Engine(rules).run([{
...     "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1,
...     "UtcTime": "2026-11-25 10:00:00.000",
...     "Image": r"C:\\Windows\\cmd.exe", "ParentImage": r"C:\\Office\\WINWORD.EXE"}])
>>> [d.title for d in result]
['Shell started by an office program']

`docs/python.md` is the manual.
"""

from vedette._vedette import IndicatorSets, VedetteError, __version__
from vedette.detections import Detection, Detections, MatchedField
from vedette.engine import Engine
from vedette.evaluation import Evaluation, Score, evaluate
from vedette.explanation import Explanation
from vedette.functions import FunctionError, function
from vedette.rules import Diagnostic, Rule, Rules, compile, load, save

__all__ = [
    "Detection",
    "Detections",
    "Diagnostic",
    "Engine",
    "Evaluation",
    "Explanation",
    "FunctionError",
    "IndicatorSets",
    "MatchedField",
    "Rule",
    "Rules",
    "Score",
    "VedetteError",
    "__version__",
    "compile",
    "evaluate",
    "function",
    "load",
    "save",
]
