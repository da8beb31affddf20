#!/usr/bin/env python3
"""Measures what Vedette costs a host: stripped size of hosts, and memory by number of rules.

usage: footprint.py --build FOLDER [--rules FOLDER_OF_SIGMA_RULES...] [--update PAGE]

FOLDER is a CMake build (build/cmake). Sizes are of the example hosts and of libvedette.so, after
`strip`, with what they load from the system listed apart. Memory is the resident set of the C++
host that tools/footprint_host.cc is, after it compiled (or loaded) N rule files, evenly chosen of all,
and processed events. Prints Markdown tables; --update puts them between the marks of PAGE.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

BEGIN = "<!-- footprint: begin -->"
END = "<!-- footprint: end -->"
SYSTEM = ("linux-vdso", "ld-linux", "libc.so", "libm.so", "libgcc_s", "libstdc++", "libpthread")


def kib(size):
    return "{:,}".format((size + 512) // 1024)


def needed(program):
    """The libraries a program loads, by resolved path; those that every C++ program has apart."""
    out = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    paths = set(re.findall(r"=> (/\S+)", out))
    return sorted(os.path.realpath(p) for p in paths if not os.path.basename(p).startswith(SYSTEM))


def stripped_size(program, folder):
    copy = os.path.join(folder, "stripped")
    subprocess.run(["strip", "-o", copy, os.path.realpath(program)], check=True)
    return os.path.getsize(copy)


def size_table(build):
    rows = [
        ("agent without a compiler (`vedette::runtime`)", "example_edr_agent"),
        ("host with Sigma and JSON (`core`, `sigma`, `json`)", "footprint_host"),
        ("collector with the Vedette language and JSON", "example_collector"),
        ("`libvedette.so` (C interface: all languages, all formats, alerts)", "libvedette.so"),
    ]
    lines = ["| host, linked statically with Vedette | stripped, KiB | loads beside the C++ runtime, KiB |",
             "|---|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        for name, program in rows:
            path = os.path.join(build, program)
            others = sum(os.path.getsize(p) for p in needed(path))
            lines.append("| %s | %s | %s |" % (name, kib(stripped_size(path, folder)), kib(others)))
    return lines


def rule_files(folders):
    found = []
    for folder in folders:
        for root, _, names in os.walk(folder):
            found += [os.path.join(root, n) for n in names if n.endswith((".yml", ".yaml"))]
    return sorted(found)


def evenly(files, count):
    return [files[i * len(files) // count] for i in range(count)]


def measure(host, arguments):
    out = subprocess.run([host] + arguments, capture_output=True, text=True, check=True).stdout
    return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", out)}


def memory_table(build, rules):
    host = os.path.join(build, "footprint_host")
    files = rule_files(rules)
    lines = ["| rules | program, KiB | resident after compiling, KiB | after loading instead, KiB "
             "| and 20,000 events, KiB |", "|---:|---:|---:|---:|---:|"]
    with tempfile.TemporaryDirectory() as folder:
        for count in sorted({0, min(100, len(files)), len(files)}):
            listing = os.path.join(folder, "files")
            with open(listing, "w", encoding="utf-8") as file:
                file.writelines(f + "\n" for f in evenly(files, count))
            pack = os.path.join(folder, "rules.vpk")
            compiled = measure(host, ["compile", listing, pack])
            loaded = measure(host, ["load", pack])
            lines.append("| %s | %s | %s | %s | %s |" % (
                "{:,}".format(loaded["rules"]), kib(loaded["program"]), kib(compiled["ready"]),
                kib(loaded["ready"]), kib(loaded["warm"])))
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True)
    parser.add_argument("--rules", nargs="*", default=[])
    parser.add_argument("--update")
    options = parser.parse_args()
    if not shutil.which("strip"):
        sys.exit("footprint: no strip; install binutils")
    text = "\n".join(size_table(options.build) + [""] + memory_table(options.build, options.rules))
    print(text)
    if options.update:
        with open(options.update, encoding="utf-8") as file:
            page = file.read()
        before, mark, rest = page.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not mark or not end:
            sys.exit("%s has no marks %s %s" % (options.update, BEGIN, END))
        with open(options.update, "w", encoding="utf-8") as file:
            file.write(before + BEGIN + "\n" + text + "\n" + END + after)


if __name__ == "__main__":
    main()
