#!/usr/bin/env python3
"""Runs the `vedette` commands of README.md and the pages under docs/, so that they stay true.

Usage: check_readme.py PATH_OF_VEDETTE [FILE...]. Lines of ```bash blocks that begin with `vedette `
are run from the top of the tree; a line ending in `# exit N` must exit with N, others with 0. Each
```vdt block is a file that must compile without an error; its tests are run.
Placeholders in capitals (PATH, FILE, ...) and blocks marked ```text are not commands.
"""
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile


def commands(text):
    for block in re.findall(r"```bash\n(.*?)```", text, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.strip()
            if line.startswith("$ "):
                line = line[2:]
            if re.match(r"^(.*\| *)?vedette ", line):
                yield line


def rules(text):
    """The vdt blocks of a page with the lines on which they begin."""
    for match in re.finditer(r"```vdt\n(.*?)```", text, re.S):
        yield text.count("\n", 0, match.start()) + 2, match.group(1)


def check_rules(binary, path, line, text):
    """What is wrong with a block, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "block.vdt")
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
        run = subprocess.run([binary, "test", name], capture_output=True, text=True, timeout=60)
        if run.returncode:
            return "%s:%d: the rules fail\n%s%s" % (path, line, run.stdout, run.stderr)
        again = subprocess.run([binary, "convert", name], capture_output=True, text=True, timeout=60)
        if again.returncode:
            return "%s:%d: the rules do not convert\n%s" % (path, line, again.stderr)
    return ""


def main():
    binary = os.path.abspath(sys.argv[1])
    files = sys.argv[2:] or ["README.md"] + sorted(glob.glob("docs/**/*.md", recursive=True))
    failures = count = blocks = 0
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
        for line, block in rules(text):
            blocks += 1
            problem = check_rules(binary, path, line, block)
            if problem:
                failures += 1
                print(problem)
    print("%d commands and %d blocks of rules run, %d failed" % (count, blocks, failures))
    return 1 if failures or not count else 0


if __name__ == "__main__":
    sys.exit(main())
