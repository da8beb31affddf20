#!/usr/bin/env python3
"""Checks the caps of CONTRIBUTING.md: lines a file and lines a function."""
import subprocess
import sys


def cap(path):
    if path.endswith((".c", ".cc")):
        return 800
    return 300 if path.startswith("include/") else 400


def long_functions(lines, limit=80):
    """Functions are blocks that open on a line at most two blanks deep and close with a bare }."""
    start = None
    for number, line in enumerate(lines, 1):
        body = line.rstrip("\n")
        indent = len(body) - len(body.lstrip(" "))
        opens = body.endswith("{") and indent <= 2 and not body.lstrip().startswith(
            ("namespace", "class", "struct", "enum", "extern", "union", "//", "constexpr", "static"))
        if opens and start is None and ")" in body:
            start = (number, indent)
        elif start and body == " " * start[1] + "}":
            if number - start[0] + 1 > limit:
                yield start[0], number - start[0] + 1
            start = None


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True,
                           text=True, check=True).stdout.split()
    problems = []
    for path in sorted(files):
        if not path.endswith((".c", ".cc", ".h")):
            continue
        with open(path, encoding="utf-8") as file:
            lines = file.readlines()
        if len(lines) > cap(path):
            problems.append("%s: %d lines, at most %d" % (path, len(lines), cap(path)))
        if path.startswith(("lib/", "include/", "bindings/")):
            for line, length in long_functions(lines):
                problems.append("%s:%d: a function of %d lines, at most 80" % (path, line, length))
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
