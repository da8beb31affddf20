#!/usr/bin/env python3
"""Runs the `vedette` commands of README.md and docs/*.md, so that they stay true.

Usage: check_readme.py PATH_OF_VEDETTE [FILE...]. Lines of ```bash blocks that begin with `vedette `
are run from the top of the tree; a line ending in `# exit N` must exit with N, others with 0.
Placeholders in capitals (PATH, FILE, ...) and blocks marked ```text are not commands.
"""
import glob
import os
import re
import shlex
import subprocess
import sys


def commands(text):
    for block in re.findall(r"```bash\n(.*?)```", text, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip()
            if line.startswith("$ "):
                line = line[2:]
            if re.match(r"^(.*\| *)?vedette ", line):
                yield line


def main():
    binary = os.path.abspath(sys.argv[1])
    files = sys.argv[2:] or ["README.md"] + sorted(glob.glob("docs/*.md"))
    failures = count = 0
    for path in files:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for line in commands(text):
            expected = re.search(r"# exit (\d+)$", line)
            command = re.sub(r"\s+#.*$", "", line)
            command = re.sub(r"(^|\| *)vedette ", lambda m: m.group(1) + shlex.quote(binary) + " ",
                             command)
            run = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True,
                                 text=True, timeout=300)
            count += 1
            if run.returncode != int(expected.group(1) if expected else 0):
                failures += 1
                print("%s: `%s` exits with %d\n%s" % (path, line, run.returncode, run.stderr[-2000:]))
    print("%d commands run, %d failed" % (count, failures))
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
