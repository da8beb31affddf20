#!/usr/bin/env python3
"""Prints the files of a web page as a C++ table. Usage: embed_page.py FILE... > FILE.inc"""
import os
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def literal(text):
    """A line at a time: compilers have limits for one literal, and people read diffs."""
    lines = []
    for line in text.splitlines(keepends=True):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        lines.append('     "%s"' % escaped)
    return "\n".join(lines)


def main():
    out = sys.stdout
    out.write("// Made by tools/embed_page.py.\nnamespace vedette::inline v0 {\n")
    out.write("inline constexpr PageFile kPageFiles[] = {\n")
    # Sorted: the two builds name the files in orders of their own.
    for path in sorted(sys.argv[1:], key=os.path.basename):
        with open(path, encoding="ascii") as file:
            text = file.read()
        kind = TYPES[os.path.splitext(path)[1]]
        out.write('    {"/%s", "%s",\n%s},\n' % (os.path.basename(path), kind, literal(text)))
    out.write("};\n}  // namespace vedette::inline v0\n")


if __name__ == "__main__":
    main()
