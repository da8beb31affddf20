#!/usr/bin/env python3
"""Prints a text file as a C++ constant. Usage: embed_text.py SYMBOL FILE > FILE.inc"""
import sys


def main():
    symbol, path = sys.argv[1:]
    with open(path, "rb") as file:
        text = file.read()
    out = sys.stdout
    out.write("// Made by tools/embed_text.py.\nnamespace vedette::inline v0 {\n")
    out.write("inline constexpr char %s[] =\n" % symbol)
    for line in text.decode("utf-8").splitlines(keepends=True) or [""]:
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        escaped = escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
        out.write('    "%s"\n' % escaped)
    out.write("    ;\n}  // namespace vedette::inline v0\n")


if __name__ == "__main__":
    main()
