#!/bin/bash
# The package over the bundled rules and events, with the interpreter that the headers are of.
set -euo pipefail
PYTHONPATH=bindings/python PYTHONDONTWRITEBYTECODE=1 "${PYTHON_BIN_PATH:-/usr/bin/python3}" - <<'PY'
import vedette

rules = vedette.compile("rules", strict=True)
one = vedette.Engine(rules).run("examples/data/attack.ndjson.gz")
two = vedette.Engine(rules, threads=2).run("examples/data/attack.ndjson.gz")
assert one.stats["events"] == 3600 and one.stats["broken"] == 0, one.stats
assert len(one) > 50 and one.to_pylist() == two.to_pylist(), (len(one), len(two))
print(one, one.counts())
PY
