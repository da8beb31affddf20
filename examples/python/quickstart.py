"""Rules from a folder, events from a file, detections as objects and as counts.

Run it at the top of the tree: python examples/python/quickstart.py
"""

from __future__ import annotations

import vedette

rules = vedette.compile("rules")
for error in rules.errors:
    print(error)

result = vedette.Engine(rules).run("examples/data/attack.ndjson.gz")
print(f"{len(result)} detections in {result.stats['events']} events")
for title, count in list(result.counts().items())[:5]:
    print(f"{count:5} {title}")

worst = next(d for d in result if d.level == "critical")
print(worst.time, worst.title, worst.techniques)
for matched in worst.matched:
    print(f"  {matched.field}: {matched.value}")
