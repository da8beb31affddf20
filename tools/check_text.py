#!/usr/bin/env python3
"""Checks texts: include guards match paths, no paths of a machine, no TODO, names of files."""
import re
import subprocess
import sys

MACHINE = re.compile(r"(?<![\w.])/(work|root|home/\w+)/")
BAD_NAME = re.compile(r"(2|_new|_old|legacy)\.(cc|h|py)$")


def guard_of(path):
    name = path[len("include/"):] if path.startswith("include/") else path
    if not path.startswith("include/"):
        name = "vedette/" + name
    return re.sub(r"[^A-Za-z0-9]", "_", name).upper() + "_"


def problems_of(path, text):
    if path.endswith(".h"):
        guard = guard_of(path)
        if "#ifndef %s\n#define %s\n" % (guard, guard) not in text:
            yield "%s: the include guard should be %s" % (path, guard)
    if BAD_NAME.search(path):
        yield "%s: say in the name what the file is" % path
    is_rule_or_data = path.startswith(("rules/", "examples/data/", "tests/", "tools/check_text.py",
                                       "tools/gen_demo_events.py"))
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE.search(line) and not is_rule_or_data:
            yield "%s:%d: a path of a machine" % (path, number)
        if re.search(r"\bTODO\b(?!\(#\d+\))", line) and not path.startswith("tools/check_text.py") \
                and path.endswith((".cc", ".h", ".py", ".sh")):
            yield "%s:%d: a TODO without an issue" % (path, number)
        if line != line.rstrip() and path.endswith((".cc", ".h", ".py", ".bzl")):
            yield "%s:%d: blanks at the end" % (path, number)


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True,
                           text=True, check=True).stdout.split("\n")
    problems = []
    for path in sorted(f for f in files if f):
        try:
            with open(path, encoding="utf-8") as file:
                problems.extend(problems_of(path, file.read()))
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
