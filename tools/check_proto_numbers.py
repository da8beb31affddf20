#!/usr/bin/env python3
"""Checks that the field numbers of the event schemas are those that were ever published.

Usage: check_proto_numbers.py [--update] DESCRIPTOR_SET [FROZEN]

DESCRIPTOR_SET is what `protoc --descriptor_set_out` writes. FROZEN, by default
include/vedette/proto/frozen_numbers.txt of this repository, has a line `Message.field = number` for
every field and enum value. Fails (exit status 1) if one of them is gone or has another number, if
a number that was retired is used again, or if a new one is not yet listed; --update lists the new
ones and fails on the rest all the same.

To retire a field in a new major version, reserve its number in the .proto and change its line to
`Message.field = number retired`.
"""
import os
import re
import sys

from google.protobuf import descriptor_pb2

PACKAGE = "vedette.proto"
LINE = re.compile(r"^([\w.]+) = (\d+)( retired)?$")
DEFAULT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "include", "vedette",
                       "proto", "frozen_numbers.txt")


def current_numbers(serialized):
    """Returns {"Message.field": number} of the package."""
    numbers = {}

    def add_enum(scope, enum):
        for value in enum.value:
            numbers["%s%s.%s" % (scope, enum.name, value.name)] = value.number

    def add_message(scope, message):
        name = scope + message.name
        if message.options.map_entry:
            return
        for field in message.field:
            numbers["%s.%s" % (name, field.name)] = field.number
        for nested in message.nested_type:
            add_message(name + ".", nested)
        for enum in message.enum_type:
            add_enum(name + ".", enum)

    for file in descriptor_pb2.FileDescriptorSet.FromString(serialized).file:
        if file.package != PACKAGE:
            continue
        for message in file.message_type:
            add_message("", message)
        for enum in file.enum_type:
            add_enum("", enum)
        for extension in file.extension:
            target = extension.extendee.rpartition(".")[2]
            numbers["extend_%s.%s" % (target, extension.name)] = extension.number
    return numbers


def read_frozen(path):
    """Returns ({name: number}, {name: number} of the retired)."""
    frozen, retired = {}, {}
    if not os.path.exists(path):
        return frozen, retired
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            match = LINE.match(line)
            if not match:
                raise ValueError("%s:%d: not `Message.field = number`" % (path, number))
            (retired if match.group(3) else frozen)[match.group(1)] = int(match.group(2))
    return frozen, retired


def problems_of(current, frozen, retired):
    problems = []
    for name, number in sorted(frozen.items()):
        if name not in current:
            problems.append("%s = %d is gone" % (name, number))
        elif current[name] != number:
            problems.append("%s was %d and is now %d" % (name, number, current[name]))
    used = {(name.rpartition(".")[0], number): name for name, number in current.items()}
    for name, number in sorted(retired.items()):
        user = used.get((name.rpartition(".")[0], number))
        if user is not None:
            problems.append("%s takes number %d of the retired %s" % (user, number, name))
    return problems


def write_frozen(path, current, frozen, retired):
    lines = [(n, v, "") for n, v in {**current, **frozen}.items()]
    lines += [(n, v, " retired") for n, v in retired.items()]
    lines.sort(key=lambda line: (line[0].rpartition(".")[0], line[1], line[0]))
    with open(path, "w", encoding="utf-8") as file:
        file.write("# The published field numbers of the event schemas; never edited but to\n"
                   "# retire a field. Written and checked by tools/check_proto_numbers.py.\n")
        for name, number, mark in lines:
            file.write("%s = %d%s\n" % (name, number, mark))


def main(argv):
    args = [a for a in argv[1:] if a != "--update"]
    update = "--update" in argv[1:]
    if len(args) not in (1, 2) or args[0].startswith("-"):
        sys.stderr.write(__doc__)
        return 2
    path = args[1] if len(args) == 2 else DEFAULT
    with open(args[0], "rb") as file:
        current = current_numbers(file.read())
    try:
        frozen, retired = read_frozen(path)
    except ValueError as error:
        sys.stderr.write("%s\n" % error)
        return 1
    problems = problems_of(current, frozen, retired)
    if not current:
        problems.append("no message of package %s in %s" % (PACKAGE, args[0]))
    new = sorted(name for name in current if name not in frozen)
    if update and new and not problems:
        write_frozen(path, current, frozen, retired)
    elif new and not update:
        problems += ["%s = %d is not listed; run with --update" % (name, current[name])
                     for name in new]
    for problem in problems:
        sys.stderr.write("check_proto_numbers.py: %s\n" % problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
