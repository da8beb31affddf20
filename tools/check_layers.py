#!/usr/bin/env python3
"""Checks that every #include between folders is one that docs/architecture.md allows."""
import os
import re
import subprocess
import sys

# Folder of lib -> folders it may include. Public headers ("vedette/...") are allowed everywhere.
ALLOWED = {
    "base": [],
    "doc": ["base"],
    "event": ["base"],
    "ir": ["base", "event"],
    "opt": ["ir"],
    "program": ["base", "event"],
    "program_build": ["base", "event", "ir", "program"],
    "compiler": ["ir", "opt", "program", "program_build"],
    "eval": ["base", "event", "program"],
    "correlate": ["base", "event", "program"],
    "engine": ["base", "program", "eval", "correlate"],
    "lang/sigma": ["base", "event", "ir"],
    "lang/vedette": ["base", "event", "ir"],
    "lang/elastic": ["base", "doc", "event", "ir", "lang/vedette"],
    "json": ["base", "event"],
    "io/common": ["base", "event"],
    "io/jsonl": ["base", "json", "io/common"],
    "io/cef": ["base", "io/common"],
    "io/syslog": ["io/cef", "io/common"],
    "io/logfmt": ["base", "io/common"],
    "io/auditd": ["base", "io/common"],
    "io/zeek": ["base", "io/common"],
    "io/csv": ["io/common"],
    "io/evtx": ["base", "event", "io/common"],
    "io/segment": ["base", "program"],
    "io/events": ["io/common", "io/auditd", "io/cef", "io/csv", "io/syslog"],
    "protobuf": ["base", "event"],
    "response": ["base", "doc", "event"],
    "response_sqlite": ["base"],
    "alert": ["base", "event", "program"],
    "board": ["base", "doc", "event"],
    "hunt": ["base", "doc", "event", "program", "alert"],
    "capi": [],
    "cli": ["board"],
}
# Libraries that only these folders may include.
THIRD_PARTY = {
    "yaml.h": ["lang/sigma"],
    "yaml-cpp/": [],  # the tests' own reader
    "simdjson": ["json", "doc"],
    "toml++/": ["lang/elastic"],
    "re2/": ["response", "eval", "program", "program_build", "lang/sigma", "lang/vedette"],
    "google/protobuf": ["protobuf"],
    "zlib.h": ["io/common", "io/evtx"],
    "zstd.h": ["io/common", "io/segment"],
    "openssl/": ["response"],
    "sqlite3.h": ["response_sqlite"],
    "httplib.h": ["cli"],
    "hs/": ["eval"],
}
PUBLIC_BANNED = ("re2/", "yaml.h", "yaml-cpp/", "simdjson", "google/protobuf",
                 "openssl/", "sqlite3.h", "httplib.h", "lib/")
TOGETHER = "tests/api/all_headers_test.cc"
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]', re.M)


def folder_of(path):
    """The layer of a file of lib/."""
    folder = os.path.dirname(path)[len("lib/"):]
    if folder == "program" and re.search(r"_build\.(cc|h)$", path):
        return "program_build"
    return folder


def main():
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "lib", "include", "bindings"],
                           capture_output=True, text=True, check=True).stdout.split()
    problems = []
    for path in sorted(files):
        if not path.endswith((".cc", ".h")) or not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            includes = INCLUDE.findall(file.read())
        for name in includes:
            if path.startswith("include/"):
                if name.startswith(PUBLIC_BANNED):
                    problems.append("%s: a public header includes %s" % (path, name))
                continue
            if path.startswith("bindings/"):
                if name.startswith("lib/"):
                    problems.append("%s: a binding includes %s" % (path, name))
                continue
            layer = folder_of(path)
            if layer not in ALLOWED:
                problems.append("%s: folder lib/%s is not in tools/check_layers.py" % (path, layer))
                break
            if name.startswith("lib/"):
                target = folder_of(name)
                if target != layer and target not in ALLOWED[layer]:
                    problems.append("%s: lib/%s may not include %s" % (path, layer, name))
            for library, users in THIRD_PARTY.items():
                if name.startswith(library) and layer not in users:
                    problems.append("%s: lib/%s may not use %s" % (path, layer, name))
    # Two headers must not give one name to different things.
    with open(TOGETHER, encoding="utf-8") as file:
        together = set(INCLUDE.findall(file.read()))
    problems += ["%s: does not include %s" % (TOGETHER, path) for path in files
                 if path.startswith("include/") and path.endswith(".h") and "/c/" not in path
                 and path[len("include/"):] not in together]
    print("\n".join(problems) if problems else "ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
