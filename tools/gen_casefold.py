#!/usr/bin/env python3
"""Prints the table of Unicode simple case folding for lib/base/casefold.cc, from Python's own
Unicode data. Usage: gen_casefold.py > casefold_table.inc"""
import sys


def simple_fold(c):
    """The folding of statuses C and S, or None if `c` folds to itself."""
    char = chr(c)
    full = char.casefold()
    if len(full) == 1:
        return ord(full) if full != char else None
    # Status F has several characters; where there is a simple folding, too, it is the lower case.
    lower = char.lower()
    return ord(lower) if len(lower) == 1 and lower != char else None


def ranges(pairs):
    """Groups (code point, folded) into [first, last, delta, stride] runs."""
    runs = []
    for c, folded in pairs:
        delta = folded - c
        if runs:
            run = runs[-1]
            step = c - run[1]
            same_run = run[2] == delta and step in (1, 2)
            if same_run and (run[3] == step or run[0] == run[1]):
                run[1], run[3] = c, step
                continue
        runs.append([c, c, delta, 1])
    return runs


def main():
    pairs = []
    for c in range(0x80, 0x110000):
        if 0xD800 <= c <= 0xDFFF:
            continue
        folded = simple_fold(c)
        if folded is not None:
            pairs.append((c, folded))
    out = sys.stdout
    out.write("// Made by tools/gen_casefold.py.\n")
    out.write("namespace vedette::inline v0 {\n")
    out.write("inline constexpr CaseFoldRange kCaseFoldRanges[] = {\n")
    for first, last, delta, stride in ranges(pairs):
        out.write("    {0x%X, 0x%X, %d, %d},\n" % (first, last, delta, stride))
    out.write("};\n}  // namespace vedette::inline v0\n")


if __name__ == "__main__":
    main()
