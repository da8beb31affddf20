#!/usr/bin/env python3
"""Doxygen's input filter: our plain comments are documentation, and nothing in them is markup."""
import re
import sys


def plain(text):
    """Without what Doxygen would take for commands, tags or lists; code spans stay."""
    parts = [re.sub(r"[\\@<>#%&]", lambda m: "\\" + m.group(), part) for part in text.split("`")]
    parts = [re.sub(r"\.\.(?!\.)", "...", part) for part in parts]
    if len(parts) % 2 == 0:  # a span over two lines
        return "".join(parts)
    # Doxygen reads on in such tags: what would end a list or a line there stands without one.
    return "".join(
        "<tt>%s</tt>" % part if i % 2 and "\\\\" not in part and part != "." else part
        for i, part in enumerate(parts)
    )


def split(line):
    """The code of a line and its comment, None if it has none."""
    quoted = False
    for i, c in enumerate(line):
        if c == '"' and line[i - 1 : i] not in ("\\", "'"):
            quoted = not quoted
        if not quoted and line.startswith("//", i):
            return line[:i], line[i + 2 :].strip("\n")
    return line.rstrip("\n"), None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.readlines()
    column = None  # of the comment behind the code before
    for number, line in enumerate(lines):
        code, comment = split(line)
        if comment is None:
            column = None
            print(code)
        elif code.strip():
            column = len(code)
            print("%s///<%s" % (code, plain(comment)))
        elif column == len(code):
            print("%s///<%s" % (code, plain(comment)))
        else:
            column = None
            if number == 0:
                print("/// @file")
            rule = re.match(r"\s*-{3,}", comment)  # a heading over several declarations
            print("%s//%s" % (code, comment) if rule else "%s///%s" % (code, plain(comment)))


if __name__ == "__main__":
    main()
