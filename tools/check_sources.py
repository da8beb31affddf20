#!/usr/bin/env python3
"""Checks that Bazel and CMake build the same sources: every .cc of lib/ belongs to a folder that
both know."""
import os
import re
import subprocess
import sys


def main():
    found = subprocess.run(["find", "lib", "-name", "*.cc"], capture_output=True, text=True,
                           check=True).stdout.split()
    folders = sorted({os.path.dirname(path)[len("lib/"):] for path in found})
    with open("CMakeLists.txt", encoding="utf-8") as file:
        cmake = file.read()
    named = set()
    for group in re.findall(r"FOLDERS ([^\n]*)", cmake):
        named.update(group.split())
    query = subprocess.run(
        ["bazel", "query", "--noshow_progress", 'kind("source file", deps(//lib/...))'],
        capture_output=True, text=True)
    if query.returncode != 0:
        print(query.stderr)
        return 1
    in_bazel = set(re.sub(r"^//(lib/.*):", r"\1/", line) for line in query.stdout.split()
                   if line.startswith("//lib/") and line.endswith(".cc"))
    problems = ["CMakeLists.txt does not name lib/" + f for f in folders if f not in named]
    problems += ["no Bazel target has " + f for f in sorted(set(found) - in_bazel)]
    problems += ["Bazel names a source that is not there: " + f for f in sorted(in_bazel - set(found))]
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
